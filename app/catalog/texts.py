"""Catalogue entries: copies, contradictions, evaluation lists and topics of texts."""

from collections.abc import Mapping
from typing import Any, Final

from app.catalog.metric import Metric
from metrics import duplicates, text_coverage

_OF_TEXTS: Final[Mapping[str, Any]] = {
    "takes_question": False,
    "page": "soundness",
    "unit": "share",
    "range": (0.0, 1.0),
    "direction": "lower",
    "needs": ("item.prompt",),
}
TEXTS = (
    Metric(
        id="exact_duplicate_share",
        title="Exact copies",
        asks="How many items repeat the prompt of another one, letter for letter?",
        function=duplicates.exact_duplicate_share,
        statistic="near_duplicates",
        options={"about": ("batch",)},
        reference="Lee et al. 2022, doi:10.18653/v1/2022.acl-long.577",
        **_OF_TEXTS,
    ),
    Metric(
        id="near_duplicate_share",
        title="Near copies",
        asks="How many items add nothing, because another one says nearly the same?",
        function=duplicates.near_duplicate_share,
        statistic="near_duplicates",
        options={"about": ("batch",), "threshold": ()},
        reference="Broder 1997, doi:10.1109/SEQUEN.1997.666900; Lee et al. 2022",
        **_OF_TEXTS,
    ),
    Metric(
        id="effective_items",
        title="Effective number of items",
        asks="How many items are there, when near copies count once?",
        function=duplicates.effective_items,
        statistic="near_duplicates",
        options={"about": ("batch",), "threshold": ()},
        reference="Broder 1997, doi:10.1109/SEQUEN.1997.666900",
        **{**_OF_TEXTS, "unit": "items", "range": (0.0, float("inf")), "direction": "higher"},
    ),
    Metric(
        id="conflicting_duplicates",
        title="Equal items with unlike labels",
        asks="How many items have an equal that ships with another label?",
        function=duplicates.conflicting_duplicates,
        statistic="conflicts",
        options={"about": ("batch",), "against": ()},
        reference="Northcutt, Jiang and Chuang 2021, doi:10.1613/jair.1.12125",
        **{**_OF_TEXTS, "takes_question": True, "needs": ("item.prompt", "annotation.value")},
    ),
    Metric(
        id="contamination_share",
        title="Overlap with an evaluation list",
        asks="How many items hold a prompt or an answer of the evaluation list?",
        function=duplicates.contamination_share,
        statistic="contamination",
        options={"about": ("batch",), "against": (), "threshold": ()},
        reference="Brown et al. 2020, arXiv:2005.14165, app. C (n-gram overlap)",
        **_OF_TEXTS,
    ),
    Metric(
        id="text_coverage",
        title="Topics covered",
        asks="How many topics of a reference batch does this one speak of?",
        function=text_coverage.text_coverage,
        statistic="text_coverage",
        options={"about": ("batch",), "against": ()},
        health="diagnostic",
        reference="Salton and Buckley 1988, doi:10.1016/0306-4573(88)90021-0",
        **{**_OF_TEXTS, "direction": "higher"},
    ),
)
