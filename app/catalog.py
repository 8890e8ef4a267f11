"""The metric catalogue: one entry per metric, from which everything else about it follows.

The Methods page, `batchgate metrics`, the vocabulary of standards, option checks and the property
tests all read this table. Ids are public and stable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import getdoc
from math import isfinite
from typing import Any, Literal

from app.text_catalog import TEXT_METRICS
from metrics import (
    aggregate,
    agreement,
    coverage,
    diversity,
    gaps,
    kappas,
    moments,
    pair_agreement,
    ratings,
    targets,
)
from metrics.estimates import Estimate

Statistic = Literal[
    "unit_patterns",
    "annotator_pairs",
    "item_counts",
    "attribute_combinations",
    "texts",
    "responses",
    "topics",
]
Page = Literal["agreement", "records", "annotators", "reviewers", "coverage", "soundness"]
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
    statistic: Statistic = "unit_patterns"
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


_ENTRIES = (
    Metric(
        id="krippendorff_alpha",
        title="Krippendorff's alpha",
        asks="How far do annotators agree beyond chance, whoever judged and whatever is missing?",
        function=agreement.krippendorff_alpha,
        from_moments=moments.interval_alpha,
        options={**LEVEL, **TIES, **ROLES, **RESAMPLING, **ABOUT},
        reference="Krippendorff 2011; Hayes and Krippendorff 2007, doi:10.1080/19312450709336664",
    ),
    Metric(
        id="percent_agreement",
        title="Percent agreement",
        asks="How often do two annotators of the same item give the same answer?",
        function=agreement.percent_agreement,
        from_pairs=pair_agreement.pair_agreement,
        options={**TIES, **AVERAGE, **ROLES, **BETWEEN, **ANALYTIC, **ABOUT},
        unit="share",
        range=(0.0, 1.0),
        reference="Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., ch. 2",
    ),
    Metric(
        id="gwet_ac1",
        title="Gwet's AC1",
        asks="How far do annotators agree beyond chance when one label is much more common?",
        function=agreement.gwet_ac1,
        options={**TIES, **ROLES, **ANALYTIC, **ABOUT},
        reference="Gwet 2008, doi:10.1348/000711006X126600",
    ),
    Metric(
        id="gwet_ac2",
        title="Gwet's AC2",
        asks="The same for ordered labels, where a near miss counts for something?",
        function=agreement.gwet_ac2,
        options={"weights": ("linear", "quadratic"), **TIES, **ROLES, **ANALYTIC, **ABOUT},
        levels=NUMERIC,
        reference="Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., ch. 4",
    ),
    Metric(
        id="fleiss_kappa",
        title="Fleiss' kappa",
        asks="How far do interchangeable annotators agree beyond chance?",
        function=agreement.fleiss_kappa,
        options={**TIES, **ROLES, **ANALYTIC, **ABOUT},
        health="diagnostic",
        reference="Fleiss 1971, doi:10.1037/h0031619",
    ),
    Metric(
        id="brennan_prediger",
        title="Brennan-Prediger coefficient",
        asks="How far do annotators agree beyond guessing all labels alike?",
        function=agreement.brennan_prediger,
        options={**TIES, **ROLES, **ANALYTIC, **ABOUT},
        health="diagnostic",
        reference="Brennan and Prediger 1981, doi:10.1177/001316448104100307",
    ),
    Metric(
        id="label_agreement",
        title="Agreement on one label",
        asks="Which label is the one that annotators do not agree on?",
        function=agreement.label_agreement,
        options={"label": (), **TIES, **ROLES, **RESAMPLING, **ABOUT},
        unit="share",
        range=(0.0, 1.0),
        health="diagnostic",
        per="label",
        reference="Cicchetti and Feinstein 1990, doi:10.1016/0895-4356(90)90159-M",
    ),
    Metric(
        id="cohen_kappa",
        title="Cohen's kappa",
        asks="How far do two given annotators agree beyond chance?",
        function=kappas.cohen_kappa,
        statistic="annotator_pairs",
        options={
            **WEIGHTS,
            "interval": ("analytic", "bootstrap"),
            "replicates": (),
            "seed": (),
            "confidence": (),
        },
        health="diagnostic",
        per="annotator pair",
        reference="Cohen 1960, doi:10.1177/001316446002000104; Cohen 1968, doi:10.1037/h0026256",
    ),
    Metric(
        id="aggregate_alpha",
        title="Reliability of the label that ships",
        asks="How reliable is the label made from all votes of an item, not one vote alone?",
        function=aggregate.aggregate_alpha,
        options={**TIES, **ROLES, "confidence": ()},
        reference="Spearman 1910, doi:10.1111/j.2044-8295.1910.tb00206.x; Brown 1910",
    ),
    Metric(
        id="mean_score",
        title="Mean score",
        asks="How high do the items score on average?",
        function=ratings.mean_score,
        from_moments=ratings.mean_score,
        options={"average": ("item", "annotation"), **ROLES, **RESAMPLING, **ABOUT},
        levels=NUMERIC,
        unit="scale points",
        range=(float("-inf"), float("inf")),
        direction="none",
        health="diagnostic",
        reference="Cochran 1977, Sampling Techniques, 3rd ed., ch. 9A (cluster means)",
    ),
    Metric(
        id="coverage_count",
        title="Number of items",
        asks="How many items does this cell of the plan hold?",
        function=coverage.coverage_count,
        statistic="item_counts",
        takes_question=False,
        page="records",
        options={**CENSUS, **ITEMS},
        unit="items",
        range=(0.0, float("inf")),
        needs=("item.item_id",),
        reference=COMPLETE_COUNT,
    ),
    Metric(
        id="coverage_share",
        title="Share of items",
        asks="Is this cell of the plan the share of the batch that was ordered?",
        function=coverage.coverage_share,
        statistic="item_counts",
        takes_question=False,
        page="records",
        options={**CENSUS, "items": ("accepted", "all")},
        unit="share",
        range=(0.0, 1.0),
        direction="none",
        needs=("item.item_id",),
        reference=COMPLETE_COUNT,
    ),
    Metric(
        id="coverage_share_met",
        title="Share of declared cells met",
        asks="How many of the cells that the standard declares hold what they need?",
        function=targets.coverage_share_met,
        statistic="attribute_combinations",
        takes_question=False,
        page="coverage",
        options=CENSUS,
        unit="share",
        range=(0.0, 1.0),
        needs=("item_attribute.value",),
        reference=COMPLETE_COUNT,
    ),
    Metric(
        id="combination_coverage",
        title="Combinations covered",
        asks="Which share of the possible pairs or triples of attribute values does any item have?",
        function=gaps.combination_coverage,
        statistic="attribute_combinations",
        takes_question=False,
        page="coverage",
        options={**CENSUS, "t": ("2", "3"), "reference": ()},
        unit="share",
        range=(0.0, 1.0),
        needs=("item_attribute.value",),
        health="diagnostic",
        reference="Kuhn, Kacker and Lei 2010, doi:10.6028/NIST.SP.800-142",
    ),
    Metric(
        id="uncovered_patterns",
        title="Uncovered patterns",
        asks="How many kinds of item are missing that nobody declared, each told once?",
        function=gaps.uncovered_pattern_count,
        statistic="attribute_combinations",
        takes_question=False,
        page="coverage",
        options={**CENSUS, "least": (), "reference": ()},
        unit="patterns",
        range=(0.0, float("inf")),
        direction="lower",
        needs=("item_attribute.value",),
        health="diagnostic",
        reference="Asudeh, Jin and Jagadish 2019, doi:10.1109/ICDE.2019.00056",
    ),
    Metric(
        id="effective_categories",
        title="Effective number of categories",
        asks="How many equally common values of this attribute would be as diverse as these?",
        function=diversity.effective_categories,
        statistic="attribute_combinations",
        takes_question=False,
        page="coverage",
        options={
            "dimension": (),
            "order": ("0", "1", "2"),
            "about": ("batch", "process"),
            "confidence": (),
        },
        unit="categories",
        range=(1.0, float("inf")),
        needs=("item_attribute.value",),
        reference="Hill 1973, doi:10.2307/1934352; Chao and others 2014, doi:10.1890/13-0133.1",
    ),
    Metric(
        id="unseen_mass",
        title="Unseen mass",
        asks="Which share of further items would be of a kind that this batch does not have?",
        function=diversity.unseen_mass,
        statistic="attribute_combinations",
        takes_question=False,
        page="coverage",
        options={"dimension": (), "about": ("process",), "confidence": ()},
        unit="share",
        range=(0.0, 1.0),
        direction="lower",
        needs=("item_attribute.value", "item.inclusion_probability"),
        reference="Good 1953, doi:10.1093/biomet/40.3-4.237; Chao and Jost 2012,"
        " doi:10.1890/11-1952.1",
    ),
)

_ALL = (*_ENTRIES, *(Metric(**entry) for entry in TEXT_METRICS))
METRICS: Mapping[str, Metric] = {entry.id: entry for entry in _ALL}
