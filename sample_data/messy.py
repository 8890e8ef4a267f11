"""The export nobody tidied up: what the loss report of an import looks like."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sample_data.chance import Chance
from sample_data.people import Annotator
from sample_data.preferences import Judgement, Plan, day, flat_row, judgements, named
from sample_data.scenes import Scene
from sample_data.writing import csv_text

_ZONE: Final = ZoneInfo("Europe/Berlin")
_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "A": ("first", "first", "first", "First", "1"),
    "B": ("second", "second", "second", "Second", "2"),
    "tie": ("same", "same", "equal"),
}
# Every so-manieth row has a fault; together they stay below the five per cent an import accepts.
_NO_VERDICT: Final = (17, 63, 118, 171, 222)
_NO_SUCH_VERDICT: Final = {41: "both bad??", 97: "both bad??", 203: "see comment"}
_NO_ITEM: Final = (75, 190)
_NO_SUCH_DAY: Final = (29, 140)
_SECOND_THOUGHTS: Final = (52, 88, 160, 214)


def _gaps(scene: Scene) -> Mapping[str, float]:
    del scene
    return {"clear": 0.66, "close": 0.2, "weak": 0.14}


PLAN: Final = Plan(
    batch="messy-export",
    prefix="mx",
    items=130,
    people=(
        Annotator("M. Keller", noise=0.4, careless=0.03),
        Annotator("a.dubois", noise=0.35, careless=0.03, pace=0.8),
        Annotator("Rater 3", noise=0.45, careless=0.05, pace=1.2),
    ),
    opened=day(7, 13),
    gaps=_gaps,
    raters=lambda _pair, _chance: 2,
    keep=lambda scene: scene.task in {"cooking", "home", "travel"} and scene.language == "en",
    per_day=40,
)


def messy() -> dict[str, str]:
    """Return the messy table: own column names, local times, faults in known places."""
    chance = Chance("messy-export", "faults")
    rows: list[dict[str, object]] = []
    for number, given in enumerate(judgements(PLAN)):
        row = _row(given, chance)
        if number in _SECOND_THOUGHTS:
            rows.append({**row, "Verdict": "same", "Comment": "sorry, pressed the wrong button"})
            row["When"] = _local(given.sent + timedelta(minutes=2))
        if number in _NO_VERDICT:
            row["Verdict"] = chance.pick(("", "n/a"))
        if number in _NO_SUCH_VERDICT:
            row["Verdict"] = _NO_SUCH_VERDICT[number]
        if number in _NO_ITEM:
            row["Item No"] = ""
        if number in _NO_SUCH_DAY:
            row["When"] = "31.02.2026 10:15:00"
        rows.append(row)
    return {"messy-export.csv": csv_text(rows)}


def _row(given: Judgement, chance: Chance) -> dict[str, object]:
    flat = flat_row(given)
    return {
        "Item No": str(flat["item_id"]).removeprefix("mx-"),
        "Topic": flat["task"],
        "What the user wrote": flat["prompt"],
        "Reply 1": flat["response_a"],
        "Reply 2": flat["response_b"],
        "Rater": flat["annotator"],
        "Verdict": chance.pick(_SPELLINGS[str(flat["winner"])]),
        "When": _local(given.sent),
        "Seconds": flat["seconds"],
        "Comment": named(given.choice.note, {"A": "Reply 1", "B": "Reply 2"}),
    }


def _local(moment: datetime) -> str:
    return moment.astimezone(_ZONE).strftime("%d.%m.%Y %H:%M:%S")
