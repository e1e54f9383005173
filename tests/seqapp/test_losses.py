import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.losses import TokenLoss

LOGITS = tf.random.normal([2, 3, 5], seed=1)
TARGETS = tf.constant([[1, 4, 2], [3, 0, 0]])
WEIGHTS = tf.constant([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])


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


def test_serialisation():
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(TokenLoss(0.3)))
    assert again.label_smoothing == 0.3
    np.testing.assert_allclose(again(TARGETS, LOGITS, WEIGHTS), by_hand(0.3), rtol=1e-5)


@pytest.mark.parametrize("smoothing", [1.0, -0.1, "much"])
def test_smoothing_out_of_range(smoothing):
    with pytest.raises(ConfigError, match=r"label_smoothing: expected a number in \[0, 1\), got"):
        TokenLoss(smoothing)


def test_refuses_what_it_does_not_do():
    TokenLoss(reduction="mean_with_sample_weight")
    with pytest.raises(ConfigError, match=r"reduction: TokenLoss has 'mean_.*' only, got 'sum'"):
        TokenLoss(reduction="sum")
    with pytest.raises(TypeError, match="from_logits"):
        TokenLoss(from_logits=True)
