"""Slices of two batches, compared: how far each moved, and what moved it."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, cast

import numpy as np

from app.drift_tables import WEEK, WHOLE, Mix, Place
from metrics import label_distances
from metrics.decomposition import Decomposition, decompose, strongest
from metrics.distances import label_positions
from metrics.estimates import Estimate
from metrics.shift_tests import Clusters, Shift, label_shift
from queries.batches import Question

if TYPE_CHECKING:
    from metrics.tables import Level

ORDERED = ("ordinal", "interval", "ratio")
OWN_COURSE = (WEEK, "guideline_version")
"""Dimensions in which two batches differ by nature; they are followed over time instead."""
METHOD = (
    "total variation; interval by the norm of the error, by {unit}; p the larger of exchange of"
    " {unit} (Pearson type III) and Student's t, times the labels"
)


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
        decompose(found.cells(place), design_effect=effect, clusters=shift.clusters)
        for place in places
    ]
    best = max(splits, key=_mix_size, default=())
    return strongest(best)


def _mix_size(found: tuple[Decomposition, ...]) -> float:
    return sum(
        abs(one.parts["item_mix"].value) if "item_mix" in one.parts else 0.0 for one in found
    )


def distance(one: Compared) -> Estimate:
    """Return how far a slice moved, other distances in the provenance."""
    shift = one.shift
    blank = Estimate(
        value=shift.distance,
        n=min(shift.clusters),
        n_unit=shift.unit,
        method=METHOD.format(unit=shift.unit),
    )
    if not min(shift.annotations):
        return blank.but(status="undefined", reason=shift.reason)
    counts = [shift.before * shift.annotations[0], shift.after * shift.annotations[1]]
    facts: dict[str, float | int | str] = {
        "jensen_shannon_bits": label_distances.jensen_shannon(*counts),
        "hellinger": label_distances.hellinger(*counts),
        "annotations_reference": shift.annotations[0],
        "annotations_batch": shift.annotations[1],
    }
    if one.question.level in ORDERED:
        positions = label_positions(shift.labels, cast("Level", one.question.level))
        facts["wasserstein"] = label_distances.wasserstein(counts[0], counts[1], positions)
    if shift.reason:
        return blank.but(status="insufficient", reason=shift.reason, provenance=facts)
    index = label_distances.stability_index(*counts, design_effect=shift.design_effect)
    facts |= {
        "by_chance": shift.by_chance,
        "design_effect": shift.design_effect,
        "stability_index": index.value,
        "stability_index_debiased": index.debiased,
        "stability_index_by_chance": index.null_mean,
        "stability_index_limit": index.null_limit,
        "cramer_v": label_distances.cramer_v(np.stack(counts)),
    }
    return blank.but(
        low=shift.low,
        high=shift.high,
        provenance={
            name: value
            for name, value in facts.items()
            if not isinstance(value, float) or isfinite(value)
        },
    )
