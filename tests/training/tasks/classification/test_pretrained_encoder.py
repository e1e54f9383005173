"""Classifiers that start from the embedding and the encoder of a language model or a translator."""

import random

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import (
    ClassificationConfig,
    ClassificationLimits,
    ClassifierConfig,
    LanguageModellingConfig,
    MaskedLanguageModelConfig,
    RecurrentEncoderConfig,
    RecurrentLanguageModelConfig,
    TokensConfig,
    TransformerEncoderConfig,
    TransformerLanguageModelConfig,
)
from seqapp.errors import ConfigError
from seqapp.special_ids import BOS_ID
from seqapp.tasks.language_modelling import LanguageModellingTask
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from tests.support.classification import LABELLED
from tests.support.tasks import small_task
from training.settings.changes import Changes, changed
from training.tasks.classification.pretrained_encoder import encoder_settings, pretrained_classifier

EXAMPLES = {"text": [text for text, _ in LABELLED], "label": [label for _, label in LABELLED]}
LANGUAGE_MODELS = {
    "lstm": RecurrentLanguageModelConfig(units=8, layers=2, embedding_size=6),
    "gru": RecurrentLanguageModelConfig(cell="gru", units=8, embedding_size=8),
    "simple_rnn": RecurrentLanguageModelConfig(cell="simple_rnn", units=7, embedding_size=6, tied=False),
    "transformer": TransformerLanguageModelConfig(units=8, embedding_size=6, layers=2, heads=2),
    "sliding": TransformerLanguageModelConfig(
        units=8, embedding_size=8, feedforward_units=12, heads=2, context_tokens=3
    ),
}

MASKED = {
    "transformer": MaskedLanguageModelConfig(
        embedding_size=6, encoder=TransformerEncoderConfig(units=8, layers=2, heads=2)
    ),
    "recurrent": MaskedLanguageModelConfig(
        embedding_size=6, encoder=RecurrentEncoderConfig(cell="gru", units=8)
    ),
}


def language_model(name, **settings):
    random.seed(3)
    config = LanguageModellingConfig(
        subwords=TokensConfig(vocabulary_size=350), model=LANGUAGE_MODELS[name], **settings
    )
    return LanguageModellingTask.from_examples(config, {"text": EXAMPLES["text"]})


def classifier(trained, **model):
    """A classifier with layers of a trained task."""
    small = ClassificationConfig(
        model=ClassifierConfig(dropout=0.1, **model), linear=None, limits=ClassificationLimits(ids=24)
    )
    config = changed(small, Changes("run", encoder_settings(trained.config)))
    return pretrained_classifier(config, EXAMPLES, trained)


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_the_memory_is_the_context_of_the_language_model_after_each_token(name):
    trained = language_model(name)
    task = classifier(trained)
    ids = task.encode({"text": tf.constant(["a good film"])})["ids"].to_tensor()
    vectors, mask = task.model.embedding(ids)
    memory, summary = task.model.memory(vectors, mask)
    assert memory.shape == (1, ids.shape[1], trained.config.model.units)
    begun = tf.pad(ids, [[0, 0], [1, 0]], constant_values=BOS_ID)
    for read in range(1, ids.shape[1] + 1):
        context = trained.model.context(begun, tf.constant([read + 1]))
        np.testing.assert_allclose(memory[:, read - 1], context, atol=1e-5)
    np.testing.assert_allclose(summary[:, : memory.shape[2]], memory[:, -1], atol=1e-6)


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_weights_and_vocabulary_are_those_of_the_language_model(name):
    trained = language_model(name)
    task = classifier(trained)
    assert task.subwords is trained.subwords
    np.testing.assert_array_equal(task.model.embedding.embeddings, trained.model.embedding.embeddings)
    others = [
        weight
        for layer in (*trained.model.stack, *([trained.model.norm] if hasattr(trained.model, "norm") else []))
        for weight in layer.get_weights()
    ]
    projection = getattr(trained.model, "input_projection", None)
    if projection is not None:
        others += projection.get_weights()
    own = task.model.encoder.get_weights()
    assert sorted(one.tobytes() for one in own) == sorted(one.tobytes() for one in others)


@pytest.mark.parametrize("encoder", ["recurrent", "transformer"])
def test_the_encoder_of_a_translator(encoder):
    trained = small_task(seed=3, encoder=encoder)
    task = classifier(trained)
    assert task.config.model.encoder.kind == encoder
    assert not task.config.model.read_bos
    for own, theirs in zip(
        task.model.encoder.get_weights(), trained.model.encoder.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(own, theirs)
    ids = task.encode({"text": tf.constant(["a good film", "bad"])})["ids"].to_tensor()
    memory, _ = task.model.memory(*task.model.embedding(ids))
    theirs, _, _ = trained.model.encoder(*trained.model.embedding(ids))
    np.testing.assert_allclose(memory, theirs, atol=1e-6)


@pytest.mark.parametrize("name", MASKED)
def test_the_encoder_of_a_masked_language_model(name):
    config = LanguageModellingConfig(subwords=TokensConfig(vocabulary_size=350), model=MASKED[name])
    trained = MaskedLanguageModellingTask.from_examples(config, {"text": EXAMPLES["text"]})
    task = classifier(trained)
    assert task.config.model.encoder.kind == config.model.encoder.kind
    assert not task.config.model.read_bos
    assert task.subwords is trained.subwords
    texts = {"text": tf.constant(["a good film", "bad"])}
    ids = task.encode(texts)["ids"].to_tensor()
    np.testing.assert_array_equal(ids, trained.encode(texts)["ids"].to_tensor())
    memory, _ = task.model.memory(*task.model.embedding(ids))
    theirs, _, _ = trained.model.encoder(*trained.model.embedding(ids))
    np.testing.assert_allclose(memory, theirs, atol=1e-6)


def test_settings_of_the_run():
    assert encoder_settings(language_model("sliding").config) == {
        "subwords.vocabulary_size": 350,
        "subwords.character_coverage": 0.9999,
        "subwords.max_training_sentences": 1_000_000,
        "model.embedding_size": 8,
        "model.read_bos": True,
        "model.encoder.kind": "causal_transformer",
        "model.encoder.units": 8,
        "model.encoder.layers": 4,
        "model.encoder.heads": 2,
        "model.encoder.feedforward_units": 12,
        "model.encoder.context_tokens": 3,
    }


def test_rates_of_dropout_and_token_ngrams_stay_those_of_the_classifier():
    task = classifier(language_model("lstm"), ngrams={"longest": 2, "buckets": 16}, token_dropout=0.25)
    model = task.config.model
    assert (model.encoder.dropout, model.dropout, model.token_dropout) == (0.3, 0.1, 0.25)
    assert not task.model.embedding.ngrams.numpy().any()


def test_the_network_of_an_interpolation_is_taken():
    trained = language_model("gru", ngrams={"order": 2})
    assert classifier(trained).config.model.encoder.cell == "gru"


def test_an_ngram_model_has_no_layers():
    config = LanguageModellingConfig(model={"kind": "ngram"})
    with pytest.raises(ConfigError, match="holds an n-gram model, which has no layers; a classifier"):
        encoder_settings(config)


def test_an_encoder_that_reads_from_the_end_is_refused():
    config = small_task().config
    reversed_source = config.with_changes(model=config.model.with_changes(reverse_source=True))
    with pytest.raises(ConfigError, match="reads the source from its end"):
        encoder_settings(reversed_source)
