"""Metrics about people and reviews through `measure`, standards and the audit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.audit import audit
from app.catalog import METRICS
from app.catalog.people import PEOPLE
from app.demonstration import sample_store
from app.measure import Measurement, measure
from app.standards import load
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store

OWNER = Viewer.owner()
IDS = [one.id for one in PEOPLE]
HEAD = """
[standard]
name = "people"
version = "1.0.0"
kind = "qa"
objective = "o"
annotation_criteria = "g"
"""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("samples") / "store"
    return Store.open(sample_store(folder, lambda _stage, _done: None))


def measured(store: Store, metric: str, batch: str, **more: object) -> list[Measurement]:
    return measure(store, store.batch(batch, OWNER), metric, viewer=OWNER, **more)  # type: ignore[arg-type]


def criterion(metric: str, must_be: str, **more: str) -> str:
    keys = {"severity": '"hard"', "minimum_n": "1", **more}
    told = "\n".join(f"{key} = {value}" for key, value in keys.items())
    return f'[[criterion]]\nid = "c"\nmetric = "{metric}"\nmust_be = "{must_be}"\n{told}\n'


@pytest.mark.parametrize("metric", IDS)
@pytest.mark.parametrize("batch", ["review-chain", "edge-one-annotator", "edge-all-agree"])
def test_metric_answers_on_every_batch(samples: Store, metric: str, batch: str) -> None:
    rows = measured(samples, metric, batch)
    assert rows
    assert all(row.estimate.reason for row in rows if row.estimate.status != "ok")


@pytest.mark.parametrize("metric", [name for name in IDS if "review" in name or "dispute" in name])
def test_batch_without_reviews_misses_input(samples: Store, metric: str) -> None:
    assert {row.estimate.status for row in measured(samples, metric, "edge-all-agree")} == {
        "missing_input"
    }


@pytest.mark.parametrize(
    ("metric", "value"),
    [("self_review_count", 13), ("silent_edit_count", 21), ("open_disputes", 12)],
)
def test_planted_breaches_are_counted(samples: Store, metric: str, value: int) -> None:
    (row,) = measured(samples, metric, "review-chain")
    assert row.estimate.value == value


def test_stages_and_selections_have_rows_of_their_own(samples: Store) -> None:
    places = [row.slice for row in measured(samples, "overturn_rate", "review-chain")]
    assert len(set(places)) == len(places) == 5
    assert all([name for name, _ in place] == ["stage", "selection"] for place in places)


def test_stage_and_selection_that_are_named_give_one_row(samples: Store) -> None:
    options = {"stage": "spot_check", "selection": "flagged"}
    (row,) = measured(samples, "overturn_rate", "review-chain", options=options)
    assert (row.slice, row.estimate.n, row.estimate.representative) == ((), 122, False)


def test_golden_accuracy_is_split_by_difficulty(samples: Store) -> None:
    whole, *strata = measured(samples, "golden_accuracy", "review-chain", by=("difficulty",))
    assert sum(row.estimate.n for row in strata) == whole.estimate.n
    assert {name for row in strata for name, _ in row.slice} == {"difficulty"}


@pytest.mark.parametrize(
    ("metric", "by"),
    [
        ("golden_accuracy", ("task",)),
        ("golden_accuracy", ("week", "difficulty")),
        ("overturn_rate", ("task",)),
        ("flagged_annotators", ("task",)),
    ],
)
def test_split_that_cannot_be_made_says_what_can(
    samples: Store, metric: str, by: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match="--where"):
        measured(samples, metric, "review-chain", by=by)


def test_catch_rate_is_narrowed_to_a_kind_of_item(samples: Store) -> None:
    where = (("difficulty", "hard"),)
    everything = measured(samples, "catch_rate", "review-chain")[0].estimate
    some = measured(samples, "catch_rate", "review-chain", where=where)[0].estimate
    assert 0 < some.n < everything.n


def test_batch_nobody_could_be_seen_in_does_not_pass(samples: Store, tmp_path: Path) -> None:
    text = criterion("flagged_annotators", "<= 0.2", about='"batch"')
    (tmp_path / "s.toml").write_text(HEAD + text)
    batch = samples.batch("edge-one-annotator", OWNER)
    found = audit(samples, batch, load(tmp_path / "s.toml", METRICS), OWNER)
    assert [row.state for row in found.criteria] == ["undecided"]
    assert "too little for carelessness" in (found.criteria[0].settle or "")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (criterion("self_review_count", "<= 0", about='"batch"'), "reject"),
        (criterion("self_review_count", "<= 20", about='"batch"'), "accept"),
        (criterion("golden_accuracy", ">= 0.8"), "accept"),
        (criterion("golden_accuracy", ">= 0.85"), "hold"),
        (criterion("trap_failure_rate", "<= 0.1"), "hold"),
        (criterion("overturn_rate", "<= 0.3"), "hold"),
        (
            criterion(
                "overturn_rate",
                "<= 0.3",
                options='{ stage = "pre_review", selection = "all" }',
            ),
            "accept",
        ),
        (criterion("catch_rate", ">= 0.95"), "reject"),
        (criterion("influence", "<= 0.2", about='"batch"'), "accept"),
        (criterion("dispute_age", "<= 3"), "reject"),
    ],
)
def test_criterion_decides_as_its_interval_says(
    samples: Store, tmp_path: Path, text: str, verdict: str
) -> None:
    (tmp_path / "s.toml").write_text(HEAD + text)
    batch = samples.batch("review-chain", OWNER)
    assert audit(samples, batch, load(tmp_path / "s.toml", METRICS), OWNER).verdict == verdict


def test_breach_is_certain_whatever_else_is_tested(
    samples: Store, tmp_path: Path, write_batch: Callable[..., Path]
) -> None:
    several = criterion("self_review_count", "<= 0", about='"batch"') + "".join(
        criterion("golden_accuracy", f">= 0.{n}").replace('"c"', f'"g{n}"') for n in (5, 6, 7)
    )
    (tmp_path / "s.toml").write_text(HEAD + several)
    batch = samples.batch("review-chain", OWNER)
    found = audit(samples, batch, load(tmp_path / "s.toml", METRICS), OWNER)
    assert found.verdict == "reject"


@pytest.mark.parametrize(
    "rows",
    [
        ["i1,solo,1,first"],
        [f"i{n},{who},3,first" for n in range(30) for who in "pqr"],
        [f"i{n},{who},1,first" for n in range(30) for who in ("pq", "rs")[n % 2]],
        [f"i{n},p{n},1,first" for n in range(30)],
    ],
    ids=["one annotator", "unanimous", "disconnected", "one item each"],
)
def test_people_nobody_could_judge_are_not_called_sound(
    write_batch: Callable[..., Path], rows: list[str]
) -> None:
    store = Store.open(write_batch(rows))
    (row,) = measured(store, "flagged_annotators", "b1")
    assert (row.estimate.value, row.estimate.high) == (0.0, 1.0)
