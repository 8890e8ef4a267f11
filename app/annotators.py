"""Annotators: everybody of a batch, or of all batches since a date, with signs, flags and groups.

`annotators` is what the command and the pages read. A new source of signs is one line in `SOURCES`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, nan
from typing import Any

import numpy as np

from app.crew import ORDERED, Asked, Crew, gather
from app.habits import signals_of
from app.leverage import leverage
from app.own_groups import group_divergence
from metrics.annotators import reference_signals
from metrics.flags import Raised, flags, unseen
from metrics.influence import BestOfIdentical
from metrics.information import information_signals
from metrics.leave_one_out import agreement_signals
from metrics.posterior_accuracy import (
    Evidence,
    consensus_evidence,
    golden_evidence,
    posterior_accuracy,
)
from metrics.severity import ordered_agreement_signals, severity_signals
from metrics.signals import Signal
from metrics.standing_groups import groups
from queries.batches import BatchInfo
from queries.scope import Scope, Viewer
from queries.store import Store

LOOK_AT = 10
"""Items a flag leads to."""
Source = Callable[[Crew], list[Signal]]


@dataclass(frozen=True, slots=True)
class Score:
    """Posterior accuracy, 0 to 1; nan where nothing says anything about it."""

    value: float = nan
    low: float = nan
    high: float = nan


@dataclass(frozen=True, slots=True)
class AnnotatorRow:
    """One annotator.

    Attributes
    ----------
    group : number of the group of people it cannot be told apart from, 1 is the best; None below
        50 items, or without a score
    raised : flags with the signals they rest on
    signals : every sign, flagged or not
    look_at : flag -> items to look at first
    unseen : why carelessness could not have been seen; empty where it could
    influence : criterion -> value without the person minus value with
    """

    annotator_id: str
    person_key: str
    items: int
    annotations: int
    score: Score
    group: int | None
    raised: tuple[Raised, ...] = ()
    signals: tuple[Signal, ...] = ()
    look_at: tuple[str, ...] = ()
    unseen: str = ""
    influence: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the row as `batchgate annotators --json` prints it."""
        return {
            "annotator_id": self.annotator_id,
            "items": self.items,
            "annotations": self.annotations,
            "score": _finite(self.score.value),
            "low": _finite(self.score.low),
            "high": _finite(self.score.high),
            "group": self.group,
            "flags": [one.flag for one in self.raised],
            "evidence": {
                one.flag: {
                    "signals": [
                        {**signal_json(each.signal), "q_value": _finite(each.q_value)}
                        for each in one.because
                    ],
                    "look_at": list(self.look_at),
                }
                for one in self.raised
            },
            "influence": {name: _finite(change) for name, change in self.influence.items()},
        }


@dataclass(frozen=True, slots=True)
class SuspectProbe:
    """A planted item that people contradict together: the expected answer may be wrong."""

    batch: str
    item_id: str
    question: str
    type: str
    expected: str
    answers: int
    missed: int
    rival: str
    rival_answers: int


@dataclass(frozen=True, slots=True)
class Annotators:
    """All annotators, by group and then by name.

    Attributes
    ----------
    rows : annotators
    suspects : planted items that look wrong themselves
    chance : criterion -> gain from dropping the best-to-drop of an identical crew
    """

    rows: tuple[AnnotatorRow, ...]
    suspects: tuple[SuspectProbe, ...]
    chance: Mapping[str, BestOfIdentical] = field(default_factory=dict)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the list that `batchgate annotators --json` prints."""
        return [row.to_json() for row in self.rows]


def signal_json(signal: Signal) -> dict[str, Any]:
    """Return a signal with nan as null."""
    return {
        "kind": signal.kind,
        "question": signal.question,
        "side": signal.side,
        "value": _finite(signal.value),
        "low": _finite(signal.low),
        "high": _finite(signal.high),
        "expected": _finite(signal.expected),
        "n": signal.n,
        "n_unit": signal.n_unit,
        "p_value": _finite(signal.p_value),
        "note": signal.note,
    }


def annotators(store: Store, batches: Sequence[BatchInfo], viewer: Viewer) -> Annotators:
    """Say who worked on the batches, how well, and whom to look at."""
    crew = gather(store, batches, viewer)
    signals, raised, hidden = standing_out(crew)
    scores, placed = _scores(crew)
    moved = leverage(crew)
    names = store.people(sorted(crew.work))
    rows = []
    for person, work in crew.work.items():
        mine = tuple(one for one in raised if one.person == person)
        rows.append(
            AnnotatorRow(
                annotator_id=names[person],
                person_key=person,
                items=work.items,
                annotations=work.annotations,
                score=scores.get(person, Score()),
                group=placed.get(person),
                raised=mine,
                signals=tuple(one for one in signals if one.person == person),
                look_at=_departures(crew, person) if mine else (),
                unseen=hidden.get(person, ""),
                influence=moved.of.get(person, {}),
            )
        )
    last = len(rows) + 1
    rows.sort(key=lambda row: (row.group or last, row.annotator_id, row.person_key))
    return Annotators(tuple(rows), _suspects(crew), moved.chance)


def standing_out(crew: Crew) -> tuple[list[Signal], tuple[Raised, ...], dict[str, str]]:
    """Return every sign, the flags they raise, and of whom too little is known and why."""
    signals = group_divergence(crew, [signal for source in SOURCES for signal in source(crew)])
    raised = flags(signals)
    hidden = unseen(signals, raised)
    # Of whom there is no sign at all, nothing was compared, and nothing is known.
    for person in crew.work.keys() - {one.person for one in signals}:
        hidden[person] = "there was nothing to compare the answers with"
    return signals, tuple(raised), hidden


def _of_questions(source: Callable[[Asked], list[Signal]]) -> Source:
    return lambda crew: [signal for asked in crew.questions for signal in source(asked)]


def _agreement(asked: Asked) -> list[Signal]:
    if asked.patterns is None:
        return []
    if asked.question.level in ORDERED:
        return ordered_agreement_signals(asked.patterns, asked.name)
    return agreement_signals(asked.patterns, asked.name)


def _information(asked: Asked) -> list[Signal]:
    return [] if asked.patterns is None else information_signals(asked.patterns, asked.name)


def _golden(asked: Asked) -> list[Signal]:
    return [] if asked.golden is None else reference_signals(asked.golden, "golden", asked.name)


def _traps(asked: Asked) -> list[Signal]:
    return [] if asked.traps is None else reference_signals(asked.traps, "trap", asked.name)


def _severity(asked: Asked) -> list[Signal]:
    if asked.patterns is None or asked.pairs is None:
        return []
    return severity_signals(asked.patterns, asked.pairs, asked.name)


def _habits(crew: Crew) -> list[Signal]:
    """Return the signs of habits batch by batch: another batch has another pace and order."""
    found: list[Signal] = []
    for batch in crew.batches:
        tail = f" ({batch.batch_id})" if len(crew.batches) > 1 else ""
        signals = signals_of(crew.store, batch, crew.viewer)
        found.extend(replace(one, question=one.question + tail) for one in signals)
    return found


SOURCES: tuple[Source, ...] = (
    _of_questions(_traps),
    _of_questions(_golden),
    _of_questions(_agreement),
    _of_questions(_information),
    _of_questions(_severity),
    _habits,
)
"""Where signs come from."""


def _scores(crew: Crew) -> tuple[dict[str, Score], dict[str, int]]:
    """Return score and group by person, over the questions whose labels are right or wrong."""
    evidence: list[Evidence] = []
    for asked in crew.questions:
        if asked.golden is not None:
            evidence.append(golden_evidence(asked.golden))
        # On a numeric scale nobody gives exactly the right number; that is no accuracy.
        if asked.patterns is not None and asked.question.level not in {"interval", "ratio"}:
            found = consensus_evidence(asked.patterns)
            evidence.extend([] if found is None else [found])
    if not evidence:
        return {}, {}
    people, accuracy, _ = posterior_accuracy(evidence)
    scores = {
        person: Score(float(value), float(low), float(high))
        for person, value, low, high in zip(
            people, accuracy.value, accuracy.low, accuracy.high, strict=True
        )
    }
    items = np.array([crew.work[person].items if person in crew.work else 0 for person in people])
    return scores, groups(people, accuracy.value, accuracy.variance, items)


def _departures(crew: Crew, person: str) -> tuple[str, ...]:
    """Return the items to look at first; with their batch where there are several."""
    found: list[tuple[bool, int, str]] = []
    for batch in crew.batches:
        scope = Scope(batch.batch_id, viewer=crew.viewer)
        rows = crew.store.fetch("departures", scope, person_key=person, limit=LOOK_AT).to_pylist()
        tail = f" ({batch.batch_id})" if len(crew.batches) > 1 else ""
        found.extend((row["planted"] == "", -row["votes"], row["item_id"] + tail) for row in rows)
    found.sort()
    return tuple(dict.fromkeys(item for _, _, item in found))[:LOOK_AT]


def _suspects(crew: Crew) -> tuple[SuspectProbe, ...]:
    """Return planted items on which most people gave one same answer that is not the expected."""
    found: list[SuspectProbe] = []
    for batch in crew.batches:
        if "probe.expected" not in batch.filled or not batch.has_probes:
            continue
        rows = crew.store.fetch("golden_items", Scope(batch.batch_id, viewer=crew.viewer))
        found.extend(
            SuspectProbe(batch.batch_id, **row)
            for row in rows.to_pylist()
            if row["answers"] >= 3 and 2 * row["rival_answers"] > row["answers"]
        )
    return tuple(found)


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
