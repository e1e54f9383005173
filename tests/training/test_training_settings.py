"""Each setting of the optimizer trains, has an effect, and leaves a run in single precision."""

import csv
import io
from functools import cache

import keras
import numpy as np
import pytest
from rich.console import Console

from seqapp.run_directory import load_run, read_config
from tests.support.classification import LABELLED, small_classifier_config
from tests.support.tasks import PAIRS, small_config
from training.data.splits import Splits
from training.trainer import fit

pytestmark = pytest.mark.slow

SPLITS = Splits(train=PAIRS * 8, valid=PAIRS[:2], test=PAIRS[2:], provenance={})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a function: settings → the loaded run, its history, its directory."""
    folder = tmp_path_factory.mktemp("settings")

    @cache
    def train(**settings):
        run = folder / ("-".join(f"{name}={value}" for name, value in settings.items()) or "plain")
        fit(small_config(epochs=2, learning_rate=0.01, **settings), SPLITS, run, Console(file=io.StringIO()))
        with (run / "history.csv").open() as file:
            return load_run(run), list(csv.DictReader(file)), run

    return train


@pytest.mark.parametrize(
    "settings",
    [
        {"schedule": "linear"},
        {"schedule": "inverse_sqrt"},
        {"schedule": "constant"},
        {"weight_decay": 1.0},
        {"accumulated_batches": 2},
        {"precision": "mixed_bfloat16"},
        {"precision": "mixed_float16", "accumulated_batches": 2, "weight_decay": 0.1, "r_drop": 1.0},
    ],
    ids=str,
)
def test_each_setting_changes_the_weights_and_is_kept(trained, settings):
    (task, history, run), (plain, _, _) = trained(**settings), trained()
    kept = read_config(run)["settings"]["training"]
    assert {name: kept[name] for name in settings} == settings
    assert all(weight.dtype == "float32" for weight in task.model.weights)
    assert task.model.dtype_policy.name == "float32"
    assert np.isfinite([float(row["loss"]) for row in history]).all()
    weights, others = (one.model.get_weights() for one in (task, plain))
    assert any(np.abs(one - other).max() > 1e-4 for one, other in zip(weights, others, strict=True))


class StopAfterThreeBatches(keras.callbacks.Callback):
    """Ctrl-C within the two batches of a step of the optimizer."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            raise KeyboardInterrupt


def test_a_stop_between_accumulated_batches_in_half_precision_goes_on_bit_for_bit(trained, tmp_path):
    settings = {"precision": "mixed_float16", "accumulated_batches": 2, "weight_decay": 0.1, "r_drop": 1.0}
    config, quiet = small_config(epochs=2, learning_rate=0.01, **settings), Console(file=io.StringIO())
    with pytest.raises(KeyboardInterrupt, match="goes on from epoch 1, step 4"):
        fit(config, SPLITS, tmp_path / "run", quiet, [StopAfterThreeBatches()], checkpoint_minutes=0.0)
    fit(config, SPLITS, tmp_path / "run", quiet)
    whole, again = trained(**settings)[0], load_run(tmp_path / "run")
    assert all(map(np.array_equal, whole.model.get_weights(), again.model.get_weights()))


def test_learning_rates_at_the_end_of_an_epoch(trained):
    # The rate after so many batches: a constant one is the peak, the others have fallen from it.
    rates = {
        name: float(trained(schedule=name)[1][-1]["learning_rate"])
        for name in ("linear", "inverse_sqrt", "constant")
    }
    assert rates["constant"] == pytest.approx(0.01)
    assert rates["linear"] == pytest.approx(2e-5, rel=1e-3)
    assert rates["linear"] < rates["inverse_sqrt"] < rates["constant"]


def test_half_precision_is_close_to_single(trained):
    losses = [float(trained(**settings)[1][0]["loss"]) for settings in ({}, {"precision": "mixed_bfloat16"})]
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_a_classifier_in_half_precision(precision, tmp_path):
    splits = Splits(train=LABELLED * 8, valid=LABELLED, test=LABELLED, provenance={})
    config = small_classifier_config(epochs=2, precision=precision, weight_decay=0.1)
    metrics = fit(config, splits, tmp_path / "run", Console(file=io.StringIO()))
    task = load_run(tmp_path / "run")
    assert task.model.dtype_policy.name == "float32"
    assert 0 <= metrics["test"]["accuracy"] <= 1
    probabilities = task.probabilities_of([text for text, _ in LABELLED])
    np.testing.assert_allclose(np.sum(probabilities, axis=1), 1.0, rtol=1e-4)
