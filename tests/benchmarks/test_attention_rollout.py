import numpy as np
import pytest
import tensorflow as tf

from benchmarks.attention_rollout import attention_methods, attention_tokens, rollout
from tests.support.classification import LABELLED, small_classifier

TEXTS = tf.constant([text for text, _ in LABELLED])


def test_rollout_by_hand():
    # Heads [[1, 0], [1, 0]] and [[1, 0], [0, 1]]: their mean is [[1, 0], [½, ½]], with the residual
    # [[1, 0], [¼, ¾]].
    lower = tf.constant([[[[1.0, 0], [1, 0]], [[1, 0], [0, 1]]]])
    np.testing.assert_allclose(rollout([lower]), [[[1, 0], [0.25, 0.75]]])
    # Above it [[0, 1], [0, 1]], with the residual [[½, ½], [0, 1]]: the product, upper times lower.
    upper = tf.constant([[[[0.0, 1], [0, 1]]]])
    np.testing.assert_allclose(rollout([lower, upper]), [[[0.625, 0.375], [0.25, 0.75]]])


def test_methods():
    assert attention_methods(small_classifier()) == ["pooling", "rollout"]
    assert attention_methods(small_classifier(encoder="recurrent")) == ["pooling"]


@pytest.mark.parametrize("encoder", ["transformer", "recurrent"])
def test_the_tokens_are_those_of_explain(encoder):
    task = small_classifier(encoder=encoder)
    explained = task.explain(TEXTS)
    for name, found in attention_tokens(task, TEXTS).items():
        np.testing.assert_array_equal(found.tokens, explained["tokens"])
        np.testing.assert_array_equal(found.begin, explained["begin"])
        weights = found.weights.numpy()
        assert (weights >= 0).all(), name
        # All but the share of EOS.
        assert (weights.sum(axis=1) < 1).all()
        assert (weights.sum(axis=1) > 0.5).all()


def test_a_text_alone_and_beside_a_longer_one():
    task = small_classifier()
    together = attention_tokens(task, TEXTS)
    alone = attention_tokens(task, TEXTS[2:3])
    for name, found in alone.items():
        width = found.weights.shape[1]
        np.testing.assert_allclose(together[name].weights[2:3, :width], found.weights, atol=1e-5)
