"""The folded transformer decoder gives the layers' logits and weights, in a search too."""

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import TransformerDecoderConfig, TransformerEncoderConfig, TranslatorConfig
from seqapp.decoding.beam import Beam
from seqapp.decoding.search import search
from seqapp.models.folded_transformer_decoder import FoldedTransformerDecoder, is_foldable_transformer
from seqapp.models.translator import Translator

SOURCE = tf.constant([[5, 6, 7, 2], [8, 2, 0, 0]])


def random_translator(embedding, units, positions, alignment_layer=None):
    translator = Translator(
        30,
        TranslatorConfig(
            embedding_size=embedding,
            encoder=TransformerEncoderConfig(units=8, heads=2, layers=1),
            decoder=TransformerDecoderConfig(
                units=units,
                heads=2,
                layers=2,
                positions=positions,
                max_positions=3,
                alignment_layer=alignment_layer,
            ),
        ),
    )
    translator.build()
    generator = np.random.default_rng(7)
    for weight in translator.weights:
        if weight.name != "seed_generator_state":
            weight.assign_add(generator.normal(0, 0.3, weight.shape))
    return translator


@pytest.mark.parametrize(
    "settings", [(8, 8, "sinusoidal"), (6, 8, "learned"), (12, 8, "sinusoidal", 2)]
)
def test_steps_equal_teacher_forcing(settings):
    translator = random_translator(*settings)
    target = tf.constant([[1, 9, 10, 11, 12], [1, 13, 14, 15, 16]])
    logits, weights = translator.align(SOURCE, target)
    folded = FoldedTransformerDecoder(translator)
    state, constants = folded.initial_state(2), folded.constants(translator.start(SOURCE)[1])
    for t in range(5):
        found, of_found, state = folded.step(target[:, t], state, constants)
        np.testing.assert_allclose(found, logits[:, t], atol=1e-4)
        np.testing.assert_allclose(of_found, weights[:, t], atol=1e-5)
    assert state[0][0].shape == (2, 2, 5, 4)


@pytest.mark.slow
def test_a_beam_search_finds_the_same():
    translator = random_translator(6, 8, "sinusoidal")
    folded = FoldedTransformerDecoder(translator)

    @tf.function(autograph=False)
    def found(source):
        lengths = tf.constant([9, 6])
        state, constants = translator.start(source, 9)
        own = search(translator.step, state, constants, lengths, Beam(3))

        def step(tokens, state, constants):
            logits, _, state = folded.step(tokens, state, constants)
            return logits, state

        start = folded.initial_state(tf.shape(source)[0])
        return own, search(step, start, folded.constants(constants), lengths, Beam(3))

    own, other = found(SOURCE)
    np.testing.assert_array_equal(own.ids, other.ids)
    np.testing.assert_allclose(own.scores, other.scores, atol=1e-3)


def test_only_transformer_decoders():
    assert is_foldable_transformer(TranslatorConfig(decoder=TransformerDecoderConfig()))
    assert not is_foldable_transformer(TranslatorConfig())
