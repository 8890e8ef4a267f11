"""Why labels moved: which part came with other items, other people, another guideline.

The share of a label in a cell (side, stratum of items, person, guideline version) is modelled as

    stratum + person + version + (what else changed, by stratum, between the sides)

by least squares, cells weighted by their answers. Persons and versions that occur on both sides, or
beside each other on one, tell the causes apart; where none do, no arithmetic can, and the causes
are named as aliased. In this additive model every order of exchanging the factors gives the same
parts, so their average over orders (Shapley) is the parts themselves; with items as the only
factor they are Kitagawa's.

Shapes: K cells, Q labels.
"""

from dataclasses import dataclass, replace
from math import ceil, nan, sqrt
from typing import Final

import numpy as np
from scipy.special import ndtri

from metrics.mix_model import (
    Cells,
    LeastSquares,
    MixCells,
    Solved,
    chance_of_mix,
    contrasts_of,
    mix_of,
    shift_of,
    tabulated,
)
from metrics.standardisation import is_reversed

CAUSES: Final = ("item_mix", "annotator_mix", "guideline", "residual")
LARGEST_UNCOVERED: Final = 0.05
"""Answers that may lie in strata of one side only before item mix is no longer told apart."""
FEWEST_SHARED: Final = 3
"""People on both sides, without whom one person's own change would pass for the crew's."""
FEWEST_ANSWERS: Final = 10
WIDEST: Final = 0.1
"""Half width of an interval beyond which a part is as good as unknown."""
SMALLEST_PART: Final = 0.02


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause contributes to the shift of one label.

    `low` and `high` are limits that hold for all four causes, and for all attributes that item mix
    was tried with, together with 95 %.
    """

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the part is beyond chance and large enough to be named."""
        return abs(self.value) >= SMALLEST_PART and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The shift of one label in parts.

    Attributes
    ----------
    label, shift : the label, and its share in the batch less that in the reference
    parts : cause -> part, of those that can be told apart
    not_separable : causes that cannot be told from each other
    together : what these contribute together
    would_need : what would separate them
    unknown : causes of which nothing is recorded; they are inside residual
    attribute : the attribute of items that item mix is about
    beside : the other attributes that were tried, whose mix moved labels less
    is_reversed : the shift within the strata points the other way than the whole (Simpson)
    """

    label: str
    shift: float
    parts: dict[str, Part]
    not_separable: tuple[str, ...] = ()
    together: float = nan
    would_need: str = ""
    unknown: tuple[str, ...] = ()
    attribute: str = ""
    beside: tuple[str, ...] = ()
    is_reversed: bool = False

    @property
    def main_cause(self) -> tuple[str, ...]:
        """The largest clear cause, or the aliased ones together; empty where none is clear."""
        clear = {name: part for name, part in self.parts.items() if part.is_clear}
        largest = max(clear, key=lambda name: abs(clear[name].value), default="")
        size = abs(clear[largest].value) if largest else 0.0
        if self.not_separable and abs(self.together) >= max(size, SMALLEST_PART):
            return self.not_separable
        return (largest,) if largest else ()

    @property
    def masks(self) -> bool:
        """Whether clear parts of opposite sign leave less of a shift than the larger of them."""
        clear = [part.value for part in self.parts.values() if part.is_clear]
        return bool(
            clear and min(clear) < 0 < max(clear) and abs(self.shift) < max(map(abs, clear)) / 2.0
        )


def decompose(
    cells: MixCells,
    *,
    design_effect: float = 1.0,
    clusters: tuple[int, int] | None = None,
    tried: int = 1,
) -> tuple[Decomposition, ...]:
    """Split the shift of every label into item mix, annotator mix, guideline and residual.

    Is it the items, the people, or the guideline? Every part says what would have moved had only
    that cause changed. It misleads where causes work differently together than apart, and
    guideline stands for everything that changed on the day the version did.

    Parameters
    ----------
    design_effect : how much less annotations say than independent ones, for the intervals
    clusters : prompts or items of both sides, by whose chance the mix of items varies; every
        answer one of its own where it is not given
    tried : attributes of items that are tried, of which the one with the largest mix is told

    Returns
    -------
    tuple of Decomposition, one a label
        Empty where a side has no answers.
    """
    if not all((cells.count[cells.side == side] > 0).any() for side in (0, 1)):
        return ()
    table = tabulated(cells)
    contrasts = contrasts_of(table)
    reduced = LeastSquares(table)
    solved = {
        cause: reduced.solve(contrast, design_effect) for cause, contrast in contrasts.items()
    }
    chance = chance_of_mix(table, reduced.coefficients, clusters)
    items = solved["item_mix"]
    solved["item_mix"] = replace(items, error=np.sqrt(items.error**2 + chance))
    unsupported = _unsupported(table)
    return tuple(
        _of_label(
            cells,
            table,
            place,
            solved,
            unsupported=unsupported,
            design_effect=design_effect,
            limits=len(CAUSES) * max(tried, 1),
        )
        for place in range(len(cells.labels))
    )


def strongest(found: tuple[Decomposition, ...]) -> Decomposition | None:
    """Return the label with the largest parts, which may add up to no shift at all."""

    def size(one: Decomposition) -> float:
        parts = sum(abs(part.value) for part in one.parts.values())
        return parts + (abs(one.together) if one.not_separable else 0.0)

    return max(found, key=lambda one: (round(size(one), 9), one.label), default=None)


def items_needed(share: float, shift: float, *, level: float = 0.05, power: float = 0.8) -> int:
    """Return how many items two crews must both answer to see a shift of that size.

    Examples
    --------
    >>> items_needed(0.5, 0.25)
    63
    """
    reach = float(ndtri(1.0 - level / 2.0) + ndtri(power))
    return ceil(2.0 * reach**2 * share * (1.0 - share) / shift**2)


def _unsupported(table: Cells) -> dict[str, str]:
    """Return causes that the model alone would carry, with what is missing."""
    found = {}
    mixes = mix_of(table.side, table.stratum, table.answers)
    one_sided = np.asarray(mixes.min(axis=0) <= 0)
    if (mixes * one_sided).sum(axis=1).max() > LARGEST_UNCOVERED:
        found["item_mix"] = "strata"
    counts = np.zeros((2, table.people))
    np.add.at(counts, (table.side, table.person), table.answers)
    shared = int((counts >= FEWEST_ANSWERS).all(axis=0).sum())
    moved = np.abs(np.diff(counts / counts.sum(axis=1, keepdims=True), axis=0)).sum() / 2.0
    fewest = min(FEWEST_SHARED, int((counts > 0).sum(axis=1).min()))
    if shared < fewest and moved > LARGEST_UNCOVERED:
        found["annotator_mix"] = "people"
    return found


def _of_label(
    cells: MixCells,
    table: Cells,
    place: int,
    solved: dict[str, Solved],
    *,
    unsupported: dict[str, str],
    design_effect: float,
    limits: int,
) -> Decomposition:
    shift = float(shift_of(table)[place])
    unknown = tuple(
        cause
        for cause, is_known in (("item_mix", cells.attribute), ("guideline", cells.knows_versions))
        if not is_known
    )
    causes = [cause for cause in CAUSES if cause not in unknown]
    single, together_all = float(ndtri(0.975)), float(ndtri(1.0 - 0.025 / limits))
    parts, aliased = {}, []
    for cause in causes:
        one = solved[cause]
        value, error = float(one.value[place]), float(one.error[place])
        reach = together_all * error
        if not one.is_estimable or cause in unsupported or single * error > WIDEST:
            aliased.append(cause)
        else:
            parts[cause] = Part(value, value - reach, value + reach)
    if aliased == ["residual"]:
        # Too few answers to know the rest, and so to know the least certain of the others.
        aliased.insert(0, max(parts, key=lambda cause: parts[cause].high - parts[cause].low))
        parts.pop(aliased[0])
    if aliased and "residual" not in aliased:
        # What cannot be told from anything else is shared with what nobody recorded.
        aliased.append("residual")
        parts.pop("residual", None)
    together = shift - sum(part.value for part in parts.values()) if aliased else nan
    share = float(table.answers @ table.share[:, place] / table.answers.sum())
    return Decomposition(
        label=cells.labels[place],
        shift=shift,
        parts=parts,
        not_separable=tuple(aliased),
        together=together,
        would_need=_would_need(aliased, share, together, design_effect) if aliased else "",
        unknown=unknown,
        attribute=cells.attribute,
        is_reversed=_is_reversed(table, place, shift, parts.get("item_mix")),
    )


def _is_reversed(table: Cells, place: int, shift: float, items: Part | None) -> bool:
    """Whether the shift within strata points clearly the other way than the whole."""
    if items is None or not items.is_clear or abs(shift) < SMALLEST_PART:
        return False
    within = shift - items.value
    if within * shift >= 0 or abs(within) < SMALLEST_PART:
        return False
    size = int(table.stratum.max()) + 1
    sides = []
    for side in (0, 1):
        chosen = table.side == side
        cases = np.bincount(table.stratum[chosen], table.answers[chosen], size)
        hits = np.bincount(
            table.stratum[chosen], table.answers[chosen] * table.share[chosen, place], size
        )
        sides.append((np.minimum(hits, cases), cases))
    return is_reversed(sides[0], sides[1])


def _would_need(aliased: list[str], share: float, together: float, design_effect: float) -> str:
    """Say what would tell aliased causes apart."""
    size = max(abs(together), 0.05)
    # One answer of each crew an item: only answers to one prompt still hang together.
    number = ceil(items_needed(share, size) * sqrt(max(design_effect, 1.0)))
    says = []
    if "annotator_mix" in aliased:
        says.append(f"{number} audit items to both crews")
    if "guideline" in aliased:
        says.append(f"{number} items to the same people under both guideline versions")
    if "item_mix" in aliased:
        says.append(f"{number} items of each stratum that only one side has, on the other side too")
    if not says:
        says.append(f"{number} items of the reference again, among those of the batch")
    return ", and ".join(says)
