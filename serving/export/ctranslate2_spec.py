"""The weights of a translator as a CTranslate2 model specification."""

from typing import Any

import numpy as np
from ctranslate2.specs import attention_spec, common_spec, transformer_spec

from seqapp.layers.positions import sinusoids
from seqapp.layers.transformer_decoder import TransformerDecoder
from seqapp.layers.transformer_encoder import TransformerEncoder
from seqapp.layers.transformer_encoder_layer import EPSILON
from seqapp.special_ids import BOS_ID, PAD_ID
from seqapp.tasks.translation import TranslationTask

# CTranslate2 refuses positions beyond its table, and its default longest translation is 256 tokens.
_POSITIONS = 1024
# Instead of a rule for every client: no search writes padding or the beginning of a sentence. Half
# precision can hold it.
_NEVER = -1e4


def translator_spec(task: TranslationTask) -> transformer_spec.TransformerSpec:
    """The specification of a translator whose encoder and decoder are transformers.

    Ids are the same: token number i of the vocabulary file is id i. The encoder's source ends with EOS, the
    decoder begins with BOS; PAD and BOS are excluded from the output by their bias.

    Raises:
        TypeError: encoder or decoder is no transformer.
    """
    model = task.model
    spec = transformer_spec.TransformerSpec(_encoder(model.encoder), _decoder(model.decoder))
    table = model.embedding.embeddings.numpy()
    for half, layer in ((spec.encoder, model.encoder), (spec.decoder, model.decoder)):
        embeddings = half.embeddings[0] if isinstance(half.embeddings, list) else half.embeddings
        half.scale_embeddings, embeddings.weight = _embeddings(table, layer)
    projection = model.output_projection
    spec.decoder.projection.weight = table if projection is None else table @ projection.kernel.numpy().T
    spec.decoder.projection.bias = model.output_bias.numpy()
    spec.decoder.projection.bias[[PAD_ID, BOS_ID]] = _NEVER
    vocabulary = task.subwords.tokenizer.id_to_string(np.arange(task.subwords.size, dtype=np.int32)).numpy()
    tokens = [token.decode("utf-8") for token in vocabulary]
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.add_source_eos = True
    spec.config.layer_norm_epsilon = EPSILON
    return spec


def _embeddings(table: np.ndarray, layer: Any) -> tuple[bool, np.ndarray]:
    """Whether CTranslate2 scales by √E, and the table [V, units] of an encoder or decoder.

    A projection is multiplied in: CTranslate2 has none at its inputs.
    """
    if table.shape[1] == layer.units:
        return True, table
    kernel, bias = (weight.numpy() for weight in layer.projection.weights)
    return False, table * table.shape[1] ** 0.5 @ kernel + bias


def _encoder(layer: Any) -> transformer_spec.TransformerEncoderSpec:
    if not isinstance(layer, TransformerEncoder):
        raise TypeError(f"encoder: expected a TransformerEncoder, got {type(layer).__name__}")
    spec = transformer_spec.TransformerEncoderSpec(layer.layers, layer.heads)
    spec.position_encodings.encodings = _positions(layer)
    _set_norm(spec.layer_norm, layer.norm)
    for of_layer, trained in zip(spec.layer, layer.stack, strict=True):
        _set_encoder_attention(of_layer.self_attention, trained)
        _set_feedforward(of_layer.ffn, trained)
    return spec


def _decoder(layer: Any) -> transformer_spec.TransformerDecoderSpec:
    if not isinstance(layer, TransformerDecoder):
        raise TypeError(f"decoder: expected a TransformerDecoder, got {type(layer).__name__}")
    spec = transformer_spec.TransformerDecoderSpec(
        layer.layers, layer.heads, alignment_layer=layer.aligned_index, alignment_heads=layer.heads
    )
    spec.position_encodings.encodings = _positions(layer)
    _set_norm(spec.layer_norm, layer.norm)
    for of_layer, trained in zip(spec.layer, layer.stack, strict=True):
        own, cross = trained.self_attention, trained.cross_attention
        _set_norm(of_layer.self_attention.layer_norm, trained.self_attention_norm)
        _set_dense(of_layer.self_attention.linear, [own.query_key_value, own.output_projection])
        _set_norm(of_layer.attention.layer_norm, trained.cross_attention_norm)
        _set_dense(of_layer.attention.linear, [cross.query, cross.key_value, cross.output_projection])
        _set_feedforward(of_layer.ffn, trained)
    return spec


def _positions(layer: Any) -> np.ndarray:
    """Vectors [positions, units] of the first positions; beyond the learned ones the last of them."""
    if layer.positions == "sinusoidal":
        return sinusoids(_POSITIONS, layer.units).numpy()
    table = layer.position.table.numpy()
    return table[np.minimum(np.arange(max(_POSITIONS, len(table))), len(table) - 1)]


def _set_encoder_attention(spec: attention_spec.MultiHeadAttentionSpec, layer: Any) -> None:
    """Query, key and value of `keras.layers.MultiHeadAttention` [units, heads, width] as one product."""
    _set_norm(spec.layer_norm, layer.attention_norm)
    attention, units = layer.attention, layer.units
    projections = [attention.query_dense, attention.key_dense, attention.value_dense]
    kernels, biases = zip(*([weight.numpy() for weight in one.weights] for one in projections), strict=True)
    spec.linear[0].weight = np.concatenate([kernel.reshape(units, units).T for kernel in kernels])
    spec.linear[0].bias = np.concatenate([bias.reshape(units) for bias in biases])
    output = attention.output_dense
    spec.linear[1].weight = output.kernel.numpy().reshape(units, units).T
    spec.linear[1].bias = output.bias.numpy()


def _set_feedforward(spec: transformer_spec.FeedForwardSpec, layer: Any) -> None:
    _set_norm(spec.layer_norm, layer.feedforward_norm)
    _set_dense([spec.linear_0, spec.linear_1], [layer.expand, layer.reduce])


def _set_norm(spec: common_spec.LayerNormSpec, norm: Any) -> None:
    spec.gamma, spec.beta = norm.gamma.numpy(), norm.beta.numpy()


def _set_dense(specs: list[common_spec.LinearSpec], layers: list[Any]) -> None:
    for spec, layer in zip(specs, layers, strict=True):
        spec.weight, spec.bias = layer.kernel.numpy().T, layer.bias.numpy()
