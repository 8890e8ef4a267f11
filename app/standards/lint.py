"""What is wrong with a valid standard: criteria that can never pass, never fail or never apply.

error    the criterion cannot do its work
warning  it works, but probably not as meant
note     something that a reader of the verdict will miss
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import ceil, isfinite, sqrt
from typing import Literal

import numpy as np
from scipy.special import betaincinv

from app.standards import MetricFacts, Standard
from app.standards.model import closest, nearest
from metrics.acceptance import Bound, Criterion
from metrics.wording import figure, limit_in_words, place

__all__ = ["BatchFacts", "Lint", "lint", "smallest_passing_n"]

# An interval of a coefficient is rarely narrower than this share of its range over sqrt(n): the
# delete-one jackknife of alpha with three annotators and five labels has a standard error of
# .32 / sqrt(n), hence a half-width of .3 times the range of 2.
_NARROW = 0.3
_SEARCHED_N = 200_000
_SHOWN_VALUES = 20


@dataclass(frozen=True, slots=True)
class Lint:
    """One finding: how grave, which key, and a sentence that says what to do.

    `of_batch` where the standard is sound and this batch too small for it.
    """

    level: Literal["error", "warning", "note"]
    key: str
    sentence: str
    of_batch: bool = False


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What a standard can be held against without computing anything.

    Attributes
    ----------
    kind, questions, dimensions : of the batch
    items : items in the batch; planned_items : items it will have, None when unknown
    pairable : question to number of items with two or more answers
    values : dimension to the values its items have, of dimensions in whose cells nothing was found
    """

    kind: str
    questions: tuple[str, ...]
    dimensions: tuple[str, ...]
    items: int
    planned_items: int | None = None
    pairable: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Demand:
    """The smallest n that can pass, None where none can; why; and whether that is sure."""

    n: int | None
    evidence: str
    is_sure: bool = True


def lint(
    standard: Standard, vocabulary: Mapping[str, MetricFacts], facts: BatchFacts | None = None
) -> tuple[Lint, ...]:
    """Examine a standard, alone or against a batch.

    Returns
    -------
    tuple of Lint, errors first, then in the order of the file
    """
    found = list(_of_standard(standard, facts))
    for criterion in standard.criteria:
        metric = vocabulary[criterion.metric]
        found += _of_words(criterion, metric, standard.kind)
        found += _of_range(criterion, metric)
        found += _of_size(criterion, metric, standard.confidence, facts)
        if facts is not None:
            found += _of_batch(criterion, facts)
    return tuple(sorted(found, key=lambda each: ("error", "warning", "note").index(each.level)))


def smallest_passing_n(low: float, high: float, confidence: float) -> int | None:
    """Smallest n at which an exact interval of a share can lie inside [low, high].

    With k of n counted and a = (1 - confidence) / 2, the Clopper-Pearson interval is
    [B(a; k, n - k + 1), B(1 - a; k + 1, n - k)]; at the best k it has to fit. None if no n up to
    200,000 does.

    Examples
    --------
    At most 1 %: even 0 of n has the upper limit 1 - .025^(1/n), so 368 are needed.

    >>> smallest_passing_n(0.0, 0.01, 0.95), smallest_passing_n(0.99, 1.0, 0.95)
    (368, 368)
    """
    too_few, enough = 0, 1
    while not _fits(enough, low, high, confidence):
        too_few, enough = enough, 2 * enough
        if enough > _SEARCHED_N:
            return None
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if _fits(middle, low, high, confidence):
            enough = middle
        else:
            too_few = middle
    return enough


def _fits(n: int, low: float, high: float, confidence: float) -> bool:
    """Say whether some count of n has an exact interval inside [low, high]."""
    tail = (1 - confidence) / 2
    first, last = max(int(n * low), 0), min(int(n * high) + 1, n)
    counted = np.arange(first, last + 1, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        lower = np.where(counted > 0, betaincinv(counted, n - counted + 1, tail), 0.0)
        upper = np.where(counted < n, betaincinv(counted + 1, n - counted, 1 - tail), 1.0)
    return bool(((lower >= low) & (upper <= high)).any())


def _of_standard(standard: Standard, facts: BatchFacts | None) -> Iterator[Lint]:
    if not any(criterion.severity == "hard" for criterion in standard.requirements):
        yield Lint("error", "criterion", "no criterion is hard, so the verdict is never above hold")
    for key, text in (
        ("objective", standard.objective),
        ("annotation_criteria", standard.annotation_criteria),
    ):
        if not text.strip():
            yield Lint("note", f"standard.{key}", "is empty; say what the data has to serve")
    for first, second in combinations(standard.criteria, 2):
        if _asks_the_same(first, second) and (
            first.bound.floor > second.bound.ceiling or second.bound.floor > first.bound.ceiling
        ):
            sentence = f"contradicts {first.id!r}: no value can meet both"
            yield Lint("error", f"{second.id}.must_be", sentence)
    yield from _of_shares(standard)
    if facts is None:
        return
    if facts.kind != standard.kind:
        sentence = f"the standard is for {standard.kind} batches, this batch is {facts.kind}"
        yield Lint("error", "standard.kind", sentence)
    for question, _ in standard.resolution:
        if question not in facts.questions:
            sentence = (
                f"the batch has no question {question!r}; {_known(question, facts.questions)}"
            )
            yield Lint("warning", f"resolution.{question}", sentence)
    yield from _of_cells(standard, facts)


def _of_cells(standard: Standard, facts: BatchFacts) -> Iterator[Lint]:
    """Yield what keeps the declared cells from ever being full, each thing once."""
    pairs = sorted({pair for target in standard.coverage for pair in target.cell})
    for dimension in dict.fromkeys(name for name, _ in pairs):
        if dimension not in facts.dimensions:
            hint = _known(dimension, facts.dimensions)
            sentence = f"the batch has no attribute {dimension!r}; {hint}"
            yield Lint("warning", f"coverage.{dimension}", sentence)
    for dimension, value in pairs:
        there = facts.values.get(dimension)
        if there is None or any(_is_meant(value, each) for each in there):
            continue
        close = closest(value, there)
        hint = f"; did you mean {close!r}?" if close else ""
        shown = ", ".join(there[:_SHOWN_VALUES]) + (" ..." if len(there) > _SHOWN_VALUES else "")
        sentence = f"no item has {dimension} {value!r}{hint} (there is {shown or 'none at all'})"
        yield Lint("warning", f"coverage.{dimension}", sentence)
    most = max(facts.items, facts.planned_items or 0)
    for target in standard.coverage:
        if (target.minimum_items or 0) > most:
            sentence = f"asks for {target.minimum_items:,} items and the batch has {most:,} in all"
            yield Lint("warning", f"coverage.{place(target.cell)}", sentence)
    for cell in standard.impossible:
        for dimension, _ in cell:
            if dimension not in facts.dimensions:
                hint = _known(dimension, facts.dimensions)
                sentence = f"the batch has no attribute {dimension!r}; {hint}"
                yield Lint("warning", f"impossible.{dimension}", sentence)


def _of_shares(standard: Standard) -> Iterator[Lint]:
    """Yield what is odd about the shares that cells ask for."""
    sums: dict[str, float] = {}
    for target in standard.coverage:
        if target.share is None:
            continue
        key = f"coverage.{place(target.cell)}"
        if target.tolerance is None and target.minimum_items is None:
            sentence = "is only aimed at: give tolerance for it to judge the batch"
            yield Lint("note", f"{key}.share", sentence)
        if target.tolerance is not None and target.tolerance >= target.share:
            sentence = f"reaches down to nothing: a share of 0 is within {target.tolerance:g}"
            yield Lint("warning", f"{key}.tolerance", sentence)
        if len(target.cell) == 1 and "*" not in target.cell[0][1]:
            dimension = target.cell[0][0]
            sums[dimension] = sums.get(dimension, 0.0) + target.share
    for dimension, total in sums.items():
        if total > 1 + 1e-9:
            sentence = f"the shares add up to {figure(total)}; no batch can have them all"
            yield Lint("warning", f"coverage.{dimension}", sentence)


def _is_meant(value: str, found: str) -> bool:
    """Say whether a value of a cell, in which `*` is any text, is the one that was found."""
    parts = (re.escape(part) for part in value.split("*"))
    return re.fullmatch(".*".join(parts), found, re.DOTALL) is not None


def _of_words(criterion: Criterion, metric: MetricFacts, kind: str) -> Iterator[Lint]:
    if kind not in metric.kinds:
        meant = ", ".join(metric.kinds)
        sentence = f"{criterion.metric} is for {meant} batches, the standard for {kind}"
        yield Lint("error", f"{criterion.id}.metric", sentence)
    if criterion.minimum_n == 1:
        sentence = "is not set; say below which n nobody should decide"
        yield Lint("warning", f"{criterion.id}.minimum_n", sentence)
    if criterion.by_rule == "every stratum passes" and not criterion.by:
        yield Lint("warning", f"{criterion.id}.by_rule", "has no effect without by")
    if not criterion.origin:
        yield Lint("note", f"{criterion.id}.origin", "is missing; say where the bound comes from")
    if not criterion.owner:
        yield Lint("note", f"{criterion.id}.owner", "is missing; say who answers for the bound")


def _of_range(criterion: Criterion, metric: MetricFacts) -> Iterator[Lint]:
    key, bound = f"{criterion.id}.must_be", criterion.bound
    smallest, largest = metric.range
    # An interval touches the end of the range only where nothing is uncertain.
    uncertain = criterion.about != "batch"
    if bound.floor > largest or (uncertain and bound.floor == largest):
        yield Lint("error", key, f"can never pass: {criterion.metric} ends at {largest:g}")
    elif bound.ceiling < smallest or (uncertain and bound.ceiling == smallest):
        yield Lint("error", key, f"can never pass: {criterion.metric} begins at {smallest:g}")
    elif bound.floor <= smallest and bound.ceiling >= largest:
        sentence = f"can never fail: {criterion.metric} lies from {smallest:g} to {largest:g}"
        yield Lint("error", key, sentence)
    worse = {"higher": bound.low is None, "lower": bound.high is None}
    if worse.get(metric.direction, False):
        sentence = f"asks for {limit_in_words(bound)}, but {metric.direction} is better here"
        yield Lint("warning", key, sentence)


def _of_size(
    criterion: Criterion, metric: MetricFacts, confidence: float, facts: BatchFacts | None
) -> Iterator[Lint]:
    demand = _demand(criterion, metric, confidence)
    if demand is None:
        return
    key, never = f"{criterion.id}.minimum_n", "never" if demand.is_sure else "hardly"
    if demand.n is None:
        yield Lint("error", f"{criterion.id}.must_be", f"can never pass: {demand.evidence}")
        return
    if 1 < criterion.minimum_n < demand.n:
        sentence = (
            f"{criterion.minimum_n:,} can {never} pass: {demand.evidence}; {demand.n:,} or more can"
        )
        yield Lint("warning", key, sentence)
    if facts is None or not metric.counts_items or ("average", "pair") in criterion.options:
        return
    wanted = max(demand.n, criterion.minimum_n)
    most = max(facts.items, facts.planned_items or 0)
    asked = (criterion.question,) if criterion.question else facts.questions
    if most < wanted:
        cannot = "cannot" if demand.is_sure else "can hardly"
        sentence = f"{cannot} pass yet: it takes {wanted:,} items and there are {most:,}"
        yield Lint("warning", key, sentence, of_batch=True)
        return
    for question in asked:
        pairable = facts.pairable.get(question, wanted)
        if pairable < wanted:
            sentence = (
                f"cannot pass yet on {question}: it takes {wanted:,} items with two or more"
                f" answers and there are {pairable:,}"
            )
            yield Lint("warning", key, sentence, of_batch=True)


def _demand(criterion: Criterion, metric: MetricFacts, confidence: float) -> _Demand | None:
    """Return what the bound demands of n; None where it is about the batch or out of range."""
    bound, (smallest, largest) = criterion.bound, metric.range
    inside = bound.floor < largest and bound.ceiling > smallest
    if criterion.about == "batch" or not inside:
        return None
    n = criterion.minimum_n
    if metric.unit == "share":
        needed = smallest_passing_n(max(bound.floor, 0.0), min(bound.ceiling, 1.0), confidence)
        return _Demand(needed, _best_share(bound, n, confidence))
    if bound.high is None and largest == 1.0 and bound.floor > 0:
        # 1 - coefficient is at least the share of disagreement, whatever the chance term.
        needed = smallest_passing_n(bound.floor, 1.0, confidence)
        return _Demand(needed, _best_share(bound, n, confidence))
    room, spread = (bound.ceiling - bound.floor) / 2, largest - smallest
    if not (isfinite(room) and isfinite(spread)):
        return _Demand(1, "")
    usual = figure(_NARROW * spread / sqrt(n), 3)
    evidence = f"intervals on {n:,} reach about {usual} to each side, the band {figure(room, 3)}"
    return _Demand(ceil(round((_NARROW * spread / room) ** 2, 6)), evidence, is_sure=False)


def _best_share(bound: Bound, n: int, confidence: float) -> str:
    """Say what the best possible count of n would still leave open."""
    limit = ((1 - confidence) / 2) ** (1 / n)
    if bound.high is None:
        return f"even {n:,} good of {n:,} leave an exact lower limit of {figure(limit, 3)}"
    if bound.low is None:
        return f"even 0 of {n:,} leaves an exact upper limit of {figure(1 - limit, 3)}"
    return f"no count of {n:,} has an exact interval inside {limit_in_words(bound)}"


def _of_batch(criterion: Criterion, facts: BatchFacts) -> Iterator[Lint]:
    question = criterion.question
    if question is not None and question not in facts.questions:
        sentence = f"the batch has no question {question!r}; {_known(question, facts.questions)}"
        yield Lint("error", f"{criterion.id}.question", sentence)
    for dimension in criterion.by:
        if dimension not in facts.dimensions:
            hint = _known(dimension, facts.dimensions)
            sentence = f"the batch has no dimension {dimension!r}; {hint}"
            yield Lint("error", f"{criterion.id}.by", sentence)


def _asks_the_same(first: Criterion, second: Criterion) -> bool:
    asked = (
        (criterion.metric, criterion.question, criterion.options, criterion.about)
        for criterion in (first, second)
    )
    return next(asked) == next(asked)


def _known(word: str, names: tuple[str, ...]) -> str:
    return nearest(word, names) if names else "it has none"
