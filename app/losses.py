"""What imports lost or changed on the way in, summed over the parts of a batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.text import count as number
from app.text import counted, percent, shorten
from queries.batches import BatchInfo
from queries.ingest.report import TOLERATED
from queries.store import Store

_SHOWN_EXAMPLES = 3
_TITLES = {"dropped": "dropped", "coerced": "changed into a valid value"}


@dataclass(frozen=True, slots=True)
class Loss:
    """One reason, how often it struck, and some of the rows."""

    title: str
    is_dropped: bool
    count: int
    examples: tuple[str, ...]
    is_foreseen: bool = False


@dataclass(frozen=True, slots=True)
class Losses:
    """Everything the import reports of a batch say.

    Attributes
    ----------
    dropped : rows that are not in the batch
    reasons : why rows were dropped, then why they were changed, most frequent first
    unknown : columns and files that nothing names, kept nowhere
    read : answers and other records that were read
    foreseen : blanks among the dropped that a mapping calls missing: no loss
    """

    dropped: int
    reasons: tuple[Loss, ...]
    unknown: tuple[str, ...]
    read: int = 0
    foreseen: int = 0

    @property
    def lost(self) -> int:
        """What was given and is not in the batch; foreseen blanks were not given."""
        return self.dropped - self.foreseen

    @property
    def is_heavy(self) -> bool:
        """Whether more is lost than an import tolerates without being told so."""
        return self.lost > TOLERATED * self.read

    @property
    def remark(self) -> str:
        """Say what share is lost and the main reason; nothing where nothing is."""
        if not self.lost:
            return ""
        reasons = [loss for loss in self.reasons if loss.is_dropped and not loss.is_foreseen]
        main = f", most of it: {reasons[0].title}" if reasons else ""
        part = f" ({percent(self.lost, self.read)})" if self.read else ""
        heavy = "; that is heavy, over 5 %" if self.is_heavy else ""
        return f"{number(self.lost)} of {number(self.read)} answers{part}{main}{heavy}"

    @property
    def tile_note(self) -> str:
        """Say below the number of lost answers how much that is."""
        if self.is_heavy and self.read:
            return f"heavy: {percent(self.lost, self.read)} of {number(self.read)} read, over 5 %"
        why = sum(loss.is_dropped and not loss.is_foreseen for loss in self.reasons)
        blanks = f"{counted(self.foreseen, 'foreseen blanks')} besides" if self.foreseen else ""
        return ", ".join(filter(None, (counted(why, "reasons") if self.lost else "", blanks)))


def losses(reports: Iterable[Mapping[str, Any]]) -> Losses:
    """Sum import reports, as `batchgate import --json` prints them."""
    told = list(reports)
    found = [
        Loss(
            title=_title(entry, word),
            is_dropped=kind == "dropped",
            count=int(entry["count"]),
            examples=tuple(_example(each) for each in entry["examples"][:_SHOWN_EXAMPLES]),
            is_foreseen=_is_foreseen(entry),
        )
        for report in told
        for kind, word in _TITLES.items()
        for entry in report.get(kind, ())
    ]
    return Losses(
        dropped=sum(int(entry["count"]) for r in told for entry in r.get("dropped", ())),
        reasons=tuple(sorted(found, key=lambda loss: (not loss.is_dropped, -loss.count))),
        unknown=tuple(
            shorten(f"{counted(entry['count'], 'fields')}: {entry['reason']}", 160)
            if isinstance(entry, Mapping)
            else shorten(entry, 120)
            for report in told
            for entry in report.get("unknown", ())
        ),
        read=sum(int(r.get("read") or 0) + _side(r) for r in told),
        foreseen=sum(
            int(entry["count"])
            for r in told
            for entry in r.get("dropped", ())
            if _is_foreseen(entry)
        ),
    )


def losses_of(store: Store, batch: BatchInfo) -> Losses:
    """Sum what the imports of all parts of a batch reported."""
    reports = (store.report(part.part_key) for part in batch.parts)
    return losses(report for report in reports if report)


def _side(report: Mapping[str, Any]) -> int:
    return sum(int(table["read"]) for table in (report.get("tables") or {}).values())


def _is_foreseen(entry: Mapping[str, Any]) -> bool:
    """Whether a loss is an answer that was not given, as the mapping says."""
    return entry.get("code") == "no_answer" and str(entry["reason"]).endswith("foresees")


def _title(entry: Mapping[str, Any], word: str) -> str:
    """Tell a loss with its count; of what is described twice, items are counted and not rows."""
    if entry.get("code") in {"item_differs", "id_in_group"}:
        return f"{number(int(entry['count']))} times: {entry['reason']}"
    if entry.get("code") == "impossible_time":
        word = "with a value left out"
    return f"{counted(entry['count'], 'rows')} {word}: {entry['reason']}"


def _example(found: Mapping[str, Any] | str) -> str:
    """Return where a row stands, what was found there and what would have been right."""
    if isinstance(found, str):
        return shorten(found, 160)
    record = f"record {found['record']}" if found.get("record") is not None else ""
    column = f"column {found['column']}" if found.get("column") else ""
    place = ", ".join(filter(None, (str(found.get("file") or ""), record, column)))
    value = "nothing" if found.get("found") is None else f"“{found['found']}”"
    allowed = f", allowed: {found['allowed']}" if found.get("allowed") else ""
    return shorten(f"{place}: found {value}{allowed}", 160)
