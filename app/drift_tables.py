"""Statistics of one question as they come from the store, made into the tables drift is read from.

These tables may have millions of rows (which prompts hold which answers), so columns are coded by
Arrow and summed by NumPy; only distinct texts are looked at in Python.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app import assemble
from metrics.agreement import krippendorff_alpha
from metrics.clusters import Clusters
from metrics.drift import ORDERED
from metrics.estimates import Estimate
from metrics.mix_model import MixCells
from metrics.speed_drift import Times
from metrics.tables import Integers, UnitPatterns
from queries.batches import BatchInfo, Question
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

Place = tuple[str, str]
"""Dimension and stratum; two empty texts are the whole."""
WHOLE: Place = ("", "")
WEEK = "week"


class Side:
    """One batch, as one side of a comparison, seen by somebody."""

    def __init__(self, store: Store, batch: BatchInfo, viewer: Viewer) -> None:
        self.store, self.batch, self.viewer = store, batch, viewer
        self._reading = store.reading(batch.batch_id, viewer)

    def rows(
        self,
        statistic: str,
        question: str,
        population: str = "people",
        *,
        over: tuple[str, ...] = (),
        **columns: str,
    ) -> "pa.Table":
        """Return the rows of a statistic of one question, added up over some columns."""
        scope = Scope(self.batch.batch_id, population, questions=(question,), viewer=self.viewer)
        return self._reading.fetch(statistic, scope, over=over, **columns)


def clusters(side: Side, question: Question) -> dict[Place, Clusters]:
    """Return the answers of every stratum by prompt, or by item where items stand alone."""
    grouped = side.batch.has_groups
    rows = side.rows("cluster_patterns" if grouped else "unit_patterns", question.name)
    if not rows.num_rows:
        return {}
    labels = assemble.labels_of(question, rows, "label")
    places, place = _strata(rows)
    ids, pattern = assemble.coded(rows["pattern_id"])
    counts = np.zeros((len(ids), len(labels)), dtype=np.int64)
    counts[pattern, _places(rows["label"], labels)] = assemble.integers(rows["count"])
    times = assemble.integers(rows["multiplicity"])
    # A pattern has one row a label: the first of them stands for it.
    first = np.flatnonzero(np.diff(place * len(ids) + pattern, prepend=-1))
    unit = "groups" if grouped else "items"
    return {
        where: Clusters(labels, counts[pattern[chosen]], times[chosen], unit)
        for number, where in enumerate(places)
        if len(chosen := first[place[first] == number])
    }


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one side answered to a question, in the tables that take longest to read.

    Attributes
    ----------
    side : whose answers they are
    clusters : of every stratum; empty where no pattern of labels is kept
    patterns, alpha : of the whole question
    mix : answers by stratum, person, guideline version and label
    """

    side: Side
    clusters: dict[Place, Clusters]
    patterns: UnitPatterns
    alpha: Estimate
    mix: "pa.Table"


def answers(side: Side, question: Question) -> Answers:
    """Read what one side answered to a question."""
    rows = side.rows("unit_patterns", question.name, dimension="")
    groups = None
    if side.batch.has_groups:
        groups = side.rows("group_patterns", question.name, dimension="")
    people = None
    if question.level in ORDERED:  # Severity alone asks who gave which answer.
        people = side.rows("annotator_patterns", question.name)
    patterns = assemble.unit_patterns(rows, question, groups=groups, annotators=people)
    return Answers(
        side,
        clusters(side, question),
        patterns,
        krippendorff_alpha(patterns),
        side.rows("label_mix", question.name, over=("week",)),
    )


def _strata(rows: "pa.Table") -> tuple[list[Place], Integers]:
    """Return the strata of some rows, and the number of each row's."""
    dimensions, dimension = assemble.coded(rows["dimension"])
    strata, stratum = assemble.coded(rows["stratum"])
    pair = dimension * len(strata) + stratum
    # Pairs are few and rows many: a table of those there are is made without sorting the rows.
    there = np.zeros(len(dimensions) * len(strata), dtype=bool)
    there[pair] = True
    names = [
        (dimensions[one // len(strata)], strata[one % len(strata)])
        for one in np.flatnonzero(there).tolist()
    ]
    return names, (np.cumsum(there) - 1)[pair]


def _places(column: "pa.ChunkedArray", domain: tuple[str, ...]) -> Integers:
    values, numbers = assemble.coded(column)
    at = {value: number for number, value in enumerate(domain)}
    return np.array([at[value] for value in values], dtype=np.int64)[numbers]


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """Who gave which label under which guideline, by stratum of an attribute, on both sides.

    Columns (N,) hold numbers of the names beside them; `place` is the stratum's.
    """

    labels: tuple[str, ...]
    places: tuple[Place, ...]
    side: Integers
    place: Integers
    person: Integers
    version: Integers
    label: Integers
    count: Integers
    knows_versions: bool

    def cells(self, where: Place) -> MixCells:
        """Return the answers of one stratum, or with `("attribute", "")` of all its strata."""
        dimension, stratum = where
        chosen_places = [
            number
            for number, place in enumerate(self.places)
            if place == where or (not stratum and place[0] == dimension)
        ]
        rows = np.isin(self.place, chosen_places)
        return MixCells(
            labels=self.labels,
            side=self.side[rows],
            stratum=self.place[rows],
            person=self.person[rows],
            version=self.version[rows],
            label=self.label[rows],
            count=self.count[rows],
            attribute=dimension if not stratum else "",
            knows_versions=self.knows_versions,
        )

    def attributes(self) -> list[str]:
        """Return the attributes of items that both sides know."""
        names = []
        for side in (0, 1):
            here = {self.places[number][0] for number in np.unique(self.place[self.side == side])}
            names.append(here - {""})
        return sorted(names[0] & names[1])


def mix(given: tuple[Answers, Answers], labels: tuple[str, ...]) -> Mix:
    """Return the label mix of reference and batch under common numbers."""
    tables = [
        (one.mix, np.full(one.mix.num_rows, number), one.side.batch.guideline_version)
        for number, one in enumerate(given)
    ]
    return _mixed(tables, labels)


def mix_of_halves(side: Side, question: str, labels: tuple[str, ...], late_from: str) -> Mix:
    """Return the label mix of the weeks before one and of those from it on, as two sides."""
    rows = side.rows("label_mix", question)
    weeks, week = assemble.coded(rows["week"])
    half = np.array([(name >= late_from) if name else -1 for name in weeks], dtype=np.int64)
    return _mixed([(rows, half[week], side.batch.guideline_version)], labels)


def _mixed(tables: list[tuple["pa.Table", Integers, str | None]], labels: tuple[str, ...]) -> Mix:
    """Join tables under common numbers; each has the side of its rows, -1 for those of neither."""
    places: dict[Place, int] = {}
    people: dict[str, int] = {}
    versions: dict[str, int] = {}
    parts: list[list[Integers]] = []
    knows_versions = True
    for rows, sides, of_batch in tables:
        names, place = _strata(rows)
        persons, person = assemble.coded(rows["person_key"])
        written, version = assemble.coded(rows["guideline_version"])
        # What no answer says, the batch as a whole may.
        told = [name or of_batch or "" for name in written]
        knows_versions &= all(told)
        columns = [
            sides,
            _joined(places, names)[place],
            _joined(people, persons)[person],
            _joined(versions, told)[version],
            _places(rows["label"], labels),
            assemble.integers(rows["count"]),
        ]
        parts.append([column[sides >= 0] for column in columns])
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Mix(
        labels,
        tuple(places),
        side=joined[0],
        place=joined[1],
        person=joined[2],
        version=joined[3],
        label=joined[4],
        count=joined[5],
        knows_versions=knows_versions,
    )


def _joined(known: dict[Place, int] | dict[str, int], names: list) -> Integers:  # type: ignore[type-arg]
    """Return the number of each name in a list that both sides share."""
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)


def times(side: Side, question: str, people: dict[str, int]) -> dict[str, Times]:
    """Return the durations of every week; under '' where no answer has a date.

    Parameters
    ----------
    people : numbers of the people so far, which this side adds to
    """
    has_weeks = WEEK in side.batch.dimensions
    rows = side.rows("durations", question, dimension=WEEK if has_weeks else "")
    if not rows.num_rows:
        return {}
    weeks, week = assemble.coded(rows["stratum"])
    persons, person = assemble.coded(rows["person_key"])
    person = _joined(people, persons)[person]
    log_bin = assemble.integers(rows["log_bin"])
    count = assemble.integers(rows["count"])
    return {
        name: Times(
            person[week == number],
            week[week == number],
            log_bin[week == number],
            count[week == number],
        )
        for number, name in enumerate(weeks)
    }


def together(parts: list[Times]) -> Times:
    """Return the times of several weeks as one table."""
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Times(nothing, nothing, nothing, nothing)
    return Times(
        np.concatenate([part.person for part in parts]),
        np.concatenate([part.period for part in parts]),
        np.concatenate([part.log_bin for part in parts]),
        np.concatenate([part.count for part in parts]),
    )
