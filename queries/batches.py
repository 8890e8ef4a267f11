"""What is known of a batch without looking at its records."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from queries.errors import InputError
from queries.schema import PEOPLE

Mode = Literal["new", "add", "replace"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about every item.

    `labels` stand in declared order; None where the values cannot be enumerated.
    """

    name: str
    level: str
    labels: tuple[str, ...] | None = None
    tie_labels: tuple[str, ...] = ()
    declared: bool = False


@dataclass(frozen=True, kw_only=True)
class BatchFacts:
    """What the importer knows of a batch; None leaves what the store already has.

    `kind` is needed with the first part. `overlap_design` is one of random, all, priority, unknown.
    """

    kind: str | None = None
    dataset: str | None = None
    vendor: str | None = None
    attempt: int | None = None
    supersedes: str | None = None
    guideline_version: str | None = None
    example_version: str | None = None
    template_version: str | None = None
    standard: str | None = None
    standard_sha256: str | None = None
    overlap_design: str | None = None
    opened_at: datetime | None = None
    submitted_at: datetime | None = None
    released_at: datetime | None = None
    planned_items: int | None = None
    owner: str | None = None


FACTS: tuple[str, ...] = tuple(field.name for field in fields(BatchFacts))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was imported: its name without folders, its hash and its size."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One record table of a part: `filled` counts the values of every column that has any."""

    rows: int
    sha256: str
    digest: str
    filled: dict[str, int]


@dataclass(frozen=True, slots=True)
class PartInfo:
    """One import: an immutable folder of Parquet files.

    `location` is that folder, inside the store. A part that was replaced has `retired_at`; its
    files stay. `repeats` says that some annotator answers a
    question on an item more than once in this part (several rounds).
    """

    part_key: str
    sequence: int
    digest: str
    rows: int
    tables: dict[str, TableInfo]
    location: str
    repeats: bool = False
    source_files: tuple[SourceFile, ...] = ()
    format: str | None = None
    mapping_sha256: str | None = None
    imported_at: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided last about a batch, and about which state of it."""

    decided: str
    decided_by: str
    decided_at: datetime
    batch_digest: str


@dataclass(frozen=True, kw_only=True)
class State:
    """What the live parts of a batch hold together; computed once with each part.

    Attributes
    ----------
    digest : str
        SHA-256 over the sorted part digests.
    items, annotations, annotators, reviews : int
        Distinct items; answers of all roles and rounds; distinct people and models who answered.
    questions : merged over the parts, labels in declared order
    roles : roles that answered
    dimensions : dimensions whose strata are kept in the statistics
    other_dimensions : item attributes with too many values for that; filters on them still work
    vendors : vendors of the people who answered, or of the batch
    filled : "table.column" of every column with a value
    repeated : tables of which the same row may stand in several parts (or, for annotations, rounds)
    has_probes : golden or trap items exist
    has_groups : some group_id holds more than one rated item
    unpatterned : questions with too many labels and items for patterns
    """

    digest: str = ""
    items: int = 0
    annotations: int = 0
    annotators: int = 0
    reviews: int = 0
    questions: tuple[Question, ...] = ()
    roles: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    other_dimensions: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    filled: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    has_probes: bool = False
    has_groups: bool = False
    unpatterned: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Roles of people in this batch: human, expert or both."""
        return tuple(role for role in PEOPLE if role in self.roles)

    def question(self, name: str) -> Question:
        """Return the question of that name.

        Raises
        ------
        InputError
            When it is not asked here; names those that are.
        """
        for question in self.questions:
            if question.name == name:
                return question
        known = ", ".join(question.name for question in self.questions) or "none"
        message = f"no question is called {name!r}; this batch has {known}"
        raise InputError(message)


@dataclass(frozen=True, kw_only=True)
class BatchInfo(BatchFacts, State):
    """A batch as the catalogue knows it: facts, counts, and the parts that are live.

    `superseded_by` names the batches that stand in its place, `decision` is the latest one.
    """

    batch_id: str
    batch_key: str
    kind: str
    parts: tuple[PartInfo, ...] = ()
    imported_at: datetime | None = None
    superseded_by: tuple[str, ...] = ()
    decision: Decided | None = None

    @property
    def evidence_has_grown(self) -> bool:
        """Whether a part came after the decision: it was made about other data."""
        return self.decision is not None and self.decision.batch_digest != self.digest
