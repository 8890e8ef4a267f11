"""What each annotator does to the criteria of a batch: exact influence, beside pure chance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.audit import standard_of
from app.catalog import METRICS
from app.crew import Crew
from app.options import arguments
from metrics.criteria import Criterion
from metrics.influence import BestOfIdentical, best_of_identical, influence
from metrics.tables import UnitPatterns
from queries.batches import Question

MOST_PEOPLE = 300
"""People whose influence is computed: those who did most; the rest hardly move anything."""


@dataclass(frozen=True, slots=True)
class Leverage:
    """Influence on the criteria.

    Attributes
    ----------
    of : person key -> criterion -> value without the person minus value with
    chance : criterion -> gain from dropping the best-to-drop of an identical crew
    """

    of: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    chance: Mapping[str, BestOfIdentical] = field(default_factory=dict)


def leverage(crew: Crew) -> Leverage:
    """Compute the influence of everybody on every criterion of the batch's standard.

    Several batches have several standards, and no influence. Criteria that are no function of
    the patterns of labels (pairs of roles, counts of items, scales with too many values) have
    none either, and are not named.
    """
    if len(crew.batches) != 1:
        return Leverage()
    batch = crew.batches[0]
    busiest = sorted(crew.work, key=lambda person: (-crew.work[person].annotations, person))
    shown = set(busiest[:MOST_PEOPLE])
    of: dict[str, dict[str, float]] = {person: {} for person in shown}
    chance: dict[str, BestOfIdentical] = {}
    for criterion in standard_of(crew.store, batch).requirements:
        asked = [one for one in crew.questions if _speaks_of(criterion, one.question)]
        for one in asked:
            if one.patterns is None or one.patterns.annotators is None:
                continue
            name = criterion.id if len(asked) == 1 else f"{criterion.id} · {one.name}"
            people = one.patterns.annotators.annotators
            measure = _Value(criterion)
            kept = [place for place, person in enumerate(people) if person in shown]
            for place, change in zip(kept, influence(one.patterns, measure, kept), strict=True):
                of[people[place]][name] = float(change)
            found = best_of_identical(
                one.patterns,
                measure,
                int(batch.digest[:8], 16),
                higher_is_better=criterion.bound.low is not None,
            )
            if found is not None:
                chance[name] = found
    return Leverage(of, chance)


@dataclass(frozen=True, slots=True)
class _Value:
    """The value of a criterion's metric on some patterns, without its interval."""

    criterion: Criterion

    def __call__(self, patterns: UnitPatterns) -> float:
        metric = METRICS[self.criterion.metric]
        given: dict[str, Any] = arguments(metric, dict(self.criterion.options))
        given.pop("interval", None)
        return float(metric.function(patterns, **given).value)


def _speaks_of(criterion: Criterion, question: Question) -> bool:
    metric = METRICS[criterion.metric]
    options = dict(criterion.options)
    return (
        not criterion.where
        and metric.statistic == "unit_patterns"
        and not metric.per
        and not {"between", "roles"} & options.keys()
        and question.level in metric.levels
        and criterion.question in {None, question.name}
    )
