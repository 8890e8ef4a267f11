"""One item's life, losses of an import, and the manual of a metric."""

import pyarrow as pa

from app.catalog import METRICS
from app.history import timeline
from app.losses import losses
from app.manual import manual, parsed
from queries.statements import statement

TYPES = {"varchar": pa.string(), "bigint": pa.int64(), "double": pa.float64()}


def listing(name: str, *rows: dict[str, object]) -> pa.Table:
    columns = statement(name).columns
    return pa.table(
        {
            key: pa.array([row.get(key) for row in rows], TYPES[kind])
            for key, kind in columns.items()
        }
    )


def test_history_is_in_the_order_of_time() -> None:
    answer = {"question": "q", "value": "yes", "person_key": "k1", "annotated_at": "2026-01-02"}
    review = {"reviewer_key": "k2", "decision": "kept", "decided_at": "2026-01-03"}
    event = {"to_state": "open", "actor_key": "k2", "at": "2026-01-01"}
    moments = timeline(
        listing("annotations", answer),
        listing("reviews", review),
        listing("events", event),
        {"k1": "ann", "k2": "bo"},
    )
    assert [moment.who for moment in moments] == ["bo", "ann", "bo"]


def test_what_has_no_time_comes_last() -> None:
    answers = listing(
        "annotations",
        {"question": "q", "value": "no", "person_key": "k1"},
        {"question": "q", "value": "yes", "person_key": "k1", "annotated_at": "2026-01-02"},
    )
    moments = timeline(answers, listing("reviews"), listing("events"), {"k1": "ann"})
    assert [moment.at for moment in moments] == ["2026-01-02", ""]


def test_losses_are_summed_over_parts() -> None:
    report = {
        "dropped": [{"reason": "no label", "count": 3, "examples": ["row 2"]}],
        "coerced": [{"reason": "time without zone", "count": 40, "examples": []}],
        "unknown": ["column extra"],
    }
    told = losses([report, report])
    assert told.dropped == 6


def test_what_was_dropped_comes_before_what_was_changed() -> None:
    told = losses(
        [
            {
                "dropped": [{"reason": "no label", "count": 3, "examples": []}],
                "coerced": [{"reason": "time without zone", "count": 40, "examples": []}],
            }
        ]
    )
    assert [loss.is_dropped for loss in told.reasons] == [True, False]


def test_a_lost_row_says_where_it_stands_and_what_is_allowed() -> None:
    found = {"file": "a.csv", "record": 4, "column": "w", "found": "?", "allowed": "A, B"}
    (loss,) = losses([{"dropped": [{"reason": "label", "count": 1, "examples": [found]}]}]).reasons
    assert loss.examples == ("a.csv, record 4, column w: found “?”, allowed: A, B",)


def test_foreseen_blanks_are_no_loss() -> None:
    blank = {"reason": "no answer to q, as the mapping foresees", "code": "no_answer"}
    told = losses([{"read": 30, "dropped": [{**blank, "count": 20, "examples": []}]}])
    assert (told.dropped, told.lost, told.is_heavy, told.remark) == (20, 0, False, "")


def test_over_five_percent_lost_is_heavy() -> None:
    entry = {"reason": "answered twice", "code": "duplicate", "count": 6, "examples": []}
    assert losses([{"read": 100, "dropped": [entry]}]).is_heavy


def test_tile_of_a_heavy_loss_says_its_share() -> None:
    entry = {"reason": "answered twice", "code": "duplicate", "count": 6, "examples": []}
    told = losses([{"read": 100, "dropped": [entry]}])
    assert told.tile_note == "heavy: 6 % of 100 read, over 5 %"
    assert told.remark.endswith("; that is heavy, over 5 %")


def test_tile_of_a_light_loss_counts_reasons_and_foreseen_blanks() -> None:
    blank = {"reason": "no answer to q, as the mapping foresees", "code": "no_answer"}
    twice = {"reason": "answered twice", "code": "duplicate", "count": 2, "examples": []}
    told = losses([{"read": 100, "dropped": [{**blank, "count": 20, "examples": []}, twice]}])
    assert (told.lost, told.tile_note) == (2, "1 reason, 20 foreseen blanks besides")


def test_items_described_twice_are_not_counted_as_rows() -> None:
    entry = {"reason": "item described twice", "code": "item_differs", "count": 4, "examples": []}
    (loss,) = losses([{"coerced": [entry]}]).reasons
    assert loss.title == "4 times: item described twice"


def test_a_report_without_losses_says_nothing() -> None:
    assert losses([{"dropped": [], "coerced": [], "unknown": []}]).reasons == ()


def test_every_metric_has_a_manual_with_example_and_reference() -> None:
    texts = {name: manual(metric) for name, metric in METRICS.items()}
    assert [name for name, text in texts.items() if not (text.example and text.references)] == []


def test_options_without_a_type_keep_their_meaning() -> None:
    text = "Title.\n\nParameters\n----------\nties, interval\n    See the module.\n"
    assert parsed(text).options[0].meaning == "See the module."


def test_paragraphs_before_the_sections_are_the_account() -> None:
    assert parsed("Title.\n\nIt misleads\nwhen.\n\nReturns\n-------\nEstimate").account == (
        "It misleads when.",
    )
