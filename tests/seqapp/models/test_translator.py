import random
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import (
    AttentionDecoderConfig,
    RecurrentEncoderConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslatorConfig,
)
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.search import search
from seqapp.errors import ConfigError
from seqapp.models.translator import Translator

SOURCE = tf.constant([[5, 6, 7, 2], [8, 2, 0, 0]])
TARGET = tf.constant([[1, 9, 10], [1, 11, 0]])


ENCODERS = {"recurrent": RecurrentEncoderConfig, "transformer": TransformerEncoderConfig}
DECODERS = {"attention": AttentionDecoderConfig, "transformer": TransformerDecoderConfig}
PAIRS = [(encoder, decoder) for decoder in DECODERS for encoder in ENCODERS]
pairs = pytest.mark.parametrize(("encoder", "decoder"), PAIRS)


def config(encoder="recurrent", decoder="attention", embedding_size=6, of_encoder=None, **of_decoder):
    return TranslatorConfig(
        embedding_size=embedding_size,
        encoder=ENCODERS[encoder](**{"units": 8, **(of_encoder or {})}),
        decoder=DECODERS[decoder](**{"units": 8, **of_decoder}),
    )


def model(*args, **changes):
    random.seed(4)
    translator = Translator(20, config(*args, **changes))
    translator.build()
    return translator


def test_logits_have_the_shape_of_the_target_and_the_vocabulary():
    logits = model()({"source": SOURCE, "target": TARGET})
    assert logits.shape == (2, 3, 20)
    assert logits.dtype == "float32"


# Other pairings: test_pairings.py.
@pytest.mark.parametrize(
    "changes",
    [
        {"embedding_size": 8},
        {"of_encoder": {"bidirectional": False}, "score": "dot"},
        {"encoder": "transformer", "of_encoder": {"positions": "learned", "max_positions": 3}, "units": 6},
        {"decoder": "transformer", "embedding_size": 8, "positions": "learned", "max_positions": 2},
    ],
)
def test_step_by_step_equals_teacher_forcing(changes):
    translator = model(**changes)
    logits = translator({"source": SOURCE, "target": TARGET})
    state, constants = translator.start(SOURCE, 3)
    for t in range(3):
        step, state = translator.step(TARGET[:, t], state, constants)
        np.testing.assert_allclose(step, logits[:, t], atol=1e-5)


def reading(*, reverse_source, **changes):
    """A translator with the same weights for both directions of reading."""
    random.seed(4)
    settings = config(**changes).model_copy(update={"reverse_source": reverse_source})
    translator = Translator(20, settings)
    translator.build()
    return translator


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_reversed_source_is_read_from_its_end_and_aligned_in_its_order(encoder):
    translator = reading(reverse_source=True, encoder=encoder)
    logits, weights = translator.align(SOURCE, TARGET)
    turned = tf.constant([[2, 7, 6, 5], [2, 8, 0, 0]])
    expected, weights_of_turned = reading(reverse_source=False, encoder=encoder).align(turned, TARGET)
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    np.testing.assert_allclose(weights[0], weights_of_turned[0, :, ::-1], atol=1e-6)
    np.testing.assert_allclose(weights[1, :, :2], weights_of_turned[1, :, 1::-1], atol=1e-6)
    assert not weights[1, :, 2:].numpy().any()
    assert np.abs(weights - weights_of_turned).max() > 1e-3


def test_a_reversed_source_steps_and_trains():
    translator = reading(reverse_source=True)
    with tf.GradientTape() as tape:
        logits = translator({"source": SOURCE, "target": TARGET})
    gradients = tape.gradient(logits, [w.value for w in translator.trainable_weights])
    assert all(gradient is not None for gradient in gradients)
    state, constants = translator.start(SOURCE)
    for t in range(3):
        step, state = translator.step(TARGET[:, t], state, constants)
        np.testing.assert_allclose(step, logits[:, t], atol=1e-5)


def test_shift_puts_bos_first():
    assert Translator.shift(tf.constant([[9, 10, 2]])).numpy().tolist() == [[1, 9, 10]]


def test_one_table_embeds_and_gives_the_logits():
    translator = model(embedding_size=8)
    assert sum(weight.shape[0] == 20 and len(weight.shape) == 2 for weight in translator.weights) == 1


def test_dropout_only_in_training():
    translator = model(of_encoder={"dropout": 0.5}, dropout=0.5)
    inputs = {"source": SOURCE, "target": TARGET}
    np.testing.assert_array_equal(translator(inputs), translator(inputs))
    assert np.abs(translator(inputs, training=True) - translator(inputs)).max() > 1e-4


@pairs
def test_save_and_load_without_custom_objects(tmp_path, encoder, decoder):
    translator = model(encoder, decoder)
    translator.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    inputs = {"source": SOURCE, "target": TARGET}
    np.testing.assert_allclose(again(inputs), translator(inputs), atol=1e-6)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_mixed_precision_gives_float32_logits(encoder):
    translator = Translator(20, config(encoder), dtype="mixed_float16")
    translator.build()
    logits = translator({"source": SOURCE, "target": TARGET})
    assert logits.dtype == "float32"
    assert np.isfinite(logits).all()


def test_no_vocabulary():
    with pytest.raises(ConfigError, match="vocabulary_size: expected an integer of at least 1, got 0"):
        Translator(0, config())


@pytest.mark.parametrize(("encoder", "decoder"), [("recurrent", "attention"), ("transformer", "transformer")])
def test_a_greedy_search_finds_what_teacher_forcing_scores(encoder, decoder):
    translator = model(encoder, decoder, layers=2)
    translator.output_bias.assign(np.linspace(0.0, 2.0, 20))

    @tf.function(autograph=False)
    def find(source):
        state, constants = translator.start(source, tf.constant(6))
        return search(translator.step, state, constants, tf.constant([6, 4]), Greedy())

    found = find(SOURCE)
    target = found.ids[:, 0]
    logits = translator({"source": SOURCE, "target": Translator.shift(target)})
    each = tf.gather(tf.nn.log_softmax(logits), target, batch_dims=2) * tf.cast(target != 0, tf.float32)
    np.testing.assert_allclose(found.log_probabilities[:, 0], tf.reduce_sum(each, axis=1), rtol=1e-4)


INPUTS = {"source": SOURCE, "target": TARGET}


@keras.saving.register_keras_serializable("tests")
class FirstPosition(keras.layers.Layer):
    """An attention that looks at the first position of the memory and has a weight of its own."""

    supports_masking = True

    def build(self, query_shape, memory_shape):
        self.scale = self.add_weight(shape=(), initializer="ones")

    def call(self, query, memory, keys=None, mask=None):
        weights = tf.one_hot(tf.zeros(tf.shape(query)[:2], tf.int32), tf.shape(memory)[1])
        return self.scale * tf.matmul(weights, memory), weights


def test_an_attention_of_ones_own_is_saved_and_loaded(tmp_path):
    translator = Translator(20, config(), attention=FirstPosition())
    logits, weights = translator.align(SOURCE, TARGET)
    assert weights[:, :, 0].numpy().tolist() == [[1.0] * 3] * 2
    state, constants = translator.start(SOURCE)
    np.testing.assert_allclose(translator.step(TARGET[:, 0], state, constants)[0], logits[:, 0], atol=1e-5)
    translator.decoder.attention.scale.assign(2.0)
    translator.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(again.decoder.attention, FirstPosition)
    np.testing.assert_allclose(again(INPUTS), translator(INPUTS), atol=1e-6)
    assert np.abs(again(INPUTS) - logits).max() > 1e-3


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32"])
def test_ids_of_any_type(dtype):
    translator = model()
    ids = {name: tf.cast(values, dtype) for name, values in INPUTS.items()}
    np.testing.assert_array_equal(translator(ids), translator(INPUTS))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("reverse_source", [False, True])
def test_dtypes(dtype, reverse_source):
    settings = config().model_copy(update={"reverse_source": reverse_source})
    translator = Translator(20, settings, dtype=dtype)
    logits = translator(INPUTS)
    reference = Translator(20, settings)
    reference(INPUTS)
    reference.set_weights([w.astype("float32") for w in translator.get_weights()])
    assert logits.dtype == tf.float32
    np.testing.assert_allclose(logits, reference(INPUTS), atol={"float64": 1e-5}.get(dtype, 0.05))


def test_it_builds_on_its_call():
    built, called = model(), Translator(20, config())
    called(INPUTS)
    assert [w.shape for w in called.weights] == [w.shape for w in built.weights]
    by_method = Translator(20, config())
    by_method.align(SOURCE, TARGET)
    assert [w.shape for w in by_method.weights] == [w.shape for w in built.weights]


def test_shapes_and_types_by_specification():
    translator = Translator(20, config(), dtype="mixed_float16")
    assert translator.compute_output_shape({"source": (2, 4), "target": (2, 3)}) == (2, 3, 20)
    symbols = {name: keras.Input([None], dtype="int32", name=name) for name in INPUTS}
    outputs = translator(symbols)
    assert (outputs.shape, outputs.dtype) == ((None, None, 20), "float32")
    assert keras.Model(symbols, outputs)(INPUTS).shape == (2, 3, 20)


# Keras warns of every layer that it leaves as it is.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.* does not have a `quantize` method implemented")
@pairs
def test_quantized_it_gives_nearly_the_same_and_can_be_saved_and_loaded(tmp_path, encoder, decoder):
    translator = model(encoder, decoder)
    before = translator(INPUTS)
    translator.quantize("int8")
    quantized = translator(INPUTS)
    assert 0 < np.abs(quantized - before).max() < 0.1 * np.abs(before).max()
    assert translator.embedding.embeddings.dtype == "float32"
    state, constants = translator.start(SOURCE, 1)
    step, _ = translator.step(TARGET[:, 0], state, constants)
    np.testing.assert_allclose(step, quantized[:, 0], atol=1e-5)
    translator.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(INPUTS), quantized)


@pytest.mark.slow
def test_exported_by_keras_with_int32_ids(tmp_path):
    translator = model()
    translator.export(tmp_path / "model", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "model")
    signature = loaded.signatures["serving_default"].structured_input_signature[1]
    assert {spec.dtype for spec in signature.values()} == {tf.int32}
    np.testing.assert_allclose(loaded.serve(INPUTS), translator(INPUTS), atol=1e-5)


_MIRRORED = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from tests.seqapp.models.test_translator import INPUTS, Translator, config
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    translator = Translator(20, config())
    translator.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
translator.fit(INPUTS, INPUTS["target"], batch_size=2, epochs=2, verbose=0)
assert translator.built
"""


@pytest.mark.slow
def test_fit_on_two_devices():
    subprocess.run([sys.executable, "-c", _MIRRORED], check=True, timeout=300)
