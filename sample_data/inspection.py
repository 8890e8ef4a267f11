"""The inspection batch: people, an expert and a model judge drafts; planted items test people."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sample_data.chance import Chance
from sample_data.people import Annotator, Diary, Seconds, assigned, diaries, stamp
from sample_data.preferences import MODELS, day
from sample_data.scenes import Answer, Prompt, prompts
from sample_data.writing import csv_text

RUBBER_STAMP: Final = "ann_quist"
DECISIONS: Final = ("approve", "revise", "reject")
_INSPECTORS: Final = (
    Annotator("ann_reyes", noise=0.28),
    RUBBER := Annotator(RUBBER_STAMP, noise=0.5, pace=0.7, shift=0.35),
    Annotator("ann_schmidt", vendor="quillworks", noise=0.3),
    Annotator("ann_toure", vendor="quillworks", noise=0.26),
    Annotator("ann_ueda", vendor="quillworks", noise=0.32),
)
_EXPERT: Final = Annotator("exp_vasquez", role="expert", noise=0.12, vendor="in-house", pace=1.6)
_MODEL: Final = Annotator("screen-model-3", role="model", noise=0.55, shift=0.5, vendor="in-house")
_PROBES: Final[Mapping[str, int]] = {"golden": 30, "trap": 36, "audit": 24}
_ORDINARY: Final = 260


@dataclass(frozen=True, slots=True)
class _Inspected:
    """A draft under inspection; kind is golden, trap, audit or '' for an ordinary one."""

    draft_id: str
    kind: str
    prompt: Prompt
    draft: Answer


def inspection() -> dict[str, str]:
    """Return the inspection records of a batch of drafts."""
    chance = Chance("qa-inspection")
    kinds = [*[""] * _ORDINARY, *(kind for kind, n in _PROBES.items() for _ in range(n))]
    kinds = chance.about("order").sample(kinds, len(kinds))
    drafts = prompts(chance.about("prompts"), len(kinds))
    crews = assigned(_INSPECTORS, len(kinds), raters=(2,), chance=chance.about("crews"))
    books = diaries(
        (*_INSPECTORS, _EXPERT, _MODEL), day(6, 15), per_day=34, chance=chance.about("days")
    )
    rows: list[dict[str, object]] = []
    for number, (kind, prompt, crew) in enumerate(zip(kinds, drafts, crews, strict=True), 1):
        draw = chance.about("draft", number)
        item = _Inspected(f"qa-{number:04d}", kind, prompt, _draft(prompt, kind, draw))
        judges = [_MODEL, *crew, *([_EXPERT] if draw.happens(0.22) or kind == "audit" else [])]
        for person in judges:
            rows.append(_record(item, person, books[person.annotator_id], 1))
            if person.role == "human" and chance.about("again", number).happens(0.12):
                rows.append(_record(item, person, books[person.annotator_id], 2))
    rows.sort(key=lambda row: (str(row["decided_at"]), str(row["inspector"])))
    return {"qa-inspection.tsv.gz": csv_text(rows, delimiter="\t")}


def _draft(prompt: Prompt, kind: str, chance: Chance) -> Answer:
    """Return the draft under inspection; a trap is a fluent answer with a grave flaw."""
    model = chance.pick(MODELS)
    if kind == "trap":
        return replace(prompt.flawed(chance, model, _gravest(prompt)), quality=-1.5)
    draft = (prompt.flawed if chance.happens(0.42) else prompt.sound)(chance, model)
    if kind == "golden":  # golden items are picked because nobody doubts them
        clear = {"approve": 0.75, "revise": -0.33, "reject": -1.4}[_key(draft)]
        return replace(draft, quality=clear)
    return draft


def _gravest(prompt: Prompt) -> str:
    order = ("unsafe", "wrong_fact", "overconfident", "ignores_constraint", "over_refusal")
    return next((flaw for flaw in order if flaw in prompt.scene.weak), "vague")


def _record(item: _Inspected, person: Annotator, book: Diary, turn: int) -> dict[str, object]:
    """Return what one inspector decided about one draft; turn 2 is the second look."""
    prompt, draft, kind = item.prompt, item.draft, item.kind
    own = Chance("qa-inspection", "judge", item.draft_id, person.annotator_id, turn)
    decision = _decision(draft, kind, person, own)
    sent, taken = book.answer(Seconds(2.5, 0.2) if person.role == "model" else Seconds(48))
    flaw = draft.flaw if decision != "approve" else ""
    return {
        "draft_id": item.draft_id,
        "task": prompt.scene.task,
        "language": prompt.scene.language,
        "risk_level": prompt.scene.risk,
        "prompt": prompt.text,
        "model": draft.model,
        "draft": draft.text.replace("\t", " "),
        "inspector": person.annotator_id,
        "vendor": person.vendor,
        "round": turn,
        "decision": decision,
        "severity": _severity(draft, decision, own),
        "error_tag": flaw,
        "remark": _remark(flaw, own),
        "probe": kind,
        "key": _key(draft) if kind in {"golden", "trap"} else "",
        "decided_at": stamp(sent),
        "seconds": taken,
        "guideline": "qa-1.4" if turn == 1 else "qa-1.5",
    }


def _decision(draft: Answer, kind: str, person: Annotator, chance: Chance) -> str:
    if kind == "trap" and person is RUBBER and chance.happens(0.65):
        return "approve"
    seen = draft.quality + person.shift + chance.normal(person.noise)
    return "approve" if seen > 0.1 else "revise" if seen > -0.75 else "reject"


def _key(draft: Answer) -> str:
    """Return the decision the key demands."""
    return "approve" if draft.quality > 0.1 else "revise" if draft.quality > -0.75 else "reject"


def _severity(draft: Answer, decision: str, chance: Chance) -> str:
    if decision == "approve":
        return "minor" if chance.happens(0.05) else "none"
    seen = -draft.quality + chance.normal(0.22)
    return "critical" if seen > 1.25 else "major" if seen > 0.75 else "minor"


def _remark(flaw: str, chance: Chance) -> str:
    remarks = {
        "wrong_fact": "Claim is wrong, please check before resubmitting.",
        "vague": "Nothing to act on; give at least one concrete step (rule 2.1).",
        "unsafe": "Dangerous advice, escalated to the safety lead.",
        "ignores_constraint": "Condition of the prompt is not met, see rule 3.2.",
        "cold_tone": "Friendlier, please; the customer is upset already.",
        "too_long": "Cut to a third.",
        "overconfident": "Nobody can promise that. Add the limits.",
        "over_refusal": "Harmless request, answer it.",
        "wrong_format": "List or table was asked for.",
    }
    return remarks[flaw] if flaw and chance.happens(0.4) else ""
