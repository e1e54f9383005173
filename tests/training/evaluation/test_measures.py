import numpy as np
import pytest

from training.evaluation.measures import CountScore, RowStatistics, Share, trials_for


def total(values):
    """The mean of the values as a score of counts."""
    counts = np.stack([values, np.ones(len(values))], axis=1)
    return CountScore(RowStatistics(counts, lambda sums: sums[..., 0] / sums[..., 1]))


def test_mcnemar_by_hand():
    first = Share(np.array([1, 0, 0, 0, 0, 0, 1, 1, 0, 0]))
    other = Share(np.array([0, 1, 1, 1, 1, 1, 1, 1, 0, 0]))
    # 6 rows differ, 1 against 5: two tails of the binomial, 2 · (1 + 6) / 64.
    assert other.p_value(first) == pytest.approx(0.21875)
    assert first.p_value(other) == other.p_value(first)
    assert first.p_value(first) == 1.0
    assert (first.value, other.value) == (0.3, 0.7)
    # 0.4 more in the sample; the interval is of the same resampled rows.
    low, high = other.difference_interval(first, 500)
    assert -0.2 <= low < 0.4 < high <= 1.0


def test_approximate_randomization_is_exact_for_few_rows():
    # 4 rows have 16 exchanges, and one of them has the largest difference; both tails: 2 / 16.
    assert total(np.ones(4)).p_value(total(np.zeros(4))) == 0.125
    assert total(np.ones(4)).p_value(total(np.ones(4))) == 1.0


def test_a_difference_of_equal_rows_is_certain():
    values = np.arange(30) % 3
    assert total(values + 1).difference_interval(total(values), 200) == pytest.approx((1.0, 1.0))
    assert total(values + 1).p_value(total(values)) < 0.001


@pytest.mark.parametrize(("rows", "trials"), [(10, 10_000), (2000, 10_000), (20_000, 1000), (10**8, 1)])
def test_number_of_trials(rows, trials):
    assert trials_for(rows) == trials
