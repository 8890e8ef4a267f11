"""Catalogue entries: annotators and reviews."""

from collections.abc import Callable, Iterator
from typing import Final

from app.catalog.metric import Metric
from metrics import (
    flagged_share,
    known_answers,
    largest_influence,
    probes,
    review,
    review_counts,
)
from metrics.estimates import Estimate

_INTERVAL: Final = {"interval": ("clopper_pearson", "wilson", "jeffreys"), "confidence": ()}
_STAGES: Final = tuple(stage for stage in review.STAGES if stage)
_SELECTIONS: Final = ("random", "all", "flagged")
_BATCH: Final = {"about": ("batch",)}
_COUNT: Final = "Cochran 1977, Sampling Techniques, 3rd ed., ch. 1 (complete count)"
_EXACT: Final = "Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404"
_CLUSTERED: Final = "Korn and Graubard 1998, Survey Methodology 24, 193-201"


_CHECKS: Final[tuple[tuple[str, str, str, Callable[..., Estimate], str, str, str], ...]] = (
    (
        "open_disputes",
        "Open disputes",
        "How many disputes has no arbitration decided?",
        review_counts.open_disputes,
        "disputes",
        "disputes",
        "review.decision",
    ),
    (
        "self_review_count",
        "Reviews of one's own answers",
        "Did anybody check their own work?",
        review_counts.self_review_count,
        "review_transitions",
        "reviews",
        "review.reviewer_key",
    ),
    (
        "silent_edit_count",
        "Silent edits",
        "Was an answer accepted and yet changed?",
        review_counts.silent_edit_count,
        "review_transitions",
        "reviews",
        "review.value_after",
    ),
    (
        "model_decision_count",
        "Items no person has seen",
        "Does anything ship on the word of models and rules alone?",
        review_counts.model_decision_count,
        "unseen_items",
        "items",
        "annotation.role",
    ),
)
"""Id, title, question, function, statistic, unit and needed column of what must find nothing."""


def _of_annotators() -> Iterator[Metric]:
    probed = {"about": ("process", "annotators"), "confidence": ()}
    yield Metric(
        id="golden_accuracy",
        title="Accuracy on golden items",
        asks="How often do annotators give the expected answer to golden items?",
        function=probes.golden_accuracy,
        statistic="probe_answers",
        page="annotators",
        options=probed,
        unit="share",
        range=(0.0, 1.0),
        needs=("probe.expected",),
        reference=_CLUSTERED,
    )
    yield Metric(
        id="trap_failure_rate",
        title="Traps missed",
        asks="How often do annotators answer a trap as nobody would who reads it?",
        function=probes.trap_failure_rate,
        statistic="probe_answers",
        page="annotators",
        options=probed,
        unit="share",
        range=(0.0, 1.0),
        direction="lower",
        needs=("probe.expected",),
        reference=_CLUSTERED,
    )
    yield Metric(
        id="flagged_annotators",
        title="Flagged annotators",
        asks="How much of the crew, or of its work, should somebody look at?",
        function=flagged_share.flagged_annotators,
        statistic="crew_flags",
        takes_question=False,
        page="annotators",
        options={"share": ("annotators", "annotations"), **_BATCH},
        unit="share",
        range=(0.0, 1.0),
        direction="lower",
        reference="Manski 2003, Partial Identification of Probability Distributions, ch. 1",
    )
    yield Metric(
        id="influence",
        title="Largest influence of one annotator",
        asks="How far would the agreement move without the one annotator who moves it most?",
        function=largest_influence.largest_influence,
        statistic="annotator_patterns",
        page="annotators",
        options={"of": tuple(largest_influence.COEFFICIENTS), **_BATCH},
        range=(0.0, 2.0),
        direction="lower",
        reference="Cook 1977, doi:10.1080/00401706.1977.10489493 (deletion of one)",
    )


def _of_review_rates() -> Iterator[Metric]:
    yield Metric(
        id="overturn_rate",
        title="Answers overturned by review",
        asks="How often does a review change or refuse an answer?",
        function=review.overturn_rate,
        statistic="review_transitions",
        page="reviewers",
        options={"stage": _STAGES, "selection": _SELECTIONS, **_INTERVAL},
        unit="share",
        range=(0.0, 1.0),
        direction="lower",
        needs=("review.decision",),
        reference=_EXACT,
    )
    yield Metric(
        id="catch_rate",
        title="Seeded defects caught by review",
        asks="Of the wrong answers that are known, how many do reviewers find?",
        function=known_answers.catch_rate,
        statistic="review_probes",
        page="reviewers",
        options={"type": known_answers.TYPES, **_INTERVAL},
        unit="share",
        range=(0.0, 1.0),
        needs=("review.value_before", "probe.expected"),
        reference=_EXACT,
    )
    yield Metric(
        id="reviewer_agreement",
        title="Agreement of reviewers who judged blind",
        asks="Would another reviewer have decided the same?",
        function=review_counts.reviewer_agreement,
        statistic="review_pairs",
        page="reviewers",
        options={"coefficient": ("alpha", "ac1", "percent"), "confidence": ()},
        needs=("review.blind",),
        reference="Krippendorff 2011; Gwet 2008, doi:10.1348/000711006X126600",
    )
    yield Metric(
        id="dispute_age",
        title="Days until half of the disputes are settled",
        asks="How long does a doubt stay open?",
        function=review_counts.dispute_age,
        statistic="disputes",
        takes_question=False,
        page="reviewers",
        options={"confidence": ()},
        unit="days",
        range=(0.0, float("inf")),
        direction="lower",
        needs=("review.decided_at",),
        reference="Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452",
    )


def _of_review_checks() -> Iterator[Metric]:
    for name, title, asks, function, statistic, unit, needs in _CHECKS:
        yield Metric(
            id=name,
            title=title,
            asks=asks,
            function=function,
            statistic=statistic,
            takes_question=False,
            page="reviewers",
            options=_BATCH,
            unit=unit,
            range=(0.0, float("inf")),
            direction="lower",
            needs=(needs,),
            reference=_COUNT,
        )


PEOPLE: Final = (*_of_annotators(), *_of_review_rates(), *_of_review_checks())
