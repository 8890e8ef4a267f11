"""One metric on one batch, through store and catalogue."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.intake import bring_in
from app.measure import find_metric, measure
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Viewer
from queries.store import Store
from tests.app.conftest import MAPPING

OWNER = Viewer.owner()
Textbook = tuple[Store, BatchInfo]


def test_alpha_through_the_store_is_the_published_one(textbook: Textbook) -> None:
    """Krippendorff (2011): nominal alpha .743."""
    (row,) = measure(*textbook, "krippendorff_alpha", viewer=OWNER)
    assert row.estimate.value == pytest.approx(0.7434210526, abs=1e-9)


@pytest.mark.parametrize(
    ("level", "published"), [("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_takes_the_level_as_an_option(
    textbook: Textbook, level: str, published: float
) -> None:
    """Krippendorff (2011): .815, .849, .797."""
    (row,) = measure(*textbook, "krippendorff_alpha", viewer=OWNER, options={"level": level})
    assert row.estimate.value == pytest.approx(published, abs=5e-4)


def test_by_gives_the_whole_first_and_then_each_stratum(textbook: Textbook) -> None:
    rows = measure(*textbook, "percent_agreement", viewer=OWNER, by=("half",))
    assert [row.slice for row in rows] == [(), (("half", "first"),), (("half", "second"),)]


def test_a_stratum_equals_the_same_filter(textbook: Textbook) -> None:
    by = measure(*textbook, "krippendorff_alpha", viewer=OWNER, by=("half",))
    where = measure(*textbook, "krippendorff_alpha", viewer=OWNER, where=(("half", "second"),))
    assert by[2].estimate.value == pytest.approx(where[0].estimate.value, abs=1e-12)


def test_where_takes_a_star(textbook: Textbook) -> None:
    (row,) = measure(*textbook, "percent_agreement", viewer=OWNER, where=(("half", "f*"),))
    assert row.estimate.n == 6


@pytest.fixture
def halves(tmp_path: Path) -> Textbook:
    """Return twelve items of two sizes in two halves."""
    rows = [f"u{n},{who},1,{'xy'[n % 2]},{'sl'[n % 3 > 0]}" for n in range(12) for who in "AB"]
    (tmp_path / "rows.csv").write_text("\n".join(["item,who,label,half,size", *rows]) + "\n")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace('half = "half"', 'half = "half"\nsize = "size"'))
    bring_in(tmp_path / "store", [tmp_path / "rows.csv"], batch_id="b1", mapping=mapping)
    store = Store.open(tmp_path / "store")
    return store, store.batch("b1", OWNER)


@pytest.mark.parametrize("about", ["process", "annotators"])
def test_strata_of_a_dimension_with_alternatives_are_crossed_one_by_one(
    halves: Textbook, about: str
) -> None:
    """`--where half=x --where half=y --by half --by size`: each row is of one half."""
    found = measure(
        *halves,
        "percent_agreement",
        viewer=OWNER,
        by=("half", "size"),
        where=(("half", "x"), ("half", "y")),
        options={"about": about},
    )
    assert [(dict(row.slice), row.estimate.n) for row in found[1:]] == [
        ({"half": "x", "size": "l"}, 4),
        ({"half": "x", "size": "s"}, 2),
        ({"half": "y", "size": "l"}, 4),
        ({"half": "y", "size": "s"}, 2),
    ]


def test_kappa_gives_one_row_for_each_pair_of_annotators(textbook: Textbook) -> None:
    rows = measure(*textbook, "cohen_kappa", viewer=OWNER)
    assert len({row.options for row in rows}) == 6


def test_label_agreement_gives_one_row_for_each_label(textbook: Textbook) -> None:
    rows = measure(*textbook, "label_agreement", viewer=OWNER)
    assert [dict(row.options)["label"] for row in rows] == ["1", "2", "3", "4", "5"]


def test_bootstrap_gives_the_same_interval_every_time(textbook: Textbook) -> None:
    options = {"interval": "bootstrap", "replicates": "200"}
    first, second = (
        measure(*textbook, "krippendorff_alpha", viewer=OWNER, options=options) for _ in range(2)
    )
    assert first == second


def test_an_overlap_nobody_chose_on_record_is_not_representative(
    write_batch: Callable[..., Path],
) -> None:
    store = Store.open(write_batch(["u1,A,1,x", "u1,B,1,x", "u2,A,2,x", "u2,B,1,x", "u3,A,1,x"]))
    (row,) = measure(store, store.batch("b1", OWNER), "percent_agreement", viewer=OWNER)
    assert not row.estimate.representative


def test_an_overlap_of_all_items_is_representative(write_batch: Callable[..., Path]) -> None:
    store = Store.open(write_batch(["u1,A,1,x", "u1,B,1,x", "u2,A,2,x", "u2,B,1,x"]))
    (row,) = measure(store, store.batch("b1", OWNER), "percent_agreement", viewer=OWNER)
    assert row.estimate.representative


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean krippendorff_alpha"):
        find_metric("kripendorf_alpha")


def test_an_unknown_question_names_those_there_are(textbook: Textbook) -> None:
    with pytest.raises(InputError, match="it has: answer"):
        measure(*textbook, "percent_agreement", viewer=OWNER, question="winner")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"levle": "nominal"}, "its options are"),
        ({"level": "cardinal"}, "use one of: nominal"),
        ({"replicates": "many"}, "is not a number"),
        ({"confidence": "95"}, "between 0 and 1"),
    ],
)
def test_a_wrong_option_says_what_is_allowed(
    textbook: Textbook, options: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        measure(*textbook, "krippendorff_alpha", viewer=OWNER, options=options)


def test_an_unknown_dimension_names_those_there_are(textbook: Textbook) -> None:
    with pytest.raises(InputError, match="half"):
        measure(*textbook, "percent_agreement", viewer=OWNER, by=("language",))


def test_nan_is_null_in_json(write_batch: Callable[..., Path]) -> None:
    store = Store.open(write_batch(["u1,A,1,x", "u2,A,1,x"]))
    (row,) = measure(store, store.batch("b1", OWNER), "krippendorff_alpha", viewer=OWNER)
    assert row.to_json()["value"] is None
