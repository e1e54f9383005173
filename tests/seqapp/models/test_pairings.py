"""What holds for every encoder with every decoder."""

import random

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import TranslatorConfig
from seqapp.decoding.beam import Beam
from seqapp.decoding.search import search
from seqapp.models.translator import Translator
from tests.support.pairings import DECODERS, ENCODERS, KINDS, MORE_PAIRINGS, PAIRINGS, pairing
from tests.support.tasks import small_task

SOURCE = tf.constant([[5, 6, 7, 9, 2], [8, 10, 2, 0, 0]])
TARGET = tf.constant([[1, 9, 10], [1, 11, 0]])
INPUTS = {"source": SOURCE, "target": TARGET}


def built(config):
    random.seed(4)
    translator = Translator(20, config)
    translator.build()
    return translator


@pytest.fixture(
    scope="module",
    params=[*PAIRINGS, *(pytest.param(pair, marks=pytest.mark.slow) for pair in MORE_PAIRINGS)],
    ids=" + ".join,
)
def translator(request):
    return built(pairing(*request.param))


def test_step_by_step_equals_teacher_forcing(translator):
    logits, weights = translator.align(SOURCE, TARGET)
    state, constants = translator.start(SOURCE, tf.constant(3))
    for t in range(3):
        step, weights_of_step, state = translator.step_with_attention(TARGET[:, t], state, constants)
        np.testing.assert_allclose(step, logits[:, t], atol=1e-5)
        np.testing.assert_allclose(weights_of_step, weights[:, t], atol=1e-5)


def test_padding_and_other_rows_change_nothing(translator):
    logits, weights = translator.align(SOURCE, TARGET)
    alone, weights_alone = translator.align(SOURCE[1:, :3], TARGET[1:, :2])
    np.testing.assert_allclose(alone[0], logits[1, :2], atol=1e-5)
    np.testing.assert_allclose(weights_alone[0], weights[1, :2, :3], atol=1e-6)
    assert not weights[1, :, 3:].numpy().any()
    np.testing.assert_allclose(tf.reduce_sum(weights, axis=2), np.ones([2, 3]), rtol=1e-5)


def test_hypotheses_side_by_side(translator):
    state, constants = translator.start(SOURCE, tf.constant(2))
    once, weights, _ = translator.step_with_attention(TARGET[:, 0], state, constants)
    state = tf.nest.map_structure(lambda leaf: tf.repeat(leaf, 2, axis=0), state)
    twice, weights_of_two, _ = translator.step_with_attention(
        tf.repeat(TARGET[:, 0], 2, axis=0), state, constants
    )
    np.testing.assert_allclose(twice, tf.repeat(once, 2, axis=0), atol=1e-5)
    np.testing.assert_allclose(weights_of_two, tf.repeat(weights, 2, axis=0), atol=1e-6)


def test_every_weight_gets_a_gradient(translator):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(translator(INPUTS, training=True) ** 2)
    gradients = tape.gradient(loss, [w.value for w in translator.trainable_weights])
    for weight, gradient in zip(translator.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        assert np.isfinite(tf.convert_to_tensor(gradient)).all(), weight.path


@pytest.mark.parametrize("decoder", DECODERS)
def test_the_configuration_makes_the_same_network_again(decoder):
    translator = built(pairing("gru", decoder))
    assert TranslatorConfig.read(translator.config.model_dump()) == translator.config
    again = Translator.from_config(translator.get_config())
    again.build()
    assert [w.path for w in again.weights] == [w.path for w in translator.weights]
    again.set_weights(translator.get_weights())
    np.testing.assert_array_equal(again(INPUTS), translator(INPUTS))


@pytest.mark.slow
@pytest.mark.parametrize("decoder", KINDS)
def test_a_beam_finds_what_teacher_forcing_scores(decoder):
    translator = built(pairing("gru", decoder, reverse_source=True))
    translator.output_bias.assign(np.linspace(0.0, 2.0, 20))

    @tf.function(autograph=False)
    def find(source):
        state, constants = translator.start(source, tf.constant(6))
        return search(translator.step, state, constants, tf.constant([6, 4]), Beam(3), complete=True)

    found = find(SOURCE)
    for k in range(3):
        target = found.ids[:, k]
        logits = translator({"source": SOURCE, "target": Translator.shift(target)})
        each = tf.gather(tf.nn.log_softmax(logits), target, batch_dims=2) * tf.cast(target != 0, tf.float32)
        np.testing.assert_allclose(
            found.log_probabilities[:, k], tf.reduce_sum(each, axis=1), rtol=1e-4, atol=1e-5
        )


def test_the_pairings_have_all_encoders_and_decoders():
    assert {encoder for encoder, _ in PAIRINGS} == set(ENCODERS)
    assert {decoder for _, decoder in PAIRINGS} == set(DECODERS)
    all_of_them = {(encoder, decoder) for encoder in ENCODERS for decoder in KINDS}
    assert all_of_them <= {*PAIRINGS, *MORE_PAIRINGS}
    kinds = {(DECODERS[name].kind, getattr(DECODERS[name], "order", "")) for name in DECODERS}
    assert kinds == {(DECODERS[name].kind, getattr(DECODERS[name], "order", "")) for name in KINDS}


@pytest.mark.slow
def test_the_export_gives_the_answers_of_the_model(tmp_path):
    # Every other kind of decoder is exported by a preset: tests/end_to_end/test_presets.py.
    from serving.export.parity import check_parity
    from tests.support.tasks import PAIRS, write_version

    task = small_task(model=pairing("gru", "input feeding", reverse_source=True))
    write_version(task, tmp_path / "1")
    sources, targets = ([text.encode() for text in side] for side in zip(*PAIRS, strict=True))
    assert check_parity(task, tmp_path / "1", {"source": sources, "target": targets}) == len(PAIRS)
