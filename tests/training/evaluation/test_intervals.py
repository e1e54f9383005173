import numpy as np
import pytest

from training.evaluation.intervals import bootstrap_interval, resamples_for, share_interval


@pytest.mark.parametrize(
    ("matches", "rows", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (50, 50, 0.9287, 1.0)]
)
def test_wilson_by_hand(matches, rows, low, high):
    # (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.96
    assert share_interval(matches, rows) == pytest.approx((low, high), abs=1e-4)


def test_a_mean_has_the_width_of_the_normal_approximation():
    values = np.arange(400) % 2
    low, high = bootstrap_interval(lambda weights: weights @ values / 400, 400, 1000)
    # 0.5 ± 1.96 · √(0.25 / 400)
    assert (low, high) == pytest.approx((0.451, 0.549), abs=0.006)
    assert bootstrap_interval(lambda weights: weights @ values / 400, 400, 1000) == (low, high)


def test_every_resample_has_as_many_rows():
    seen = []
    bootstrap_interval(lambda weights: seen.append(weights) or weights[:, 0] / 30, 30, 50)
    assert (np.concatenate(seen).sum(axis=1) == 30).all()


@pytest.mark.parametrize(
    ("rows", "most", "expected"),
    [(19, 1000, 0), (20, 1000, 1000), (5000, 1000, 1000), (50_000, 1000, 100), (50_001, 1000, 0), (99, 0, 0)],
)
def test_number_of_resamples(rows, most, expected):
    assert resamples_for(rows, most) == expected
