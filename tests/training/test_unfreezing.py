import keras
import numpy as np
import pytest

from seqapp.optimizers import FusedAdam
from tests.support.classification import LABELLED, small_classifier
from training.compiled_model import compile_model
from training.epochs import of_least_steps
from training.tasks.classification.pretrained_layers import pretrained_layers
from training.tasks.classification.recipe import ClassificationRecipe
from training.unfreezing import LayerRates, Unfreezing


def stack(seed=1):
    """Three layers of one weight, 1 each, of which the top one is new."""
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(1, use_bias=False, kernel_initializer="ones") for _ in range(3)]
    model = keras.Sequential([keras.Input([1]), *layers])
    model.compile(FusedAdam(0.1), "mse", jit_compile=False)
    return model, [[layers[1].kernel], [layers[0].kernel]]


def weights_after(model, callback, first, last):
    """The three weights after each epoch of two steps, the lowest layer first."""
    found = []
    log = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: found.append([one.item() for one in model.get_weights()])
    )
    x, y = np.ones([2, 1], "float32"), np.full([2, 1], 9.0, "float32")
    model.fit(
        *(x, y), batch_size=1, initial_epoch=first, epochs=last, verbose=0, callbacks=[callback, log]
    )
    return np.array(found)


def test_one_group_more_is_trained_in_each_epoch():
    model, groups = stack()
    found = weights_after(model, Unfreezing(groups, gradual=True, steps=2), 0, 4)
    moved = np.diff(found, axis=0, prepend=1.0) != 0
    np.testing.assert_array_equal(moved, [[0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1]])


def test_frozen_groups_do_not_move():
    model, groups = stack()
    found = weights_after(model, Unfreezing(groups, gradual=False, steps=2), 0, 3)
    assert (found[:, :2] == 1.0).all()
    assert (np.diff(found[:, 2]) != 0).all()


def test_the_first_step_of_an_unfrozen_layer_is_the_learning_rate():
    # Without a bias correction of its own its moments of 0 would make the step another: 0.064 here.
    model, groups = stack()
    found = weights_after(model, Unfreezing(groups, gradual=True, steps=2), 0, 2)
    np.testing.assert_allclose(found[1, 1], 1.2, atol=0.005)


def test_a_later_epoch_begins_with_the_groups_of_that_epoch():
    whole, groups = stack()
    expected = weights_after(whole, Unfreezing(groups, gradual=True, steps=2), 0, 4)
    first, groups = stack()
    weights_after(first, Unfreezing(groups, gradual=True, steps=2), 0, 2)
    again, groups = stack()
    again.optimizer.build(again.trainable_variables)
    for own, theirs in zip(
        [*again.variables, *again.optimizer.variables],
        [*first.variables, *first.optimizer.variables],
        strict=True,
    ):
        own.assign(theirs)
    found = weights_after(again, Unfreezing(groups, gradual=True, steps=2), 2, 4)
    np.testing.assert_array_equal(found, expected[2:])


def test_each_layer_has_a_share_of_the_rate_of_the_layer_above():
    # The first steps of Adam are the learning rate: 0.1, half of it, and half of that.
    model, groups = stack()
    found = weights_after(model, LayerRates(groups, decay=0.5), 0, 1)
    np.testing.assert_allclose(found[0] - 1.0, [0.05, 0.1, 0.2], atol=0.005)


@pytest.mark.parametrize("encoder", ["recurrent", "transformer"])
def test_layers_of_a_classifier_from_the_top(encoder):
    model = small_classifier(encoder=encoder).model
    layers = pretrained_layers(model)
    assert len(layers) == 2  # of the encoder, and the embedding
    names = [{weight.path.split("/")[-2] for weight in layer} for layer in layers]
    assert layers[-1][-1] is model.embedding.embeddings
    assert encoder == "recurrent" or "norm" in names[0]
    placed = {id(weight) for layer in layers for weight in layer}
    new = {weight.path.partition("/")[2] for weight in model.weights if id(weight) not in placed}
    assert new == {
        "embedding/ngrams",
        *("pooling/query", "pooling/projection/kernel", "pooling/projection/bias"),
        *("class_scores/kernel", "class_scores/bias"),
    }


@pytest.mark.parametrize("unfreeze", ["all", "gradual", "none"])
def test_a_classifier_trains_what_is_set(unfreeze):
    task = small_classifier(linear=None, init_from="run", unfreeze=unfreeze, epochs=2)
    recipe = ClassificationRecipe(task)
    batches = of_least_steps(recipe.make_batches(LABELLED, training=True), task.config.training)
    model = compile_model(recipe, batches.steps)
    *encoder, embedding = pretrained_layers(task.model)
    frozen = [*encoder[0], *embedding]
    before = [weight.numpy() for weight in frozen]
    model.fit(
        batches.epochs(0, 1),
        steps_per_epoch=batches.steps,
        verbose=0,
        shuffle=False,
        callbacks=recipe.callbacks(batches.steps),
    )
    moved = [bool((weight.numpy() != old).any()) for weight, old in zip(frozen, before, strict=True)]
    assert any(moved) == (unfreeze == "all")
    assert all(weight.trainable for weight in frozen) == (unfreeze == "all")
