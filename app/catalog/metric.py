"""What the product knows about one metric, and the options that several metrics share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import getdoc
from math import isfinite
from typing import Any, Literal

from metrics.estimates import Estimate

Page = Literal["agreement", "records", "annotators", "reviewers", "coverage", "drift", "soundness"]
Health = Literal["health", "diagnostic"]
Direction = Literal["higher", "lower", "none"]

KINDS = ("sft", "preference", "ranking", "reward", "qa")
ANY_LEVEL = ("nominal", "ordinal", "interval", "ratio", "set", "ranking")
NUMERIC = ("ordinal", "interval", "ratio")

# Options every agreement metric shares; an empty tuple means free text checked where it is used.
ROLES: Mapping[str, tuple[str, ...]] = {"roles": ()}
BETWEEN: Mapping[str, tuple[str, ...]] = {"between": ()}
TIES: Mapping[str, tuple[str, ...]] = {"ties": ("class", "exclude")}
WEIGHTS: Mapping[str, tuple[str, ...]] = {"weights": ("none", "linear", "quadratic")}
ABOUT: Mapping[str, tuple[str, ...]] = {"about": ("process", "annotators")}
RESAMPLING: Mapping[str, tuple[str, ...]] = {
    "interval": ("jackknife", "bootstrap"),
    "replicates": (),
    "seed": (),
    "confidence": (),
}
ANALYTIC: Mapping[str, tuple[str, ...]] = {
    **RESAMPLING,
    "interval": ("jackknife", "bootstrap", "analytic"),
}
LEVEL: Mapping[str, tuple[str, ...]] = {
    "level": ("nominal", "ordinal", "interval", "ratio", "set"),
    "distance": ("jaccard", "masi"),
}
CENSUS: Mapping[str, tuple[str, ...]] = {"about": ("batch",)}
ITEMS: Mapping[str, tuple[str, ...]] = {"items": ("all", "accepted")}
COMPLETE_COUNT = "Cochran 1977, Sampling Techniques, 3rd ed., ch. 1 (complete count)"
AGAINST: Mapping[str, tuple[str, ...]] = {"against": ()}
AVERAGE: Mapping[str, tuple[str, ...]] = {"average": ("item", "pair")}


@dataclass(frozen=True, slots=True)
class Metric:
    """Everything the product knows about one metric.

    Attributes
    ----------
    id : stable public name
    title, asks : short name, and the question it answers
    statistic : the statistic table it is computed from; all but patterns and pairs of answers are
        read by the module that `app.sources` names
    takes_question : whether it is asked of one question at a time, not of the batch as a whole
    page : the page that shows what is behind it
    function : table and options in, Estimate out
    unit : what the value counts; range : smallest and largest value
    options : option name to allowed values; an empty tuple allows any text
    levels : levels of measurement it is defined for
    from_moments : stand-in for scales with too many values for patterns, and the options it takes
    from_pairs : stand-in where the option `between` asks for pairs of roles
    per : "label" or "annotator pair" where the metric gives one row each instead of one
    """

    id: str
    title: str
    asks: str
    function: Callable[..., Estimate]
    reference: str
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statistic: str = "unit_patterns"
    takes_question: bool = True
    page: Page = "agreement"
    kinds: tuple[str, ...] = KINDS
    levels: tuple[str, ...] = ANY_LEVEL
    unit: str = "coefficient"
    range: tuple[float, float] = (-1.0, 1.0)
    direction: Direction = "higher"
    needs: tuple[str, ...] = ("annotation.value",)
    owner: str = "qa-lead"
    health: Health = "health"
    from_moments: Callable[..., Estimate] | None = None
    moments_options: tuple[str, ...] = ("confidence",)
    from_pairs: Callable[..., Estimate] | None = None
    per: Literal["", "label", "annotator pair"] = ""

    @property
    def counts_items(self) -> bool:
        """Whether its n are items that have answers, and not reviews, answers or people."""
        return self.statistic in {"unit_patterns", "annotator_pairs"}

    @property
    def explanation(self) -> str:
        """How it is computed and when it misleads, from the function's own documentation."""
        return getdoc(self.function) or ""

    def to_json(self) -> dict[str, Any]:
        """Return the entry as `batchgate metrics --json` prints it."""
        return {
            "id": self.id,
            "title": self.title,
            "question": self.asks,
            "kinds": list(self.kinds),
            "statistic": self.statistic,
            "unit": self.unit,
            "range": [limit if isfinite(limit) else None for limit in self.range],
            "direction": self.direction,
            "levels": list(self.levels),
            "options": {name: list(values) for name, values in self.options.items()},
            "needs": list(self.needs),
            "owner": self.owner,
            "class": self.health,
            "reference": self.reference,
        }
