"""Two-sample tests on texts; reference case C-10."""

import numpy as np
import pytest

from metrics.two_samples import mean_discrepancy, null_error, text_shift

WORDS = ("refund", "delivery", "account", "broken", "thanks", "invoice", "late", "box", "app")


def texts(seed: int, number: int, extra: str = "") -> list[str]:
    generator = np.random.default_rng(seed)
    drawn = (" ".join(generator.choice(WORDS, 8)) for _ in range(number))
    return [f"{text} {extra}" if place % 2 else text for place, text in enumerate(drawn)]


def alone(name: str, number: int) -> list[str]:
    return [f"{name}{place}" for place in range(number)]


def test_discrepancy_of_two_points_each() -> None:
    biased, unbiased = mean_discrepancy([[0], [1]], [[2], [3]], 0.5)
    assert biased == pytest.approx(1.1623755484, abs=1e-9)
    assert unbiased == pytest.approx(0.7689062081, abs=1e-9)


@pytest.mark.parametrize(("n", "published"), [(200, 0.0289036), (500, 0.0182665)])
def test_area_without_drift_has_its_error(n: int, published: float) -> None:
    assert null_error(n, n) == pytest.approx(published, abs=1e-7)


def test_same_texts_are_not_told_apart() -> None:
    found = text_shift(texts(1, 150), texts(2, 150), (alone("a", 150), alone("b", 150)))
    assert found.p_value > 0.01


def test_new_word_is_found_and_named() -> None:
    after = texts(2, 150, "subscription")
    found = text_shift(texts(1, 150), after, (alone("a", 150), alone("b", 150)))
    assert found.p_value < 1e-6
    assert found.more[0] == "subscription"


def test_texts_of_few_groups_are_not_tested() -> None:
    found = text_shift(texts(1, 150), texts(2, 150), (["a"] * 150, ["b"] * 150))
    assert np.isnan(found.p_value)
    assert found.reason


def test_few_texts_are_not_tested() -> None:
    found = text_shift(texts(1, 20), texts(2, 150), (alone("a", 20), alone("b", 150)))
    assert found.reason == "20 texts on one side, 100 are needed"
