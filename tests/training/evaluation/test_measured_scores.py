import numpy as np

from training.evaluation.comparison import compared_scores
from training.evaluation.comparison_limits import ComparisonLimits
from training.evaluation.measured_scores import measured_scores
from training.evaluation.measures import Share

HALF = {"accuracy": Share(np.arange(40) % 2 == 0)}
MORE = {"accuracy": Share(np.arange(40) % 4 > 0)}


def test_interval_beside_the_value():
    assert measured_scores(HALF, {"accuracy": 2}, 100) == {
        "accuracy": 0.5,
        "accuracy_interval": [0.35, 0.65],
        "bootstrap_resamples": 100,
    }
    assert measured_scores(HALF, {"accuracy": 2}, 0) == {"accuracy": 0.5}
    assert measured_scores({"accuracy": Share(np.ones(5))}, {"accuracy": 2}, 100) == {"accuracy": 1.0}


def test_differences_are_to_the_first():
    first, other = compared_scores([HALF, MORE], 100, [ComparisonLimits()] * 2)
    assert set(first) == {"scores"}
    assert other["scores"]["accuracy"] == 0.75
    found = other["differences"]["accuracy"]
    # Of 40 rows, 10 are lost (4n) and 20 gained (4n + 1, 4n + 3).
    assert found["difference"] == 0.25
    assert found["test"] == "McNemar's exact test"
    low, high = found["interval"]
    assert low < 0.25 < high
    other = compared_scores([HALF, MORE], 0, [ComparisonLimits()] * 2)[1]
    assert other["differences"]["accuracy"]["interval"] is None
