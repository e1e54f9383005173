import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.losses import TokenLoss
from seqapp.optimizers import FusedAdam
from tests.support.tasks import PAIRS, small_task
from training.compiled_model import compile_model
from training.tasks.translation.batches import pair_batches
from training.tasks.translation.r_drop import RDrop, symmetric_divergence
from training.tasks.translation.recipe import TranslationRecipe


def test_divergence_by_hand():
    # P = (3/4, 1/4), Q = (1/4, 3/4): both divergences are ½ log 3.
    logits = np.log([[3.0, 1.0], [2.0, 2.0]]).astype(np.float32)
    other = np.log([[1.0, 3.0], [5.0, 5.0]]).astype(np.float32)
    np.testing.assert_allclose(symmetric_divergence(logits, other), [np.log(3) / 2, 0.0], rtol=1e-6)


def test_gradient_is_that_of_automatic_differentiation():
    draw = np.random.default_rng(1).normal(size=(2, 3, 5, 7)).astype(np.float32)
    first, second = tf.constant(draw[0]), tf.constant(draw[1])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([first, second])
        p, q = tf.nn.softmax(first), tf.nn.softmax(second)
        plain = 0.5 * tf.reduce_sum((p - q) * (tf.math.log(p) - tf.math.log(q)), axis=-1)
        found = symmetric_divergence(first, second)
        sums = [tf.reduce_sum(value * tf.range(15.0)[:5]) for value in (plain, found)]
    np.testing.assert_allclose(found, plain, rtol=1e-5)
    for expected, got in zip(*(tape.gradient(one, [first, second]) for one in sums), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def batch():
    """Inputs, target ids and weights of all pairs."""
    task = small_task()
    return next(iter(pair_batches(task, PAIRS[:1] * 3, training=False).epochs(0, 1)))


@pytest.mark.slow
def test_together_with_scheduled_sampling():
    task = small_task(r_drop=2.0, scheduled_sampling=0.5)
    recipe = TranslationRecipe(task)
    model = compile_model(recipe, 2)
    batches = recipe.make_batches(PAIRS * 8, training=True)
    found = model.fit(batches.epochs(0, 1), shuffle=False, verbose=0)
    assert np.isfinite(found.history["loss"][0])
    assert int(model.translator.calls) == batches.steps


def compiled(coefficient):
    keras.utils.set_random_seed(1)
    model = RDrop(small_task().model, coefficient)
    model.compile(optimizer=FusedAdam(1e-3), loss=TokenLoss(0.1))
    return model


def test_loss_is_cross_entropy_plus_divergence():
    inputs, ids, weights = batch()
    model = compiled(4.0)
    logits = model(inputs, training=True)
    first, second = tf.split(logits, 2)
    assert not np.allclose(first, second), "dropout masks must differ"
    cross_entropy = np.mean([TokenLoss(0.1)(ids, one, weights) for one in (first, second)])
    divergence = np.average(symmetric_divergence(first, second), weights=weights)
    assert divergence > 0
    loss = model.compute_loss(inputs, ids, logits, weights, training=True)
    np.testing.assert_allclose(loss, cross_entropy + 2.0 * divergence, rtol=1e-5)


def test_without_training_it_is_the_translator():
    inputs, ids, weights = batch()
    model = compiled(4.0)
    expected = model.translator(inputs)
    np.testing.assert_array_equal(model(inputs), expected)
    loss = model.evaluate(inputs, ids, sample_weight=weights, verbose=0)
    np.testing.assert_allclose(loss, TokenLoss(0.1)(ids, expected, weights), rtol=1e-5)


@pytest.mark.slow
def test_a_step_changes_every_weight_of_the_translator():
    inputs, ids, weights = batch()
    model = compiled(4.0)
    before = model.translator.get_weights()
    model.train_on_batch(inputs, ids, sample_weight=weights)
    changed = [not np.array_equal(*pair) for pair in zip(before, model.translator.get_weights(), strict=True)]
    assert all(changed)


@pytest.mark.parametrize("coefficient", [0.0, 2.0])
def test_recipe_trains_it_where_the_coefficient_is_set(coefficient):
    task = small_task(r_drop=coefficient, batch_tokens=64)
    recipe = TranslationRecipe(task)
    assert isinstance(recipe.network(10), RDrop) == bool(coefficient)
    plain = pair_batches(small_task(batch_tokens=64), PAIRS * 8, training=True)
    halved = recipe.make_batches(PAIRS * 8, training=True)
    assert (halved.steps > plain.steps) == bool(coefficient)
    assert recipe.make_batches(PAIRS * 8, training=False).steps == plain.steps
