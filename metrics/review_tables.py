"""Sufficient statistics of reviews: what reviewers did, as small columns of equal length.

Every table is a set of columns; entry k of all of them belongs together and happened `count[k]`
times. A text that is not known is ''. Outcomes are accepted, overturned, escalated and undecided.
"""

from dataclasses import dataclass, fields
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from metrics.tables import Integers

Texts = NDArray[np.str_]
Mask = NDArray[np.bool_]
ACCEPTED, OVERTURNED, ESCALATED = "accepted", "overturned", "escalated"
SELECTIONS = ("random", "all", "flagged", "")
"""How reviewed answers were chosen; what was chosen differently is never added up."""


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Columns of equal length, of which the last is `count`."""

    def take(self, chosen: Mask) -> Self:
        """Return the entries where `chosen` is true."""
        return type(self)(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @classmethod
    def of(cls, rows: "list[tuple[object, ...]]") -> Self:
        """Build the table from rows in the order of its columns; numbers become int64.

        Examples
        --------
        >>> table = ReviewTimes.of([("q", "spot_check", "r", "accepted", 7, 3)])
        >>> int(table.count[0]), str(table.reviewer[0])
        (3, 'r')
        """
        names = [field.name for field in fields(cls)]
        columns = zip(*rows, strict=True) if rows else [() for _ in names]
        return cls(
            *(
                np.array(column, dtype=np.int64 if name in NUMBERS else np.str_)
                for name, column in zip(names, columns, strict=True)
            )
        )


NUMBERS = frozenset({"count", "log_bin", "age_hours"})


@dataclass(frozen=True, slots=True, eq=False)
class Reviews(_Columns):
    """Review actions: who looked at whose answer, how it was chosen, and what became of it."""

    question: Texts
    stage: Texts
    selection: Texts
    blind: Texts
    reviewer: Texts
    annotator: Texts
    before: Texts
    after: Texts
    decision: Texts
    outcome: Texts
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class ReviewPairs(_Columns):
    """Two reviews of one answer, the earlier stage first.

    `selection` is that of the later review, `verdict_later` what the later review says of the
    answer the earlier one was shown; `upheld` is 'true', 'false', or '' where that cannot be said.
    """

    question: Texts
    stage: Texts
    stage_later: Texts
    selection: Texts
    blind: Texts
    reviewer: Texts
    reviewer_later: Texts
    annotator: Texts
    outcome: Texts
    outcome_later: Texts
    verdict_later: Texts
    upheld: Texts
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class ReviewMix(_Columns):
    """Outcomes of each reviewer by stratum of a dimension of the items, or by week."""

    question: Texts
    stage: Texts
    selection: Texts
    reviewer: Texts
    dimension: Texts
    stratum: Texts
    outcome: Texts
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class ReviewTimes(_Columns):
    """Times of decisions, bin k holding t seconds with k = floor(ln(1000 t + 1) / ln 1.02)."""

    question: Texts
    stage: Texts
    reviewer: Texts
    outcome: Texts
    log_bin: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class KnownReviews(_Columns):
    """Reviews of answers of which the truth is known: `truth` is 'right' or 'wrong'."""

    question: Texts
    type: Texts
    stage: Texts
    reviewer: Texts
    truth: Texts
    outcome: Texts
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Disputes(_Columns):
    """Answers that were escalated or arbitrated; `age_hours` is -1 where times are missing."""

    question: Texts
    rule: Texts
    reviewer: Texts
    state: Texts
    outcome: Texts
    linked: Texts
    is_repeat: Texts
    age_hours: Integers
    count: Integers


class Counted(Protocol):
    """A table whose entries happened so often."""

    @property
    def count(self) -> Integers:
        """How often each entry happened."""
        ...


def total(table: Counted, chosen: Mask) -> int:
    """Return how often the chosen entries happened."""
    return int(table.count[chosen].sum())


def names(column: Texts) -> list[str]:
    """Return the different values of a column, sorted."""
    return [str(name) for name in np.unique(column)]
