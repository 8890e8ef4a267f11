"""Two reviews of one answer: what a later stage makes of an earlier one, and how peers agree."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from metrics.estimates import Estimate
from metrics.intervals import proportion
from metrics.mcnemar import McNemar, mcnemar
from metrics.review import STAGES
from metrics.review_tables import ACCEPTED, OVERTURNED, SELECTIONS, Mask, ReviewPairs, names, total
from metrics.tables import Floats, Integers


@dataclass(frozen=True, slots=True)
class Passage:
    """What became at a later stage of answers that an earlier one accepted or overturned.

    Attributes
    ----------
    stage, later, selection : the two stages, and how answers were chosen for the later one
    table : ((accepted twice, accepted then overturned), (overturned then accepted, twice))
    escapes : share of what the earlier stage accepted and the later one overturned
    reversed : share of all earlier decisions the later stage did not leave standing
    test : McNemar's test whether the stages overturn equally often
    """

    stage: str
    later: str
    selection: str
    table: tuple[tuple[int, int], tuple[int, int]]
    escapes: Estimate
    reversed: Estimate
    test: McNemar


@dataclass(frozen=True, slots=True)
class Peers:
    """Two reviewers at one stage on the same answers.

    `blind` is '' where it is not known whether they saw each other's verdict.
    """

    stage: str
    blind: str
    first: str
    second: str
    table: tuple[tuple[int, int], tuple[int, int]]
    agreement: Estimate
    kappa: float


@dataclass(frozen=True, slots=True)
class Upheld:
    """How often what a reviewer decided was left standing by a later stage."""

    reviewer: str
    later: str
    decided: str
    estimate: Estimate


def passages(pairs: ReviewPairs) -> list[Passage]:
    """Overturn matrices between stages, by how answers reached the later one.

    What does one stage let through that the next one catches? Read `escapes` as a share of the
    earlier stage's work only where the later one drew at random. It misleads where the later
    reviewer saw the earlier verdict: then agreement is partly courtesy.
    """
    found = []
    for stage, later, selection, part in _between(pairs):
        table = verdict_counts(part)
        (kept, escaped), (cleared, twice) = table
        n = kept + escaped + cleared + twice
        if not n:
            continue
        drawn = selection in {"random", "all"}
        standing = part.upheld != ""
        lost = total(part, part.upheld == "false")
        found.append(
            Passage(
                stage=stage,
                later=later,
                selection=selection,
                table=table,
                escapes=proportion(escaped, kept + escaped, n_unit="acceptances").but(
                    representative=drawn
                ),
                reversed=proportion(lost, total(part, standing), n_unit="decisions").but(
                    representative=drawn
                ),
                test=mcnemar(cleared, escaped, n),
            )
        )
    return found


def peers(pairs: ReviewPairs) -> list[Peers]:
    """Reviewers against each other, on answers both looked at in one stage.

    Do two reviewers come to the same verdict? Only blind pairs measure that; where one could see
    the other's verdict the figure is an upper bound and is said to be. Kappa is nan where both
    always gave one verdict.
    """
    same = pairs.take(pairs.stage == pairs.stage_later)
    found = []
    for stage in STAGES:
        for blind in ("true", "false", ""):
            part = same.take((same.stage == stage) & (same.blind == blind))
            for first in names(part.reviewer):
                own = part.take(part.reviewer == first)
                for second in names(own.reviewer_later):
                    table = verdict_counts(own.take(own.reviewer_later == second))
                    found.append(_peers(stage, blind, first, second, table))
    return [one for one in found if one.agreement.n]


def upheld(pairs: ReviewPairs) -> list[Upheld]:
    """How often each reviewer's decisions stood, by the later stage and what was decided."""
    earlier = pairs.take((pairs.stage != pairs.stage_later) & (pairs.upheld != ""))
    found = []
    for reviewer in names(earlier.reviewer):
        own = earlier.take(earlier.reviewer == reviewer)
        for later in STAGES:
            for decided in (ACCEPTED, OVERTURNED):
                part = own.take((own.stage_later == later) & (own.outcome == decided))
                n = int(part.count.sum())
                if n:
                    stood = total(part, part.upheld == "true")
                    estimate = proportion(stood, n, n_unit="decisions")
                    found.append(Upheld(reviewer, later, decided, estimate))
    return found


def double_blind(pairs: ReviewPairs) -> list[tuple[str, str, int]]:
    """Return the pairs of reviewers who judged the same answers blind, most answers first."""
    blind = _blind(pairs)
    found = [
        (first, second, total(blind, (blind.reviewer == first) & (blind.reviewer_later == second)))
        for first in names(blind.reviewer)
        for second in names(blind.reviewer_later)
    ]
    return sorted((one for one in found if one[2]), key=lambda one: (-one[2], one))


def hui_walter_counts(
    pairs: ReviewPairs, first: str, second: str, *, fewest: int = 20
) -> tuple[list[str], Integers]:
    """Return counts for Hui and Walter's model of two reviewers, with annotators as populations.

    Annotators of whom fewer than `fewest` answers were judged by both are one population, ''.
    Columns: both overturn, only the first, only the second, neither.
    """
    blind = _blind(pairs)
    own = blind.take((blind.reviewer == first) & (blind.reviewer_later == second))
    rows: dict[str, Integers] = {}
    for name in names(own.annotator):
        (neither, only_second), (only_first, both) = verdict_counts(own.take(own.annotator == name))
        counts = np.array([both, only_first, only_second, neither], dtype=np.int64)
        group = name if counts.sum() >= fewest else ""
        rows[group] = rows.get(group, np.zeros(4, dtype=np.int64)) + counts
    rows = {group: counts for group, counts in rows.items() if counts.any()}
    return list(rows), np.array(list(rows.values()), dtype=np.int64).reshape(len(rows), 4)


def crew_counts(pairs: ReviewPairs, *, fewest: int = 20) -> tuple[list[str], Floats]:
    """Return counts as `hui_walter_counts`, of all blind pairs as two looks of an average reviewer.

    Which of a pair is first means nothing here, so that those on which they differ are split evenly
    and both get the same sensitivity and specificity: the means over the crew, as long as pairs
    were assigned at random.
    """
    blind = _blind(pairs)
    rows: dict[str, Floats] = {}
    for name in names(blind.annotator):
        (neither, one), (other, both) = verdict_counts(blind.take(blind.annotator == name))
        half = (one + other) / 2
        counts = np.array([both, half, half, neither], dtype=np.float64)
        group = name if counts.sum() >= fewest else ""
        rows[group] = rows.get(group, np.zeros(4)) + counts
    rows = {group: counts for group, counts in rows.items() if counts.any()}
    return list(rows), np.array(list(rows.values())).reshape(len(rows), 4)


def _blind(pairs: ReviewPairs) -> ReviewPairs:
    return pairs.take((pairs.stage == pairs.stage_later) & (pairs.blind == "true"))


def _between(pairs: ReviewPairs) -> Iterator[tuple[str, str, str, ReviewPairs]]:
    for place, stage in enumerate(STAGES):
        for later in STAGES[place + 1 :] if stage else ():
            for selection in SELECTIONS:
                part = pairs.take(
                    (pairs.stage == stage)
                    & (pairs.stage_later == later)
                    & (pairs.selection == selection)
                )
                if len(part.count):
                    yield stage, later, selection, part


def verdict_counts(pairs: ReviewPairs) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the counts of verdicts on the same answer: rows first, columns later."""

    def cell(first: str, later: str) -> int:
        chosen: Mask = (pairs.outcome == first) & (pairs.verdict_later == later)
        return total(pairs, chosen)

    return (
        (cell(ACCEPTED, ACCEPTED), cell(ACCEPTED, OVERTURNED)),
        (cell(OVERTURNED, ACCEPTED), cell(OVERTURNED, OVERTURNED)),
    )


def _peers(
    stage: str, blind: str, first: str, second: str, table: tuple[tuple[int, int], tuple[int, int]]
) -> Peers:
    counts = np.array(table, dtype=np.float64)
    n = int(counts.sum())
    same = int(np.trace(counts))
    estimate = proportion(same, n, n_unit="answers")
    if blind != "true" and n:
        said = "could see the other's verdict" if blind == "false" else "may have seen it"
        estimate = estimate.but(
            representative=False, provenance={"overlap": f"not blind: one {said}"}
        )
    chance = float(counts.sum(axis=0) @ counts.sum(axis=1)) / n**2 if n else 1.0
    kappa = (same / n - chance) / (1 - chance) if n and chance < 1 else float("nan")
    return Peers(stage, blind, first, second, table, estimate, kappa)
