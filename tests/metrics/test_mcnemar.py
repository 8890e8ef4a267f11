import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.mcnemar import mcnemar

APPROVAL = mcnemar(86, 150, 1600)  # Agresti: [[794, 86], [150, 570]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statistic", 17.3559322),
        ("p_chi_square", 3.0993e-5),
        ("corrected", 16.8177966),
        ("p_corrected", 4.1146e-5),
        ("p_exact", 3.715936e-5),
    ],
)
def test_approval_ratings_give_the_published_figures(name: str, value: float) -> None:
    assert getattr(APPROVAL, name) == pytest.approx(value, rel=2e-5)


def test_many_discordant_pairs_are_tested_by_chi_square() -> None:
    assert APPROVAL.p_value == APPROVAL.p_chi_square


def test_few_discordant_pairs_are_tested_exactly() -> None:
    found = mcnemar(2, 10, 50)
    assert (found.p_value, found.method) == (found.p_exact, "exact binomial test")


def test_exact_p_is_the_binomial_tail() -> None:
    assert mcnemar(1, 5, 9).p_exact == pytest.approx(2 * (1 + 6) / 2**6)


def test_pairs_that_never_differ_show_nothing() -> None:
    assert mcnemar(0, 0, 30).p_value == 1.0


def test_more_discordant_pairs_than_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="discordant"):
        mcnemar(5, 6, 10)


@given(st.integers(0, 300), st.integers(0, 300))
def test_exchanging_the_judges_changes_no_p(b: int, c: int) -> None:
    one, other = mcnemar(b, c, b + c), mcnemar(c, b, b + c)
    assert one.p_value == pytest.approx(other.p_value)
    assert 0 < one.p_value <= 1
