import keras
import numpy as np
import pytest
import tensorflow as tf

from training.optimizer import FusedAdam


def weights_after(optimizer, graph, steps=5):
    generator = np.random.default_rng(1)
    table = keras.Variable(generator.normal(size=(6, 3)), dtype="float32")
    bias = keras.Variable(generator.normal(size=(3,)), dtype="float32")
    gradients = [
        (generator.normal(size=(2, 3)).astype("float32"), generator.normal(size=(3,)).astype("float32"))
        for _ in range(steps)
    ]
    optimizer.build([table, bias])

    def apply(rows, values):
        some_rows = tf.IndexedSlices(rows, tf.constant([4, 1]), tf.constant([6, 3]))
        optimizer.apply([some_rows, values], [table, bias])

    run = tf.function(apply) if graph else apply
    for rows, values in gradients:
        run(tf.constant(rows), tf.constant(values))
    return table.numpy(), bias.numpy(), int(optimizer.iterations.numpy())


@pytest.mark.parametrize("graph", [True, False])
@pytest.mark.parametrize("clip", [None, 0.5])
def test_steps_are_those_of_keras(graph, clip):
    ours = weights_after(FusedAdam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3, global_clipnorm=clip), graph)
    theirs = weights_after(
        keras.optimizers.Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3, global_clipnorm=clip), graph
    )
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_by_hand():
    # The first step of Adam goes by the learning rate against the sign of the gradient.
    weight = keras.Variable([1.0, 1.0])
    optimizer = FusedAdam(0.1)
    optimizer.build([weight])
    optimizer.apply([tf.constant([3.0, -0.2])], [weight])
    np.testing.assert_allclose(weight.numpy(), [0.9, 1.1], rtol=1e-5)


def test_gradients_of_one_row_add_up():
    # Keras alone squares each before it adds them.
    table = keras.Variable([[1.0], [1.0]])
    optimizer = FusedAdam(0.1)
    optimizer.build([table])
    gradient = tf.IndexedSlices(tf.constant([[1.0], [-3.0]]), tf.constant([1, 1]), tf.constant([2, 1]))
    optimizer.apply([gradient], [table])
    np.testing.assert_allclose(table.numpy(), [[1.0], [1.1]], rtol=1e-5)


def test_serialisation():
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(FusedAdam(0.2, beta_1=0.7))
    )
    assert isinstance(again, FusedAdam)
    assert again.get_config()["beta_1"] == 0.7
