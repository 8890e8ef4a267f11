"""One batch, one question close up: what a page puts beside each other, chosen without drawing.

Rules that pages need and that are worth a test of their own live here: which coefficients stand
beside each other, which criterion judges a number, when two coefficients contradict each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from app.audit import Audit, CriterionResult
from app.catalog import METRICS
from app.measure import Measurement, Slice
from app.tallies import Stratum
from app.text import VERDICT_ORDER, counted, figure, percent, shorten
from metrics.estimates import Estimate
from metrics.intervals import proportion
from metrics.overlap import OverlapCounts, overlap_differences
from queries.batches import BatchInfo, Question
from queries.schema import PATTERN_LABELS

ALPHA = "krippendorff_alpha"
OVERLAP_WORDS = {
    "all": "planned: every item",
    "random": "drawn at random",
    "priority": "chosen by priority, not at random",
    "unknown": "nobody recorded who chose them",
}
# Coefficients further apart than this tell different stories about the same answers.
_PARADOX_GAP = 0.15
_SIGNIFICANT = 0.05
_SHARED_OPTIONS = ("confidence", "about", "level")
_ORDERED = ("ordinal", "interval", "ratio")


@dataclass(frozen=True, slots=True)
class Standing:
    """A batch on the board: its audit, or why it has none."""

    batch: BatchInfo
    audit: Audit | None
    trouble: str = ""

    @property
    def verdict(self) -> str:
        """The verdict in one word."""
        return self.audit.verdict if self.audit else "not judged"

    @property
    def reason(self) -> str:
        """The worst reason in a sentence or two."""
        return self.audit.reason if self.audit else self.trouble


def waiting_first(standings: Iterable[Standing]) -> list[Standing]:
    """Sort batches by how much they wait for somebody: not judged, hold, reject, ... accept.

    Nobody waits for a batch that another one supersedes.
    """

    def place(standing: Standing) -> tuple[bool, int, str]:
        known = standing.verdict in VERDICT_ORDER
        number = VERDICT_ORDER.index(standing.verdict) if known else -1
        return bool(standing.batch.superseded_by), number, standing.batch.batch_id

    return sorted(standings, key=place)


def headline(audit: Audit | None) -> CriterionResult | None:
    """Return the criterion that stands for agreement on a board: the worst one with a value."""
    rows = audit.criteria if audit else ()
    known = [row for row in rows if METRICS[row.metric].unit == "coefficient"]
    return next((row for row in known if isfinite(row.estimate.value)), next(iter(known), None))


def coefficients(question: Question, asked: str | None = None) -> tuple[str, ...]:
    """Return the coefficients shown beside each other, led by the one a link asks about.

    For ordered labels near misses count, so AC2 takes the place of AC1. `aggregate_alpha` says how
    reliable the label is that ships, made from all votes.
    """
    second = "gwet_ac2" if question.level in _ORDERED else "gwet_ac1"
    wanted = [ALPHA, second, "percent_agreement", "aggregate_alpha"]
    known = METRICS.get(asked or "")
    if asked and known and known.page == "agreement" and not known.per and asked not in wanted:
        wanted.insert(0, asked)
    return tuple(
        name for name in wanted if name in METRICS and question.level in METRICS[name].levels
    )


def judging(
    audit: Audit | None, measurement: Measurement, asked: str | None = None
) -> CriterionResult | None:
    """Return the criterion that judges a measurement, None where the standard asks nothing.

    Where several do, the one a link asks about comes first, then hard before soft.
    """
    rows = [
        row
        for row in (audit.criteria if audit else ())
        if (row.metric, row.question, row.slice)
        == (measurement.metric, measurement.question, measurement.slice)
        and _telling(row.options) == _telling(measurement.options)
    ]
    return min(rows, key=lambda row: (row.id != asked, row.severity != "hard"), default=None)


def target(
    audit: Audit | None, metric: str, question: str, asked: str | None = None
) -> CriterionResult | None:
    """Return the overall criterion whose bound applies to a metric of a question.

    Where several do, the one a link asks about comes first.
    """
    rows = [
        row
        for row in (audit.criteria if audit else ())
        if (row.metric, row.question) == (metric, question)
    ]
    return min(
        rows,
        key=lambda row: (len(row.slice), row.id != asked, row.severity != "hard"),
        default=None,
    )


def paradox(
    rows: Sequence[Measurement],
    labels: Sequence[Measurement],
    counts: Sequence[tuple[str, int]],
) -> str | None:
    """Explain why alpha is far from AC1; None where the two tell the same story.

    Parameters
    ----------
    rows : coefficients of the same answers
    labels : agreement on each label
    counts : labels with their number of answers
    """
    known = {row.metric: row.estimate.value for row in rows}
    alpha, ac1 = known.get(ALPHA, nan), known.get("gwet_ac1", nan)
    total = sum(count for _, count in counts)
    if not abs(alpha - ac1) > _PARADOX_GAP or not total:
        return None
    by_label = {dict(row.options)["label"]: row.estimate.value for row in labels}
    used = sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1])
    told = [
        f"“{shorten(label, 30)}” {percent(count, total)} of the answers, agreement on it"
        f" {figure(by_label.get(label, nan))}"
        for label, count in dict.fromkeys((used[0], used[-1]))
    ]
    return (
        f"Alpha is {figure(alpha)}, AC1 is {figure(ac1)}: the kappa paradox. The labels are used "
        f"unevenly: {'; '.join(told)}. Alpha takes away as chance all the agreement that this "
        "unevenness alone would give, and rests on the items with the rarer labels; AC1 takes "
        "away less. Neither is wrong: what counts is whether the rare labels are the ones that "
        "matter."
    )


def overlap_remark(
    batch: BatchInfo, whole: Sequence[Stratum], findings: Sequence[str]
) -> tuple[str, str]:
    """Return how many items were judged twice, and who chose them, as title and text."""
    rated, twice = sum(one.rated for one in whole), sum(one.twice for one in whole)
    chosen = OVERLAP_WORDS[batch.overlap_design or "unknown"]
    if twice < rated:
        chosen += "; unlike the rest in" if findings else "; no difference to the rest was found"
    title = f"{counted(twice, 'items')} of {rated:,} judged twice or more ({percent(twice, rated)})"
    return title, chosen


def overlap_shares(
    by_dimension: Mapping[str, Sequence[Stratum]], whole: Estimate
) -> list[tuple[tuple[str, str], Estimate]]:
    """Return the share of items judged twice in every stratum, furthest from the whole first.

    Where the overlap was drawn at random every stratum has the share of the whole.
    """
    rows = [
        ((dimension, stratum.name), judged_twice([stratum]))
        for dimension, strata in by_dimension.items()
        for stratum in strata
    ]
    return sorted(rows, key=lambda row: (-abs(row[1].value - whole.value), row[0]))


def overlap_findings(by_attribute: Mapping[str, Sequence[Stratum]]) -> list[str]:
    """Say in which attributes the items judged twice are unlike the rest, worst first."""
    differences = overlap_differences(
        [
            OverlapCounts(
                attribute=name,
                strata=tuple(one.name for one in strata),
                several=np.array([one.twice for one in strata], dtype=np.int64),
                single=np.array([one.rated - one.twice for one in strata], dtype=np.int64),
            )
            for name, strata in by_attribute.items()
        ]
    )
    telling = [one for one in differences if one.p_adjusted < _SIGNIFICANT]
    return [
        f"{one.attribute}: {percent(one.total_variation, 1)} of the overlap would have to move to"
        f" be like the rest; most too often {one.most_over}, most too rarely {one.most_under}"
        f" ({'p < .001' if one.p_adjusted < 0.001 else 'p = ' + figure(one.p_adjusted, 3)},"
        f" corrected for {len(differences)} attributes)"
        for one in sorted(telling, key=lambda one: -one.total_variation)
    ]


def judged_twice(strata: Sequence[Stratum]) -> Estimate:
    """Return the share of items judged twice or more, with the interval of a random draw."""
    return proportion(sum(one.twice for one in strata), sum(one.rated for one in strata))


def has_labels(question: Question) -> bool:
    """Whether the answers are few enough to be looked at one label at a time."""
    return question.labels is not None and len(question.labels) <= PATTERN_LABELS


def for_the_record(estimate: Estimate) -> str:
    """Return the further facts an estimate carries, in one line."""
    return " · ".join(
        f"{name.replace('_', ' ')} {value:.3g}"
        if isinstance(value, float)
        else f"{name.replace('_', ' ')}: {value}"
        for name, value in estimate.provenance.items()
    )


def twice_judged(
    batch: BatchInfo, by_question: Mapping[str, Sequence[Stratum]]
) -> list[tuple[int, str]]:
    """Return the least overlap of any question: items judged twice, and their share and design.

    One tile is enough: what the batch can show is limited by its weakest question.
    """
    sums = [
        (sum(one.twice for one in strata), sum(one.rated for one in strata), name)
        for name, strata in by_question.items()
    ]
    if not sums:
        return []
    twice, rated, name = min(sums, key=lambda row: (row[0] / max(row[1], 1), row[2]))
    least = f", least on {shorten(name, 40)}" if len({row[:2] for row in sums}) > 1 else ""
    design = OVERLAP_WORDS[batch.overlap_design or "unknown"]
    return [(twice, f"{percent(twice, rated)}, {design}{least}")]


def _telling(options: Slice) -> Slice:
    """Return the options that make another number, those every caller sets alike left out."""
    return tuple((name, value) for name, value in options if name not in _SHARED_OPTIONS)
