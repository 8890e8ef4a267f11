"""Slices of two batches, compared: how far each moved, and what moved it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, cast

from app.drift_tables import WEEK, WHOLE, Mix, Place
from metrics.clusters import Clusters
from metrics.decomposition import Decomposition, decompose, strongest
from metrics.drift import label_drift
from metrics.estimates import Estimate
from metrics.shift_tests import Shift, label_shift
from queries.batches import Question

if TYPE_CHECKING:
    from metrics.tables import Level

OWN_COURSE = (WEEK, "guideline_version")
"""Dimensions in which two batches differ by nature; they are followed over time instead."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One slice before the family is known."""

    question: Question
    place: Place
    sides: tuple[Clusters, Clusters]
    shift: Shift


def compared(
    question: Question, before: dict[Place, Clusters], after: dict[Place, Clusters]
) -> Iterator[Compared]:
    """Yield the slices that both sides have, without those that are the whole under a name."""
    if WHOLE not in before or WHOLE not in after:
        return
    whole = before[WHOLE].number, after[WHOLE].number
    for place in sorted(before.keys() & after.keys()):
        dimension = place[0]
        pair = before[place], after[place]
        same = whole == (pair[0].number, pair[1].number) and all(
            int(one.counts.sum(axis=1) @ one.multiplicity)
            == int(all_of.counts.sum(axis=1) @ all_of.multiplicity)
            for one, all_of in zip(pair, (before[WHOLE], after[WHOLE]), strict=True)
        )
        if dimension in OWN_COURSE or (dimension and same):
            continue
        yield Compared(question, place, pair, label_shift(*pair))


def split(found: Mix, one: Compared) -> Decomposition | None:
    """Return why a slice moved: of the whole by the attribute whose mix moved labels most."""
    shift = one.shift
    if not min(shift.annotations):
        return None
    effect = shift.design_effect if isfinite(shift.design_effect) else 1.0
    places = [one.place]
    if one.place == WHOLE:
        places = [(name, "") for name in found.attributes()] or [WHOLE]
    splits = [
        decompose(
            found.cells(place), design_effect=effect, clusters=shift.clusters, tried=len(places)
        )
        for place in places
    ]
    told = strongest(max(splits, key=_mix_size, default=()))
    beside = tuple(name for name, _ in places if told is not None and name != told.attribute)
    return replace(told, beside=beside) if told is not None and told.attribute else told


def _mix_size(found: tuple[Decomposition, ...]) -> float:
    return sum(
        abs(one.parts["item_mix"].value) if "item_mix" in one.parts else 0.0 for one in found
    )


def distance(one: Compared) -> Estimate:
    """Return how far a slice moved, other distances in the provenance."""
    return label_drift(one.shift, cast("Level", one.question.level))
