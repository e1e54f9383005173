import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from seqapp.errors import ConfigError
from seqapp.losses import TokenLoss
from seqapp.run_directory import load_run
from tests.support.tasks import PAIRS, small_config, small_task
from training.compiled_model import compile_model
from training.data.splits import Splits
from training.tasks.translation.recipe import TranslationRecipe
from training.tasks.translation.scheduled_sampling import ScheduledSampling
from training.trainer import fit

SOURCE = tf.constant([[5, 6, 7, 2], [8, 2, 0, 0]])
TARGET = tf.constant([[1, 9, 10, 11, 12, 13], [1, 11, 14, 2, 0, 0]])
INPUTS = {"source": SOURCE, "target": TARGET}


@pytest.fixture
def translator():
    return small_task().model


def test_the_rate_rises_linearly_with_the_training_calls(translator):
    model = ScheduledSampling(translator, 0.5, total_steps=3)
    rates = []
    for training in (True, False, True, True, True):
        rates.append(float(model.current_rate()))
        model(INPUTS, training=training)
    np.testing.assert_allclose(rates, [0.0, 0.25, 0.25, 0.5, 0.5])


def test_at_rate_0_it_is_teacher_forcing(translator):
    model = ScheduledSampling(translator, 0.0, total_steps=4)
    # Without dropout, which would differ from call to call.
    for layer in translator._flatten_layers():
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    for _ in range(3):
        np.testing.assert_array_equal(model.mixed_inputs(SOURCE, TARGET), TARGET)
        np.testing.assert_array_equal(model(INPUTS, training=True), translator(INPUTS, training=True))


def test_outside_training_it_is_teacher_forcing(translator):
    model = ScheduledSampling(translator, 1.0, total_steps=1)
    model.calls.assign(5)
    np.testing.assert_array_equal(model(INPUTS), translator(INPUTS))
    assert int(model.calls) == 5


def test_at_rate_1_all_inputs_after_the_first_are_the_most_probable_ones_of_a_sure_model(translator):
    # A bias that outweighs all else makes the model draw token 17 always.
    translator.output_bias.assign(tf.one_hot(17, translator.vocabulary_size, on_value=1e3))
    model = ScheduledSampling(translator, 1.0, total_steps=1)
    model.calls.assign(1)
    assert model.mixed_inputs(SOURCE, TARGET).numpy().tolist() == [[1] + [17] * 5] * 2


def test_draws_are_conditional_on_the_drawn_inputs(translator):
    # A temperature near 0: what is drawn are the most probable tokens, as in greedy search.
    translator.output_bias.assign(tf.linspace(0.0, 2.0, translator.vocabulary_size))
    model = ScheduledSampling(translator, 1.0, total_steps=1)
    model.calls.assign(1)
    step = translator.step
    translator.step = lambda *a: (1e4 * step(*a)[0], step(*a)[1])
    drawn = model.mixed_inputs(SOURCE, TARGET)
    best = tf.argmax(translator({"source": SOURCE, "target": drawn}), axis=2, output_type=tf.int32)
    np.testing.assert_array_equal(drawn[:, 1:], best[:, :-1])


def test_the_share_of_draws_is_the_rate(translator):
    translator.output_bias.assign(tf.one_hot(17, translator.vocabulary_size, on_value=1e3))
    model = ScheduledSampling(translator, 0.3, total_steps=2)
    model.calls.assign(1)
    target = tf.ones([200, 11], tf.int32)
    drawn = model.mixed_inputs(tf.ones([200, 2], tf.int32), target)[:, 1:] == 17
    assert abs(np.mean(drawn) - 0.3) < 0.05  # 2,000 draws: four standard deviations are 0.04


def test_draws_follow_seed_and_call(translator):
    def drawn(seed, call):
        model = ScheduledSampling(translator, 1.0, total_steps=1, seed=seed)
        model.calls.assign(call)
        return model.mixed_inputs(SOURCE, TARGET).numpy().tolist()

    assert drawn(3, 7) == drawn(3, 7)
    assert drawn(3, 7) != drawn(3, 8)
    assert drawn(3, 7) != drawn(4, 7)


def test_every_weight_gets_a_gradient_in_a_graph(translator):
    model = ScheduledSampling(translator, 0.5, total_steps=2)
    model.build()
    model.calls.assign(1)
    assert len(model.trainable_weights) == len(translator.trainable_weights)
    weights = [w.value for w in model.trainable_weights]

    @tf.function(autograph=False)
    def gradients():
        with tf.GradientTape() as tape:
            loss = TokenLoss()(TARGET, model(INPUTS, training=True))
        return [tf.convert_to_tensor(one) for one in tape.gradient(loss, weights)]

    for weight, gradient in zip(model.trainable_weights, gradients(), strict=True):
        assert np.isfinite(gradient).all(), weight.path
    assert int(model.calls) == 2


def test_the_recipe_draws_where_the_settings_say_so():
    recipe = TranslationRecipe(small_task(scheduled_sampling=0.25))
    model = compile_model(recipe, steps=3)
    assert isinstance(model, ScheduledSampling)
    assert (model.rate, model.seed) == (0.25, 1)
    assert model.total_steps == 3 * recipe.task.config.training.epochs
    plain = TranslationRecipe(small_task())
    assert compile_model(plain, steps=3) is plain.task.model


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((1.5, 3), "rate: expected a number from 0 to 1, got 1.5"), ((0.5, 0), "total_steps: expected")],
)
def test_arguments_out_of_range(translator, arguments, expected):
    with pytest.raises(ConfigError, match=expected):
        ScheduledSampling(translator, *arguments)


@pytest.mark.slow
def test_a_training_with_it_is_reproducible(tmp_path):
    splits = Splits(train=PAIRS * 8, valid=PAIRS[:2], test=PAIRS[2:], provenance={"corpus": "four"})
    config = small_config(epochs=2, learning_rate=0.01, scheduled_sampling=0.9)
    runs = [tmp_path / "first", tmp_path / "again"]
    for run in runs:
        fit(config, splits, run, Console(file=io.StringIO()))
    for one, other in zip(*(load_run(run).model.get_weights() for run in runs), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
