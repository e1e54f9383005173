import numpy as np
import pytest

from seqapp.errors import ConfigError
from seqapp.tasks.confidence_fit import fit_confidence, usable_translations


def test_usable_from_chrf_40():
    """abc, abd: chrF 38.9; abcd, abce: (3/4 + 2/3 + 1/2 + 0) / 4 = 47.9."""
    assert usable_translations(["abc", "abcd"], ["abd", "abce"]).tolist() == [False, True]


def test_two_values_by_hand():
    """Two values and two weights: the fit gives the mean target at each value.

    At 0, 30 of 40 rows are usable; at -1, 10 of 40. Targets are 41/42 and 1/42, so the means are
    (30 · 41 + 10 · 1) / 42 / 40 = 31/42 at 0 and 11/42 at -1: intercept ln(31/11), slope 2 ln(31/11).
    """
    means = np.repeat([0.0, -1.0], 40)
    usable = np.array([True] * 30 + [False] * 10 + [True] * 10 + [False] * 30)
    found = fit_confidence(means, usable)
    assert found.intercept == pytest.approx(np.log(31 / 11), abs=1e-3)
    assert found.slope == pytest.approx(2 * np.log(31 / 11), abs=1e-3)
    assert found.chrf == 40.0


def test_more_probable_translations_never_have_a_lower_confidence():
    usable = np.repeat([True, False], 20)
    found = fit_confidence(np.where(usable, -1.0, 0.0), usable)
    assert found.slope == 0
    assert found.intercept == pytest.approx(0, abs=1e-3)


def test_separable_rows_have_finite_weights():
    usable = np.repeat([True, False], 20)
    found = fit_confidence(np.where(usable, -0.1, -1e9), usable)
    assert np.isfinite([found.slope, found.intercept]).all()


@pytest.mark.parametrize(("good", "bad"), [(9, 10), (10, 9), (0, 0)])
def test_too_few_rows_give_no_confidence(good, bad):
    usable = np.repeat([True, False], [good, bad])
    assert fit_confidence(np.zeros(good + bad), usable) is None


def test_rows_have_to_be_the_same():
    with pytest.raises(ConfigError, match="a value per row in both, got 2 and 1"):
        fit_confidence(np.zeros(2), np.array([True]))
