"""The import report: what came in, and what was dropped, coerced or not understood."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from queries.errors import InputError

EXAMPLES: Final = 5
"""Examples shown for each reason."""
TOLERATED: Final = 0.05
"""Share of answers that may be dropped before the import is refused."""


Code = Literal[
    "missing_field",  # a record without what identifies it
    "no_answer",  # nothing was answered, or what the mapping calls missing
    "unknown_label",  # outside the declared domain
    "unreadable",  # no number, no truth value, a ranking with an option twice
    "impossible_time",  # unreadable, in the future, or an end before its start
    "no_zone",  # a time without zone
    "duplicate",  # the same answer or record again
    "replaced",  # an answer of an earlier part, answered again
    "item_differs",  # one item id with two texts
    "id_in_group",  # item ids that are unique only inside a group
    "placeholder_time",  # one time, or one duration, for everything
    "group_duration",  # one duration for all items of a group
    "seats",  # annotator ids that are places in a list
    "stranger",  # a record about an item the batch does not hold
    "unused",  # a column, a file or a pattern nothing was made of
    "format",  # what the export format has no room for
]


@dataclass(frozen=True, slots=True)
class Example:
    """One place in a file; records are counted from 1, the header of a CSV file aside."""

    file: str
    record: int
    column: str
    found: str | None
    allowed: str | None = None

    def __str__(self) -> str:
        """Tell the example in one line."""
        allowed = f", allowed: {self.allowed}" if self.allowed else ""
        return f"{self.file} record {self.record}, {self.column}: found {self.found!r}{allowed}"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was dropped, coerced or not understood.

    `code` is one word for the kind of loss, the same for all formats; see `Code`.
    `fault` is False for what the mapping foresees: declared missing answers, a declared zone.
    `tolerated` losses do not count towards the share that refuses an import: two equal texts are
    no pair, and no sign of a broken file.
    `remedy` says what to do where correcting the file is not the only way.
    """

    reason: str
    count: int
    examples: tuple[Example, ...] = ()
    fault: bool = True
    tolerated: bool = False
    code: Code = "format"
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return reason, code, count, examples."""
        return {
            "reason": self.reason,
            "code": self.code,
            "count": self.count,
            "examples": [asdict(example) for example in self.examples],
        }


@dataclass(frozen=True, slots=True)
class Side:
    """How many records of one table, other than answers, were read and kept."""

    table: str
    read: int
    kept: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one import did.

    Attributes
    ----------
    part, digest : key and content digest of the part; None in a dry run that stopped early
    records : records read from the files
    read, kept : answers read (one a record and question) and kept; read = kept + dropped
    items, annotations, annotators, reviews : rows of this part
    dropped, coerced, unknown : what did not come in as it stood
    notes : what is no loss but worth a look (replaced answers of earlier parts, item conflicts)
    format : as which the files were read
    sides : records besides answers, read and kept
    """

    batch: str
    part: str
    items: int
    annotations: int
    annotators: int
    reviews: int
    dropped: tuple[Loss, ...]
    coerced: tuple[Loss, ...]
    unknown: tuple[Loss, ...]
    digest: str
    records: int = 0
    read: int = 0
    kept: int = 0
    notes: tuple[Loss, ...] = ()
    dry_run: bool = False
    format: str = "table"
    sides: tuple[Side, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report as `batchgate import --json` prints it."""
        return {
            "batch": self.batch,
            "part": self.part,
            "items": self.items,
            "annotations": self.annotations,
            "annotators": self.annotators,
            "reviews": self.reviews,
            "dropped": [loss.to_json() for loss in self.dropped],
            "coerced": [loss.to_json() for loss in self.coerced],
            "unknown": [loss.to_json() for loss in self.unknown],
            "digest": self.digest,
            "records": self.records,
            "read": self.read,
            "kept": self.kept,
            "notes": [loss.to_json() for loss in self.notes],
            "dry_run": self.dry_run,
            "format": self.format,
            "tables": {side.table: {"read": side.read, "kept": side.kept} for side in self.sides},
        }


def refuse_losses(
    dropped: Iterable[Loss], coerced: Iterable[Loss], *, read: int, strict: bool
) -> None:
    """Refuse an import that would lose too much, or with `strict` anything at all.

    Raises
    ------
    InputError
        Naming every reason with its count and a first example.
    """
    lost = [loss for loss in dropped if loss.fault and loss.count]
    if strict:
        lost += [loss for loss in coerced if loss.fault and loss.count]
        if lost:
            raise InputError(
                f"--strict: nothing was imported: {told(lost)}; {_remedy(lost)}, or import without"
                " --strict"
            )
    lost = [loss for loss in lost if not loss.tolerated]
    count = sum(loss.count for loss in lost)
    if count > TOLERATED * read:
        share = f"{count} of {read} answers would be dropped, over {TOLERATED:.0%}"
        raise InputError(f"nothing was imported: {share}: {told(lost)}; {_remedy(lost)}")


def _remedy(losses: Iterable[Loss]) -> str:
    """Say what to do about the losses, the special remedies first."""
    special = dict.fromkeys(loss.remedy for loss in losses if loss.remedy)
    return "; ".join((*special, "correct file or mapping"))


def told(losses: Iterable[Loss]) -> str:
    """Tell every loss with its count and a first example, the largest first."""
    ordered = sorted(losses, key=lambda loss: -loss.count)
    return "; ".join(
        f"{loss.count} x {loss.reason}" + (f" ({loss.examples[0]})" if loss.examples else "")
        for loss in ordered
    )
