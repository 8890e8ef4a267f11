"""One batch over its own weeks: labels and times, early against late, and when they changed."""

from dataclasses import dataclass

import numpy as np

from app.drift_tables import WEEK, WHOLE, Side, clusters, mix_of_halves, times, together
from app.drift_words import why
from app.slice_drift import Compared, split
from metrics.change_points import ChangePoint, pettitt
from metrics.clusters import Clusters, merged
from metrics.decomposition import Decomposition
from metrics.drift_alarms import is_large
from metrics.family_drift import FamilyShift
from metrics.shift_tests import Shift, label_shift
from metrics.speed_drift import median_seconds, speed_shift
from metrics.tables import Floats
from queries.batches import BatchInfo, Question
from queries.scope import Viewer
from queries.store import Store

LEVEL = 0.025
"""Of each of two tests, labels and speed, that together err in 5 % of courses."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The weeks of one question of a batch.

    Attributes
    ----------
    weeks : Mondays, in order
    labels : tuple of Q labels; shares : ndarray of shape (weeks, Q)
    answers : answers a week
    seconds : median time a week; nan where no time is known
    late_from : the first week of the later half of the answers; empty with one week
    shift, speed : later half against the earlier; None where there is nothing to compare
    change : the most likely change of the label that moved most
    cause : parts of that shift: items, people, guideline, rest; None where labels did not move
    """

    weeks: tuple[str, ...]
    labels: tuple[str, ...]
    shares: Floats
    answers: tuple[int, ...]
    seconds: Floats
    late_from: str
    shift: Shift | None
    speed: FamilyShift | None
    change: ChangePoint | None
    cause: Decomposition | None = None

    @property
    def labels_moved(self) -> bool:
        """Whether labels moved, beyond chance and enough to matter."""
        return self.shift is not None and _moved(self.shift)

    @property
    def speed_moved(self) -> bool:
        """Whether people became slower or faster, beyond chance and enough to matter."""
        return bool(self.speed and self.speed.p_value < LEVEL and self.speed.is_large)


def course(store: Store, batch: BatchInfo, question: Question, viewer: Viewer) -> Course | None:
    """Return the weeks of a question; None where no answer has a time."""
    side = Side(store, batch, viewer)
    found = {
        stratum: one
        for (dimension, stratum), one in clusters(side, question).items()
        if dimension == WEEK
    }
    if not found:
        return None
    weeks = tuple(sorted(found))
    labels = found[weeks[0]].labels
    totals = np.array([found[week].totals for week in weeks], dtype=np.float64)
    answers = totals.sum(axis=1)
    weekly = times(side, question.name, {}) if _has_times(batch) else {}
    seconds = np.array(
        [median_seconds(weekly[week]) if week in weekly else np.nan for week in weeks]
    )
    half = int(np.searchsorted(np.cumsum(answers), answers.sum() / 2.0)) + 1
    halves = weeks[:half], weeks[half:]
    shift = speed = change = cause = None
    if halves[1]:
        sides = [_together([found[week] for week in part]) for part in halves]
        shift = label_shift(sides[0], sides[1])
        if _moved(shift):
            mixes = mix_of_halves(side, question.name, shift.labels, halves[1][0])
            cause = split(mixes, Compared(question, WHOLE, (sides[0], sides[1]), shift))
        if weekly:
            spent = [together([weekly[w] for w in part if w in weekly]) for part in halves]
            speed = speed_shift(spent[0], spent[1], question.name)
        shares = totals / answers[:, None]
        change = pettitt(shares[:, labels.index(shift.most)]) if shift.most else None
    return Course(
        weeks=weeks,
        labels=labels,
        shares=totals / answers[:, None],
        answers=tuple(int(number) for number in answers),
        seconds=seconds,
        late_from=halves[1][0] if halves[1] else "",
        shift=shift,
        speed=speed,
        change=change,
        cause=cause,
    )


def _moved(shift: Shift) -> bool:
    return bool(shift.p_value < LEVEL and is_large(shift.before, shift.after))


def _has_times(batch: BatchInfo) -> bool:
    return "annotation.duration_seconds" in batch.filled


def _together(parts: list[Clusters]) -> Clusters:
    """Return the clusters of several weeks; one prompt answered in two of them counts twice."""
    return merged(
        Clusters(
            parts[0].labels,
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.multiplicity for part in parts]),
            parts[0].unit,
        )
    )


def told(found: Course) -> tuple[str, str]:
    """Say in one sentence what moved in the course of the batch, and in another how far."""
    if found.shift is None:
        return "One week only", "Nothing can have moved between weeks."
    words = [
        "labels moved" if found.labels_moved else "labels did not move",
        "speed moved" if found.speed_moved else "speed did not move",
    ]
    if found.speed is None:
        words = words[:1]
    first = ", ".join(sorted(words, key=lambda word: "not" in word))
    shift = found.shift
    place = shift.labels.index(shift.most) if shift.most else 0
    facts = [
        f"since {found.late_from}: {shift.labels[place]} {shift.before[place]:.1%} →"
        f" {shift.after[place]:.1%}"
    ]
    if shift.reason:
        facts.append(shift.reason)
    if found.speed is not None:
        facts.append(found.speed.reason or found.speed.note)
    change = found.change
    if found.labels_moved and change is not None and change.after:
        sure = f" ({change.reason})" if change.reason else ""
        facts.append(f"the likeliest week of the change is {found.weeks[change.after]}{sure}")
    if found.cause is not None:
        facts.append(why(found.cause))
    return first[0].upper() + first[1:], " · ".join(facts)
