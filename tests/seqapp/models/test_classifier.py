import random
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import (
    CausalTransformerEncoderConfig,
    ClassifierConfig,
    NgramEmbeddingConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
)
from seqapp.errors import ConfigError
from seqapp.models.classifier import Classifier

IDS = tf.constant([[5, 6, 7, 2], [8, 2, 0, 0]])
ENCODERS = {
    "recurrent": RecurrentEncoderConfig(units=8),
    "residual_gru": RecurrentEncoderConfig(units=8, cell="gru", layers=2, residual=True),
    "transformer": TransformerEncoderConfig(units=8, heads=2, feedforward_units=16),
    "causal": CausalTransformerEncoderConfig(units=8, heads=2, feedforward_units=16),
}


def model(encoder="transformer", seed=1, ngram_dropout=0.5, **config):
    random.seed(seed)
    ngrams = NgramEmbeddingConfig(longest=2, buckets=32, dropout=ngram_dropout)
    sizes = {"embedding_size": 8, "encoder": ENCODERS[encoder], "ngrams": ngrams}
    found = Classifier(12, 3, ClassifierConfig(**{**sizes, **config}))
    found.build()
    return found


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("pooling", ["last", "mean", "attention"])
def test_padding_changes_nothing(encoder, pooling):
    classifier = model(encoder, pooling=pooling)
    together = classifier(IDS)
    assert together.shape == (2, 3)
    assert together.dtype == tf.float32
    np.testing.assert_allclose(classifier(IDS[1:, :2]), together[1:], atol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean", "attention"])
def test_bos_is_read_and_not_pooled(pooling):
    classifier = model("causal", pooling=pooling, read_bos=True)
    without = model("causal", pooling=pooling)
    vectors, mask = classifier.embedding(IDS)
    memory, _ = classifier.memory(vectors, mask)
    assert memory.shape == (2, 4, 8)
    begun = tf.pad(IDS, [[0, 0], [1, 0]], constant_values=1)
    whole, _ = without.memory(*without.embedding(begun))
    np.testing.assert_allclose(memory[0], whole[0, 1:], atol=1e-5)
    assert np.abs(classifier(IDS) - without(IDS)).max() > 1e-4
    np.testing.assert_allclose(classifier(IDS[1:, :2]), classifier(IDS)[1:], atol=1e-5)
    graph = tf.function(classifier, input_signature=[tf.TensorSpec([None, None], tf.int32)])
    np.testing.assert_allclose(graph(IDS), classifier(IDS), atol=1e-5)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_the_parts_give_what_the_whole_gives(encoder, pooling):
    classifier = model(encoder, pooling=pooling)
    vectors, mask = classifier.embedding(IDS)
    memory, summary = classifier.memory(vectors, mask)
    assert summary.shape == (2, classifier.encoder.summary_units)
    context, weights = classifier.context(vectors, mask)
    assert weights.shape == (2, 4)
    np.testing.assert_allclose(
        context, summary if pooling == "last" else classifier.pooling(memory, summary, mask)[0], atol=1e-6
    )
    np.testing.assert_allclose(classifier.scores(vectors, mask), classifier(IDS), atol=1e-6)


def test_training_hides_tokens():
    classifier = model(dropout=0.0, token_dropout=0.9, ngram_dropout=0.0)
    long = tf.constant([list(range(4, 12)) * 8])
    outputs = {tuple(classifier(long, training=True).numpy().ravel().tolist()) for _ in range(4)}
    assert len(outputs) > 1
    np.testing.assert_array_equal(classifier(IDS), classifier(IDS))


def test_gradients_reach_every_weight():
    classifier = model(ngram_dropout=0.0, token_dropout=0.0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(classifier(IDS, training=True)[:, 0])
    gradients = tape.gradient(loss, [w.value for w in classifier.trainable_weights])
    assert all(gradient is not None for gradient in gradients)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_no_mask_reaches_the_loss(encoder):
    assert getattr(model(encoder)(IDS), "_keras_mask", None) is None


@pytest.mark.parametrize("encoder", ENCODERS)
def test_save_and_load_without_custom_objects(tmp_path, encoder):
    classifier = model(encoder)
    classifier.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.config == classifier.config
    np.testing.assert_allclose(again(IDS), classifier(IDS), atol=1e-6)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_what_training_draws_depends_on_the_seed_alone(encoder):
    ids = tf.constant([[5, 6, 7, 8, 9, 2]] * 8)
    first, again, other = (model(encoder, seed)(ids, training=True).numpy() for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    # Each row draws its own tokens to hide.
    assert np.abs(first - first[:1]).max() > 1e-4


@pytest.mark.parametrize("argument", ["vocabulary_size", "classes"])
def test_no_classes_and_no_vocabulary(argument):
    with pytest.raises(ConfigError, match=f"{argument}: expected an integer of at least 1, got 0"):
        Classifier(**{"vocabulary_size": 12, "classes": 3, "config": ClassifierConfig(), argument: 0})


LABELS = tf.constant([0, 2])


def compiled(**options):
    classifier = model(**options)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return classifier


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("dtype", ["int64", "float32"])
def test_fits_and_predicts_ids_of_any_type(encoder, dtype):
    classifier = compiled(encoder=encoder, token_dropout=0.5)
    ids = tf.cast(IDS, dtype)
    classifier.fit(ids, LABELS, epochs=2, verbose=0)
    np.testing.assert_allclose(classifier.predict(ids, verbose=0), classifier(IDS), atol=1e-5)
    assert set(classifier.evaluate(ids, LABELS, verbose=0, return_dict=True)) == {"loss", "accuracy"}


@pytest.mark.slow
def test_residual_layers_learn_from_the_order_of_tokens():
    # The first of two tokens decides, so a sum over the tokens cannot tell the rows apart.
    ids = tf.constant([[5, 6, 2], [6, 5, 2], [5, 7, 2], [7, 5, 2], [6, 7, 2], [7, 6, 2]])
    labels = ids[:, 0] - 5
    classifier = model("residual_gru", ngram_dropout=0.0, token_dropout=0.0, dropout=0.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss, metrics=["accuracy"])
    classifier.fit(ids, labels, epochs=60, verbose=0)
    assert classifier.evaluate(ids, labels, verbose=0, return_dict=True)["accuracy"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("call_first", [True, False])
def test_an_unbuilt_classifier_builds_on_its_call_or_its_export(call_first, tmp_path):
    classifier = Classifier(12, 3, {"embedding_size": 8, "encoder": ENCODERS["transformer"].model_dump()})
    if call_first:
        classifier(IDS)
    classifier.export(tmp_path / "model", verbose=False)
    served = tf.saved_model.load(tmp_path / "model")
    assert served.signatures["serving_default"].structured_input_signature[1]["ids"].dtype == tf.int32
    np.testing.assert_allclose(served.serve(IDS), classifier(IDS), atol=1e-5)


@pytest.mark.slow
def test_an_export_with_another_signature(tmp_path):
    signature = [keras.InputSpec(dtype="int64", shape=(None, 4), name="tokens")]
    classifier = model()
    classifier.export(tmp_path / "model", verbose=False, input_signature=signature)
    served = tf.saved_model.load(tmp_path / "model")
    np.testing.assert_allclose(served.serve(tf.cast(IDS, tf.int64)), classifier(IDS), atol=1e-5)


def test_quantization_is_refused():
    with pytest.raises(ConfigError, match="quantize: a quantized Classifier could not be loaded again"):
        model().quantize("int8")


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_other_types(policy, encoder):
    exact = model(encoder)
    config = exact.get_config() | {"dtype": policy}
    classifier = Classifier.from_config(config)
    classifier.build()
    classifier.set_weights(exact.get_weights())
    assert classifier(IDS).dtype == tf.float32
    np.testing.assert_allclose(classifier(IDS), exact(IDS), atol=5e-2)


# Two replicas on two logical CPUs; prints the loss of each of three epochs.
TWO_REPLICAS = """
import sys, keras, numpy as np, tensorflow as tf
from seqapp.models.classifier import Classifier
from seqapp.config import (
    CausalTransformerEncoderConfig, ClassifierConfig, RecurrentEncoderConfig, TransformerEncoderConfig
)
from seqapp.optimizers import FusedAdam

keras.utils.set_random_seed(1)
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
encoder = {
    "recurrent": RecurrentEncoderConfig(units=8),
    "residual_gru": RecurrentEncoderConfig(units=8, cell="gru", layers=2, residual=True),
    "transformer": TransformerEncoderConfig(units=8, heads=2),
    "causal": CausalTransformerEncoderConfig(units=8, heads=2),
}[sys.argv[1]]
ids = np.random.default_rng(1).integers(4, 12, [16, 6])
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = Classifier(12, 2, ClassifierConfig(embedding_size=8, encoder=encoder))
    model.compile(FusedAdam(0.05), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(ids, (ids[:, 0] > 7).astype("int32"), batch_size=8, epochs=12, verbose=0)
print(*history.history["loss"])
"""


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ENCODERS)
def test_trains_on_two_replicas(encoder):
    command = [sys.executable, "-c", TWO_REPLICAS, encoder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    losses = [float(number) for number in done.stdout.splitlines()[-1].split()]
    assert losses[-1] < losses[0]
