import json

import pytest

from app.catalog import METRICS
from app.pinning import canonical_content, shipped
from app.standards import KINDS, default


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_standard_is_pinned_as_reading_it_in_full_does(kind: str) -> None:
    pin, standard = shipped(kind), default(kind, METRICS)
    assert (pin.name, pin.version, pin.canonical, pin.sha256) == (
        standard.name,
        standard.version,
        standard.canonical,
        standard.sha256,
    )


def test_canonical_content_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_content({"b": 1, "a": [2.0]}) == canonical_content({"a": [2], "b": 1.0})


def test_canonical_content_is_json() -> None:
    assert json.loads(canonical_content({"a": [0.5, "é"]})) == {"a": [0.5, "é"]}
