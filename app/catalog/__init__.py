"""The metric catalogue: one entry per metric, from which everything else about it follows.

The Methods page, `batchgate metrics`, the vocabulary of standards, option checks and the property
tests all read this table. Ids are public and stable.
"""

from collections.abc import Mapping
from typing import Final

from app.catalog.agreement import AGREEMENT
from app.catalog.coverage import COVERAGE
from app.catalog.drift import DRIFT
from app.catalog.metric import ANY_LEVEL, KINDS, NUMERIC, Metric
from app.catalog.people import PEOPLE
from app.catalog.soundness import SOUNDNESS
from app.catalog.texts import TEXTS

METRICS: Final[Mapping[str, Metric]] = {
    entry.id: entry for entry in (*AGREEMENT, *COVERAGE, *DRIFT, *PEOPLE, *SOUNDNESS, *TEXTS)
}

__all__ = ["ANY_LEVEL", "KINDS", "METRICS", "NUMERIC", "Metric"]
