"""The standard file as Pydantic sees it, and what is said when it does not fit."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from metrics.acceptance import Bound, ByRule, Severity
from metrics.estimates import About

Kind = Literal["sft", "preference", "ranking", "reward", "qa"]
Rule = Literal["majority", "weighted", "adjudicated", "gold"]
KINDS: tuple[str, ...] = get_args(Kind)

Name = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]
Cell = Annotated[dict[str, Name], Field(min_length=1)]


def _option_text(value: object) -> str:
    """Return an option as the text the command line would take."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return ",".join(value)
    raise ValueError("must be a text, a number, true, false or a list of texts")


class _Table(BaseModel):
    """A TOML table: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class HeaderTable(_Table):
    """The table [standard]."""

    name: Name
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    kind: Kind
    objective: str = ""
    annotation_criteria: str = ""
    confidence: Annotated[float, Field(ge=0.5, le=0.9999)] = 0.95


class CriterionTable(_Table):
    """One table [[criterion]]."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    title: str = ""
    metric: Name
    question: Name | None = None
    options: dict[str, Annotated[str, BeforeValidator(_option_text)]] = {}
    must_be: str
    about: About = "process"
    severity: Severity
    minimum_n: Annotated[int, Field(ge=1)] = 1
    by: list[Name] = []
    by_rule: ByRule = "pooled passes and no stratum fails"
    origin: str = ""
    owner: str = ""
    allow_unrepresentative: bool = False

    @field_validator("must_be")
    @classmethod
    def _must_be_is_a_bound(cls, text: str) -> str:
        Bound.parse(text)
        return text


class CoverageTable(_Table):
    """One table [[coverage]]: a declared cell, by number of items, share of them, or both."""

    cell: Cell
    minimum_items: Annotated[int, Field(ge=1)] | None = None
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    tolerance: Annotated[float, Field(gt=0, lt=1)] | None = None
    severity: Severity = "hard"

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.minimum_items is None and self.share is None:
            raise ValueError(
                "asks for nothing; give minimum_items = a whole number, or share = a number between"
                " 0 and 1"
            )
        if self.tolerance is not None and self.share is None:
            raise ValueError("tolerance is how far a share may be off; give share as well")
        return self


class ImpossibleTable(_Table):
    """One table [[impossible]]: a combination of values that no item can have."""

    cell: Cell


class CostsTable(_Table):
    """The table [costs], in any one currency."""

    bad_item: Annotated[float, Field(ge=0)] | None = None
    false_reject: Annotated[float, Field(ge=0)] | None = None
    inspection: Annotated[float, Field(ge=0)] | None = None
    delay_per_day: Annotated[float, Field(ge=0)] | None = None


class StandardFile(_Table):
    """The whole file."""

    standard: HeaderTable
    resolution: dict[str, Rule] = {}
    criterion: list[CriterionTable] = []
    coverage: list[CoverageTable] = []
    impossible: list[ImpossibleTable] = []
    costs: CostsTable = CostsTable()


_TABLES: Mapping[str, type[BaseModel]] = {
    "standard": HeaderTable,
    "criterion": CriterionTable,
    "coverage": CoverageTable,
    "impossible": ImpossibleTable,
    "costs": CostsTable,
}
_TYPES = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list in square brackets",
    "dict_type": 'a table, such as { task = "coding" }',
    "model_type": "a table",
    "model_attributes_type": "a table",
    "finite_number": "a finite number",
}
_PATTERNS = {
    "version": 'three numbers such as "1.0.0"',
    "id": "letters, digits, dots, hyphens and underscores",
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least {}"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "at most {}"),
    "less_than": ("lt", "less than {}"),
}


def faults(error: ValidationError, content: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence for each fault: where, what was found, what is allowed."""
    for fault in error.errors():
        yield f"{place(fault['loc'], content)}: {_sentence(fault['loc'], fault)}"


def place(path: tuple[int | str, ...], content: Mapping[str, Any]) -> str:
    """Name a key as the author of the file would look for it.

    Examples
    --------
    >>> place(("criterion", 0, "must_be"), {"criterion": [{"id": "a"}]})
    "[[criterion]] 1 ('a'), key must_be"
    """
    head, *rest = path
    if rest and isinstance(rest[0], int):
        number = rest.pop(0)
        entries = content.get(str(head), [])
        entry = entries[number] if isinstance(number, int) else None
        own = entry.get("id") if isinstance(entry, Mapping) else None
        where = f"[[{head}]] {int(number) + 1}" + (f" ({own!r})" if isinstance(own, str) else "")
    else:
        where = f"[{head}]" if rest or head in StandardFile.model_fields else f"key {head}"
    return where + (f", key {'.'.join(map(str, rest))}" if rest else "")


def nearest(word: object, known: Iterable[str]) -> str:
    """Return what may have been meant and what there is: did you mean 'a'? Allowed: a, b.

    Examples
    --------
    >>> nearest("metrc", ["id", "metric"])
    "did you mean 'metric'? Allowed: id, metric"
    """
    allowed = list(known)
    close = closest(str(word), allowed)
    hint = f"did you mean {close!r}? " if close else ""
    return f"{hint}Allowed: {', '.join(allowed)}"


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the word that is most like one, capitals aside; None where none is.

    Examples
    --------
    >>> closest("DE", ["en", "de"]), closest("poetry", ["en", "de"])
    ('de', None)
    """
    folded = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold().strip(), folded, n=1)
    return folded[found[0]] if found else None


def _sentence(path: tuple[int | str, ...], fault: Mapping[str, Any]) -> str:
    kind, found, context = fault["type"], fault["input"], fault.get("ctx", {})
    key = str(path[-1])
    if kind == "extra_forbidden":
        return f"unknown key {key!r}; {nearest(key, _keys_beside(path))}"
    if kind == "missing":
        return f"is missing; it needs {_example(key)}"
    if kind == "value_error":
        return str(context["error"])
    return f"found {_shown(found)}; {_allowed(key, fault)}"


def _allowed(key: str, fault: Mapping[str, Any]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "literal_error":
        return nearest(fault["input"], _quoted(context["expected"]))
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"allowed is {words.format(context[name])}"
    if kind == "list_type" and key in _TABLES:
        return f"write [[{key}]] in double brackets, one for each"
    if kind == "string_pattern_mismatch":
        return f"allowed are {_PATTERNS.get(key, 'texts without blanks around them')}"
    return f"allowed is {_TYPES.get(kind, fault['msg'])}"


def _keys_beside(path: tuple[int | str, ...]) -> Iterable[str]:
    table = StandardFile if len(path) == 1 else _TABLES.get(str(path[0]), StandardFile)
    return table.model_fields


def _quoted(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)


def _example(key: str) -> str:
    return {
        "standard": "a table [standard] with name, version and kind",
        "kind": f"one of {', '.join(KINDS)}",
        "version": _PATTERNS["version"],
        "must_be": '">= x", "<= x" or "within [a, b]"',
        "severity": "hard or soft",
        "metric": "a metric id; `batchgate metrics` lists them",
        "minimum_items": "a whole number",
        "cell": 'a table such as { task = "coding" }',
    }.get(key, "a text")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
