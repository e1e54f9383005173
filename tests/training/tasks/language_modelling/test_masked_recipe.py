import io
import json
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from seqapp.errors import ConfigError
from seqapp.run_directory import load_run
from seqapp.special_ids import UNK_ID
from tests.support.tasks import TEXTS, small_masked_model
from training.data.splits import Splits
from training.settings.assignments import parse_assignments
from training.settings.changes import changed
from training.tasks.language_modelling.batches import masked_text_batches
from training.tasks.language_modelling.comparison_limits import language_model_limits
from training.tasks.language_modelling.masked_recipe import MaskedLanguageModellingRecipe
from training.tasks.language_modelling.unigram_baseline import unigram_scores
from training.tasks.registry import chapter_of, preset
from training.trainer import fit

ROWS = [(text,) for text in TEXTS]
CHAPTER = chapter_of("language-modelling")


@pytest.fixture(scope="module")
def task():
    return small_masked_model()


def drawn(batches, first, last, skipped=0):
    return [
        [value.numpy().tolist() for value in tf.nest.flatten(batch)]
        for batch in batches.epochs(first, last, skipped)
    ]


def test_masks_are_drawn_anew_in_each_epoch_and_do_not_depend_on_where_it_began(task):
    batches = masked_text_batches(task, ROWS, training=True)
    both = drawn(batches, 0, 2)
    assert drawn(batches, 1, 2) == both[batches.steps :]
    assert drawn(batches, 0, 2, skipped=batches.steps + 1) == both[batches.steps + 1 :]
    first, second = both[: batches.steps], both[batches.steps :]
    assert sorted(map(str, first)) != sorted(map(str, second))


def test_a_batch_has_the_places_of_chosen_tokens(task):
    inputs, targets, weights = next(iter(masked_text_batches(task, ROWS * 20, True).epochs(0, 1)))
    assert inputs["ids"].shape[1] % 8 == 0
    assert inputs["places"].shape == targets.shape == weights.shape
    assert (targets.numpy()[weights.numpy() > 0] > UNK_ID).all()


def test_the_baseline_is_the_frequency_of_each_token(task):
    training = [("Save the file.",)]
    found = unigram_scores(task, training, ROWS)
    ids = task.encode({"text": tf.constant(["Save the file."])})["ids"][0].numpy()[:-1].tolist()
    total = len(ids) + task.subwords.size - 4
    expected = sum(math.log((ids.count(one) + 1) / total) for one in ids)
    assert found.log_probabilities[TEXTS.index("Save the file.")] == pytest.approx(expected)
    model = task.scores_of(TEXTS)
    for name in ("tokens", "bytes"):
        np.testing.assert_array_equal(getattr(found, name), getattr(model, name))
    most = max(map(ids.count, ids))
    assert found.correct[TEXTS.index("Save the file.")] == most


def test_scores_have_names_of_their_own(task):
    recipe = CHAPTER.recipe(task)
    assert isinstance(recipe, MaskedLanguageModellingRecipe)
    found = recipe.scored_outputs(ROWS, resamples=0)
    assert "bits_per_byte" not in found.scores
    measured = CHAPTER.measures(task.config, ROWS, found.outputs)
    assert {name: round(one.value, 4) for name, one in measured.items()} == {
        name: found.scores[name] for name in ("masked_bits_per_byte", "masked_accuracy")
    }
    baseline = recipe.score_baseline(ROWS, ROWS, ROWS)
    assert baseline["masked_bits_per_byte"] < found.scores["masked_bits_per_byte"]
    assert recipe.score_line(baseline).startswith("masked bits per byte ")


def test_runs_of_two_objectives_are_not_compared(task):
    causal = preset("language-modelling", "base")
    assert CHAPTER.must_be_equal(task.config) != CHAPTER.must_be_equal(causal)
    assert {one.key for one in CHAPTER.shown_scores(task.config)}.isdisjoint(
        one.key for one in CHAPTER.shown_scores(causal)
    )
    one = {"masked_log_probability": -1.0, "correct": 0, "tokens": 3, "bytes": 9}
    limits = language_model_limits([one], [{**one, "tokens": 4}])
    assert limits.notes[0].startswith("no difference of accuracy of masked tokens: 1 of 1 texts")
    assert "compare masked bits per byte" in limits.notes[0]


def test_settings_by_their_names():
    base, masked = (preset("language-modelling", name) for name in ("base", "masked"))

    def set_to(config, *assignments):
        return changed(config, parse_assignments(list(assignments), type(config)))

    found = set_to(base, "model.kind=masked", "model.encoder.units=128")
    assert found.model == masked.model.with_changes(encoder=masked.model.encoder.with_changes(units=128))
    assert set_to(found, "model.kind=recurrent").model.units == 512
    recurrent = set_to(masked, "model.encoder.kind=recurrent", "model.encoder.cell=gru").model.encoder
    assert (recurrent.kind, recurrent.cell, recurrent.units, recurrent.layers) == ("recurrent", "gru", 256, 4)
    with pytest.raises(ConfigError, match=r"model\.encoder\.units is a setting of model\.kind=masked; here"):
        set_to(base, "model.encoder.units=128")
    with pytest.raises(ConfigError, match="bidirectional must be true"):
        set_to(masked, "model.encoder.kind=recurrent", "model.encoder.bidirectional=false")


class Stop(keras.callbacks.Callback):
    """Interrupts the training in its second epoch, after two steps."""

    def __init__(self):
        super().__init__()
        self.epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (1, 1):
            raise KeyboardInterrupt


@pytest.mark.slow
def test_a_continued_training_equals_an_uninterrupted_one(tmp_path, task):
    training = task.config.training.with_changes(epochs=3, learning_rate=0.01)
    config = task.config.with_changes(training=training)
    splits = Splits(train=ROWS * 4, valid=ROWS, test=ROWS, provenance={"corpus": "eight sentences"})
    console = Console(file=io.StringIO())
    metrics = fit(config, splits, tmp_path / "whole", console)
    with pytest.raises(KeyboardInterrupt):
        fit(config, splits, tmp_path / "run", console, [Stop()], checkpoint_minutes=0.0)
    fit(config, splits, tmp_path / "run", console)
    runs = [load_run(tmp_path / name) for name in ("whole", "run")]
    for one, other in zip(*(run.model.get_weights() for run in runs), strict=True):
        np.testing.assert_array_equal(one, other)
    assert metrics["baseline"]["name"] == "unigram"
    score = MaskedLanguageModellingRecipe(runs[0]).score(ROWS)["masked_bits_per_byte"]
    assert score == json.loads((tmp_path / "run/metrics.json").read_text())["test"]["masked_bits_per_byte"]
