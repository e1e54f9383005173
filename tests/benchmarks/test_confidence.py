import numpy as np
import pytest

from benchmarks.confidence import (
    calibration_error,
    cross_validated,
    errors_of_other_splits,
    means_of,
    separation,
)
from seqapp.tasks.translation_confidence import Confidence

FITTED = Confidence(2.0, 1.0, 40.0)


def test_separation_by_hand():
    """Of the four pairs 0.9 > 0.5, 0.9 > 0.1 and 0.3 > 0.1 are in order, 0.3 > 0.5 is not."""
    assert separation(np.array([0.9, 0.3]), np.array([0.5, 0.1])) == 0.75


def test_means_of_confidences():
    """sigmoid(2 · -0.5 + 1) = 0.5."""
    assert means_of(np.array([0.5]), FITTED) == pytest.approx([-0.5])
    assert means_of(np.array([0.0, 0.7]), Confidence(0.0, 1.0, 40.0)).tolist() == [0, 0]
    assert np.isfinite(means_of(np.array([0.0, 1.0]), FITTED)).all()


def sample(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Means, and labels drawn with the probabilities of `FITTED`."""
    random_numbers = np.random.default_rng(1)
    means = random_numbers.uniform(-3, 1, rows)
    return means, random_numbers.random(rows) < 1 / (1 + np.exp(-2 * means - 1))


def test_rows_of_the_model_are_calibrated():
    means, usable = sample(4000)
    assert calibration_error(cross_validated(means, usable, FITTED), usable) < 0.03
    errors = errors_of_other_splits(means, usable, 2000, FITTED, seed=1)
    assert len(errors) == 200
    assert 0 < np.mean(errors) < 0.04


def test_rows_of_one_block():
    means, usable = sample(20)
    assert np.isfinite(errors_of_other_splits(means, usable, 10, FITTED, seed=1)).all()
