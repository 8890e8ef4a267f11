"""Reviewers through the command line's own functions, on the sample batch and on odd ones."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.blind_review import BlindDraw, draw_blind_review, write_orders
from app.cli import app as commands
from app.cli import run
from app.crew import chosen
from app.intake import bring_in
from app.reviewers import Report, report
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store
from sample_data import BATCHES, folder

OWNER = Viewer.owner()
HEAD = (
    "item_id,question,annotator_id,stage,selection,reviewer_id,decision,value_before,value_after\n"
)
JSON_KEYS = {
    "reviewer_id", "items", "annotations", "score", "low", "high", "group", "flags", "evidence",
    "influence",
}  # fmt: skip


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with the sample batch of reviews."""
    (batch,) = [one for one in BATCHES if one.batch_id == "review-chain"]
    target = tmp_path_factory.mktemp("chain") / "store"
    bring_in(
        target,
        [folder() / name for name in batch.files],
        batch_id=batch.batch_id,
        kind=batch.kind,
        mapping=folder() / batch.mapping,
        settings=batch.settings,
    )
    for part in batch.additions:
        files = [folder() / name for name in part.files]
        bring_in(target, files, batch_id=batch.batch_id, format_name=part.format, mode="add")
    return Store.open(target)


@pytest.fixture(scope="module")
def found(chain: Store) -> Report:
    return report(chain, [chain.batch("review-chain", OWNER)], OWNER)


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("rev_cedar", {"rubber_stamp"}),
        ("rev_birch", {"self_review"}),
        ("rev_elm", {"severe", "often_overruled"}),
    ],
)
def test_planted_reviewer_is_found(found: Report, name: str, flags: set[str]) -> None:
    assert {one.name: set(one.flags) for one in found.people}[name] == flags


def test_nobody_else_is_flagged(found: Report) -> None:
    assert {one.name for one in found.people if one.flags} == {"rev_birch", "rev_cedar", "rev_elm"}


def test_silent_edits_are_a_fact_about_who_made_them(found: Report) -> None:
    edits = {one.name for one in found.people if "silent_edits" in one.evidence}
    assert edits == {"rev_fir"}


def test_reviewers_stand_in_alphabetical_order(found: Report) -> None:
    names = [one.name for one in found.people]
    assert names == sorted(names)


def test_every_flag_states_its_evidence(found: Report) -> None:
    for one in found.people:
        for flag in one.flags:
            signals = one.evidence[flag]["signals"]
            kinds = {signal["kind"] for signal in signals}
            assert len(kinds) >= 2 or flag == "self_review"


def test_json_has_the_keys_of_the_design(chain: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(
        lambda: commands(
            ["reviewers", "--batch", "review-chain", "--store", str(chain.folder), "--json"],
            standalone_mode=False,
        )
    )
    printed = json.loads(capsys.readouterr().out)
    assert code == 0
    assert all(set(row) == JSON_KEYS for row in printed)
    assert all(0 <= row["low"] <= row["score"] <= row["high"] <= 1 for row in printed)


def test_table_keeps_stages_and_selections_apart(
    chain: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["reviewers", "--batch", "review-chain", "--store", str(chain.folder)]
    run(lambda: commands(arguments, standalone_mode=False))
    shown = capsys.readouterr().out
    assert "spot_check" in shown
    assert "flagged" in shown


def test_since_takes_the_batches_of_that_day_and_later(chain: Store) -> None:
    assert [batch.batch_id for batch in chosen(chain, OWNER, None, "2026-01-01")] == [
        "review-chain"
    ]


@pytest.mark.parametrize(
    ("since", "said"), [("yesterday", "is not a day such as"), ("2999-01-01", "no batch was")]
)
def test_since_that_finds_nothing_says_why(chain: Store, since: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        chosen(chain, OWNER, None, since)


def test_batch_and_since_exclude_each_other(
    chain: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(lambda: commands(["reviewers", "--store", str(chain.folder)], standalone_mode=False))
    assert code == 2
    assert "give --batch ID for one batch, or --since" in capsys.readouterr().err


@pytest.fixture
def reviewed(write_batch: Callable[..., Path], tmp_path: Path) -> Callable[..., Report]:
    """Return a call that makes a batch with these reviews and reports on it."""

    def make(*reviews: str) -> Report:
        rows = [f"u{n:02d},{who},1,x" for n in range(30) for who in ("ann", "bob")]
        store = Store.open(write_batch(rows))
        if reviews:
            bundle = tmp_path / "more"
            bundle.mkdir()
            (bundle / "reviews.csv").write_text(HEAD + "\n".join(reviews) + "\n")
            bring_in(store.folder, [bundle], batch_id="b1", format_name="bundle", mode="add")
        return report(store, [store.batch("b1", OWNER)], OWNER)

    return make


def line(
    item: int, who: str = "rob", decision: str = "approve", after: str = "1", **more: str
) -> str:
    stage = more.get("stage", "pre_review")
    return f"u{item:02d},answer,{more.get('of', 'ann')},{stage},all,{who},{decision},1,{after}"


def test_batch_without_reviews_has_no_reviewers(reviewed: Callable[..., Report]) -> None:
    assert reviewed().people == ()


def test_one_reviewer_is_compared_with_nobody(reviewed: Callable[..., Report]) -> None:
    (one,) = reviewed(*(line(n) for n in range(30))).people
    assert (one.flags, one.score.status, one.reviews) == ((), "missing_input", 30)


def test_everything_accepted_flags_nobody(reviewed: Callable[..., Report]) -> None:
    rows = [line(n, who) for n in range(30) for who in ("rob", "sue", "tim")]
    assert [one.flags for one in reviewed(*rows).people] == [(), (), ()]


def test_who_reviewed_own_work_only_has_no_rate(reviewed: Callable[..., Report]) -> None:
    (one,) = reviewed(*(line(n, "ann") for n in range(30))).people
    assert (one.flags, one.rates) == (("self_review",), ())
    assert one.to_json()["evidence"]["self_review"]["count"] == 30


def test_review_that_names_no_reviewer_is_nobodys(reviewed: Callable[..., Report]) -> None:
    assert reviewed(*(line(n, "") for n in range(5))).people == ()


def draw(store: Store, n: int, *names: str, seed: str | None = None) -> BlindDraw:
    batch = store.batch("b1", OWNER)
    return draw_blind_review(store, batch, OWNER, n=n, reviewers=names, seed=seed)


@pytest.fixture
def drawable(write_batch: Callable[..., Path]) -> Store:
    """Return a store in which ann answered 20 items and bob 10 of them."""
    rows = [f"u{n:02d},ann,1,x" for n in range(20)] + [f"u{n:02d},bob,2,x" for n in range(10)]
    return Store.open(write_batch(rows))


def test_every_item_goes_to_two_reviewers(drawable: Store) -> None:
    given = [item for one in draw(drawable, 12, "r1", "r2", "r3").orders for item in one.items]
    assert sorted(given.count(item) for item in set(given)) == [2] * 12


def test_work_is_shared_evenly(drawable: Store) -> None:
    sizes = [len(one.items) for one in draw(drawable, 12, "r1", "r2", "r3").orders]
    assert max(sizes) - min(sizes) <= 1


def test_who_answered_an_item_does_not_review_it(drawable: Store) -> None:
    orders = {one.name: set(one.items) for one in draw(drawable, 20, "bob", "r1", "r2").orders}
    assert not orders["bob"] & {f"u{n:02d}" for n in range(10)}


def test_draw_repeats_with_its_seed(drawable: Store, write_batch: Callable[..., Path]) -> None:
    first = draw(drawable, 5, "r1", "r2", seed="s")
    rows = [f"u{n:02d},ann,1,x" for n in range(20)] + [f"u{n:02d},bob,2,x" for n in range(10)]
    store = Store.open(write_batch(rows, batch_id="b2"))
    batch = store.batch("b2", OWNER)
    again = draw_blind_review(store, batch, OWNER, n=5, reviewers=("r1", "r2"), seed="s")
    assert [one.items for one in first.orders] == [one.items for one in again.orders]


def test_second_draw_takes_other_items(drawable: Store) -> None:
    first, second = (draw(drawable, 8, "r1", "r2") for _ in range(2))
    assert not set(first.orders[0].items) & set(second.orders[0].items)


@pytest.mark.parametrize(
    ("n", "names", "said"),
    [
        (99, ("r1", "r2"), "only 20 of 20 items"),
        (15, ("bob", "r1"), "only 10 of 20 items"),
        (5, ("r1",), "every item goes to two"),
        (5, ("r1", "r1", "r2"), "names 'r1' twice"),
        (0, ("r1", "r2"), "at least 1 item"),
    ],
)
def test_draw_that_cannot_be_made_says_why(
    drawable: Store, n: int, names: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        draw(drawable, n, *names)


def test_work_orders_hold_no_answer(drawable: Store, tmp_path: Path) -> None:
    drawn = draw(drawable, 5, "r1", "r2")
    batch = drawable.batch("b1", OWNER)
    for path in write_orders(drawable, batch, OWNER, drawn, tmp_path / "orders"):
        for row in csv.DictReader(io.StringIO(path.read_text())):
            assert row["value_after"] == ""
            assert not {"ann", "bob"} & set(row.values())


def test_name_of_a_reviewer_leads_out_of_no_folder(drawable: Store, tmp_path: Path) -> None:
    drawn = draw(drawable, 5, "../../r1", "r2")
    batch = drawable.batch("b1", OWNER)
    paths = write_orders(drawable, batch, OWNER, drawn, tmp_path / "orders")
    assert {path.parent for path in paths} == {tmp_path / "orders"}


def test_filled_order_comes_back_as_reviews(drawable: Store, tmp_path: Path) -> None:
    drawn = draw(drawable, 5, "r1", "r2")
    batch = drawable.batch("b1", OWNER)
    (path, _) = write_orders(drawable, batch, OWNER, drawn, tmp_path / "orders")
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    bundle = tmp_path / "back"
    bundle.mkdir()
    with (bundle / "reviews.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "value_after": "1"} for row in rows)
    bring_in(drawable.folder, [bundle], batch_id="b1", format_name="bundle", mode="add")
    (one,) = report(drawable, [drawable.batch("b1", OWNER)], OWNER).people
    assert (one.name, one.items, one.rates[0].stage) == ("r1", 5, "blind_review")
