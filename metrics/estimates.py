"""The estimate: one number with everything a reader needs to trust or distrust it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import nan
from typing import Literal, Self

Status = Literal["ok", "insufficient", "undefined", "missing_input"]
About = Literal["batch", "process", "annotators"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, its n and what it is about.

    Attributes
    ----------
    value, low, high : float
        Point estimate and interval limits; nan where there is none. An interval that was not
        computed is nan, never invented.
    confidence : float in (0, 1)
        Level of the interval.
    n : int
        Number of units behind the value, counted in `n_unit`.
    n_unit : str
        Unit of `n`, in the plural: items, pairs, annotations.
    about : {"batch", "process", "annotators"}
        What the interval speaks of: this finite batch, items like these, or annotators like these.
    method : str
        How value and interval were computed, in words a reader can look up.
    status : {"ok", "insufficient", "undefined", "missing_input"}
        insufficient: too little data, value and interval still shown. undefined: the quantity does
        not exist here. missing_input: a column or statistic it needs is not there.
    reason : str
        Sentence that explains a status other than ok; empty otherwise.
    representative : bool
        False when the items behind the value were not drawn at random from the batch.
    is_count : bool
        True when the value is a number of things, which has no decimals.
    provenance : mapping
        Further facts for the record, such as the difference to a second computation.
    """

    value: float = nan
    low: float = nan
    high: float = nan
    confidence: float = 0.95
    n: int = 0
    n_unit: str = "items"
    about: About = "process"
    method: str = ""
    status: Status = "ok"
    reason: str = ""
    representative: bool = True
    is_count: bool = False
    provenance: Mapping[str, float | int | str] = field(default_factory=dict)

    def but(self, **changes: object) -> Self:
        """Return a copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]
