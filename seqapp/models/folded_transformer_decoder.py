"""A transformer decoder and its output layer, with weights folded for inference."""

from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.config import TransformerDecoderConfig, TranslatorConfig
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.layers.positions import sinusoids_of
from seqapp.layers.transformer_encoder_layer import EPSILON


def is_foldable_transformer(config: TranslatorConfig) -> bool:
    """Whether `FoldedTransformerDecoder` covers the decoder of a configuration."""
    return isinstance(config.decoder, TransformerDecoderConfig)


class FoldedTransformerDecoder(tf.Module):
    """One step of `TransformerDecoder` and of the output layer, from ids to logits.

    1. Scaling and projection of the embedding are a look-up in ``√E · E W + b``.
    2. Gain and offset of each normalisation are multiplied into the product behind it, those of the last one
       and an output projection into the matrix of the logits; the scale of the scores is in the queries.
    3. The keys and values of earlier positions grow by one position per step, so that reordering the
       hypotheses copies the positions so far, not the longest target. All rows are at the same position.

    Args:
        translator: a built float32 `Translator` with a transformer decoder.
    """

    def __init__(self, translator: Any) -> None:
        super().__init__()
        decoder = translator.decoder
        self.units, self.heads = decoder.units, decoder.heads
        self._aligned_index = decoder.aligned_index
        embeddings = np.asarray(translator.embedding.embeddings)
        self.table = _constant(_input_table(embeddings, decoder))
        self.positions = None
        if decoder.positions == "learned":
            self.positions = _constant(np.asarray(decoder.position.table))
        self.layers = [_folded_layer(layer) for layer in decoder.stack]
        output = embeddings.T
        if translator.output_projection is not None:
            output = np.asarray(translator.output_projection.kernel) @ output
        self.output = _product(*_after_norm(decoder.norm, output, np.asarray(translator.output_bias)))

    def initial_state(self, rows: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """Keys and values float32 [rows, heads, 0, units / heads] of each layer."""
        size = self.units // self.heads
        # The axis that grows must be open when a loop is traced.
        empty = tf.compat.v1.placeholder_with_default(
            tf.zeros([rows, self.heads, 0, size]), [None, self.heads, None, size]
        )
        return [(empty, empty) for _ in self.layers]

    def constants(self, constants: dict[str, Any]) -> dict[str, Any]:
        """What does not change while decoding, from the decoder's own.

        Returns:
            per layer ``keys`` [B, heads, D, S] and ``values`` [B, heads, S, D], and ``unmasked`` float32
            [B, 1, 1, S].
        """
        keys = [tf.transpose(one, [0, 1, 3, 2]) for one in constants["keys"]]
        unmasked = tf.where(constants["mask"], 0.0, LARGE_NEGATIVE)[:, tf.newaxis, tf.newaxis]
        return {"keys": keys, "values": list(constants["values"]), "unmasked": unmasked}

    def step(
        self, tokens: tf.Tensor, state: list[tuple[tf.Tensor, tf.Tensor]], constants: dict[str, Any]
    ) -> tuple[tf.Tensor, tf.Tensor, list[tuple[tf.Tensor, tf.Tensor]]]:
        """Logits float32 [N, V], attention weights float32 [N, S] and the new state."""
        x = tf.gather(self.table, tokens) + self._position(tf.shape(state[0][0])[2])
        new_state, of_memory = [], []
        for index, (layer, cache) in enumerate(zip(self.layers, state, strict=True)):
            context, cache = self._attend_to_self(_apply(layer["query_key_value"], _normalised(x)), *cache)
            x += _apply(layer["self_output"], context)
            query = _apply(layer["query"], _normalised(x))
            keys, values = constants["keys"][index], constants["values"][index]
            context, weights = self._attend_to_memory(query, keys, values, constants["unmasked"])
            x += _apply(layer["cross_output"], context)
            x += _apply(layer["reduce"], tf.nn.relu(_apply(layer["expand"], _normalised(x))))
            new_state.append(cache)
            of_memory.append(weights)
        weights = tf.reduce_mean(of_memory[self._aligned_index], axis=1)
        weights = tf.reshape(weights, [-1, tf.shape(weights)[2]])
        return _apply(self.output, _normalised(x)), weights, new_state

    def _position(self, position: tf.Tensor) -> tf.Tensor:
        """[units], added at a position int32 []."""
        if self.positions is None:
            return sinusoids_of(position, self.units)
        return self.positions[tf.minimum(position, self.positions.shape[0] - 1)]

    def _attend_to_self(self, projected: tf.Tensor, keys: tf.Tensor, values: tf.Tensor) -> Any:
        """Contexts [N, units] of projections [N, 3 · units], and keys and values with this position."""
        split = tf.reshape(projected, [-1, 3, self.heads, 1, self.units // self.heads])
        query, key, value = tf.unstack(split, axis=1)
        keys, values = tf.concat([keys, key], axis=2), tf.concat([values, value], axis=2)
        weights = tf.nn.softmax(tf.matmul(query, keys, transpose_b=True))
        return tf.reshape(tf.matmul(weights, values), [-1, self.units]), (keys, values)

    def _attend_to_memory(
        self, query: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, unmasked: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Contexts [N, units] of queries [N, units], and the weights [B, heads, K, S]."""
        rows, size = tf.shape(keys)[0], self.units // self.heads
        query = tf.transpose(tf.reshape(query, [rows, -1, self.heads, size]), [0, 2, 1, 3])
        weights = tf.nn.softmax(tf.matmul(query, keys) + unmasked)
        context = tf.transpose(tf.matmul(weights, values), [0, 2, 1, 3])
        return tf.reshape(context, [-1, self.units]), weights


def _normalised(x: tf.Tensor) -> tf.Tensor:
    """Rows of x [N, U] with mean 0 and variance 1."""
    centred = x - tf.reduce_mean(x, axis=1, keepdims=True)
    return centred * tf.math.rsqrt(tf.reduce_mean(tf.square(centred), axis=1, keepdims=True) + EPSILON)


def _folded_layer(layer: Any) -> dict[str, tuple[tf.Variable, tf.Variable]]:
    """Kernel and bias of each product of a `TransformerDecoderLayer`."""
    own, cross = layer.self_attention, layer.cross_attention
    scale = (layer.units // layer.heads) ** -0.5
    kernel, bias = _after_norm(layer.self_attention_norm, *_weights(own.query_key_value))
    of_query = np.where(np.arange(3 * layer.units) < layer.units, scale, 1.0).astype("float32")
    query = [scale * one for one in _after_norm(layer.cross_attention_norm, *_weights(cross.query))]
    return {
        "query_key_value": _product(kernel * of_query, bias * of_query),
        "self_output": _product(*_weights(own.output_projection)),
        "query": _product(*query),
        "cross_output": _product(*_weights(cross.output_projection)),
        "expand": _product(*_after_norm(layer.feedforward_norm, *_weights(layer.expand))),
        "reduce": _product(*_weights(layer.reduce)),
    }


def _input_table(embeddings: np.ndarray, decoder: Any) -> np.ndarray:
    table = embeddings * embeddings.shape[1] ** 0.5
    if embeddings.shape[1] == decoder.units:
        return table
    kernel, bias = _weights(decoder.projection)
    return table @ kernel + bias


def _weights(dense: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(dense.kernel), np.asarray(dense.bias)


def _after_norm(norm: Any, kernel: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A product whose input is normalised without gain and offset."""
    gain, offset = np.asarray(norm.gamma), np.asarray(norm.beta)
    return gain[:, np.newaxis] * kernel, bias + offset @ kernel


def _product(kernel: np.ndarray, bias: np.ndarray) -> tuple[tf.Variable, tf.Variable]:
    return _constant(kernel), _constant(bias)


def _apply(product: tuple[tf.Variable, tf.Variable], x: tf.Tensor) -> tf.Tensor:
    kernel, bias = product
    return tf.nn.bias_add(tf.matmul(x, kernel), bias)


def _constant(values: np.ndarray) -> tf.Variable:
    return tf.Variable(np.ascontiguousarray(values, "float32"), trainable=False)
