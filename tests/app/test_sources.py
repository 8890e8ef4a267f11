"""Metrics that are measured by a module of their own."""

import pytest

from app.catalog import METRICS
from app.measure import PATTERNED
from app.sources import MODULES, estimates_of


def test_every_statistic_of_the_catalogue_is_measured_by_somebody() -> None:
    assert {metric.statistic for metric in METRICS.values()} <= PATTERNED | set(MODULES)


@pytest.mark.parametrize("statistic", MODULES)
def test_every_module_has_the_function(statistic: str) -> None:
    assert callable(estimates_of(statistic))
