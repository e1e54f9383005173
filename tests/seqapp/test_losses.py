import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.losses import TokenLoss

LOGITS = tf.random.normal([2, 3, 5], seed=1)
TARGETS = tf.constant([[1, 4, 2], [3, 0, 0]])
WEIGHTS = tf.constant([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
REDUCTIONS = ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None]


def by_hand(smoothing):
    """Mean over the four tokens that count of Σ -q log p, q = (1 - ε) one-hot + ε / V."""
    log_p = tf.nn.log_softmax(LOGITS).numpy().astype("float64")
    losses = []
    for row, column in [(0, 0), (0, 1), (0, 2), (1, 0)]:
        q = np.full(5, smoothing / 5)
        q[TARGETS[row, column]] += 1 - smoothing
        losses.append(-(q * log_p[row, column]).sum())
    return np.mean(losses)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_equals_the_mean_by_hand(smoothing):
    np.testing.assert_allclose(TokenLoss(smoothing)(TARGETS, LOGITS, WEIGHTS), by_hand(smoothing), rtol=1e-5)


def test_uniform_logits_cost_the_logarithm_of_the_vocabulary():
    np.testing.assert_allclose(TokenLoss(0.1)([[2]], tf.zeros([1, 1, 5]), [[1.0]]), np.log(5), rtol=1e-6)


def test_more_padding_does_not_change_it():
    loss = TokenLoss(0.1)
    padded = loss(
        tf.pad(TARGETS, [[0, 0], [0, 4]]),
        tf.pad(LOGITS, [[0, 0], [0, 4], [0, 0]]),
        tf.pad(WEIGHTS, [[0, 0], [0, 4]]),
    )
    np.testing.assert_allclose(padded, loss(TARGETS, LOGITS, WEIGHTS), rtol=1e-6)


def value_and_gradient(loss, targets, logits, *weights):
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(targets, logits, *weights)
    gradient = tape.gradient(value, logits)
    return tf.convert_to_tensor(value), tf.convert_to_tensor(gradient)


def references(smoothing, **options):
    """Our loss, Keras's with the same meaning, and what Keras's takes for labels."""
    if smoothing:
        theirs = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, **options)
        return TokenLoss(smoothing, **options), theirs, lambda labels: tf.one_hot(labels, 5)
    theirs = keras.losses.SparseCategoricalCrossentropy(from_logits=True, **options)
    return TokenLoss(**options), theirs, lambda labels: labels


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", [(), (WEIGHTS,), (tf.constant([0.5, 2.0]),)], ids=["no", "token", "row"])
def test_reductions_and_weights_are_those_of_keras(smoothing, reduction, weights):
    if weights and weights[0].shape.rank == 1:
        weights = (weights[0][:, tf.newaxis],)
    ours, theirs, labels = references(smoothing, reduction=reduction)
    for one, other in zip(
        value_and_gradient(ours, TARGETS, LOGITS, *weights),
        value_and_gradient(theirs, labels(TARGETS), LOGITS, *weights),
        strict=True,
    ):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", [(), (WEIGHTS,)], ids=["no", "token"])
def test_the_mask_of_the_logits_counts_as_in_keras(smoothing, reduction, weights):
    ours, theirs, labels = references(smoothing, reduction=reduction)
    found = []
    for loss, targets in ((ours, TARGETS), (theirs, labels(TARGETS))):
        logits = tf.identity(LOGITS)
        logits._keras_mask = tf.constant([[True, True, False], [True, False, True]])
        found.append(loss(targets, logits, *weights))
    np.testing.assert_allclose(*found, rtol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_types_are_those_of_keras(smoothing, dtype):
    ours, theirs, labels = references(smoothing, dtype=dtype)
    one, other = ours(TARGETS, LOGITS), theirs(labels(TARGETS), LOGITS)
    assert ours.dtype == theirs.dtype == one.dtype.name == other.dtype.name
    np.testing.assert_allclose(tf.cast(one, "float64"), tf.cast(other, "float64"), rtol=2e-2)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_shapes_of_labels_are_those_of_keras(smoothing):
    loss = TokenLoss(smoothing, reduction=None)
    np.testing.assert_array_equal(loss(TARGETS[..., tf.newaxis], LOGITS), loss(TARGETS, LOGITS))
    np.testing.assert_array_equal(loss(TARGETS[0], LOGITS[0]), loss(TARGETS, LOGITS)[0])
    with pytest.raises(ValueError, match=r"y_true: expected the shape of y_pred .* got y_true \(3, 2\)"):
        loss(tf.transpose(TARGETS), LOGITS)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("label", [-1, 5])
@pytest.mark.parametrize("graph", [False, True])
def test_a_label_outside_the_vocabulary_is_an_error(smoothing, label, graph):
    loss = TokenLoss(smoothing)
    with pytest.raises(tf.errors.InvalidArgumentError, match="label"):
        (tf.function(loss) if graph else loss)(tf.constant([[label]]), tf.zeros([1, 1, 5]))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_a_label_outside_the_vocabulary_is_nan_under_xla(smoothing):
    @tf.function(jit_compile=True)
    def of(labels, logits):
        return value_and_gradient(TokenLoss(smoothing, reduction=None), labels, logits)

    value, gradient = of(tf.constant([[9, 1]]), LOGITS[:1, :2])
    assert np.isnan(value).tolist() == [[True, False]]
    assert np.isnan(gradient).all(axis=2).tolist() == [[True, False]]


def test_serialisation():
    loss = TokenLoss(0.3, name="mine", reduction="sum", dtype="float64")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert again.get_config() == loss.get_config()
    assert (again.label_smoothing, again.name) == (0.3, "mine")
    assert (again.reduction, again.dtype) == ("sum", "float64")
    np.testing.assert_allclose(again(TARGETS, LOGITS, WEIGHTS), 4 * by_hand(0.3), rtol=1e-5)


@pytest.mark.parametrize("smoothing", [1.0, 1.5, -0.1, "much", float("nan")])
def test_smoothing_out_of_range(smoothing):
    with pytest.raises(ConfigError, match=r"label_smoothing: expected a number in \[0, 1\), got"):
        TokenLoss(smoothing)


def test_refuses_unknown_arguments():
    with pytest.raises(ValueError, match="reduction"):
        TokenLoss(reduction="abc")
    for unknown in ("from_logits", "label_smoothng"):
        with pytest.raises(TypeError, match=unknown):
            TokenLoss(**{unknown: True})
