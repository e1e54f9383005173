import random

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import RecurrentLanguageModelConfig
from seqapp.models.interpolated_language_model import InterpolatedLanguageModel
from seqapp.models.recurrent_language_model import RecurrentLanguageModel
from seqapp.ngrams.kneser_ney import estimate_kneser_ney
from seqapp.ngrams.language_model import NgramLanguageModel
from seqapp.special_ids import BOS_ID

SIZE = 8
TEXTS = [[4, 5, 6, 2], [4, 5, 2], [7, 2]]
IDS = tf.constant([[1, 4, 5, 6, 2], [1, 7, 2, 0, 0]])


class Fixed:
    """The same distribution after every token."""

    vocabulary_size = 4

    def __init__(self, probabilities: list[float]) -> None:
        self.log_probabilities = np.log(probabilities).astype("float32")

    def initial_state(self, rows):
        return tf.zeros([rows])

    def step(self, tokens, state):
        return tf.gather(self.log_probabilities[np.newaxis], tf.zeros_like(tokens)), state

    def read(self, ids, lengths):
        return tf.cast(lengths, tf.float32)

    def sequence(self, ids):
        return tf.gather(self.log_probabilities, ids[:, 1:])


def interpolated(weight: float) -> InterpolatedLanguageModel:
    random.seed(1)
    network = RecurrentLanguageModel(SIZE, RecurrentLanguageModelConfig(units=6, embedding_size=4))
    network.build()
    ngrams = NgramLanguageModel.of(estimate_kneser_ney(TEXTS, 3, SIZE))
    return InterpolatedLanguageModel(network, ngrams, tf.Variable(weight))


def test_two_tokens_by_hand():
    """0.25 of (0.4, 0.6) and 0.75 of (0.8, 0.2): 0.1 + 0.6 = 0.7 and 0.15 + 0.15 = 0.3; PAD, BOS stay 0."""
    network, ngrams = Fixed([1e-30, 1e-30, 0.4, 0.6]), Fixed([1e-30, 1e-30, 0.8, 0.2])
    model = InterpolatedLanguageModel(network, ngrams, tf.Variable(0.25))
    found, _ = model.step(tf.constant([BOS_ID]), model.initial_state(1))
    np.testing.assert_allclose(tf.exp(found)[0], [0, 0, 0.7, 0.3], atol=1e-6)
    scores = model.sequence(tf.constant([[1, 3, 2, 0]]))
    np.testing.assert_allclose(scores[0], [np.log(0.3), np.log(0.7), 0.0], rtol=1e-5)


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_probabilities_sum_to_1_and_the_step_equals_the_sequence(weight):
    model = interpolated(weight)
    state, total = model.initial_state(2), []
    for place in range(4):
        found, state = model.step(IDS[:, place], state)
        assert np.isfinite(found).all()
        probabilities = tf.exp(found).numpy()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
        assert probabilities[:, :2].max() == 0.0  # PAD and BOS
        total.append(tf.gather(found, IDS[:, place + 1], batch_dims=1).numpy())
    sequence = model.sequence(IDS).numpy()
    np.testing.assert_allclose(np.stack(total, 1)[0], sequence[0], rtol=1e-4)
    np.testing.assert_allclose(np.stack(total, 1)[1, :2], sequence[1, :2], rtol=1e-4)
    assert sequence[1, 2:].tolist() == [0.0, 0.0]


def test_reading_equals_steps():
    model = interpolated(0.3)
    state = model.initial_state(2)
    for place in range(3):
        _, state = model.step(IDS[:, place], state)
    read = model.read(IDS, tf.constant([3, 3]))
    one, other = (model.step(tf.constant([4, 4]), each)[0] for each in (state, read))
    np.testing.assert_allclose(one, other, rtol=1e-4)
