"""Beside the criteria: is the batch traceable, reviewable, sustainable, and what is it fit for?

Counted from what the catalogue knows of every column; no record is read.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from queries.batches import BatchInfo

State = Literal["present", "missing", "contradictory"]


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One piece of evidence: how many of how many have it.

    `present` means all have it; `missing` that some or all lack it; `contradictory` that two
    records of it exclude each other.
    """

    name: str
    state: State
    count: int
    denominator: int
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the item as the audit prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FitFor:
    """Whether the records that one way of training needs are there."""

    use: str
    fit: bool
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the use as the audit prints it."""
        return {"use": self.use, "fit": self.fit, "reasons": list(self.reasons)}


def traceable(batch: BatchInfo) -> tuple[EvidenceItem, ...]:
    """Can every record be walked back to where it came from?"""
    return (
        _column(batch, "item", "source", "source of the item"),
        _column(batch, "item", "licence", "licence of the item"),
        _column(batch, "annotation", "annotated_at", "time of the answer"),
        _column(batch, "annotation", "guideline_version", "guideline version of the answer"),
        _share(
            "source files with hash",
            sum(bool(part.source_files) for part in batch.parts),
            len(batch.parts),
        ),
        _fact("dataset named", batch.dataset),
    )


def reviewable(batch: BatchInfo) -> tuple[EvidenceItem, ...]:
    """Can a second person see why each answer was given, and check it?"""
    declared = sum(question.declared for question in batch.questions)
    return (
        _share("labels declared, not guessed", declared, len(batch.questions)),
        _column(batch, "item", "prompt", "text of the item"),
        _column(batch, "annotation", "note", "note on the answer"),
        _column(batch, "annotation", "reason_tags", "reason tags on the answer"),
        _records(batch, "review", "review records"),
        _records(batch, "probe", "planted items (golden, trap, audit)"),
    )


def sustainable(batch: BatchInfo) -> tuple[EvidenceItem, ...]:
    """Can the next batch be made and judged the same way?"""
    return (
        _fact("guideline version of the batch", batch.guideline_version),
        _fact("who chose the overlap", _known(batch.overlap_design)),
        _fact("owner of the batch", batch.owner),
        _fact("template version", batch.template_version),
        _fact("example version", batch.example_version),
        _plan(batch),
        _attempt(batch),
        _records(batch, "knowledge_link", "disputes that became rules or examples"),
    )


def fit_for(batch: BatchInfo, verdict: str) -> tuple[FitFor, ...]:
    """Return the uses that the kind allows, each with what stands in its way."""
    result = []
    for use, needs in _USES[batch.kind].items():
        reasons = [reason for column, reason in needs.items() if column not in batch.filled]
        if verdict == "reject":
            reasons.append("the verdict is reject")
        result.append(FitFor(use, not reasons, tuple(reasons)))
    return tuple(result)


_TEXTS = {"response.text": "no response texts"}
_PROMPTS = {"item.prompt": "no prompts"}
_USES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "sft": {"SFT": {**_PROMPTS, **_TEXTS}},
    "preference": {
        "DPO": {**_PROMPTS, **_TEXTS},
        "reward model": {**_PROMPTS, **_TEXTS},
        "RLAIF": {**_PROMPTS, **_TEXTS},
    },
    "ranking": {
        "DPO": {**_PROMPTS, **_TEXTS},
        "reward model": {**_PROMPTS, **_TEXTS},
        "GRPO": {**_PROMPTS, **_TEXTS},
    },
    "reward": {
        "reward model": {**_PROMPTS, **_TEXTS},
        "PRM": {**_PROMPTS, "signal.step": "no rewards of single steps"},
        "GRPO": {**_PROMPTS, **_TEXTS},
        "RLVR": {**_PROMPTS, "signal.version": "no verifier signals"},
    },
    "qa": {},
}


def _column(batch: BatchInfo, table: str, column: str, name: str) -> EvidenceItem:
    held = [part.tables[table] for part in batch.parts if table in part.tables]
    return _share(
        name, sum(each.filled.get(column, 0) for each in held), sum(each.rows for each in held)
    )


def _share(name: str, count: int, denominator: int) -> EvidenceItem:
    present = 0 < denominator <= count
    return EvidenceItem(name, "present" if present else "missing", count, denominator)


def _records(batch: BatchInfo, table: str, name: str) -> EvidenceItem:
    rows = sum(part.tables[table].rows for part in batch.parts if table in part.tables)
    return EvidenceItem(name, "present" if rows else "missing", rows, rows)


def _fact(name: str, value: object) -> EvidenceItem:
    note = "" if value is None else str(value)
    return EvidenceItem(name, "missing" if value is None else "present", int(bool(note)), 1, note)


def _known(design: str | None) -> str | None:
    return None if design in (None, "unknown") else design


def _plan(batch: BatchInfo) -> EvidenceItem:
    planned = batch.planned_items
    if planned is None:
        return EvidenceItem("planned number of items", "missing", batch.items, 0)
    state: State = "contradictory" if batch.items > planned else "present"
    note = f"{batch.items:,} items came of {planned:,} planned"
    return EvidenceItem("planned number of items", state, batch.items, planned, note)


def _attempt(batch: BatchInfo) -> EvidenceItem:
    attempt, earlier = batch.attempt, batch.supersedes
    if attempt is None:
        return EvidenceItem("attempt number", "missing", 0, 1)
    if attempt > 1 and earlier is None:
        note = f"attempt {attempt}, but no earlier batch is named"
        return EvidenceItem("attempt number", "contradictory", 0, 1, note)
    return EvidenceItem("attempt number", "present", 1, 1, f"attempt {attempt}")
