"""Shingles: a text as the set of its short runs of words, so that overlap can be counted.

All arithmetic is on arrays of bytes and hashes; no text becomes an object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WORDS: Final = 3
CHARACTERS: Final = 4
_LONG_WORD: Final = 12
"""Bytes a word on average; above that a text is taken for one without blanks between words."""
_BLANK: Final = 32
_MULTIPLIER: Final = 0x9E3779B97F4A7C15
_DOCUMENT_BITS: Final = 15
_HASH_BITS: Final = 64 - _DOCUMENT_BITS
Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """The shingles of texts: text i has `value[start[i]:start[i + 1]]`, sorted, each once."""

    start: Places
    value: Hashes

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.start) - 1

    @property
    def sizes(self) -> Places:
        """Number of distinct shingles of each text."""
        return np.diff(self.start)


def of_texts(texts: Sequence[str]) -> Shingles:
    """Return the shingles of a few texts, for a test or an example."""
    encoded = [text.encode() for text in texts]
    start = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return shingles(np.frombuffer(b"".join(encoded), np.uint8), start)


def joined(blocks: Sequence[Shingles]) -> Shingles:
    """Put blocks one behind the other."""
    if not blocks:
        return Shingles(np.zeros(1, np.int64), np.zeros(0, np.uint64))
    sizes = np.concatenate([block.sizes for block in blocks])
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Shingles(start, np.concatenate([block.value for block in blocks]))


def shingles(data: NDArray[np.uint8], start: Places) -> Shingles:
    """Cut texts into runs of three words; of four characters where words have no blanks between.

    Two texts that differ in one word of fifty share 45 of 51 runs, a Jaccard overlap of .88. A text
    of fewer words is one run. Blanks must be single, as `ordinary_texts` gives them.

    Parameters
    ----------
    data : bytes of the texts, UTF-8, one behind the other
    start : text i is `data[start[i]:start[i + 1]]`
    """
    step = 1 << _DOCUMENT_BITS
    parts = [
        _block(data[start[at] : start[min(at + step, len(start) - 1)]], start[at : at + step + 1])
        for at in range(0, len(start) - 1, step)
    ]
    return joined(parts)


def _block(data: NDArray[np.uint8], start: Places) -> Shingles:
    start = start - start[0]
    n = len(start) - 1
    first, end, text = _words(data, start)
    count = np.bincount(text, minlength=n)
    unspaced = np.diff(start) > _LONG_WORD * np.maximum(count, 1)
    pieces = [_runs(data, first, end, text, keep=~unspaced, size=WORDS)]
    if unspaced.any():
        first, end, text = _characters(data, start)
        pieces.append(_runs(data, first, end, text, keep=unspaced, size=CHARACTERS))
    texts = np.concatenate([piece[0] for piece in pieces]).astype(np.uint64)
    hashes = np.concatenate([piece[1] for piece in pieces])
    # Text and hash in one number: sorting numbers is many times faster than sorting by two keys.
    keys = np.sort((texts << np.uint64(_HASH_BITS)) | (hashes >> np.uint64(_DOCUMENT_BITS)))
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
    sizes = np.bincount((keys >> np.uint64(_HASH_BITS)).astype(np.int64), minlength=n)
    value = keys & np.uint64((1 << _HASH_BITS) - 1)
    return Shingles(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), value)


def _words(data: NDArray[np.uint8], start: Places) -> tuple[Places, Places, Places]:
    """Return where each word begins and ends, and its text."""
    letter = data != _BLANK
    edge = np.zeros(len(data) + 1, bool)
    edge[start] = True
    before = np.concatenate([[False], letter[:-1]]) & ~edge[:-1] if len(data) else letter
    after = np.concatenate([letter[1:], [False]]) & ~edge[1:] if len(data) else letter
    first = np.flatnonzero(letter & ~before)
    end = np.flatnonzero(letter & ~after) + 1
    return first, end, np.searchsorted(start, first, side="right") - 1


def _characters(data: NDArray[np.uint8], start: Places) -> tuple[Places, Places, Places]:
    first = np.flatnonzero((data & 0xC0) != 0x80)
    end = np.concatenate([first[1:], [len(data)]]).astype(np.int64)
    return first, end, np.searchsorted(start, first, side="right") - 1


def _runs(
    data: NDArray[np.uint8],
    first: Places,
    end: Places,
    text: Places,
    *,
    keep: NDArray[np.bool_],
    size: int,
) -> tuple[Places, Hashes]:
    """Return text and hash of every run of `size` units, of the texts to keep."""
    count = np.bincount(text, minlength=len(keep))
    head = np.concatenate([[0], np.cumsum(count)[:-1]])
    place = np.arange(len(first)) - head[text]
    width = np.minimum(count, size)
    chosen = np.flatnonzero(keep[text] & (place <= count[text] - width[text]))
    last = chosen + width[text[chosen]] - 1
    return text[chosen], _hashes(data, first[chosen], end[last])


def _hashes(data: NDArray[np.uint8], first: Places, end: Places) -> Hashes:
    """Return a hash of each range of bytes, from sums over all bytes before its ends."""
    table = np.random.default_rng(20_261_123).integers(0, 2**64, 256, dtype=np.uint64)
    odd, inverse = np.uint64(_MULTIPLIER), np.uint64(pow(_MULTIPLIER, -1, 2**64))
    powers = np.full(len(data), odd)
    np.multiply.accumulate(powers, out=powers)
    sums = np.zeros(len(data) + 1, np.uint64)
    np.cumsum(table[data] * powers, out=sums[1:])
    back = np.full(len(data) + 1, inverse)
    np.multiply.accumulate(back, out=back)
    found: Hashes = (sums[end] - sums[first]) * back[first]
    return _mixed(found)


def _mixed(value: Hashes) -> Hashes:
    """Spread every bit over all bits (Steele, Lea and Flood 2014, splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def overlaps(texts: Shingles, one: Places, other: Places) -> NDArray[np.float64]:
    """Return the Jaccard overlap of pairs: shared shingles over those that either has.

    Examples
    --------
    >>> pair = of_texts(["a b c d e", "a b c d f"])
    >>> overlaps(pair, np.array([0]), np.array([1])).tolist()
    [0.5]
    """
    result = np.zeros(len(one))
    sizes = texts.sizes
    weight = np.cumsum(sizes[one] + sizes[other])
    at = 0
    while at < len(one):
        done = weight[at - 1] if at else 0
        limit = np.searchsorted(weight, done + (1 << 22), side="right")
        stop = int(min(max(limit, at + 1), at + (1 << _DOCUMENT_BITS)))
        result[at:stop] = _overlaps(texts, one[at:stop], other[at:stop])
        at = stop
    return result


def _overlaps(texts: Shingles, one: Places, other: Places) -> NDArray[np.float64]:
    pair = np.arange(len(one), dtype=np.uint64) << np.uint64(_HASH_BITS)
    keys = [np.repeat(pair, texts.sizes[side]) | _gathered(texts, side) for side in (one, other)]
    both = np.sort(np.concatenate(keys))
    same = both[1:][both[1:] == both[:-1]] >> np.uint64(_HASH_BITS)
    shared = np.bincount(same.astype(np.int64), minlength=len(one))
    union = texts.sizes[one] + texts.sizes[other] - shared
    return np.asarray(shared / np.maximum(union, 1), np.float64)


def _gathered(texts: Shingles, chosen: Places) -> Hashes:
    """Return the shingles of the chosen texts, one behind the other."""
    sizes = texts.sizes[chosen]
    shift = texts.start[chosen] - np.concatenate([[0], np.cumsum(sizes)[:-1]])
    found: Hashes = texts.value[np.arange(int(sizes.sum())) + np.repeat(shift, sizes)]
    return found
