"""Did the shares of labels move? Tests that count prompts or items, never single annotations.

Answers to one item hang together, and so do items of one prompt. A share of labels is therefore a
ratio of sums over clusters, and two tests are made of it, of which the larger p-value counts:

- by exchange: under no drift it is chance which clusters lie in the reference and which in the
  batch. Mean, variance and skewness of the shift over all exchanges are known in closed form, and a
  Pearson type III curve through them gives the p-value. Right for few clusters and rare labels.
- by spread: the shift over its standard error from both sides apart, against Student's t with
  Satterthwaite's freedom. Right where clusters of both sides differ in size or design.

Each is wrong in one place where the other holds; the larger of both is safe in either.

Shapes are given in capitals: C distinct clusters, Q labels.
"""

from dataclasses import dataclass, field
from functools import cache
from math import nan
from typing import Final

import numpy as np
from scipy.special import gammainc, gammaincc, ndtr, ndtri, stdtr

from metrics.clusters import Clusters, ClusterSums, all_labels, cluster_sums, with_labels
from metrics.tables import Floats, Integers

MINIMUM_CLUSTERS: Final = 8
"""Fewer prompts or items on a side say nothing about their own spread."""
_DRAWS: Final = 4000
_FLAT: Final = 1e-6
_LEAST_P: Final = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """How the shares of labels of one slice moved from the reference to the batch.

    Attributes
    ----------
    labels : tuple of Q labels
    before, after : ndarray of shape (Q,), shares in the reference and in the batch
    error : ndarray of shape (Q,), standard error of after - before
    label_p : ndarray of shape (Q,), p-value of each label alone; nan where it cannot be tested
    p_value : smallest p-value times the number of labels that could move; nan without a test
    distance : total variation; low, high its 95 % interval; by_chance its mean under no drift
    design_effect : how much less these answers say than independent ones would
    clusters : number of clusters of the reference and of the batch
    annotations : number of answers of both
    reason : why there is no test; empty where there is one
    """

    labels: tuple[str, ...]
    before: Floats
    after: Floats
    error: Floats
    label_p: Floats
    p_value: float
    distance: float
    low: float
    high: float
    by_chance: float
    design_effect: float
    clusters: tuple[int, int]
    annotations: tuple[int, int]
    unit: str = "items"
    reason: str = ""
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def moved(self) -> Floats:
        """Difference of shares, batch less reference."""
        return self.after - self.before

    @property
    def standardised(self) -> Floats:
        """The shift of each label as the normal value that is as unlikely; 0 without a test.

        Over its standard error the share of a rare label has a heavy tail; this value has not.
        """
        size = -ndtri(np.maximum(self.label_p, _LEAST_P) / 2.0)
        return np.where(np.isfinite(size), np.sign(self.moved) * size, 0.0)

    @property
    def most(self) -> str:
        """The label that moved most; empty where there is none."""
        if not len(self.labels) or not np.isfinite(self.moved).all():
            return ""
        return self.labels[int(np.abs(self.moved).round(12).argmax())]


def label_shift(reference: Clusters, batch: Clusters, *, confidence: float = 0.95) -> Shift:
    """Compare the shares of labels of a batch with those of a reference.

    Parameters
    ----------
    reference, batch : Clusters
        Labels only one side knows count as never given on the other.

    Returns
    -------
    Shift
        Without a test, and with the reason, where a side has fewer than `MINIMUM_CLUSTERS`
        clusters or only one label was ever given.

    References
    ----------
    Rao, Scott (1981), The analysis of categorical data from complex sample surveys,
    10.1080/01621459.1981.10477633. Mielke, Berry (2007), Permutation methods, ch. 2 (Pearson type
    III). Satterthwaite (1946), 10.2307/3002019.

    Examples
    --------
    Thirty prompts a side; in the reference half of the answers are yes, in the batch 80 %:

    >>> yes_no = ("no", "yes")
    >>> reference = Clusters(yes_no, np.array([[3, 1], [2, 2], [1, 3]]), np.array([10, 10, 10]))
    >>> batch = Clusters(yes_no, np.array([[2, 2], [0, 4]]), np.array([12, 18]))
    >>> found = label_shift(reference, batch)
    >>> found.most, round(found.distance, 3), found.p_value < 0.001
    ('no', 0.3, True)
    """
    labels = all_labels(reference.labels, batch.labels)
    sides = with_labels(reference, labels), with_labels(batch, labels)
    sums = [side.counts.sum(axis=1) @ side.multiplicity for side in sides]
    before, after = (
        side.totals / total if total else np.full(len(labels), nan)
        for side, total in zip(sides, sums, strict=True)
    )
    blank = _blank(labels, before, after, sides, sums)
    if blank.reason:
        return blank
    residuals = [side.counts.astype(np.float64) - np.outer(side.counts.sum(axis=1), share)
                 for side, share in zip(sides, (before, after), strict=True)]  # fmt: skip
    parts = [
        _covariance(left, side.multiplicity, total)
        for left, side, total in zip(residuals, sides, sums, strict=True)
    ]
    label_p = shift_p_values(*sides)
    covariance = parts[0] + parts[1]
    reach, by_chance = _reach(covariance, confidence)
    return Shift(
        labels=labels,
        before=before,
        after=after,
        error=np.sqrt(np.maximum(np.diag(covariance), 0.0)),
        label_p=label_p,
        p_value=float(slice_p_value(label_p)),
        distance=blank.distance,
        low=max(0.0, blank.distance - reach),
        high=min(1.0, blank.distance + reach),
        by_chance=by_chance,
        design_effect=_design_effect(parts, (before, after), sums),
        clusters=blank.clusters,
        annotations=blank.annotations,
        unit=batch.unit,
        covariance=covariance,
    )


def shift_p_values(reference: Clusters, batch: Clusters) -> Floats:
    """Return the p-value of every label of two sides that have the same labels, shape (Q,)."""
    squares, cubes = _pooled(reference, batch)
    return label_p_values(cluster_sums(reference), cluster_sums(batch), squares, cubes)


def smallest_shift(shift: Shift, level: float, *, power: float = 0.8, floor: float = 0.0) -> float:
    """Return the shift of one label that would have been found with the given power.

    That of the label which is hardest to see, and at least the practical floor. nan without a test.

    Parameters
    ----------
    level : of the test of the slice, two-sided, before it is shared among its labels
    """
    tested = int(np.isfinite(shift.label_p).sum())
    if shift.reason or not tested:
        return nan
    each = level / (tested if tested > 2 else 1)
    least = (-ndtri(each / 2) + ndtri(power)) * float(np.nanmax(shift.error))
    return float(min(max(least, floor), 1.0))


def _blank(
    labels: tuple[str, ...],
    before: Floats,
    after: Floats,
    sides: tuple[Clusters, Clusters],
    sums: list[int],
) -> Shift:
    """Return what is known without a test, and why there can be none."""
    nothing = np.full(len(labels), nan)
    fewest = min(side.number for side in sides)
    distance = float(np.abs(after - before).sum() / 2)
    reason = ""
    if not min(sums, default=0):
        reason = "no answer on one side"
        distance = nan
    elif len(labels) < 2:
        reason = "one label only: nothing can move"
    elif fewest < MINIMUM_CLUSTERS:
        reason = f"{fewest} {sides[1].unit} on one side, {MINIMUM_CLUSTERS} are needed"
    return Shift(
        labels=labels,
        before=before,
        after=after,
        error=nothing,
        label_p=nothing,
        p_value=nan,
        distance=distance,
        low=nan,
        high=nan,
        by_chance=nan,
        design_effect=nan,
        clusters=(sides[0].number, sides[1].number),
        annotations=(int(sums[0]), int(sums[1])),
        unit=sides[1].unit,
        reason=reason,
    )


def _covariance(residual: Floats, times: Integers, total: int) -> Floats:
    """Return the covariance of the shares of one side, shape (Q, Q)."""
    number = int(times.sum())
    spread = (residual * times[:, None]).T @ residual
    return np.asarray(spread * number / (number - 1.0) / float(total) ** 2)


def label_p_values(
    reference: ClusterSums, batch: ClusterSums, squares: Floats, cubes: Floats
) -> Floats:
    """Return the larger of both p-values of every label, shape (..., Q).

    Parameters
    ----------
    squares, cubes : sums of squares and cubes, over the clusters of both sides, of what a cluster
        has of each label beyond its share of the whole, shape (Q,)
    """
    answers, numbers = reference.answers + batch.answers, (reference.number, batch.number)
    pooled = (reference.labels + batch.labels) / answers[..., None]
    observed = batch.labels - batch.answers[..., None] * pooled
    by_exchange = exchange_p(observed, squares, cubes, numbers[0][..., None], numbers[1][..., None])
    first, second = reference.variances, batch.variances
    whole = first + second
    moved = batch.shares - reference.shares
    with np.errstate(invalid="ignore", divide="ignore"):
        left, right = (number[..., None] - 1.0 for number in numbers)
        freedom = whole**2 / (first**2 / left + second**2 / right)
        by_spread = 2.0 * stdtr(freedom, -np.abs(moved) / np.sqrt(whole))
    # A label that varies on neither side has no spread: the exchange alone can judge it.
    return np.fmax(by_exchange, np.where(whole > 0, by_spread, np.nan))


def slice_p_value(label_p: Floats) -> Floats:
    """Return the p-value of a slice from those of its labels, shape (...); nan without any.

    The shares add up to one: of two labels only one can move on its own.
    """
    tested = np.isfinite(label_p).sum(axis=-1)
    movable = np.where(tested > 2, tested, 1)
    smallest = np.where(np.isfinite(label_p), label_p, np.inf).min(axis=-1)
    return np.where(tested > 0, np.minimum(1.0, movable * smallest), np.nan)


def _pooled(reference: Clusters, batch: Clusters) -> tuple[Floats, Floats]:
    """Return sums of squares and cubes of what clusters of both sides have beyond their share."""
    counts = np.concatenate([reference.counts, batch.counts]).astype(np.float64)
    times = np.concatenate([reference.multiplicity, batch.multiplicity]).astype(np.float64)
    sizes = counts.sum(axis=1)
    residual = counts - np.outer(sizes, (times @ counts) / (times @ sizes))
    squares = residual * residual
    return times @ squares, times @ (squares * residual)


def exchange_p(
    observed: Floats, squares: Floats, cubes: Floats, n_reference: Floats, n_batch: Floats
) -> Floats:
    """Two-sided p-value of a sum over clusters drawn without replacement; leading axes are free.

    Parameters
    ----------
    observed : sum over the clusters of the batch of values that add up to 0 over all clusters
    squares, cubes : sums of their squares and cubes over all clusters
    n_reference, n_batch : numbers of clusters

    Returns
    -------
    ndarray
        Twice the smaller tail of the Pearson type III curve; nan where no cluster differs.
    """
    number = n_reference + n_batch
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = n_batch * n_reference / (number * (number - 1.0)) * squares
        third = (
            n_batch
            * n_reference
            * (n_reference - n_batch)
            / (number * (number - 1.0) * (number - 2.0))
            * cubes
        )
        error = np.sqrt(variance)
        p = two_tails(observed / error, third / error**3)
    return np.where(squares > 1e-12, p, np.nan)


def two_tails(z: Floats, skewness: Floats) -> Floats:
    """Twice the smaller tail of a Pearson type III curve with mean 0 and variance 1."""
    flat = ~(np.abs(skewness) > _FLAT)
    shape = 4.0 / np.where(flat, 1.0, skewness) ** 2
    turned = np.where(skewness < 0, -z, z)
    # A gamma curve of that shape, moved to mean 0; its long tail lies where `turned` is large.
    at = np.maximum(shape + turned * np.sqrt(shape), 0.0)
    tail = np.minimum(gammaincc(shape, at), gammainc(shape, at))
    # Beyond its end a gamma curve has no mass at all; no shift is that impossible.
    tail = np.maximum(tail, np.where(at <= 0.0, ndtr(-np.abs(z)), 0.0))
    return np.minimum(1.0, 2.0 * np.where(flat, ndtr(-np.abs(z)), tail))


def _design_effect(parts: list[Floats], shares: tuple[Floats, Floats], sums: list[int]) -> float:
    """Return the mean generalised design effect of Rao and Scott, at least 1."""
    alone = sum(
        float((share * (1.0 - share)).sum()) / total
        for share, total in zip(shares, sums, strict=True)
    )
    found = sum(float(np.trace(part)) for part in parts)
    return max(found / alone, 1.0) if alone > 0 else nan


def _reach(covariance: Floats, confidence: float) -> tuple[float, float]:
    """Return how far the distance may lie from the truth, and its mean under no drift.

    Total variation is a norm: no estimate is further from the truth than the norm of its error.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    errors = np.abs(_normals(len(values)) @ root.T).sum(axis=1) / 2.0
    return float(np.quantile(errors, confidence)), float(errors.mean())


@cache
def _normals(size: int) -> Floats:
    """Return fixed standard normal draws, so that the same data give the same interval."""
    return np.random.default_rng(20261123).standard_normal((_DRAWS, size))
