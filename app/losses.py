"""What imports lost or changed on the way in, summed over the parts of a batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.text import counted, shorten

_SHOWN_EXAMPLES = 3
_TITLES = {"dropped": "dropped", "coerced": "changed into a valid value"}


@dataclass(frozen=True, slots=True)
class Loss:
    """One reason, how often it struck, and some of the rows."""

    title: str
    is_dropped: bool
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Losses:
    """Everything the import reports of a batch say.

    Attributes
    ----------
    dropped : rows that are not in the batch
    reasons : why rows were dropped, then why they were changed, most frequent first
    unknown : columns and files that nothing names, kept nowhere
    """

    dropped: int
    reasons: tuple[Loss, ...]
    unknown: tuple[str, ...]

    @property
    def why_dropped(self) -> int:
        """The number of reasons for which rows are not in the batch."""
        return sum(loss.is_dropped for loss in self.reasons)


def losses(reports: Iterable[Mapping[str, Any]]) -> Losses:
    """Sum import reports, as `batchgate import --json` prints them."""
    told = list(reports)
    found = [
        Loss(
            title=f"{counted(entry['count'], 'rows')} {word}: {entry['reason']}",
            is_dropped=kind == "dropped",
            count=int(entry["count"]),
            examples=tuple(_example(each) for each in entry["examples"][:_SHOWN_EXAMPLES]),
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
    )


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
