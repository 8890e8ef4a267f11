"""Catalogue entries: what moved against a reference."""

from app.catalog.metric import AGAINST, Metric
from metrics import drift

DRIFT = (
    Metric(
        id="label_drift",
        title="Drift of labels",
        asks="How many labels would have to move to give the shares of the reference?",
        function=drift.label_drift,
        statistic="label_mix",
        page="drift",
        options=AGAINST,
        unit="share",
        range=(0.0, 1.0),
        direction="lower",
        reference="Levin and Peres 2017, Markov Chains and Mixing Times, 2nd ed., ch. 4",
    ),
    Metric(
        id="drift_alarms",
        title="Alarms of drift",
        asks="Did labels, agreement, speed or severity move, beyond chance and enough to matter?",
        function=drift.drift_alarms,
        statistic="label_mix",
        page="drift",
        options=AGAINST,
        unit="alarms",
        range=(0.0, float("inf")),
        direction="lower",
        reference="Holm 1979, Scandinavian Journal of Statistics 6:65-70",
    ),
)
