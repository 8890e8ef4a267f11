"""Acceptance standards: versioned TOML files, read, checked against the catalogue, and hashed."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from app.pinning import canonical_content
from app.standards.cells import Coverage, Pairs, cell_faults, pairs
from app.standards.model import (
    KINDS,
    CriterionTable,
    Kind,
    Rule,
    StandardFile,
    faults,
    nearest,
    place,
)
from metrics.acceptance import Bound, Criterion
from queries.errors import InputError

__all__ = ["KINDS", "Costs", "Coverage", "MetricFacts", "Standard", "default", "load", "parse"]

# These have a key of their own in a criterion or in [standard].
_RESERVED_OPTIONS = {"about": "about", "confidence": "confidence in [standard]"}


class MetricFacts(Protocol):
    """What a standard has to know of a metric; the entries of the catalogue fit as they are.

    `options` maps names to allowed values, an empty tuple allows any text; `range` holds the
    smallest and largest value; `unit` is "share" for proportions.
    """

    @property
    def title(self) -> str:
        """Short name."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of batch it is meant for."""

    @property
    def options(self) -> Mapping[str, tuple[str, ...]]:
        """Option names and their allowed values."""

    @property
    def unit(self) -> str:
        """What the value counts."""

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest value."""

    @property
    def direction(self) -> str:
        """Which way is better: higher, lower or none."""

    @property
    def takes_question(self) -> bool:
        """Whether it is asked of one question at a time."""

    @property
    def counts_items(self) -> bool:
        """Whether its n are items that have answers."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Prices of what can go wrong, in one currency; None where the standard names none."""

    bad_item: float | None = None
    false_reject: float | None = None
    inspection: float | None = None
    delay_per_day: float | None = None


@dataclass(frozen=True, slots=True)
class Standard:
    """A checked acceptance standard.

    Attributes
    ----------
    name, version, kind, objective, annotation_criteria, confidence : as in [standard]
    criteria, coverage, costs, resolution : as in the other tables; resolution as pairs of question
        and rule
    cells : the tables [[coverage]] as criteria
    impossible : combinations of values that no item can have
    canonical : the parsed file as JSON with sorted keys, enough to read the standard again
    sha256 : hash of `canonical`, so comments, blanks and the order of keys do not change it
    source : where it was read from
    """

    name: str
    version: str
    kind: Kind
    objective: str
    annotation_criteria: str
    confidence: float
    criteria: tuple[Criterion, ...]
    resolution: tuple[tuple[str, Rule], ...]
    coverage: tuple[Coverage, ...]
    cells: tuple[Criterion, ...]
    impossible: tuple[Pairs, ...]
    costs: Costs
    canonical: str
    sha256: str
    source: str

    @property
    def requirements(self) -> tuple[Criterion, ...]:
        """Everything a batch is judged by: criteria and cells."""
        return (*self.criteria, *self.cells)


def load(path: Path, vocabulary: Mapping[str, MetricFacts]) -> Standard:
    """Read a standard file.

    Parameters
    ----------
    path : a TOML file
    vocabulary : metric id to what is known of the metric, such as the catalogue itself

    Raises
    ------
    InputError
        With the file, the key, what was found and what is allowed, for all faults at once.
    """
    try:
        # Editors on Windows put a byte order mark in front; it carries nothing.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"standard {path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"standard {path}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from None
    except OSError as error:
        raise InputError(f"standard {path}: cannot be read ({error.strerror})") from None
    return _read(text, str(path), vocabulary)


def default(kind: str, vocabulary: Mapping[str, MetricFacts]) -> Standard:
    """Return the standard that ships for a kind of batch."""
    if kind not in KINDS:
        raise InputError(f"no standard ships for kind {kind!r}; {nearest(kind, KINDS)}")
    name = f"{kind}.toml"
    text = files("app.standards").joinpath(name).read_text(encoding="utf-8")
    return _read(text, f"shipped {name}", vocabulary)


def parse(
    content: Mapping[str, Any], source: str, vocabulary: Mapping[str, MetricFacts]
) -> Standard:
    """Check parsed content; takes `json.loads(standard.canonical)` back as well."""
    try:
        document = StandardFile.model_validate(content)
    except ValidationError as error:
        raise _refused(source, list(faults(error, content))) from None
    found = list(_unknown_words(document, content, vocabulary))
    if found:
        raise _refused(source, found)
    canonical = canonical_content(content)
    head = document.standard
    coverage = tuple(Coverage.of(table) for table in document.coverage)
    return Standard(
        name=head.name,
        version=head.version,
        kind=head.kind,
        objective=head.objective,
        annotation_criteria=head.annotation_criteria,
        confidence=head.confidence,
        criteria=tuple(_criterion(table, vocabulary) for table in document.criterion),
        resolution=tuple(sorted(document.resolution.items())),
        coverage=coverage,
        cells=tuple(criterion for one in coverage for criterion in one.criteria()),
        impossible=tuple(pairs(table.cell) for table in document.impossible),
        costs=Costs(**document.costs.model_dump()),
        canonical=canonical,
        sha256=sha256(canonical.encode()).hexdigest(),
        source=source,
    )


def _read(text: str, source: str, vocabulary: Mapping[str, MetricFacts]) -> Standard:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"standard {source}: not valid TOML: {error}") from None
    return parse(content, source, vocabulary)


def _criterion(table: CriterionTable, vocabulary: Mapping[str, MetricFacts]) -> Criterion:
    return Criterion(
        id=table.id,
        title=table.title or vocabulary[table.metric].title,
        metric=table.metric,
        bound=Bound.parse(table.must_be),
        severity=table.severity,
        question=table.question,
        options=tuple(sorted(table.options.items())),
        about=table.about,
        minimum_n=table.minimum_n,
        by=tuple(table.by),
        by_rule=table.by_rule,
        origin=table.origin,
        owner=table.owner,
        allow_unrepresentative=table.allow_unrepresentative,
    )


def _unknown_words(
    document: StandardFile, content: Mapping[str, Any], vocabulary: Mapping[str, MetricFacts]
) -> Iterator[str]:
    """Yield faults that only the catalogue can see: metrics, options, values, repeated ids."""
    seen: set[str] = set()
    for number, table in enumerate(document.criterion):

        def at(key: str, entry: int = number) -> str:
            return place(("criterion", entry, key), content)

        if table.id in seen:
            yield f"{at('id')}: {table.id!r} is the id of an earlier criterion; ids are unique"
        seen.add(table.id)
        if table.metric not in vocabulary:
            hint = nearest(table.metric, vocabulary)
            yield f"{at('metric')}: unknown metric {table.metric!r}; {hint}"
            continue
        options = vocabulary[table.metric].options
        for fault in _option_faults(table, options):
            yield f"{at('options')}: {fault}"
        if table.question is not None and not vocabulary[table.metric].takes_question:
            yield f"{at('question')}: {table.metric} is about the whole batch; leave it out"
        offered = options.get("about", ("process", "batch"))
        if table.about not in offered:
            hint = nearest(table.about, offered)
            yield f"{at('about')}: {table.metric} says nothing about {table.about!r}; {hint}"
    yield from cell_faults(document, content)


def _option_faults(table: CriterionTable, options: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, value in table.options.items():
        if name in _RESERVED_OPTIONS:
            yield f"{name!r} is not an option here; use the key {_RESERVED_OPTIONS[name]}"
        elif name not in options:
            known = [option for option in options if option not in _RESERVED_OPTIONS]
            yield f"{table.metric} has no option {name!r}; {nearest(name, known)}"
        elif options[name] and value not in options[name]:
            yield f"{name} = {value!r}; {nearest(value, options[name])}"


def _refused(source: str, found: list[str]) -> InputError:
    if len(found) == 1:
        return InputError(f"standard {source}: {found[0]}")
    listed = "; ".join(f"({number}) {fault}" for number, fault in enumerate(found, start=1))
    return InputError(f"standard {source} has {len(found)} faults: {listed}")
