"""Repeatable chance: the same seed words give the same draws on every machine, for ever.

The streams of library generators may change between releases; the sample files must not, byte for
byte. Draws therefore come from a hash of the seed words and a counter, and a draw for one item
does not move when another item is added.
"""

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from statistics import NormalDist
from typing import Final, TypeVar

Option = TypeVar("Option")

_STANDARD_NORMAL: Final = NormalDist()
_DRAWS_PER_DIGEST: Final = 8
_BITS: Final = 53


class Chance:
    """A stream of draws named by words, such as a batch, an item and a purpose."""

    def __init__(self, *words: object) -> None:
        self._words = words
        self._key = "\x1f".join(str(word) for word in words).encode()
        self._drawn = 0
        self._digest = b""

    def about(self, *words: object) -> "Chance":
        """Return an independent stream for a part of what this one is about."""
        return Chance(*self._words, *words)

    def uniform(self) -> float:
        """Return a number strictly between 0 and 1."""
        block, place = divmod(self._drawn, _DRAWS_PER_DIGEST)
        if place == 0:
            self._digest = blake2b(self._key + b"\x1e" + str(block).encode()).digest()
        self._drawn += 1
        whole = int.from_bytes(self._digest[8 * place : 8 * place + 8], "big")
        return ((whole >> (64 - _BITS)) + 0.5) / (1 << _BITS)

    def normal(self, spread: float = 1.0) -> float:
        """Return a draw from the normal distribution around 0."""
        return spread * _STANDARD_NORMAL.inv_cdf(self.uniform())

    def log_normal(self, median: float, spread: float) -> float:
        """Return a draw whose logarithm is normal around the log of `median`."""
        return median * math.exp(self.normal(spread))

    def happens(self, share: float) -> bool:
        """Return true in `share` of the draws."""
        return self.uniform() < share

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of the options, all equally likely."""
        return options[int(self.uniform() * len(options))]

    def weighted(self, weights: Mapping[Option, float]) -> Option:
        """Return one of the keys, as likely as its weight."""
        left = self.uniform() * sum(weights.values())
        for option, weight in weights.items():
            left -= weight
            if left < 0:
                return option
        return next(reversed(list(weights)))

    def sample(self, options: Sequence[Option], count: int) -> list[Option]:
        """Return `count` different options in random order."""
        rest = list(options)
        for place in range(count):
            other = self.whole(place, len(rest) - 1)
            rest[place], rest[other] = rest[other], rest[place]
        return rest[:count]
