"""Contamination: which texts hold most of a text that must stay unseen."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metrics.shingles import Hashes, Places, Shingles

SMALLEST: Final = 6
"""Runs of three words that a text of the list needs to be looked for: eight words."""
TEMPLATE: Final = 200
"""A run in more texts of the list than this is its template, and tells none of them apart."""
CONTAINED: Final = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Isolated:
    """The list, by its runs: run i stands in the texts `text[start[i]:start[i + 1]]`."""

    value: Hashes
    start: Places
    text: Places
    sizes: Places


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Texts that hold one of the list: both places, and the share of its runs that they hold."""

    text: Places
    listed: Places
    share: NDArray[np.float64]


def isolated(texts: Shingles) -> Isolated:
    """Turn the texts of a list into an index of their runs."""
    owner = np.repeat(np.arange(len(texts)), texts.sizes)
    order = np.argsort(texts.value, kind="stable")
    value, start = np.unique(texts.value[order], return_index=True)
    sizes = np.diff(np.concatenate([start, [len(order)]]))
    common = np.repeat(sizes > TEMPLATE, sizes)
    kept = np.bincount(owner[order][~common], minlength=len(texts))
    value, sizes = value[sizes <= TEMPLATE], sizes[sizes <= TEMPLATE]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Isolated(value, start, owner[order][~common], kept.astype(np.int64))


def held(texts: Shingles, listed: Isolated, *, threshold: float = CONTAINED) -> Held:
    """Return for each text the one of the list it holds most of, where that is enough.

    Counted exactly, by looking every run of the texts up in the index of the list.

    Examples
    --------
    >>> from metrics.shingles import of_texts
    >>> secret = isolated(of_texts(["name the three largest rivers of southern europe"]))
    >>> asked = of_texts(["now name the three largest rivers of southern europe to me"])
    >>> found = held(asked, secret)
    >>> found.text.tolist(), found.share.tolist()
    ([0], [1.0])
    """
    if not len(listed.value):
        return _nothing()
    place = np.minimum(np.searchsorted(listed.value, texts.value), len(listed.value) - 1)
    hit = np.flatnonzero(listed.value[place] == texts.value)
    owner = np.searchsorted(texts.start, hit, side="right") - 1
    run = place[hit]
    width = np.diff(listed.start)[run]
    shift = listed.start[run] - np.concatenate([[0], np.cumsum(width)[:-1]])
    found = listed.text[np.arange(int(width.sum())) + np.repeat(shift, width)]
    pair, shared = np.unique(
        np.repeat(owner, width) * len(listed.sizes) + found, return_counts=True
    )
    text, other = pair // len(listed.sizes), pair % len(listed.sizes)
    share = shared / listed.sizes[other]
    enough = (share >= threshold) & (listed.sizes[other] >= SMALLEST)
    text, other, share = text[enough], other[enough], share[enough]
    best = np.lexsort((other, -share, text))
    first = np.concatenate([[True], np.diff(text[best]) > 0]) if len(best) else best.astype(bool)
    chosen = best[first]
    return Held(text[chosen], other[chosen], share[chosen])


def _nothing() -> Held:
    nobody = np.zeros(0, np.int64)
    return Held(nobody, nobody, np.zeros(0))
