"""Sources: who measures the metrics that are not computed from patterns or pairs of answers.

A metric about people, items or time has an `Estimate` as every other, but its table is its own.
Its entry in the catalogue names a statistic; the module that stands here for that statistic has a
function `estimates(request, question, by)`, which yields one `Row` for the whole batch first, then
one per question, stratum or whatever its options tell apart. Command, standards, audit and Methods
need to know nothing else of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from metrics.estimates import Estimate

if TYPE_CHECKING:
    from app.measure import Request

Slice = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One estimate and what it is of.

    Attributes
    ----------
    question : the question, empty for the batch as a whole
    slice : pairs of dimension and value
    options : what tells this row from others, beside the options asked for
    population : whose answers or which items
    """

    estimate: Estimate
    question: str = ""
    slice: Slice = ()
    options: Mapping[str, str] = field(default_factory=dict)
    population: str = "people"


Estimates = Callable[["Request", str | None, tuple[str, ...]], Iterable[Row]]

MODULES: Final[Mapping[str, str]] = {
    "attribute_combinations": "app.gaps",
    "item_counts": "app.coverage",
    "label_mix": "app.drift_metrics",
    "probe_answers": "app.probing",
    "crew_flags": "app.crew_measures",
    "annotator_patterns": "app.crew_measures",
    "review_transitions": "app.review_measures",
    "review_probes": "app.review_measures",
    "review_pairs": "app.review_measures",
    "disputes": "app.review_measures",
    "unseen_items": "app.review_measures",
    "near_duplicates": "app.duplicates",
    "conflicts": "app.conflicts",
    "contamination": "app.contamination",
    "text_coverage": "app.text_coverage",
    "responses": "app.soundness",
}
"""Statistic -> module; a name, so that a command loads only what it measures."""


def estimates_of(statistic: str) -> Estimates:
    """Return the function that measures metrics of a statistic."""
    return cast("Estimates", import_module(MODULES[statistic]).estimates)
