"""Embedding and encoder of a classifier, taken from a language model or a translator."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from seqapp.config import (
    MaskedLanguageModelConfig,
    NgramLanguageModelConfig,
    RecurrentLanguageModelConfig,
    SubwordsConfig,
    TransformerLanguageModelConfig,
    TranslatorConfig,
)
from seqapp.errors import ConfigError


class _Source(NamedTuple):
    """How a kind of network becomes the encoder of a classifier.

    Fields:
        encoder: its settings → those of the encoder, by the name within the encoder's section.
        copy: assigns the weights of the network to a built encoder.
        reads_bos: whether the network reads BOS before a text.
    """

    encoder: Callable[[Any], dict[str, Any]]
    copy: Callable[[Any, Any], None]
    reads_bos: bool


def encoder_settings(config: Any) -> dict[str, Any]:
    """Return the classifier's settings, by dotted name, that a run of another task decides.

    All but the rates of dropout: vocabulary, width of the embedding, kind and sizes of the encoder.

    Args:
        config: configuration of the run.

    Raises:
        ConfigError: the run has no layers that a classifier can start from.
    """
    source = _source(config.model)
    encoder = source.encoder(config.model)
    return {
        **{f"subwords.{name}": getattr(config.subwords, name) for name in SubwordsConfig.model_fields},
        "model.embedding_size": config.model.embedding_size,
        "model.read_bos": source.reads_bos,
        **{f"model.encoder.{name}": value for name, value in encoder.items()},
    }


def pretrained_classifier(config: Any, examples: Mapping[str, Any], trained: Any) -> Any:
    """Return a classification task with vocabulary, embedding and encoder of a task, all else new.

    Args:
        config: all settings, with those that `encoder_settings` returned for the task.
        examples: ``text`` and ``label``, which the labels are learnt from.
        trained: the trained task.
    """
    from seqapp.tasks.classification import ClassificationTask  # imports TensorFlow

    task = ClassificationTask.from_examples(config, examples, trained.subwords)
    task.model.embedding.embeddings.assign(trained.model.embedding.embeddings)
    _source(trained.config.model).copy(trained.model, task.model.encoder)
    return task


def _source(model: Any) -> _Source:
    if isinstance(model, NgramLanguageModelConfig):
        raise ConfigError(
            "holds an n-gram model, which has no layers; a classifier can start from a language model with a "
            "network, or from a translation model"
        )
    for kind, source in _SOURCES.items():
        if isinstance(model, kind):
            return source
    raise ConfigError(
        "holds a network that a classifier cannot start from; expected a language or a translation model"
    )


def _recurrent_layers(model: RecurrentLanguageModelConfig) -> dict[str, Any]:
    return {
        "kind": "recurrent",
        "cell": model.cell,
        "units": model.units,
        "layers": model.layers,
        "bidirectional": False,
        "residual": False,
    }


def _causal_layers(model: TransformerLanguageModelConfig) -> dict[str, Any]:
    names = ("units", "layers", "heads", "feedforward_units", "context_tokens")
    return {"kind": "causal_transformer", **{name: getattr(model, name) for name in names}}


def _encoder_of_translator(model: TranslatorConfig) -> dict[str, Any]:
    if model.reverse_source:
        raise ConfigError(
            "has an encoder that reads the source from its end (model.reverse_source); a classifier reads it "
            "from the beginning"
        )
    return _own_encoder(model)


def _own_encoder(model: Any) -> dict[str, Any]:
    """Of a network with an encoder as classifiers have it."""
    return {name: value for name, value in model.encoder.model_dump().items() if name != "dropout"}


def _copy_stack(network: Any, encoder: Any) -> None:
    for own, theirs in zip(encoder.stack, network.stack, strict=True):
        own.set_weights(theirs.get_weights())


def _copy_causal_layers(network: Any, encoder: Any) -> None:
    _copy_stack(network, encoder)
    encoder.norm.set_weights(network.norm.get_weights())
    if encoder.projection is not None:
        encoder.projection.set_weights(network.input_projection.get_weights())


def _copy_encoder(network: Any, encoder: Any) -> None:
    encoder.set_weights(network.encoder.get_weights())


_SOURCES: dict[type, _Source] = {
    RecurrentLanguageModelConfig: _Source(_recurrent_layers, _copy_stack, reads_bos=True),
    TransformerLanguageModelConfig: _Source(_causal_layers, _copy_causal_layers, reads_bos=True),
    MaskedLanguageModelConfig: _Source(_own_encoder, _copy_encoder, reads_bos=False),
    TranslatorConfig: _Source(_encoder_of_translator, _copy_encoder, reads_bos=False),
}
