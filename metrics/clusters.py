"""Answers by cluster: a prompt, a document, or an item that stands alone.

Shapes are given in capitals: C distinct clusters, Q labels.
"""

from dataclasses import dataclass

import numpy as np

from metrics.tables import Floats, Integers, UnitPatterns


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Answers of one slice by cluster: a prompt, a document, or an item that stands alone.

    Attributes
    ----------
    labels : tuple of Q labels
    counts : ndarray of shape (C, Q)
        Answers by label in one cluster.
    multiplicity : ndarray of shape (C,)
        Clusters with these counts.
    unit : what a cluster is, in the plural
    """

    labels: tuple[str, ...]
    counts: Integers
    multiplicity: Integers
    unit: str = "items"

    @property
    def number(self) -> int:
        """Number of clusters."""
        return int(self.multiplicity.sum())

    @property
    def totals(self) -> Integers:
        """Answers by label, shape (Q,)."""
        return np.asarray(self.multiplicity @ self.counts, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """Sums over the clusters of one side; leading axes (...) are free.

    Attributes
    ----------
    number : clusters, shape (...)
    answers : sum of sizes m of clusters, shape (...)
    sizes : sum of m²
    labels, squares, cross : sums of y, y² and y m for the answers y of each label, shape (..., Q)
    """

    number: Floats
    answers: Floats
    sizes: Floats
    labels: Floats
    squares: Floats
    cross: Floats

    @property
    def shares(self) -> Floats:
        """Share of each label, shape (..., Q)."""
        return self.labels / self.answers[..., None]

    @property
    def variances(self) -> Floats:
        """Variance of each share as a ratio over clusters, shape (..., Q)."""
        share, number = self.shares, self.number[..., None]
        spread = self.squares - 2.0 * share * self.cross + share**2 * self.sizes[..., None]
        # What is left of equal numbers taken from each other is rounding, not spread.
        spread = np.where(spread > 1e-12 * self.sizes[..., None], spread, 0.0)
        return np.asarray(spread * number / (number - 1.0) / self.answers[..., None] ** 2)


def cluster_sums(clusters: Clusters, times: Floats | None = None) -> ClusterSums:
    """Return the sums over clusters, each counted `times` (..., C); as often as it is there."""
    many = np.asarray(clusters.multiplicity if times is None else times, dtype=np.float64)
    counts = clusters.counts.astype(np.float64)
    size = counts.sum(axis=1)
    return ClusterSums(
        number=np.asarray(many.sum(axis=-1)),
        answers=np.asarray(many @ size),
        sizes=np.asarray(many @ size**2),
        labels=many @ counts,
        squares=many @ counts**2,
        cross=many @ (counts * size[:, None]),
    )


def clusters_of(patterns: UnitPatterns) -> Clusters:
    """Return the clusters of some patterns: groups where they are known, else items."""
    groups = patterns.compositions
    if groups is None:
        counts, times, unit = patterns.counts, patterns.multiplicity, "items"
    else:
        counts = np.zeros((len(groups.multiplicity), len(patterns.labels)), dtype=np.int64)
        given = groups.count[:, None] * patterns.counts[groups.pattern]
        order = np.argsort(groups.composition, kind="stable")
        starts = np.flatnonzero(np.diff(groups.composition[order], prepend=-1))
        if len(starts):
            counts[groups.composition[order][starts]] = np.add.reduceat(given[order], starts)
        times, unit = groups.multiplicity, "groups"
    return merged(Clusters(patterns.labels, counts, times, unit))


def merged(clusters: Clusters) -> Clusters:
    """Return clusters with equal counts as one, without empty ones."""
    filled = (clusters.counts.sum(axis=1) > 0) & (clusters.multiplicity > 0)
    counts, times = clusters.counts[filled], clusters.multiplicity[filled]
    if not len(counts):
        return Clusters(clusters.labels, counts, times, clusters.unit)
    order = np.lexsort(counts.T)
    counts, times = counts[order], times[order]
    new = np.append(True, (np.diff(counts, axis=0) != 0).any(axis=1))
    starts = np.flatnonzero(new)
    return Clusters(clusters.labels, counts[starts], np.add.reduceat(times, starts), clusters.unit)


def with_labels(clusters: Clusters, labels: tuple[str, ...]) -> Clusters:
    """Return clusters over a wider list of labels."""
    if labels == clusters.labels:
        return clusters
    counts = np.zeros((len(clusters.counts), len(labels)), dtype=np.int64)
    counts[:, [labels.index(label) for label in clusters.labels]] = clusters.counts
    return Clusters(labels, counts, clusters.multiplicity, clusters.unit)


def all_labels(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the labels of both, in the order of the first."""
    return tuple(dict.fromkeys((*one, *other)))
