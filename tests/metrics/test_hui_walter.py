import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.hui_walter import cell_probabilities, hui_walter

TUBERCULIN = np.array([[14, 4, 9, 528], [887, 31, 37, 367]])
FIT = hui_walter(TUBERCULIN, replicates=300)


def test_tuberculin_gives_the_published_prevalences() -> None:
    assert FIT.mode.prevalence == pytest.approx([0.02684, 0.716792], abs=1e-5)


def test_tuberculin_gives_the_published_error_rates() -> None:
    assert FIT.mode.sensitivity == pytest.approx([0.966124, 0.968828], abs=1e-6)
    assert FIT.mode.specificity == pytest.approx([0.993319, 0.984136], abs=1e-6)


def test_tuberculin_likelihood_is_the_saturated_one() -> None:
    assert FIT.mode.log_likelihood == pytest.approx(-1207.616749, abs=1e-6)
    assert np.isnan(FIT.misfit_p)


def test_every_start_finds_the_same_likelihood() -> None:
    assert FIT.agreeing == FIT.starts


def test_second_mode_has_se_plus_sp_below_one() -> None:
    assert (FIT.mirror.youden < 0).all()
    assert (FIT.mode.youden > 0).all()


def test_second_mode_gives_the_same_cells() -> None:
    cells = [
        cell_probabilities(mode.prevalence, mode.sensitivity, mode.specificity)
        for mode in (FIT.mode, FIT.mirror)
    ]
    assert cells[0] == pytest.approx(cells[1])


def test_bootstrap_limits_hold_the_estimate() -> None:
    for name in ("prevalence", "sensitivity", "specificity"):
        value, low, high = (getattr(one, name) for one in (FIT.mode, FIT.low, FIT.high))
        assert (low < value).all()
        assert (value < high).all()


def test_bootstrap_repeats_with_its_seed() -> None:
    again = hui_walter(TUBERCULIN, replicates=300)
    assert (again.low.sensitivity == FIT.low.sensitivity).all()


def test_populations_alike_are_undefined() -> None:
    found = hui_walter(np.array([[14, 4, 9, 528], [15, 4, 8, 530]]), replicates=50)
    assert found.status == "undefined"
    assert "too much alike" in found.reason
    assert np.isnan(found.low.sensitivity).all()


def test_three_populations_can_contradict_the_model() -> None:
    # One population in which the two judges contradict each other.
    counts = np.array([[80, 5, 5, 110], [20, 5, 5, 170], [5, 90, 90, 15]])
    assert hui_walter(counts).misfit_p < 0.001


def test_nothing_overturned_by_anybody_is_undefined() -> None:
    assert hui_walter(np.array([[0, 0, 0, 50], [0, 0, 0, 60]])).status == "undefined"


@pytest.mark.parametrize(
    "counts", [[[1, 2, 3, 4]], [[1, 2, 3], [1, 2, 3]], [[1, 1, 1, -1], [1, 1, 1, 1]]]
)
def test_other_shapes_and_negative_counts_are_refused(counts: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="at least 2 rows of 4"):
        hui_walter(np.array(counts))


def test_empty_population_is_refused() -> None:
    with pytest.raises(ValueError, match="without any thing"):
        hui_walter(np.array([[0, 0, 0, 0], [1, 2, 3, 4]]))


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 0.25), st.floats(0.6, 0.9), st.floats(0.75, 0.97), st.floats(0.75, 0.97))
def test_expected_counts_give_back_what_made_them(
    rare: float, common: float, finds: float, passes: float
) -> None:
    truth = (np.array([rare, common]), np.array([finds, 0.9]), np.array([passes, 0.85]))
    found = hui_walter(1e5 * cell_probabilities(*truth))
    assert found.mode.sensitivity == pytest.approx(truth[1], abs=1e-4)
    assert found.mode.specificity == pytest.approx(truth[2], abs=1e-4)
