"""Beside the criteria: is the batch traceable, reviewable, sustainable, and what is it fit for?

Counted from what the catalogue knows of every column; records are read only where parts tell of the
same items, and to list the items concerned.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from queries.batches import BatchInfo
from queries.scope import Scope, Viewer
from queries.store import Store

State = Literal["present", "missing", "contradictory"]
Lacking = Callable[[str], int]
LISTED = 20
"""Items a piece of evidence names at most; Records shows all of them."""

COLUMNS: Mapping[str, str] = {
    "item.source": "source of the item",
    "item.licence": "licence of the item",
    "item.prompt": "text of the item",
    "annotation.annotated_at": "time of the answer",
    "annotation.guideline_version": "guideline version of the answer",
    "annotation.note": "note on the answer",
    "annotation.reason_tags": "reason tags on the answer",
}
"""Columns that are evidence, and what they are called; `item_list` finds who lacks one."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Items that lack something: how many, and the first of them."""

    count: int
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One piece of evidence: how many of how many have it.

    `present` means all have it; `missing` that some or all lack it; `contradictory` that two
    records of it exclude each other. `lacks` names the column that items or answers lack, empty
    where it is no matter of single items.
    """

    name: str
    state: State
    count: int
    denominator: int
    note: str = ""
    lacks: str = ""

    def to_json(self, concerned: Concerned | None = None) -> dict[str, Any]:
        """Return the item as the audit prints it, with the items concerned where it has any."""
        return {
            "name": self.name,
            "state": self.state,
            "count": self.count,
            "denominator": self.denominator,
            "note": self.note,
            "lacks": self.lacks or None,
            "items": list(concerned.items) if concerned else [],
            "items_count": concerned.count if concerned else 0,
        }


@dataclass(frozen=True, slots=True)
class FitFor:
    """Whether the records that one way of training needs are there."""

    use: str
    fit: bool
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the use as the audit prints it."""
        return {"use": self.use, "fit": self.fit, "reasons": list(self.reasons)}


def concerned(store: Store, batch: BatchInfo, column: str, viewer: Viewer) -> Concerned:
    """Return the items that lack a column themselves, or in one of their answers."""
    scope = Scope(batch.batch_id, "all", viewer=viewer)
    rows = store.fetch("item_list", scope, lacks=column, limit=LISTED)
    total = int(rows["total"][0].as_py()) if rows.num_rows else 0
    return Concerned(total, tuple(rows["item_id"].to_pylist()))


def lacking(
    store: Store, batch: BatchInfo, evidence: Iterable[EvidenceItem], viewer: Viewer
) -> dict[str, Concerned]:
    """Return the items behind every piece of evidence that is missing, by the column they lack."""
    columns = dict.fromkeys(one.lacks for one in evidence if one.lacks)
    return {column: concerned(store, batch, column, viewer) for column in columns}


def traceable(batch: BatchInfo, lacking: Lacking) -> tuple[EvidenceItem, ...]:
    """Can every record be walked back to where it came from?

    `lacking` counts the items that lack a column; it is asked only where the catalogue cannot tell.
    """
    return (
        _column(batch, "item.source", lacking),
        _column(batch, "item.licence", lacking),
        _column(batch, "annotation.annotated_at", lacking),
        _column(batch, "annotation.guideline_version", lacking),
        _share(
            "source files with hash",
            sum(bool(part.source_files) for part in batch.parts),
            len(batch.parts),
        ),
        _fact("dataset named", batch.dataset),
    )


def reviewable(batch: BatchInfo, lacking: Lacking) -> tuple[EvidenceItem, ...]:
    """Can a second person see why each answer was given, and check it?"""
    declared = sum(question.declared for question in batch.questions)
    return (
        _share("labels declared, not guessed", declared, len(batch.questions)),
        _column(batch, "item.prompt", lacking),
        _column(batch, "annotation.note", lacking),
        _column(batch, "annotation.reason_tags", lacking),
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


def _column(batch: BatchInfo, column: str, lacking: Lacking) -> EvidenceItem:
    table, _, name = column.partition(".")
    held = [part.tables[table] for part in batch.parts if table in part.tables]
    count = sum(each.filled.get(name, 0) for each in held)
    rows = sum(each.rows for each in held)
    if table == "item" and count < rows and "item" in batch.repeated:
        # Rows of one item in several parts are one item; what one of them says, it has.
        rows = batch.items
        count = rows - lacking(column)
    found = _share(COLUMNS[column], count, rows)
    return found if found.state == "present" else replace(found, lacks=column)


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
