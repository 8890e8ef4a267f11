"""Did the prompts change between reference and batch? Looked at only when somebody asks.

It reads texts, which everything else of drift does not, so neither page nor command waits for it.
"""

from dataclasses import replace
from math import isfinite
from typing import Final

from app.drift import Drift, OtherShift
from metrics.drift_alarms import OTHER_LEVEL, alarms
from metrics.family_drift import FamilyShift
from metrics.two_samples import MOST_TEXTS, TextShift, text_shift
from queries.batches import BatchInfo
from queries.scope import Scope, Viewer
from queries.store import Store

LARGE: Final = 0.55
"""Area under the curve below which texts differ too little to matter."""


def with_text(
    store: Store, batch: BatchInfo, reference: BatchInfo, viewer: Viewer, report: Drift
) -> Drift:
    """Return the report with the prompts compared; all other families are judged again beside it.

    At most 2,000 distinct prompts of either side are read, always the same ones.
    """
    shifts = [one.shift for one in report.other]
    shifts.append(prompt_shift(store, batch, reference, viewer))
    found = alarms([one.p_value for one in shifts], [one.is_large for one in shifts], OTHER_LEVEL)
    other = (OtherShift(one, alarm) for one, alarm in zip(shifts, found, strict=True))
    return replace(report, other=tuple(other))


def prompt_shift(
    store: Store, batch: BatchInfo, reference: BatchInfo, viewer: Viewer
) -> FamilyShift:
    """Compare the prompts of a batch with those of a reference."""
    texts, groups = [], []
    for side, one in (("reference", reference), ("batch", batch)):
        rows = store.fetch(
            "grouped_prompts", Scope(one.batch_id, "all", viewer=viewer), limit=MOST_TEXTS
        )
        if not rows.num_rows:
            reason = f"no item of the {side} has a prompt"
            return FamilyShift("text", "prompts", 0.5, float("nan"), "auc", reason=reason)
        texts.append(rows["text"].to_pylist())
        groups.append(rows["group_key"].to_pylist())
    return _told(text_shift(texts[0], texts[1], (groups[0], groups[1])))


def _told(found: TextShift) -> FamilyShift:
    if not isfinite(found.p_value):
        return FamilyShift(
            "text", "prompts", 0.5, float("nan"), "auc",
            n=min(found.n), n_unit="prompts", reason=found.reason,
        )  # fmt: skip
    note = (
        f"told apart with an area under the curve of {found.auc:.2f}, chance is 0.50;"
        f" more: {', '.join(found.more)}; less: {', '.join(found.less)}"
    )
    return FamilyShift(
        "text", "prompts", 0.5, found.auc, "auc",
        p_value=found.p_value, is_large=found.auc >= LARGE,
        n=min(found.n), n_unit="prompts", note=note,
    )  # fmt: skip
