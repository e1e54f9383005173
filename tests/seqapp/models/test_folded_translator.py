"""Folded translators: the same logits as the network, for every pairing that they cover."""

import random

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import AttentionDecoderConfig, RecurrentEncoderConfig, TranslatorConfig
from seqapp.errors import ConfigError
from seqapp.models.folded_translator import FoldedTranslator, for_search
from seqapp.models.translator import Translator
from tests.support.pairings import PAIRINGS, pairing

SOURCE = tf.constant([[5, 6, 7, 9, 2], [8, 10, 2, 0, 0], [2, 0, 0, 0, 0]])
TARGET = [[1, 1, 1], [9, 11, 4]]
QUANTIZED = {"luong", "luong dot"}
FOLDED = {*QUANTIZED, "transformer"}
ONE_WAY = RecurrentEncoderConfig(units=8, layers=2, bidirectional=False, dropout=0.1)


def built(config):
    random.seed(4)
    translator = Translator(20, config)
    translator.build()
    values = np.random.default_rng(3)
    for weight in translator.weights:
        if "bias" in weight.path:  # zero at first, which would hide a bias that is left out
            weight.assign(weight + values.normal(0.0, 0.3, weight.shape))
    return translator


def outputs(model):
    state, constants = model.start(SOURCE, tf.constant(2))
    found = []
    for ids in TARGET:
        logits, weights, state = model.step_with_attention(tf.constant(ids), state, constants)
        found += [logits, weights]
    return found


@pytest.mark.parametrize("pair", [pair for pair in PAIRINGS if pair[1] in FOLDED], ids=" + ".join)
def test_the_same_outputs(pair):
    translator = built(pairing(*pair))
    folded = for_search(translator)
    assert isinstance(folded, FoldedTranslator)
    for one, other in zip(outputs(folded), outputs(translator), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("changes", [{"encoder": ONE_WAY}, {"reverse_source": True}], ids=str)
def test_the_same_outputs_of_other_encoders(changes):
    config = pairing("lstm", "luong").model_copy(update=changes)
    translator = built(config)
    for one, other in zip(outputs(for_search(translator)), outputs(translator), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_hypotheses_side_by_side():
    folded = for_search(built(pairing("lstm", "luong")))
    state, constants = folded.start(SOURCE, tf.constant(2))
    once, _ = folded.step(tf.constant(TARGET[1]), state, constants)
    state = tf.nest.map_structure(lambda leaf: tf.repeat(leaf, 2, axis=0), state)
    twice, _ = folded.step(tf.repeat(TARGET[1], 2), state, constants)
    np.testing.assert_allclose(twice, tf.repeat(once, 2, axis=0), atol=1e-5)


@pytest.mark.parametrize("pair", [pair for pair in PAIRINGS if pair[1] not in FOLDED], ids=" + ".join)
def test_others_are_searched_as_they_are(pair):
    translator = Translator(20, pairing(*pair))
    translator.build()
    assert for_search(translator) is translator


@pytest.mark.parametrize("pair", [pair for pair in PAIRINGS if pair[1] not in QUANTIZED], ids=" + ".join)
def test_others_are_not_quantized(pair):
    translator = Translator(20, pairing(*pair))
    translator.build()
    with pytest.raises(ConfigError, match="8-bit products need a float32 attention decoder with cell 'lstm'"):
        for_search(translator, quantized=True)


def test_tables_beyond_the_limit_are_not_made(monkeypatch):
    monkeypatch.setattr("seqapp.models.folded_translator._MOST_TABLE_WEIGHTS", 4 * 8 * 20 - 1)
    translator = built(pairing("lstm", "luong"))
    assert for_search(translator) is translator


def test_the_output_projection_is_kept_where_that_is_smaller():
    wide = AttentionDecoderConfig(units=32, dropout=0.1)
    translator = built(TranslatorConfig(embedding_size=6, encoder=ONE_WAY, decoder=wide))
    folded = for_search(translator)
    assert [tuple(matrix.shape) for matrix in folded._decoder.output] == [(32, 6), (6, 20)]
    for one, other in zip(outputs(folded), outputs(translator), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
