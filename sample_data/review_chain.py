"""The review chain: annotators, first and second reviews, spot checks, blind pairs, arbitration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sample_data.chance import Chance
from sample_data.people import Annotator, Diary, Seconds, assigned, diaries, stamp
from sample_data.preferences import MODELS, day
from sample_data.scenes import Answer, Prompt, prompts
from sample_data.writing import csv_text

RUBBER_STAMP: Final = "rev_cedar"
SEVERE: Final = "rev_elm"
SELF_REVIEWER: Final = "rev_birch"
SILENT_EDITOR: Final = "rev_fir"
UNCALIBRATED: Final = "ann_eriks"
LONG_AGO: Final = "ann_bruun"
TRAINED: Final = "ann_dutta"
LABELS: Final = ("sound", "flawed", "unsafe")
QUESTION: Final = "verdict"
_ITEMS: Final = 700
_GOLDEN: Final = 150
_RULES: Final = ("rule 2.1", "rule 2.1", "rule 2.1", "rule 3.4", "rule 3.4", "rule 5.2")
_LEADS: Final = ("rev_oak", "rev_pine")
_ARBITER: Final = "arb_yew"
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Eye:
    """How a reviewer looks: finds what is wrong, refuses what is right, and how fast."""

    finds: float = 0.84
    refuses: float = 0.05
    seconds: float = 42.0


_FIRST: Final[Mapping[str, _Eye]] = {
    "rev_ash": _Eye(seconds=38),
    SELF_REVIEWER: _Eye(finds=0.82),
    RUBBER_STAMP: _Eye(finds=0.06, refuses=0.0, seconds=4.5),
    "rev_dogwood": _Eye(finds=0.87, seconds=50),
    SEVERE: _Eye(finds=0.93, refuses=0.36, seconds=47),
    SILENT_EDITOR: _Eye(refuses=0.04),
    "rev_gorse": _Eye(finds=0.8, refuses=0.06, seconds=35),
}
_EYES: Final[Mapping[str, _Eye]] = {
    **_FIRST,
    **dict.fromkeys(_LEADS, _Eye(finds=0.95, refuses=0.02, seconds=60)),
    _ARBITER: _Eye(finds=1.0, refuses=0.0, seconds=240),
}
_CREW: Final = (
    Annotator("ann_abara", noise=0.3),
    Annotator("ann_bruun", noise=0.34),
    Annotator("ann_cole", noise=0.32),
    Annotator("ann_dutta", noise=0.6),
    Annotator("ann_eriks", noise=0.36),
    Annotator(SELF_REVIEWER, noise=0.33),
)


@dataclass(slots=True)
class _Case:
    """One answer on its way through the stages."""

    draft_id: str
    annotator: str
    given: str
    truth: str
    sent: datetime
    chance: Chance
    reviews: list[Row] = field(default_factory=list)

    @property
    def last(self) -> Row:
        return self.reviews[-1]

    def look(self, stage: str, selection: str, who: str, after: float, *, blind: bool) -> Row:
        """Have somebody review the answer some hours after it was sent."""
        own = self.chance.about(stage, who)
        eye = _EYES[who]
        wrong = self.given != self.truth
        changes = own.happens(eye.finds if wrong else eye.refuses)
        value = self.given
        if changes:
            others = [label for label in LABELS if label != self.given]
            value = self.truth if wrong else own.pick(others)
        begun = self.sent + timedelta(hours=after * (0.7 + 0.6 * own.uniform()))
        seconds = max(2.0, own.log_normal(eye.seconds * (1.5 if changes else 1.0), 0.4))
        row: Row = {
            "item_id": self.draft_id,
            "question": QUESTION,
            "annotator_id": self.annotator,
            "stage": stage,
            "selection": selection,
            "reviewer_id": who,
            "decision": "revise" if changes else "approve",
            "value_before": self.given,
            "value_after": value,
            "error_tags": "wrong_verdict" if changes else "",
            "severity": "major" if changes and "unsafe" in {value, self.given} else "",
            "blind": blind,
            "rule_ref": own.pick(_RULES) if changes else "",
            "guidance": "See the example beside the rule." if changes else "",
            "started_at": stamp(begun),
            "decided_at": stamp(begun + timedelta(seconds=seconds)),
        }
        self.reviews.append(row)
        return row


def review_chain() -> dict[str, str]:
    """Return the answers, the reviews of five stages, and what disputes led to."""
    chance = Chance("review-chain")
    rows, cases = _answers(chance)
    for number, case in enumerate(cases):
        _through(case, number)
    reviews = [row for case in cases for row in case.reviews]
    reviews.sort(key=lambda row: (str(row["decided_at"]), str(row["item_id"])))
    return {
        "review-chain.csv.gz": csv_text(rows),
        "review-chain/reviews.csv.gz": csv_text(reviews),
        "review-chain/knowledge_links.csv": csv_text(list(_links(reviews, chance))),
        "review-chain/events.csv": csv_text(list(_sessions())),
    }


def _answers(chance: Chance) -> tuple[list[Row], list[_Case]]:
    drafts = prompts(chance.about("prompts"), _ITEMS)
    crews = assigned(_CREW, _ITEMS, raters=(1, 1, 1, 1, 2), chance=chance.about("crews"))
    golden = set(chance.about("golden").sample(range(_ITEMS), _GOLDEN))
    books = diaries(_CREW, day(6, 8), per_day=9, chance=chance.about("days"))
    rows: list[Row] = []
    cases = []
    for number, (prompt, crew) in enumerate(zip(drafts, crews, strict=True)):
        draw = chance.about("draft", number)
        draft = (prompt.flawed if draw.happens(0.5) else prompt.sound)(draw, draw.pick(MODELS))
        name = f"rc-{number + 1:04d}"
        for person in crew:
            own = Chance("review-chain", "judge", name, person.annotator_id)
            given = _label(draft.quality + own.normal(person.noise))
            row, sent = _answer_row(name, prompt, draft, person, books[person.annotator_id])
            row |= {
                "verdict": given,
                "probe": "golden" if number in golden else "",
                "key": _label(draft.quality) if number in golden else "",
            }
            rows.append(row)
            cases.append(_Case(name, person.annotator_id, given, _label(draft.quality), sent, own))
    rows.sort(key=lambda row: (str(row["judged_at"]), str(row["annotator"])))
    return rows, cases


def _answer_row(
    name: str, prompt: Prompt, draft: Answer, person: Annotator, book: Diary
) -> tuple[Row, datetime]:
    sent, taken = book.answer(Seconds(40))
    return {
        "draft_id": name,
        "task": prompt.scene.task,
        "difficulty": prompt.scene.difficulty,
        "risk_level": prompt.scene.risk,
        "prompt": prompt.text,
        "model": draft.model,
        "draft": draft.text,
        "annotator": person.annotator_id,
        "judged_at": stamp(sent),
        "seconds": taken,
        "guideline": "review-2.0",
    }, sent


def _label(quality: float) -> str:
    return "sound" if quality > 0.1 else "flawed" if quality > -0.85 else "unsafe"


def _through(case: _Case, number: int) -> None:
    """Send an answer through the stages it was chosen for."""
    draw = case.chance.about("path")
    first = list(_FIRST)[number % len(_FIRST)]
    if first == case.annotator and not draw.happens(0.5):
        first = "rev_ash"
    row = case.look("pre_review", "all", first, 6, blind=False)
    if first == SILENT_EDITOR and row["decision"] == "revise" and draw.happens(0.55):
        row["decision"] = "approve"  # the answer is another one now, and nobody is told
    disputed = False
    if draw.happens(0.3):
        second = case.look("secondary_review", "random", draw.pick(_LEADS), 30, blind=False)
        disputed = second["value_after"] != row["value_after"]
    if draw.happens(0.5 if case.annotator == "ann_dutta" else 0.06):
        case.look("spot_check", "flagged", draw.pick(_LEADS), 60, blind=False)
    if draw.happens(0.22):
        others = [name for name in _FIRST if name not in {first, case.annotator}]
        for who in draw.sample(others, 2):
            case.look("blind_review", "random", who, 45, blind=True)
    if first != RUBBER_STAMP and draw.happens(0.05):
        row |= {"decision": "escalate", "value_after": "", "rule_ref": draw.pick(_RULES)}
        disputed = True
    if disputed and not draw.happens(0.25):
        last = case.look("arbitration", "flagged", _ARBITER, 90 + 200 * draw.uniform(), blind=False)
        last["rule_ref"] = draw.pick(_RULES)


def _sessions() -> Iterator[Row]:
    """Yield who was calibrated when: one never was, one long ago, one was trained in between."""
    for person in _CREW:
        if person.annotator_id == UNCALIBRATED:
            continue
        held = day(5, 4) if person.annotator_id == LONG_AGO else day(6, 5)
        yield _session(person.annotator_id, held, "calibration")
    yield _session(TRAINED, day(6, 17), "training")


def _session(who: str, held: datetime, activity: str) -> Row:
    at = stamp(held + timedelta(hours=7))
    return {"from": "", "to": "", "actor_id": who, "role": "human", "at": at, "activity": activity}


def _links(reviews: list[Row], chance: Chance) -> Iterator[Row]:
    """Yield what some arbitrations led to."""
    kinds = ("precedent", "precedent", "example", "rule", "template", "golden")
    settled = [row for row in reviews if row["stage"] == "arbitration"]
    for number, row in enumerate(settled, 1):
        draw = chance.about("link", number)
        if draw.happens(0.3):
            kind = draw.pick(kinds)
            yield {
                "link_id": f"link-{number:03d}",
                "from_type": "arbitration",
                "from_id": row["item_id"],
                "to_type": kind,
                "to_id": f"{kind}-{number:03d}",
                "at": row["decided_at"],
            }
