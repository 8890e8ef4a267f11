"""Who agrees with a group of their own: the groups of people, and the pairs they are judged by."""

from typing import Final

from app import assemble
from app.crew import Asked, Crew
from metrics.own_group import (
    FEWEST_MEMBERS,
    apart_together,
    as_divergence,
    own_group,
    possible_members,
    with_their_group,
)
from metrics.signals import Signal
from metrics.tables import AnnotatorPairs
from queries.scope import Scope

_EVERYBODY: Final = 1_000_000
_NUMBERS: Final = ("interval", "ratio")
"""On a numeric scale equal answers are rare, and agreement here is equality."""


def group_divergence(crew: Crew, signals: list[Signal]) -> list[Signal]:
    """Take the accusation off signs that whole groups of people share.

    Groups are those that the records of people name (`annotator_group`), and people who stand apart
    and agree with each other, whom nobody named.
    """
    groups = _groups(crew)
    for asked in crew.questions:
        if asked.question.level in _NUMBERS:
            continue
        possible = possible_members(signals, asked.name)
        named = len(set(groups.values())) > 1
        if not named and len(possible) < FEWEST_MEMBERS:
            continue
        pairs = _pairs(crew, asked)
        if pairs is None:
            continue
        found = own_group(pairs, groups)
        excused = frozenset() if found is None else with_their_group(found)
        signals = as_divergence(signals, excused | apart_together(pairs, possible), asked.name)
    return signals


def _groups(crew: Crew) -> dict[str, str]:
    found: dict[str, str] = {}
    for batch in crew.batches:
        if "person.annotator_group" in batch.filled:
            scope = Scope(batch.batch_id, viewer=crew.viewer)
            rows = crew.store.fetch("persons", scope, limit=_EVERYBODY)
            people, names = (
                rows[column].to_pylist() for column in ("person_key", "annotator_group")
            )
            found.update({key: name for key, name in zip(people, names, strict=True) if name})
    return found


def _pairs(crew: Crew, asked: Asked) -> AnnotatorPairs | None:
    tables = [
        crew.store.fetch(
            "annotator_pairs",
            Scope(
                batch.batch_id,
                population="all",
                questions=(asked.question.name,),
                viewer=crew.viewer,
            ),
        )
        for batch in asked.batches
    ]
    rows = assemble.stacked(tables)
    if not rows.num_rows:
        return None
    everybody = assemble.annotator_pairs(rows, asked.question)
    return assemble.of_roles(everybody, ("human", "expert"))
