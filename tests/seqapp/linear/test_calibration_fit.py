import numpy as np
import pytest

from seqapp.linear.calibration_fit import (
    Mixture,
    fit_mixture,
    fit_temperature,
    log_likelihood,
    more_accurate,
)
from training.evaluation.classification_metrics import expected_calibration_error

# Odds of 3 to 1 that hold: the first class is right in three rows of four.
TARGETS = np.array([[1, 0], [1, 0], [1, 0], [0, 1]])
RIGHT_SCORES = np.tile([np.log(3.0), 0.0], (4, 1))


@pytest.mark.parametrize("factor", [0.25, 1.0, 2.0, 8.0])
def test_scores_that_are_too_large_by_a_factor(factor: float) -> None:
    assert fit_temperature(factor * RIGHT_SCORES, TARGETS, exclusive=True) == pytest.approx(factor, rel=1e-4)


@pytest.mark.parametrize("factor", [0.25, 1.0, 2.0, 8.0])
def test_each_class_by_itself(factor: float) -> None:
    scores = np.array([[np.log(3.0), -np.log(3.0)]] * 4)  # 3 of 4 and 1 of 4
    assert fit_temperature(factor * scores, TARGETS, exclusive=False) == pytest.approx(factor, rel=1e-4)


def test_many_classes_drawn_from_their_probabilities() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=(20_000, 5))
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    drawn = (random.random((20_000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    temperature = fit_temperature((3 * scores).astype(np.float32), np.eye(5)[drawn], exclusive=True)
    assert temperature == pytest.approx(3.0, rel=0.05)
    hit = scores.argmax(axis=1) == drawn
    assert expected_calibration_error(chances.max(axis=1), hit) < 0.02


@pytest.mark.parametrize("exclusive", [True, False])
def test_rows_that_are_all_right_stop_at_the_lowest(exclusive: bool) -> None:
    scores = np.array([[0.1, -0.1], [-0.1, 0.1]])
    assert fit_temperature(scores, np.eye(2), exclusive) == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize("exclusive", [True, False])
def test_rows_that_are_all_wrong_stop_at_the_highest(exclusive: bool) -> None:
    scores = np.array([[-5.0, 5.0], [5.0, -5.0]])
    assert fit_temperature(scores, np.eye(2), exclusive) == pytest.approx(20.0, rel=1e-3)


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_rows_that_say_nothing(rows: int, exclusive: bool) -> None:
    assert fit_temperature(np.zeros((rows, 2)), np.tile([1, 0], (rows, 1)), exclusive) == 1.0


def test_huge_scores() -> None:
    scores = np.array([[1e6, -1e6], [-1e6, 1e6], [1e6, -1e6]])
    targets = np.array([[1, 0], [0, 1], [0, 1]])
    assert fit_temperature(scores, targets, exclusive=True) == pytest.approx(20.0, rel=1e-3)


@pytest.mark.parametrize(
    ("scores", "targets"),
    [
        (np.zeros((2, 2)), np.zeros((2, 3))),
        (np.zeros(2), np.zeros(2)),
        (np.full((1, 2), np.nan), np.eye(2)[:1]),
    ],
)
def test_what_cannot_be_fitted(scores: np.ndarray, targets: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"scores, targets: expected finite scores .* \[rows, C\], got"):
        fit_temperature(scores, targets, exclusive=True)


def drawn_from(scores: np.ndarray) -> np.ndarray:
    """A target for each row, drawn by the probabilities of its scores."""
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    random = np.random.default_rng(1).random((len(scores), 1))
    return np.eye(scores.shape[1])[(random > chances.cumsum(axis=1)).sum(axis=1)]


def test_a_mixture_is_found_again() -> None:
    network, linear = np.random.default_rng(2).normal(size=(2, 30_000, 3))
    targets = drawn_from((network + 0.5 * linear) / 2.0)
    found = fit_mixture(network, linear, targets, exclusive=True)
    assert found == pytest.approx((2.0, 0.5, 1.0), rel=0.08)


def test_a_part_that_knows_nothing_is_left_out() -> None:
    network, noise = np.random.default_rng(3).normal(size=(2, 30_000, 2))
    assert fit_mixture(network, noise, drawn_from(network), exclusive=True).linear_weight < 0.03
    against = fit_mixture(network, -network, drawn_from(3 * network), exclusive=True)
    assert against.linear_weight == pytest.approx(0.0)


def test_a_network_that_harms_has_weight_0() -> None:
    # The linear scores are right in all of 20 rows. The network is certain: right in 12, wrong in 8.
    targets = np.eye(2)[[0, 1] * 10]
    linear = 0.001 * (2 * targets - 1)
    network = 9.0 * (2 * targets - 1)
    network[12:] *= -1
    # The limits of the weights are 0.05 and 20: margins 0.2 against 0.45, or 0.1125 with a quarter.
    quarter = fit_mixture(network, 10 * linear, targets, exclusive=True)
    assert (quarter.linear_weight, quarter.network_weight) == (pytest.approx(400, rel=1e-3), 0.25)
    found = fit_mixture(network, linear, targets, exclusive=True)
    assert found == Mixture(pytest.approx(0.05, rel=1e-3), 1.0, 0.0)


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_linear_part_that_harms_has_no_say(exclusive: bool) -> None:
    targets = np.eye(2)[[0, 1] * 10]
    network = 0.01 * (2 * targets - 1)
    linear = 9.0 * (2 * targets - 1)
    linear[12:] *= -1
    found = fit_mixture(network, linear, targets, exclusive)
    assert 9.0 * found.linear_weight < 0.01 * found.network_weight


def test_more_accurate_by_more_than_the_standard_error() -> None:
    than = np.array([True] * 4 + [False] * 6)
    # One decision better of one that differs is no more than √1; two of two are more than √2.
    assert not more_accurate(np.array([True] * 5 + [False] * 5), than)
    assert more_accurate(np.array([True] * 6 + [False] * 4), than)
    # Two better of eight that differ: no more than √8.
    assert not more_accurate(np.array([False] * 3 + [True] * 6 + [False]), than)
    assert not more_accurate(than, than)


def test_without_a_linear_part_it_is_the_temperature() -> None:
    scores = 4 * RIGHT_SCORES
    found = fit_mixture(scores, np.zeros_like(scores), TARGETS, exclusive=False)
    assert found.temperature == pytest.approx(fit_temperature(scores, TARGETS, exclusive=False), rel=1e-3)


def test_parts_of_two_shapes() -> None:
    with pytest.raises(ValueError, match="one shape"):
        fit_mixture(RIGHT_SCORES, RIGHT_SCORES[:, :1], TARGETS, exclusive=True)


def test_likelihood_by_hand() -> None:
    probabilities = np.array([[0.5, 0.5], [0.9, 0.1]])
    targets = np.array([[1, 0], [1, 0]])
    assert log_likelihood(probabilities, targets, True) == pytest.approx(np.log(0.5 * 0.9) / 2)
    assert log_likelihood(probabilities, targets, False) == pytest.approx(np.log(0.5 * 0.9))
    assert log_likelihood(np.array([[0.0, 1.0]]), np.array([[1, 0]]), True) == pytest.approx(np.log(1e-7))
