"""Catalogue entries: soundness of demonstrations."""

from collections.abc import Mapping
from typing import Any, Final

from app.catalog.metric import CENSUS, COMPLETE_COUNT, Metric
from metrics import soundness

_EXACT: Final = "Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404"
_SURE: Final[Mapping[str, tuple[str, ...]]] = {"confidence": ()}
_SOUND: Final[Mapping[str, Any]] = {
    "unit": "share",
    "range": (0.0, 1.0),
    "takes_question": False,
    "page": "soundness",
    "statistic": "responses",
    "kinds": ("sft",),
    "options": _SURE,
    "direction": "lower",
}

SOUNDNESS: Final = (
    Metric(
        id="over_refusal_share",
        title="Over-refusal",
        asks="How often is a harmless request refused?",
        function=soundness.over_refusal_share,
        needs=("item.risk_level", "response.text"),
        reference="Röttger et al. 2024, doi:10.18653/v1/2024.naacl-long.301",
        **_SOUND,
    ),
    Metric(
        id="under_refusal_share",
        title="Under-refusal",
        asks="How often is a risky request answered without any caveat?",
        function=soundness.under_refusal_share,
        needs=("item.risk_level", "response.text"),
        reference="Röttger et al. 2024, doi:10.18653/v1/2024.naacl-long.301",
        **_SOUND,
    ),
    Metric(
        id="boilerplate_share",
        title="Commonest opening",
        asks="How many responses begin with the same words?",
        function=soundness.boilerplate_share,
        needs=("response.text",),
        reference=_EXACT,
        **{**_SOUND, "options": {"words": (), **_SURE}},
    ),
    Metric(
        id="format_error_share",
        title="Format errors",
        asks="How many responses do not have the form their item asks for?",
        function=soundness.format_error_share,
        needs=("response.text", "item_attribute.output_format"),
        reference=_EXACT,
        **_SOUND,
    ),
    Metric(
        id="rubric_masked_share",
        title="Dimensions hidden by the mean",
        asks="How many items pass on average with one dimension under its floor?",
        function=soundness.rubric_masked_share,
        needs=("annotation.value",),
        reference=_EXACT,
        **{**_SOUND, "options": {"floor": (), "enough": (), **_SURE}},
    ),
    Metric(
        id="double_review_share",
        title="High-risk items reviewed twice",
        asks="Did two people look at everything that can do harm?",
        function=soundness.double_review_share,
        needs=("item.risk_level", "review.item_id"),
        reference=COMPLETE_COUNT,
        **{**_SOUND, "options": CENSUS, "direction": "higher"},
    ),
    Metric(
        id="regression_pass_rate",
        title="Regression checks passed",
        asks="Have failures that were mended come back?",
        function=soundness.regression_pass_rate,
        needs=("signal.value",),
        reference=_EXACT,
        **{**_SOUND, "options": {"signal": (), "version": (), **_SURE}, "direction": "higher"},
    ),
    Metric(
        id="four_element_share",
        title="Complete demonstrations",
        asks="How many items have system text, instruction and response?",
        function=soundness.four_element_share,
        needs=("item.prompt", "response.text"),
        reference=_EXACT,
        **{**_SOUND, "direction": "higher"},
    ),
    Metric(
        id="happy_path_share",
        title="Happy path",
        asks="How many items show a task where nothing is in the way?",
        function=soundness.happy_path_share,
        needs=("item_attribute.path",),
        reference=_EXACT,
        **{**_SOUND, "options": {"attribute": (), "value": (), **_SURE}, "direction": "none"},
    ),
    Metric(
        id="length_complexity",
        title="Length against complexity",
        asks="Does length stand in for difficulty?",
        function=soundness.length_complexity,
        needs=("response.text", "item_attribute.difficulty"),
        health="diagnostic",
        reference="Bonett and Wright 2000, doi:10.1007/BF02294183",
        **{
            **_SOUND,
            "options": {"attribute": (), **_SURE},
            "unit": "coefficient",
            "range": (-1.0, 1.0),
            "direction": "none",
        },
    ),
)
