"""Texts that are read segment by segment: states carried, and the results of the whole text."""

import numpy as np
import pytest
import tensorflow as tf

from seqapp.models.interpolated_language_model import InterpolatedLanguageModel
from seqapp.ngrams.kneser_ney import estimate_kneser_ney
from seqapp.ngrams.language_model import NgramLanguageModel
from tests.support.language_models import CONFIGS, VOCABULARY_SIZE, small_network

# BOS, tokens, EOS. The second document ends in the second segment of 4 tokens.
IDS = np.array([[1, 5, 6, 7, 8, 9, 5, 4, 6, 7, 2], [1, 8, 5, 6, 7, 7, 2, 0, 0, 0, 0]])
NAMES = [*CONFIGS, "ngram", "interpolated"]


def small_ngrams(order=4):
    texts = [[5, 6, 7, 8, 9, 2], [8, 5, 6, 7, 2], [5, 4, 6, 7, 2]]
    return NgramLanguageModel.of(estimate_kneser_ney(texts, order, VOCABULARY_SIZE))


def small_model(name):
    if name == "ngram":
        return small_ngrams()
    if name == "interpolated":
        return InterpolatedLanguageModel(small_network("lstm"), small_ngrams(), tf.Variable(0.3))
    return small_network(name)


def by_segments(model, ids, length, padding=0):
    """Log-probabilities of all tokens, read in segments of `length` tokens and so much padding."""
    state, found = model.initial_state(len(ids)), []
    for begin in range(0, ids.shape[1] - 1, length):
        segment = np.pad(ids[:, begin : begin + length + 1], [[0, 0], [0, padding]])
        each, state = model.segment(tf.constant(segment, tf.int32), state)
        found.append(each[:, : each.shape[1] - padding])
    return np.concatenate(found, axis=1)


@pytest.mark.parametrize("length", [1, 3, 4, 10])
@pytest.mark.parametrize("name", NAMES)
def test_segments_give_the_log_probabilities_of_the_whole_text(name, length):
    model = small_model(name)
    whole = model.sequence(tf.constant(IDS, tf.int32)).numpy()
    np.testing.assert_allclose(by_segments(model, IDS, length), whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_padding_changes_neither_probabilities_nor_states(name):
    model = small_model(name)
    found = by_segments(model, IDS[:1], 4, padding=3)
    np.testing.assert_allclose(found, by_segments(model, IDS[:1], 4), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_alone_equals_in_a_batch(name):
    model = small_model(name)
    np.testing.assert_allclose(
        by_segments(model, IDS, 4)[1:, :6], by_segments(model, IDS[1:, :7], 4), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_state_is_that_of_a_search(name):
    """After a segment a search goes on as after the same tokens in one piece."""
    model, ids = small_model(name), tf.constant(IDS[:1], tf.int32)
    _, state = model.segment(ids[:, :4], model.initial_state(1))
    _, state = model.segment(ids[:, 3:7], state)
    expected, _ = model.step(ids[:, 6], model.read(ids, tf.constant([6])))
    np.testing.assert_allclose(model.step(ids[:, 6], state)[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_state_matters(name):
    """The second segment has other probabilities than as a text of its own."""
    model, ids = small_model(name), tf.constant(IDS[:1], tf.int32)
    _, state = model.segment(ids[:, :5], model.initial_state(1))
    carried, _ = model.segment(ids[:, 4:9], state)
    alone, _ = model.segment(ids[:, 4:9], model.initial_state(1))
    assert not np.allclose(carried, alone, rtol=1e-3)


@pytest.mark.parametrize("name", CONFIGS)
def test_half_precision(name):
    network = small_network(name, dtype="mixed_bfloat16")
    each, state = network.segment(tf.constant(IDS[:, :4], tf.int32), network.initial_state(2))
    assert each.dtype == tf.float32
    kinds = {one.dtype for one in tf.nest.flatten(state)}
    assert kinds == {one.dtype for one in tf.nest.flatten(network.initial_state(2))}
