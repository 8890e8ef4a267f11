"""Every page on every sample batch, on an empty store, and behind dead links."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from app import state
from app.audit import audit, standard_of
from app.intake import bring_in
from app.measure import measure
from app.text import value_with_interval
from queries.scope import Viewer
from queries.store import Store
from sample_data import BATCHES
from tests.app.conftest import MAPPING
from tests.app.hostile import HOSTILE
from tests.app.test_annotators import crew_rows
from tests.conftest import Shelf

MAIN = Path(__file__).parents[2] / "app" / "main.py"
PAGES = tuple(name for name in state.PAGES if name != "board")
PEOPLE_PARTS = ("people", "influence", "why", "again", "groups", "golden", "model")
PARTS = ("labels", "slices", "pairs", "questions", "overlap")
IDS = [batch.batch_id for batch in BATCHES]
EVIL_BATCH = "<b>b</b> :green[PASS]"
OWNER = Viewer.owner()
# Each new AppTest reads the metadata of every installed package: half the time of a page.
scan_once = cache(manifest_scanner.scan_component_manifests)
Open = Callable[..., AppTest]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a call that opens a page of a store and hands back what is on it."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", scan_once)

    def open_page(store: Path, page: str = "", /, **address: str) -> AppTest:
        app = AppTest.from_file(MAIN, default_timeout=60)
        if page:
            # The first run makes the pages known; where there is no store it costs nothing else.
            monkeypatch.setenv("BATCHGATE_STORE", "no store")
            app.run()
            app.switch_page(f"views/{page}.py")
        monkeypatch.setenv("BATCHGATE_STORE", str(store))
        for name, value in address.items():
            app.query_params[name] = value
        return app.run()

    return open_page


def text_of(app: AppTest) -> str:
    """Return everything a page says in HTML."""
    return "\n".join(element.proto.body for element in app.get("html"))


def test_board_names_every_batch(visit: Open, samples: Path) -> None:
    shown = text_of(visit(samples))
    assert [name for name in IDS if name not in shown] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("batch", IDS)
def test_page_opens_on_every_sample_batch(
    visit: Open, samples: Path, page: str, batch: str
) -> None:
    assert not visit(samples, page, batch=batch).exception


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("batch", IDS)
def test_agreement_can_be_looked_at_from_every_side(
    visit: Open, samples: Path, part: str, batch: str
) -> None:
    assert not visit(samples, "agreement", batch=batch, part=part).exception


@pytest.mark.parametrize("batch", ["sft-boundaries", "edge-all-agree"])
@pytest.mark.parametrize("part", ["cells", "collect", "map", "gaps", "values"])
def test_coverage_can_be_looked_at_from_every_side(
    visit: Open, samples: Path, part: str, batch: str
) -> None:
    assert not visit(samples, "coverage", batch=batch, part=part).exception


def test_coverage_names_the_worst_cell_first(visit: Open, samples: Path) -> None:
    shown = text_of(visit(samples, "coverage", batch="sft-boundaries"))
    assert "4 of 8 declared cells not met" in shown
    assert shown.index("answer_with_care, risk_level = high") < shown.index("language = de")


def test_coverage_of_a_cell_leads_to_the_items_it_counts(visit: Open, samples: Path) -> None:
    address = {"list": "items", "accepted": "yes", "slice": "language=de"}
    shown = text_of(visit(samples, "records", batch="sft-boundaries", **address))
    assert "6 items" in shown


def test_items_without_an_attribute_can_be_read(visit: Open, samples: Path) -> None:
    page = visit(
        samples,
        "records",
        batch="sft-boundaries",
        list="items",
        accepted="yes",
        without="difficulty",
    )
    assert "26 items" in text_of(page)


def test_values_of_an_attribute_are_counted_with_those_that_lack_it(
    visit: Open, samples: Path
) -> None:
    shown = text_of(
        visit(samples, "coverage", batch="sft-boundaries", part="values", attribute="difficulty")
    )
    assert "not stated" in shown


def test_gap_threshold_and_reference_come_from_the_address(visit: Open, samples: Path) -> None:
    page = visit(
        samples,
        "coverage",
        batch="sft-boundaries",
        part="gaps",
        least="5",
        reference="sft-demonstrations",
    )
    assert not page.exception
    assert "with fewer than 5 items" in text_of(page)


@pytest.mark.parametrize(
    "part", ["all", "refusals", "openings", "forms", "rubric", "checks", "copies", "topics"]
)
@pytest.mark.parametrize("batch", ["sft-polished", "sft-flooded", "edge-one-annotator"])
def test_soundness_can_be_looked_at_from_every_side(
    visit: Open, samples: Path, batch: str, part: str
) -> None:
    assert not visit(samples, "soundness", batch=batch, part=part).exception


@pytest.mark.parametrize("check", ["refusal", "over_refusal", "masked", "opening", "format"])
def test_items_behind_a_sign_are_listed(visit: Open, samples: Path, check: str) -> None:
    found = visit(samples, "soundness", batch="sft-polished", list="items", check=check)
    assert not found.exception


@pytest.mark.parametrize("part", ["people", "overturns", "stages", "second", "known", "disputes"])
def test_reviewers_can_be_looked_at_from_every_side(visit: Open, samples: Path, part: str) -> None:
    assert not visit(samples, "reviewers", batch="review-chain", part=part).exception


@pytest.mark.parametrize("part", PEOPLE_PARTS)
@pytest.mark.parametrize("batch", ["review-chain", "edge-one-annotator"])
def test_annotators_can_be_looked_at_from_every_side(
    visit: Open, samples: Path, batch: str, part: str
) -> None:
    assert not visit(samples, "annotators", batch=batch, part=part).exception


def test_influence_gives_the_commands_that_make_a_new_batch(visit: Open, samples: Path) -> None:
    app = visit(samples, "annotators", batch="qa-inspection", part="influence")
    (shown,) = [code.value for code in app.code]
    assert "batchgate export qa-inspection --without ann_quist" in shown
    assert "--set supersedes=qa-inspection" in shown


def test_golden_items_have_weeks_difficulties_and_calibrations(visit: Open, samples: Path) -> None:
    app = visit(samples, "annotators", batch="review-chain", part="golden")
    tables = [frame.value.to_dict("list") for frame in app.dataframe]
    assert tables[0]["difficulty"] == ["easy", "medium", "hard"]
    assert tables[1]["week"][0] == "2026-06-08"
    assert any("No week is outside. Dotted" in caption.value for caption in app.caption)
    due = dict(zip(tables[-1]["annotator"], tables[-1]["calibration"], strict=True))
    assert [name for name, state in due.items() if state == "⚑ due"] == ["ann_bruun", "ann_eriks"]


def test_person_page_says_what_changed_after_the_training(visit: Open, samples: Path) -> None:
    app = visit(samples, "annotators", batch="review-chain", annotator="ann_dutta")
    assert "the others reach" in text_of(app)
    assert "✔ not due" in text_of(app)
    changed = app.dataframe[-1].value.to_dict("list")
    assert changed["held against"] == ["golden items", "agreement with the others"]
    assert changed[""][1] == "◐ no difference can be seen"


@pytest.fixture
def two_batches(write_batch: Callable[..., Path]) -> Path:
    """Return a store in which b2 stands in for b1, and b3 is another batch of the same people."""
    write_batch(crew_rows(items=40))
    write_batch(crew_rows(2, items=40), batch_id="b2", settings={"supersedes": "b1"})
    return write_batch(crew_rows(3, items=40), batch_id="b3")


@pytest.mark.parametrize("who", [{}, {"annotator": "w03"}])
def test_people_are_shown_over_all_batches_since_a_day(
    visit: Open, two_batches: Path, who: dict[str, str]
) -> None:
    app = visit(two_batches, "annotators", batch="b3", since="2020-01-01", **who)
    assert not app.exception
    shown = text_of(app)
    assert "2 batches since 2020-01-01" in shown
    assert "b2, b3" in shown  # b1 would count the same work twice


def test_reviewers_over_time_say_that_there_are_no_reviews(visit: Open, two_batches: Path) -> None:
    app = visit(two_batches, "reviewers", batch="b3", since="2020-01-01")
    assert not app.exception
    assert "None of these batches has reviews" in text_of(app)


@pytest.mark.parametrize("who", [{}, {"reviewer": "rev_elm"}])
def test_reviewers_are_shown_over_all_batches_since_a_day(
    visit: Open, samples: Path, who: dict[str, str]
) -> None:
    app = visit(samples, "reviewers", batch="review-chain", since="2026-01-01", **who)
    assert not app.exception
    assert "rev_elm" in text_of(app)


@pytest.mark.parametrize("day", ["soon", "2999-01-01"])
def test_day_without_batches_is_named(visit: Open, two_batches: Path, day: str) -> None:
    app = visit(two_batches, "annotators", batch="b3", since=day)
    assert not app.exception
    assert day in text_of(app)


@pytest.mark.parametrize("by", ["reviewer", "annotator", "before", "blind"])
def test_overturns_can_be_split(visit: Open, samples: Path, by: str) -> None:
    app = visit(samples, "reviewers", batch="review-chain", part="overturns", by=by)
    assert not app.exception


def test_drift_page_says_what_moved(visit: Open, samples: Path) -> None:
    app = visit(samples, "drift", batch="triage-guideline", against="triage-reference")
    assert not app.exception
    assert "Labels of triage moved" in text_of(app)


def test_drift_page_compares_prompts_on_demand(visit: Open, samples: Path) -> None:
    address = {"batch": "triage-guideline", "against": "triage-reference"}
    shown = [visit(samples, "drift", **address, **more) for more in ({}, {"text": "yes"})]
    assert not any(app.exception for app in shown)
    tables = [app.dataframe[0].value.to_dict("list") for app in shown]
    assert ["text" in table["what"] for table in tables] == [False, True]


def test_drift_page_follows_the_batches_after_the_reference(visit: Open, samples: Path) -> None:
    address = {"batch": "triage-hidden", "against": "triage-reference", "follow": "yes"}
    app = visit(samples, "drift", **address)
    assert not app.exception
    assert "200 batches or more pass before a false signal" in text_of(app)


def test_drift_page_says_which_batches_are_too_few_to_follow(visit: Open, samples: Path) -> None:
    address = {"batch": "triage-hidden", "against": "triage-people", "follow": "yes"}
    assert "3 are needed" in text_of(visit(samples, "drift", **address))


def test_drift_of_one_slice_names_its_cause(visit: Open, samples: Path) -> None:
    app = visit(
        samples, "drift", batch="triage-people", against="triage-reference", question="triage",
        look="yes",
    )  # fmt: skip
    assert not app.exception
    assert "other people" in text_of(app)
    assert "never an alarm" in text_of(app)
    assert app.dataframe[0].value.columns.tolist() == ["label", "q"]


def test_drift_against_a_batch_that_is_not_there_says_so(visit: Open, samples: Path) -> None:
    app = visit(samples, "drift", batch="triage-people", against="lost")
    assert not app.exception
    assert "There is nothing to compare with" in text_of(app)


def test_drift_of_a_slice_that_is_not_there_says_so(visit: Open, samples: Path) -> None:
    app = visit(
        samples, "drift", batch="triage-people", against="triage-reference", question="triage",
        look="yes", slice="channel=fax",
    )  # fmt: skip
    assert "There is no such slice" in text_of(app)


def test_reviewers_page_names_who_was_planted(visit: Open, samples: Path) -> None:
    shown = text_of(visit(samples, "reviewers", batch="review-chain"))
    assert "rev_cedar: rubber stamp" in shown
    assert "rev_birch: reviewed own work" in shown


def test_reviewer_leads_to_the_reviews_and_they_to_the_record(visit: Open, samples: Path) -> None:
    app = visit(samples, "reviewers", batch="review-chain", reviewer="rev_fir")
    assert not app.exception
    app = visit(
        samples, "reviewers", batch="review-chain", reviewer="rev_fir", list="reviews",
        check="silent",
    )  # fmt: skip
    assert "21 reviews" in text_of(app)
    assert any(link.proto.label.startswith("record") for link in app.get("page_link"))


def test_batch_without_reviews_shows_no_check_as_passed(visit: Open, samples: Path) -> None:
    shown = text_of(visit(samples, "reviewers", batch=IDS[0]))
    assert "No review was imported" in shown
    assert "own answers" not in shown


@pytest.mark.parametrize("page", ["", *PAGES])
def test_page_opens_on_an_empty_store(visit: Open, tmp_path: Path, page: str) -> None:
    Store.open(tmp_path / "store", create=True)
    assert not visit(tmp_path / "store", page).exception


def test_empty_store_says_how_a_batch_comes_in(visit: Open, tmp_path: Path) -> None:
    Store.open(tmp_path / "store", create=True)
    assert "batchgate import" in text_of(visit(tmp_path / "store"))


def test_folder_without_store_is_named(visit: Open, tmp_path: Path) -> None:
    app = visit(tmp_path / "nowhere")
    assert not app.exception
    assert "nowhere" in text_of(app)


@pytest.mark.parametrize(
    ("page", "address", "said"),
    [
        ("verdict", {"batch": "lost"}, "There is no batch lost"),
        ("agreement", {"batch": IDS[0], "question": "lost"}, "There is no question lost"),
        ("agreement", {"batch": IDS[0], "slice": "lost=1"}, "There is no dimension lost"),
        ("agreement", {"batch": IDS[0], "slice": "week=1999"}, "There is no slice week = 1999"),
        ("reviewers", {"batch": IDS[0], "reviewer": "lost"}, "There is no reviewer lost"),
        (
            "reviewers",
            {"batch": "review-chain", "list": "reviews", "annotator": "lost"},
            "There is no annotator lost",
        ),
        ("records", {"batch": IDS[0], "item": "lost"}, "There is no item lost"),
        ("records", {"batch": IDS[0], "a": "lost", "b": "x"}, "There is no annotator lost"),
        ("records", {"batch": IDS[0], "page": "999"}, "There is no page 999"),
        ("records", {"batch": IDS[0], "list": "items", "slice": "lost=1"}, "There is no dimension"),
        ("records", {"batch": IDS[0], "lacks": "lost"}, "Nothing is called lost"),
        ("methods", {"metric": "lost"}, "There is no metric lost"),
    ],
)
def test_dead_link_is_named(
    visit: Open, samples: Path, page: str, address: dict[str, str], said: str
) -> None:
    assert said in text_of(visit(samples, page, **address))


def test_dead_link_shows_no_other_batch_in_its_place(visit: Open, samples: Path) -> None:
    assert visit(samples, "verdict", batch="lost").selectbox(key="batch_choice").value is None


@pytest.mark.parametrize("batch", IDS)
def test_verdict_page_says_what_the_audit_says(visit: Open, samples: Path, batch: str) -> None:
    store = Store.open(samples)
    info = store.batch(batch, OWNER)
    result = audit(store, info, standard_of(store, info), OWNER)
    shown = text_of(visit(samples, "verdict", batch=batch))
    assert result.verdict.upper() in shown


def test_agreement_page_shows_the_number_of_the_command_line(visit: Open, samples: Path) -> None:
    store = Store.open(samples)
    info = store.batch("safety-screening", OWNER)
    (row,) = measure(store, info, "gwet_ac1", viewer=OWNER)
    shown = text_of(visit(samples, "agreement", batch="safety-screening"))
    estimate = row.estimate
    value, interval = value_with_interval(estimate.value, estimate.low, estimate.high).split(" ", 1)
    assert value in shown
    assert interval in shown


def test_skewed_batch_explains_why_alpha_and_ac1_differ(visit: Open, samples: Path) -> None:
    assert "kappa paradox" in text_of(visit(samples, "agreement", batch="safety-screening"))


def test_overlap_among_easy_items_is_said(visit: Open, samples: Path) -> None:
    shown = text_of(visit(samples, "agreement", batch="preference-easy-overlap"))
    assert "most too often easy" in shown
    assert "not representative" in shown


def test_choice_of_another_batch_forgets_the_question_of_the_old_one(
    visit: Open, samples: Path
) -> None:
    app = visit(samples, "agreement", batch=IDS[0], question="winner", part="pairs")
    app.selectbox(key="batch_choice").select("reward-scores").run()
    assert dict(app.query_params) == {"batch": "reward-scores"}


def test_choice_of_a_part_is_written_to_the_address(visit: Open, samples: Path) -> None:
    app = visit(samples, "agreement", batch=IDS[0])
    app.segmented_control(key="part_choice").set_value("pairs").run()
    assert app.query_params["part"] == "pairs"


def test_list_of_items_can_be_narrowed_to_those_that_differ(visit: Open, samples: Path) -> None:
    app = visit(samples, "records", batch=IDS[0])
    app.toggle(key="differ_choice").set_value(True).run()
    assert app.query_params["differ"] == "yes"
    assert "all agree" not in text_of(app)


@pytest.fixture
def planned(tmp_path: Path, shelf: Shelf) -> Path:
    """Return a store whose batch has a plan with a full, a short, an empty and a lost cell."""
    rows = [f"u{n},{who},yes,{'x' if n % 4 else 'y'}" for n in range(60) for who in "AB"]
    (tmp_path / "rows.csv").write_text("\n".join(["item,who,label,half", *rows]) + "\n")
    (tmp_path / "map.toml").write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\n'
        '[attributes]\nhalf = "half"\n[[question]]\nname = "ok"\ncolumn = "label"\n'
        'level = "nominal"\nlabels = ["no", "yes"]\n'
    )
    (tmp_path / "own.toml").write_text(
        '[standard]\nname = "own"\nversion = "1.0.0"\nkind = "qa"\n'
        + "".join(
            f'[[coverage]]\ncell = {{ {name} = "{value}" }}\nminimum_items = {least}\n'
            for name, value, least in (
                ("half", "x", 40),
                ("half", "y", 5000),
                ("half", "z", 5),
                ("tone", "dry", 5),
                ("half", "*", 60),
            )
        )
    )

    def fill() -> None:
        bring_in(
            tmp_path / "store",
            [tmp_path / "rows.csv"],
            batch_id="b1",
            mapping=tmp_path / "map.toml",
            settings={"standard": str(tmp_path / "own.toml")},
        )

    return shelf.filled(tmp_path / "store", "cells of a plan", fill)


def test_verdict_page_shows_what_cells_of_the_plan_lack(visit: Open, planned: Path) -> None:
    app = visit(planned, "verdict", batch="b1")
    assert not app.exception
    shown = text_of(app)
    assert "4,985 more items of half=y are needed." in shown
    assert "≥ 5,000<" in shown
    assert "the batch has no dimension tone" in shown


@pytest.mark.parametrize(("cell", "said"), [("half=y", "15 items"), ("half=*", "60 items")])
def test_records_list_the_items_of_a_cell(visit: Open, planned: Path, cell: str, said: str) -> None:
    app = visit(planned, "records", batch="b1", list="items", slice=cell)
    assert said in text_of(app)


def test_records_say_that_a_cell_is_empty(visit: Open, planned: Path) -> None:
    app = visit(planned, "records", batch="b1", list="items", slice="half=z")
    assert not app.exception
    assert "No item fits" in text_of(app)


def test_verdict_page_marks_a_heavy_loss(visit: Open, tmp_path: Path) -> None:
    table, mapping = tmp_path / "b1.csv", tmp_path / "mapping.toml"
    rows = [f"u{n},{who},1,x" for n in range(15) for who in "ABAB"]
    table.write_text("\n".join(["item,who,label,half", *rows]) + "\n")
    mapping.write_text(MAPPING + '[duplicates]\nkeep = "first"\n')
    bring_in(tmp_path / "lossy", [table], batch_id="b1", mapping=mapping)
    shown = text_of(visit(tmp_path / "lossy", "verdict", batch="b1"))
    assert '<b class="num fail">30</b>' in shown
    assert "heavy: 50 % of 60 read, over 5 %" in shown


def test_verdict_page_leads_to_the_items_that_lack_a_licence(visit: Open, planned: Path) -> None:
    app = visit(planned, "verdict", batch="b1")
    links = [link.proto for link in app.get("page_link")]
    assert any("licence of the item" in link.label for link in links)
    shown = text_of(visit(planned, "records", batch="b1", lacks="item.licence"))
    assert "60 items" in shown
    assert "without: licence of the item" in shown


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("", ""),
        ("verdict", ""),
        ("reviewers", ""),
        ("records", ""),
        *(("agreement", part) for part in PARTS),
    ],
)
def test_hostile_texts_of_the_data_are_shown_as_they_are(
    visit: Open, tmp_path: Path, shelf: Shelf, page: str, part: str
) -> None:
    table = tmp_path / "hostile.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "who", "label", "half"])
        for text in HOSTILE:
            rows.writerows([[text, who, text, text] for who in ("**ann** :red[x]", "<b>bo</b>")])
    mapping = tmp_path / "hostile.toml"
    mapping.write_text(
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\nprompt = "half"\n'
        '[attributes]\nhalf = "half"\n[[question]]\nname = "<b>q</b>"\ncolumn = "label"\n'
        'level = "nominal"\n'
    )

    def fill() -> None:
        bring_in(tmp_path / "store", [table], batch_id=EVIL_BATCH, mapping=mapping)

    app = visit(
        shelf.filled(tmp_path / "store", "hostile texts", fill), page, batch=EVIL_BATCH, part=part
    )
    assert not app.exception
    assert all(f"<b>{name}</b>" not in text_of(app) for name in ("b", "q", "bo", "marked"))
