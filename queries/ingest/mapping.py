"""What a mapping file may say: which column of a table means what."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from queries.errors import InputError
from queries.ingest.text import Text, canonical, closest
from queries.schema import ANNOTATION_DIMENSIONS, RECORD_TABLES

Kind = Literal["sft", "preference", "ranking", "reward", "qa"]
Level = Literal["nominal", "ordinal", "interval", "ratio", "set", "ranking"]
Role = Literal["human", "expert", "model", "rule"]

PERSON_FIELDS: Final = tuple(name for name in RECORD_TABLES["person"] if name != "person_key")
ITEM_FIELDS: Final = tuple(RECORD_TABLES["item"])[1:]
ANSWER_FIELDS: Final = tuple(
    name
    for name in RECORD_TABLES["annotation"]
    if name not in {"item_id", "question", "person_key", "value"}
)
PAIR_FIELDS: Final = ("response_a", "response_b", "model_a", "model_b")
RESPONSE_FIELDS: Final = ("response_id", "model", "text", "length")
KEY_FIELDS: Final = ("item_id", "annotator_id", "question", "value")
FIELDS: Final = (
    *KEY_FIELDS, *ITEM_FIELDS, *ANSWER_FIELDS, *PERSON_FIELDS, *PAIR_FIELDS, *RESPONSE_FIELDS,
)  # fmt: skip
"""What `[columns]` may name."""

BATCH_FIELDS: Final = (
    "dataset", "vendor", "attempt", "supersedes", "guideline_version", "example_version",
    "template_version", "standard", "standard_sha256", "overlap_design", "opened_at",
    "submitted_at", "released_at", "planned_items", "owner",
)  # fmt: skip
"""Facts of the whole batch, for `[constants]` and `--set`."""

ROW_CONSTANTS: Final = (
    "annotator_id", "question", "role", "status", "round", "blind", "assist", "shown_order",
    "reason_tags", "source", "licence", "risk_level", "set_role", "inclusion_probability",
    "team", "tier", "language", "annotator_group",
)  # fmt: skip
"""Fields of section [columns] that may be the same for every row instead."""

CONSTANTS: Final = (*BATCH_FIELDS, *ROW_CONSTANTS)


def known_names(found: Iterable[str], allowed: tuple[str, ...], place: str) -> None:
    """Raise ValueError on the first name that is not allowed, with the nearest one that is."""
    for name in found:
        if name not in allowed:
            raise ValueError(f"{place} {name} is not known{closest(name, allowed)}")


class Section(BaseModel):
    """A table of the mapping file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Duration(Section):
    """How long an answer took: a column with a unit, or two times."""

    column: str | None = None
    unit: Literal["ms", "s", "min", "h"] = "s"
    start: str | None = None
    end: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        pair = self.start is not None and self.end is not None
        if (self.column is None) != pair or (self.start is None) != (self.end is None):
            message = (
                'give either { column = "...", unit = "ms" } or { start = "...", end = "..." }'
            )
            raise ValueError(message)
        return self


class Time(Section):
    """How times are written."""

    format: str | None = None
    zone: str | None = None
    duration_seconds: Duration | None = None


class Roles(Section):
    """Roles by annotator id; `*` stands for anything, the first pattern that fits counts."""

    match: dict[str, Role]


class Question(Section):
    """What is asked about every item, and how its answers are written."""

    name: Annotated[Text, Field(min_length=1)]
    column: str | list[str] | None = None
    level: Level | None = None
    labels: list[Text] | None = None
    rename: dict[str, Text] = {}
    missing: list[Text] | None = None
    separator: str | None = Field(default=None, min_length=1)
    ranking: Literal["order", "ranks"] | None = None
    ties: list[Text] | None = None

    @property
    def scale(self) -> Level:
        """Level of measurement; nominal unless said or meant by `separator` or `ranking`."""
        if self.level is not None:
            return self.level
        if self.ranking is not None:
            return "ranking"
        return "set" if self.separator is not None else "nominal"

    @property
    def renamed(self) -> dict[str, str]:
        """`rename` with canonical keys."""
        return {canonical(key): value for key, value in self.rename.items()}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ranking is not None and self.scale != "ranking":
            raise ValueError(f'ranking goes with level = "ranking", found "{self.level}"')
        if self.ranking is None and self.scale == "ranking":
            raise ValueError('level = "ranking" needs ranking = "order" or ranking = "ranks"')
        if self.separator is not None and self.scale not in {"set", "ranking"}:
            raise ValueError(f'separator goes with level = "set", found "{self.level}"')
        if isinstance(self.column, list) and self.ranking != "ranks":
            raise ValueError('only ranking = "ranks" takes a list of columns, one a label')
        self._labels_hold()
        return self

    def _labels_hold(self) -> None:
        if self.labels is None:
            if isinstance(self.column, list):
                raise ValueError("ranks in several columns need labels, one for each column")
            return
        if len(set(self.labels)) != len(self.labels) or not self.labels:
            raise ValueError(f"labels must be different and at least one, found {self.labels}")
        if isinstance(self.column, list) and len(self.column) != len(self.labels):
            raise ValueError("column and labels must have the same length: one column a label")
        for key in ("rename", "ties"):
            named = self.rename.values() if key == "rename" else self.ties or ()
            strange = sorted(set(named) - set(self.labels))
            if strange:
                raise ValueError(f"{key} names {strange[0]!r}, not one of labels {self.labels}")


class Pair(Section):
    """An unordered comparison: which columns name the options, which answers turn with them."""

    first: str
    second: str
    questions: list[Text] | None = None
    flip: dict[str, Text] | Literal["negate"] = {}

    @property
    def flipped(self) -> dict[str, str]:
        """`flip` with canonical keys; empty with "negate"."""
        if isinstance(self.flip, str):
            return {}
        return {canonical(key): value for key, value in self.flip.items()}

    @model_validator(mode="after")
    def _turns_back(self) -> Self:
        flip = self.flipped
        strange = [key for key, value in flip.items() if flip.get(value) != key]
        if strange:
            message = (
                f"flip must turn back: {strange[0]!r} becomes {flip[strange[0]]!r}, "
                f"so {flip[strange[0]]!r} must become {strange[0]!r}"
            )
            raise ValueError(message)
        return self


class Duplicates(Section):
    """One annotator twice on one question of one item."""

    keep: Literal["last", "first", "error"] = "last"


def _by_name(value: object) -> object:
    """Read a list of columns as annotators of the same names."""
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return {name: name for name in value}
    return value


class Wide(Section):
    """One row an item, one column an annotator: annotator id = column."""

    question: Text
    annotators: Annotated[dict[str, str], BeforeValidator(_by_name), Field(min_length=1)]


class When(Section):
    """The rows a probe is on."""

    column: str
    equals: Text | list[Text]

    @property
    def values(self) -> list[str]:
        """The values that make a row a probe."""
        return [self.equals] if isinstance(self.equals, str) else self.equals


class Probe(Section):
    """Planted items, and the answer that is expected on them."""

    type: Literal["golden", "trap", "audit", "reference"]
    question: Text | None = None
    when: When | None = None
    expected: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.when is None and self.expected is None:
            raise ValueError("a probe needs when (which rows), expected (a column), or both")
        return self


class Mapping(Section):
    """A whole mapping file."""

    kind: Kind | None = None
    columns: dict[str, str | list[str]] = {}
    time: Time = Time()
    attributes: dict[str, str] = {}
    constants: dict[str, Text] = {}
    role: Roles | None = None
    question: list[Question] = []
    pair: Pair | None = None
    duplicates: Duplicates | None = None
    wide: Wide | None = None
    probe: list[Probe] = []

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        known_names(self.columns, FIELDS, "[columns]")
        known_names(self.constants, CONSTANTS, "[constants]")
        reserved = sorted(set(self.attributes) & set(ANNOTATION_DIMENSIONS))
        if reserved:
            raise ValueError(
                f"[attributes] {reserved[0]} is reserved; reserved are "
                f"{', '.join(ANNOTATION_DIMENSIONS)}; give the attribute another name"
            )
        self._once()
        self._questions_known()
        return self

    def names_a_table(self) -> None:
        """Raise ValueError where the mapping is not enough to read a plain table by.

        Of other formats the columns are known; there a mapping changes what it names.
        """
        if "item_id" not in self.columns:
            raise ValueError('[columns] item_id is missing: say item_id = "the item\'s column"')
        person = "annotator_id" in self.columns or "annotator_id" in self.constants
        if self.asks and not person and self.wide is None:
            raise ValueError('[columns] annotator_id is missing: say annotator_id = "its column"')
        for question in self.question:
            if question.column is None and not self._is_elsewhere(question.name):
                raise ValueError(f'[[question]] {question.name}: column is missing: column = "..."')

    def _once(self) -> None:
        if self.wide is not None and ("annotator_id" in self.columns or self.long):
            raise ValueError("[wide] names the annotators; take annotator_id and value away")
        both = sorted(set(self.columns) & set(self.constants))
        if both:
            raise ValueError(f"{both[0]} is named in [columns] and in [constants]; keep one")
        single = [key for key, value in self.columns.items() if isinstance(value, list)]
        if set(single) - {"item_id", "group_id"}:
            raise ValueError("[columns] only item_id and group_id take a list of columns")

    def _is_elsewhere(self, question: str) -> bool:
        return self.long or (self.wide is not None and self.wide.question == question)

    def _questions_known(self) -> None:
        names = [question.name for question in self.question]
        if len(set(names)) != len(names):
            raise ValueError(f"[[question]] every name once, found {names}")
        for question in self.question:
            if question.column is not None and self._is_elsewhere(question.name):
                raise ValueError(
                    f"[[question]] {question.name}: its answers are already in "
                    "[columns] value or [wide]; take column away"
                )
        if "question" in self.columns or "item_id" not in self.columns:
            return  # the names are in the data, or the format knows them
        asked = [*names, *([self.wide.question] if self.wide else [])]
        asked += [self.constants.get("question", "value")] if self.long else []
        for place, used in self._used_names():
            if used not in asked:
                raise ValueError(f"{place} names no question{closest(used, asked)}")

    def _used_names(self) -> Iterable[tuple[str, str]]:
        if self.pair is not None:
            for name in self.pair.questions or ():
                yield f"[pair] questions: {name!r}", name
        for number, probe in enumerate(self.probe, 1):
            if probe.question is not None:
                yield f"[[probe]] {number} question: {probe.question!r}", probe.question

    @property
    def long(self) -> bool:
        """Whether answers stand in one `value` column."""
        return "value" in self.columns

    def with_constants(self, constants: dict[str, str]) -> Self:
        """Return the mapping with constants of the command in place of its own.

        Raises
        ------
        InputError
            When one is not known, or is a column already.
        """
        try:
            known_names(constants, CONSTANTS, "--set")
        except ValueError as error:
            raise InputError(str(error)) from None
        # A fact of the batch may stand beside a column that says it for every row.
        both = sorted(set(self.columns) & set(constants) - set(BATCH_FIELDS))
        if both:
            raise InputError(
                f"--set {both[0]}: the column {self.columns[both[0]]!r} says it already"
            )
        return self.model_copy(update={"constants": {**self.constants, **constants}})

    @property
    def pair_negates(self) -> bool:
        """Whether answers shown the other way round change their sign."""
        return self.pair is not None and self.pair.flip == "negate"

    @property
    def asks(self) -> bool:
        """Whether there are any answers, or items only."""
        return self.long or bool(self.question) or self.wide is not None
