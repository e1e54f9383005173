import numpy as np
import pytest

from seqapp.fine_tuning import compile_network, fine_tune, usual_rate
from tests.support.tasks import TEXTS, small_language_model

FIT = {"epochs": 2, "batch_size": 4, "rate": 0.01, "callbacks": (), "verbose": 0}


def tuned(task, seed, validation=None):
    fine_tune(task, {"text": TEXTS}, validation, seed=seed, **FIT)
    return np.concatenate([weight.ravel() for weight in task.model.get_weights()])


def test_a_tenth_of_the_rate_of_the_training():
    task = small_language_model()
    compile_network(task, usual_rate(task))
    assert float(task.model.optimizer.learning_rate) == pytest.approx(task.config.training.learning_rate / 10)


def test_the_seed_gives_order_and_dropout():
    first, again, other = (tuned(small_language_model(), seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_only_validation_examples_calibrate():
    task = small_language_model("interpolated")
    begun = float(task.interpolation.network)
    tuned(task, 1)
    assert float(task.interpolation.network) == begun
    tuned(task, 1, {"text": TEXTS})
    assert float(task.interpolation.network) != begun
