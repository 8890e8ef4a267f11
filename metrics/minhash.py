"""MinHash: which of a million texts may be near copies, without comparing all with all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metrics.shingles import Places, Shingles, overlaps

ROWS: Final = 5
BANDS: Final = 20
THRESHOLD: Final = 0.7
_SEED: Final = 20_261_123
_NEIGHBOURS: Final = 8
_AT_ONCE: Final = 16_384
Signatures = NDArray[np.uint32]
Progress = Callable[[str, float], None]


def detection_probability(similarity: float, *, rows: int = ROWS, bands: int = BANDS) -> float:
    """Return the chance that a pair of this overlap is looked at: 1 - (1 - s^r)^b.

    References
    ----------
    Leskovec, Rajaraman and Ullman (2020), Mining of Massive Datasets, 3rd ed., section 3.4.2.

    Examples
    --------
    >>> round(detection_probability(0.8), 6)
    0.999644
    """
    return float(1 - (1 - similarity**rows) ** bands)


def standard_deviation(similarity: float, permutations: int = ROWS * BANDS) -> float:
    """Return how far an overlap read off signatures strays: sqrt(J (1 - J) / k) (Broder 1997)."""
    return sqrt(similarity * (1 - similarity) / permutations)


def signatures(texts: Shingles) -> Signatures:
    """Return the MinHash signatures of texts, one row each."""
    from rensa import RMinHash  # noqa: PLC0415 - only a search for near copies needs it

    k = ROWS * BANDS
    found = np.zeros((len(texts), k), np.uint32)
    for at in range(0, len(texts), _AT_ONCE):
        start = texts.start[at : at + _AT_ONCE + 1]
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            np.ascontiguousarray(texts.value[start[0] : start[-1]]),
            (start - start[0]).astype(np.uint64),
            num_perm=k,
            seed=_SEED,
        )
        found[at : at + len(start) - 1] = matrix.to_rows()
    return found


@dataclass(frozen=True, slots=True, eq=False)
class NearCopies:
    """Texts by what they are near copies of.

    Attributes
    ----------
    cluster : cluster of each text, from 0 on
    nearest : a text of the same cluster, whose overlap was counted; -1 where a text is alone
    similarity : Jaccard overlap with it; nan where a text is alone
    compared : pairs whose overlap was counted
    """

    cluster: Places
    nearest: Places
    similarity: NDArray[np.float64]
    compared: int

    @property
    def clusters(self) -> int:
        """Number of clusters, texts that are alone included."""
        return int(self.cluster.max()) + 1 if len(self.cluster) else 0


def near_copies(
    texts: Shingles,
    signed: Signatures,
    *,
    threshold: float = THRESHOLD,
    progress: Progress = lambda _what, _share: None,
) -> NearCopies:
    """Cluster texts of which each shares enough shingles with another one of its cluster.

    Pairs come from bands of equal signatures; a pair joins only when its real overlap, counted on
    the shingles, reaches the threshold. So nothing is joined by chance, and few are missed: a pair
    at .7 is looked at with probability .975, one at .8 with .9996. In a bucket of many texts each
    is compared with the first and with its next neighbours, not with all.
    """
    n = len(texts)
    cluster = np.arange(n)
    nearest, similarity = np.full(n, -1), np.full(n, np.nan)
    edges: list[NDArray[np.int64]] = []
    compared = 0
    for band in range(BANDS):
        progress("comparing", band / BANDS)
        for one, other in _candidates(signed[:, band * ROWS : (band + 1) * ROWS]):
            apart = cluster[one] != cluster[other]
            first, second = one[apart], other[apart]
            found = overlaps(texts, first, second)
            compared += len(found)
            hits = found >= threshold
            if not hits.any():
                continue
            first, second, found = first[hits], second[hits], found[hits]
            for here, there in ((first, second), (second, first)):
                better = ~(similarity[here] >= found)
                similarity[here[better]], nearest[here[better]] = found[better], there[better]
            edges.append(np.stack([first, second]))
            cluster = _components(n, edges)
    return NearCopies(cluster, nearest, similarity, compared)


def _candidates(band: Signatures) -> Iterator[tuple[Places, Places]]:
    """Yield pairs that have equal signatures in a band: with the first, then with neighbours."""
    key = np.zeros(len(band), np.uint64)
    for column in band.T:
        key = (key ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]
    rest = np.flatnonzero(~starts)
    if len(rest):
        yield order[first[rest]], order[rest]
    for step in range(1, _NEIGHBOURS + 1):
        # Neighbours of the first one are paired with it already.
        at = np.flatnonzero(ordered[step:] == ordered[:-step]) if step < len(ordered) else rest[:0]
        at = at[~starts[at]]
        if not len(at):
            return
        yield order[at], order[at + step]


def _components(n: int, edges: list[NDArray[np.int64]]) -> Places:
    from scipy.sparse import coo_array  # noqa: PLC0415 - slow to import, and used here only
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    one, other = np.concatenate(edges, axis=1)
    graph = coo_array((np.ones(len(one), bool), (one, other)), shape=(n, n))
    _, found = connected_components(graph, directed=False)
    return np.asarray(found, np.int64)
