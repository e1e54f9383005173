"""Trainings of classifiers that start from a language model: stopped, continued, frozen, exported."""

import csv
import io
import random

import keras
import numpy as np
import pytest
from rich.console import Console

from seqapp.run_directory import load_run, save_best, start_run
from serving.export.export_run import export_run
from tests.support.classification import LABELLED
from tests.support.tasks import small_language_model
from training.data.splits import Splits
from training.trainer import fit
from training.training_spec import TrainingSpec

pytestmark = pytest.mark.slow
SPLITS = Splits(train=LABELLED * 8, valid=LABELLED, test=LABELLED, provenance={"corpus": "four texts"})
TEXTS = [text for text, _ in LABELLED]


@pytest.fixture(scope="module")
def language_models(tmp_path_factory):
    """Kind → run of a language model."""
    folder = tmp_path_factory.mktemp("runs")
    for kind in ("recurrent", "transformer"):
        task = small_language_model(kind, seed=3, texts=TEXTS)
        start_run(folder / kind, task, {"corpus": "four texts"})
        save_best(folder / kind, task)
    return {kind: folder / kind for kind in ("recurrent", "transformer")}


def config_of(language_model, *assignments, epochs=4):
    settings = ["linear=null", f"training.epochs={epochs}", "training.batch_tokens=64", *assignments]
    settings.append(f"training.init_from={language_model}")
    return TrainingSpec("classification", assignments=settings).config("tiny")


def quiet():
    return Console(file=io.StringIO(), width=200)


class StopAt(keras.callbacks.Callback):
    """Ctrl-C after a batch of an epoch, both from 0."""

    def __init__(self, epoch, batch):
        super().__init__()
        self.place = (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.place:
            raise KeyboardInterrupt


def result(run):
    """The losses of the epochs and the weights."""
    with (run / "history.csv").open(encoding="utf-8") as file:
        losses = [(row["loss"], row["validation_loss"]) for row in csv.DictReader(file)]
    return losses, load_run(run).model.get_weights()


@pytest.mark.parametrize(
    ("kind", "assignments"),
    [
        ("transformer", ["training.unfreeze=gradual", "training.layer_decay=0.5"]),
        ("recurrent", ["training.unfreeze=gradual", "training.accumulated_batches=2"]),
        ("recurrent", ["training.unfreeze=none"]),
    ],
)
def test_a_stopped_training_goes_on_bit_for_bit(kind, assignments, language_models, tmp_path):
    config = config_of(language_models[kind], *assignments)
    fit(config, SPLITS, tmp_path / "whole", quiet())
    with pytest.raises(KeyboardInterrupt):
        fit(config, SPLITS, tmp_path / "stopped", quiet(), [StopAt(1, 1)], checkpoint_minutes=0.0)
    fit(config, SPLITS, tmp_path / "stopped", quiet())
    (losses, weights), (others, other_weights) = result(tmp_path / "whole"), result(tmp_path / "stopped")
    assert losses == others
    assert all(map(np.array_equal, weights, other_weights))


def test_frozen_layers_are_those_of_the_language_model_in_the_end(language_models, tmp_path):
    language_model = language_models["recurrent"]
    config = config_of(language_model, "training.unfreeze=none", "training.weight_decay=0.1")
    fit(config, SPLITS, tmp_path / "run", quiet())
    task, trained = load_run(tmp_path / "run"), load_run(language_model)
    np.testing.assert_array_equal(task.model.embedding.embeddings, trained.model.embedding.embeddings)
    for own, theirs in zip(task.model.encoder.stack, trained.model.stack, strict=True):
        for one, other in zip(own.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_half_precision_with_scaled_loss_and_gradual_unfreezing(language_models, tmp_path):
    random.seed(1)
    assignments = ["training.unfreeze=gradual", "training.precision=mixed_float16"]
    config = config_of(language_models["recurrent"], *assignments)
    fit(config, SPLITS, tmp_path / "run", quiet())
    assert all(np.isfinite(weight).all() for weight in load_run(tmp_path / "run").model.get_weights())


@pytest.mark.parametrize("kind", ["recurrent", "transformer"])
def test_an_export_answers_as_the_run(kind, language_models, tmp_path):
    fit(config_of(language_models[kind], epochs=1), SPLITS, tmp_path / "run", quiet())
    # The parity gate of the export compares every signature with the run.
    export_run(tmp_path / "run", tmp_path / "models" / "classifier")
    assert (tmp_path / "models" / "classifier" / "1" / "saved_model.pb").is_file()
