"""Real annotation data: the counts its sources state, and the traps it holds.

The data lies beside the repository (`../shared`, or where BATCHGATE_SHARED says) and is never part
of it; without it these tests are skipped.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

SHARED = Path(os.environ.get("BATCHGATE_SHARED", Path(__file__).parents[4] / "shared"))
DATA = SHARED / "data"
MAPPINGS = SHARED / "checks" / "mappings"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")


def mapping(name: str) -> str:
    return (MAPPINGS / f"{name}.toml").read_text(encoding="utf-8")


def asked(desk: "Desk", query: str) -> list[tuple[Any, ...]]:
    """Ask the annotation table of the last import, which the query calls `annotation`."""
    with duckdb.connect() as connection:
        table = connection.read_parquet(str(desk.taken / "annotation.parquet"))
        return table.query("annotation", query).fetchall()


MTBENCH = [DATA / "mtbench_human" / name for name in ("human.jsonl", "gpt4_pair.jsonl")]


def test_mtbench_has_1814_items_judged_by_people_960_of_them_twice(desk: "Desk") -> None:
    """Figures of the development data: 1,814 items, 960 with two or more annotators."""
    desk.take(MTBENCH, mapping("mtbench"))
    found = asked(
        desk,
        "select count(*), count(*) filter (where judges > 1) from (select count(*) as judges "
        "from annotation where role in ('human', 'expert') group by item_id)",
    )
    assert found == [(1814, 960)]


def test_mtbench_repeats_one_answer_and_the_report_says_so(desk: "Desk") -> None:
    report = desk.take(MTBENCH, mapping("mtbench"))
    assert [(loss.reason, loss.count) for loss in report.dropped] == [
        ("answered twice by one annotator; the last one is kept", 1)
    ]
    assert (report.read, report.kept) == (5755, 5754)


AGREEMENT = """
select count(*), avg(cast(a.value = b.value as double))
from annotation as a
join annotation as b on a.item_id = b.item_id and a.person_key < b.person_key
where a.role = 'expert' and b.role = 'expert' and a.item_id like '%/{turn}/%'
    and (not {decisive} or 'tie' not in (a.value, b.value))
"""


@pytest.mark.parametrize(
    ("turn", "decisive", "pairs", "share"),
    [(1, False, 721, 0.630), (1, True, 479, 0.810), (2, False, 707, 0.666), (2, True, 474, 0.819)],
)
def test_mtbench_experts_agree_as_published(
    desk: "Desk", turn: int, decisive: bool, pairs: int, share: float
) -> None:
    """Zheng et al. (2023), agreement of experts: 63 and 81 % in turn 1, 67 and 82 % in turn 2."""
    desk.take(MTBENCH, mapping("mtbench"))
    found = asked(desk, AGREEMENT.format(turn=turn, decisive=decisive))
    assert found == [(pairs, pytest.approx(share, abs=5e-4))]


def test_mtbench_spells_a_tie_in_two_ways(desk: "Desk") -> None:
    """Trap 2: without the renaming there is a fourth label."""
    renaming = 'rename = { "tie (inconsistent)" = "tie" }\n'
    told = (
        mapping("mtbench")
        .replace(renaming, "")
        .replace('labels = ["model_a"', 'labels = ["model_a", "tie (inconsistent)"')
    )
    desk.take(MTBENCH, told)
    assert asked(desk, "select count(distinct value) from annotation") == [(4,)]


def test_snow_rte_is_800_items_times_10(desk: "Desk") -> None:
    """Snow et al. (2008): 800 items, ten labels each, 164 workers."""
    report = desk.take(DATA / "snow2008_rte/judgments.csv.gz", mapping("snow_rte"))
    assert (report.items, report.annotations, report.annotators) == (800, 8000, 164)


def test_snow_rte_has_gold_for_every_item(desk: "Desk") -> None:
    desk.take(DATA / "snow2008_rte/judgments.csv.gz", mapping("snow_rte"))
    assert set(desk.rows("probe", "type", "expected is null")) == {("reference", False)}
    assert len(desk.rows("probe", "item_id")) == 800


def test_snow_rte_times_are_one_constant(desk: "Desk") -> None:
    """Trap 4: the placeholder comes in as it is; every duration is the same."""
    times = '[time]\nformat = "%a %b %d %H:%M:%S %Z %Y"\n'
    times += 'duration_seconds = { start = "start", end = "end" }\n'
    desk.take(DATA / "snow2008_rte/judgments.csv.gz", mapping("snow_rte") + times)
    assert asked(desk, "select distinct duration_seconds from annotation") == [(83.0,)]


def test_ukp_counts_are_those_of_the_source(desk: "Desk") -> None:
    """Development data: 60,559 judgments, 12,138 items, 3,742 annotators."""
    report = desk.take(DATA / "ukp_convarg1/judgments.csv.gz", mapping("ukp"))
    assert (report.annotations, report.items, report.annotators) == (60559, 12138, 3742)
    assert (report.dropped, report.coerced) == ((), ())


WMT = """
kind = "qa"
[columns]
item_id = ["item_system", "doc", "doc_seg_id"]
annotator_id = "rater"
annotated_at = "rated_at"
[time]
duration_seconds = { column = "active_ms", unit = "ms" }
[[question]]
name = "severity"
column = "severity"
[duplicates]
keep = "first"
[[probe]]
type = "trap"
question = "severity"
when = { column = "severity", equals = "HOTW-test" }
"""


def test_wmt_times_and_durations_are_read(desk: "Desk") -> None:
    report = desk.take(DATA / "wmt23_sxs_mqm_ende/ratings.csv.gz", WMT)
    assert not [loss for loss in report.coerced if loss.fault]
    assert asked(desk, "select max(duration_seconds) from annotation") == [(1687.258,)]


def test_wmt_attention_checks_are_probes(desk: "Desk") -> None:
    """Trap 5: a check is a row like any other; here every item that holds one is a trap."""
    desk.take(DATA / "wmt23_sxs_mqm_ende/ratings.csv.gz", WMT)
    assert set(desk.rows("probe", "type", "question")) == {("trap", "severity")}


SFT = 'kind = "sft"\n[columns]\nprompt = "question_text"\ntext = "response_text"\n'


def test_answers_without_annotators_come_in_as_items(desk: "Desk") -> None:
    told = SFT + 'item_id = ["passage_id", "question_number", "response_uid"]\n'
    report = desk.take(DATA / "squality/sft_responses.jsonl.gz", told)
    assert (report.items, len(desk.rows("response", "item_id"))) == (1500, 1500)
    assert report.coerced == ()


def test_squality_response_ids_are_unique_only_within_a_question(desk: "Desk") -> None:
    """Trap 6: keyed on the response id alone, answers to five questions fall together."""
    report = desk.take(DATA / "squality/sft_responses.jsonl.gz", SFT + 'item_id = "response_uid"\n')
    assert [(loss.reason, loss.count) for loss in report.coerced] == [
        ("item described twice with another prompt; the first is kept", 300)
    ]


def test_nested_conversations_are_json_text(desk: "Desk") -> None:
    told = 'kind = "sft"\n[columns]\nitem_id = ["question_id", "model"]\ntext = "conversation"\n'
    desk.take(DATA / "mtbench_human/responses.jsonl", told)
    texts = [text for (text,) in desk.rows("response", "text")]
    assert all(isinstance(json.loads(text), list) for text in texts)
    assert len(texts) == 465


MTURK = """
kind = "qa"
[columns]
item_id = "HITId"
annotator_id = "WorkerId"
annotated_at = "SubmitTime"
[time]
format = "%a %b %d %H:%M:%S %Z %Y"
duration_seconds = { start = "AcceptTime", end = "SubmitTime" }
[[question]]
name = "answer"
column = "Answer.output"
missing = [""]
"""


def test_mturk_times_with_zone_names_are_read(desk: "Desk") -> None:
    path = DATA / "export_fixtures/crowdflower_amt/platform_amt1.csv"
    report = desk.take(path, MTURK)
    assert report.coerced == ()
    ((first,),) = asked(desk, "select cast(min(annotated_at) as varchar) from annotation")
    assert first.startswith("2018-01-24 17:")  # 09 o'clock Pacific


def test_mturk_rows_without_an_answer_are_counted(desk: "Desk") -> None:
    report = desk.take(DATA / "export_fixtures/crowdflower_amt/empty_rows.csv", MTURK)
    (loss,) = report.dropped
    assert loss.reason == "no answer to answer, as the mapping foresees"
    assert report.read == report.kept + loss.count


def test_crowdflower_dates_need_a_format_and_say_no_zone(desk: "Desk") -> None:
    told = 'kind = "qa"\n[columns]\nitem_id = "_unit_id"\nannotator_id = "_worker_id"\n'
    told += 'annotated_at = "_created_at"\n[time]\nformat = "%m/%d/%Y %H:%M:%S"\n'
    told += '[[question]]\nname = "answer"\ncolumn = "Answer.output"\n'
    report = desk.take(DATA / "export_fixtures/crowdflower_amt/platform_cf1.csv", told)
    assert [(loss.reason, loss.count) for loss in report.coerced] == [
        ("time without zone read as UTC", report.records)
    ]
