"""Batch after batch against one reference: what creeps away that no single batch shows."""

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

from app.drift import sequence
from app.drift_tables import WHOLE, Side, clusters
from metrics.monitoring import Monitor, limit_for, monitored
from metrics.shift_tests import Shift, label_shift
from queries.batches import BatchInfo, Question
from queries.scope import Viewer
from queries.store import Store

FEWEST_BATCHES: Final = 3


@dataclass(frozen=True, slots=True)
class Followed:
    """The batches after a reference, followed for the label that went furthest.

    Attributes
    ----------
    batches : ids, oldest first; those that can be compared
    label : whose share goes furthest beyond its limit
    shares : of that label, a batch
    monitor : weighted average of its shift, in standard errors, with the limit; None where there
        are too few batches
    signals : a batch, the labels that signal
    reason : why there is nothing to follow
    """

    batches: tuple[str, ...]
    label: str = ""
    shares: tuple[float, ...] = ()
    monitor: Monitor | None = None
    signals: tuple[tuple[str, ...], ...] = ()
    reason: str = ""


def followed(store: Store, reference: BatchInfo, question: str, viewer: Viewer) -> Followed:
    """Follow one question over the batches of the reference's dataset and kind that came after.

    All labels are watched together, with a limit that lets none of them signal for 200 batches on
    average while nothing changes.
    """
    order = sequence(store, reference, viewer)
    ids = [one.batch_id for one in order]
    later = order[ids.index(reference.batch_id) + 1 :] if reference.batch_id in ids else []
    shifts, own = _shifts(Side(store, reference, viewer), later, question)
    names = tuple(shifts)
    if len(names) < FEWEST_BATCHES:
        told = f"{len(names)} later batches of its dataset can be compared with it"
        return Followed(names, reason=f"{told}, {FEWEST_BATCHES} are needed")
    return _monitored(names, list(shifts.values()), own)


def _asked(batch: BatchInfo, name: str) -> Question | None:
    return next((one for one in batch.questions if one.name == name), None)


def _shifts(
    reference: Side, later: list[BatchInfo], name: str
) -> tuple[dict[str, Shift], dict[str, float]]:
    """Return the shift of every batch that asks the same, and the reference's error a label."""
    asked = _asked(reference.batch, name)
    before = clusters(reference, asked).get(WHOLE) if asked else None
    if asked is None or before is None:
        return {}, {}
    found = {}
    for batch in later:
        own = _asked(batch, name)
        if own is None or own.level != asked.level:
            continue
        after = clusters(Side(reference.store, batch, reference.viewer), own).get(WHOLE)
        if after is None or set(after.labels) != set(before.labels):
            continue
        shift = label_shift(before, after)
        if isfinite(shift.p_value):
            found[batch.batch_id] = shift
    # Against itself a reference errs on both sides alike: one side's error is the root of half.
    itself = label_shift(before, before)
    own = (itself.error / np.sqrt(2.0)).tolist()
    return found, dict(zip(itself.labels, own, strict=True))


def _monitored(names: tuple[str, ...], batches: list[Shift], own: dict[str, float]) -> Followed:
    labels = batches[0].labels
    monitors = []
    for place in range(len(labels)):
        error = np.array([one.error[one.labels.index(labels[place])] for one in batches])
        moved = np.array([one.moved[one.labels.index(labels[place])] for one in batches])
        sure = error > 0
        error = np.where(sure, error, 1.0)
        share = np.minimum(own[labels[place]] ** 2 / error**2, 1.0)
        monitors.append(
            monitored(
                np.where(sure, moved / error, 0.0),
                reference_share=np.where(sure, share, 0.0),
                width=limit_for(len(labels)),
            )
        )
    furthest = max(
        range(len(labels)),
        key=lambda at: float((np.abs(monitors[at].average) / monitors[at].limit).max()),
    )
    return Followed(
        batches=names,
        label=labels[furthest],
        shares=tuple(float(one.after[one.labels.index(labels[furthest])]) for one in batches),
        monitor=monitors[furthest],
        signals=tuple(
            tuple(label for label, one in zip(labels, monitors, strict=True) if one.signals[at])
            for at in range(len(names))
        ),
    )
