"""The causal self-attention language model: token ids in, logits of the next token out."""

from typing import Any

import keras
import tensorflow as tf

from seqapp.config import TransformerLanguageModelConfig
from seqapp.layers.causal_transformer_layer import CausalTransformerLayer
from seqapp.layers.transformer_encoder_layer import EPSILON
from seqapp.models.network_language_model import NetworkLanguageModel

State = dict[str, Any]


@keras.saving.register_keras_serializable("seqapp")
class TransformerLanguageModel(NetworkLanguageModel):
    """Stacked causal self-attention over token embeddings, see `NetworkLanguageModel`.

    1. ``x · √E``, projected to `units` where E differs, dropout.
    2. Each `CausalTransformerLayer` reads the output of the one below it.
    3. The vectors are the normalised output of the top layer.

    The state is the position int32 [N] of each row and a key/value cache of ``context_tokens`` steps. Beyond
    them the context slides: in each layer a token attends to the last ``context_tokens`` tokens, itself
    included, in `step` as in a whole sequence. The positions are rotary, so that only distances within the
    context count, however long the text is. Older tokens still have a part in the vectors that upper layers
    attend to, as in any sliding window attention: the probabilities are not quite those of the last
    ``context_tokens`` tokens read anew.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training"; Beltagy et al.
    2020, "Longformer: The Long-Document Transformer", section 3.1, for the sliding window; Su et al. 2021,
    "RoFormer: Enhanced Transformer with Rotary Position Embedding".

    Args:
        vocabulary_size: V.
        config: the network's sizes, a `TransformerLanguageModelConfig` or its dict.

    Raises:
        ConfigError: a size is out of its range.

    Example:
        >>> model = TransformerLanguageModel(4000, TransformerLanguageModelConfig(layers=2))
        >>> logits = model(ids)      # ids int [B, T], BOS first, padded with 0 on the right
    """

    config_class = TransformerLanguageModelConfig
    config: TransformerLanguageModelConfig

    def _make_stack(self, policy):
        config = self.config
        self.input_projection = None
        if config.embedding_size != config.units:
            self.input_projection = keras.layers.Dense(config.units, name="input_projection", **policy)
        self.input_dropout = keras.layers.Dropout(config.dropout, name="input_dropout", **policy)
        self.stack = [
            CausalTransformerLayer(
                config.units,
                config.heads,
                config.feedforward_units,
                window=config.context_tokens,
                dropout=config.dropout,
                name=f"layer_{i}",
                **policy,
            )
            for i in range(config.layers)
        ]
        self.norm = keras.layers.LayerNormalization(epsilon=EPSILON, name="norm", **policy)

    def _build_stack(self):
        shape = (None, None, self.config.units)
        if self.input_projection is not None:
            self.input_projection.build((*shape[:2], self.config.embedding_size))
        for layer in self.stack:
            layer.build(shape)
        self.norm.build(shape)

    def initial_state(self, rows: tf.Tensor) -> State:
        """The state before BOS: position 0, and lists of keys and values of the layers, all 0.

        Returns:
            ``position`` int32 [rows], ``keys`` and ``values`` each a [rows, heads, context_tokens,
            units / heads] per layer.
        """
        steps = self.config.context_tokens
        caches = [layer.self_attention.empty_cache(rows, steps) for layer in self.stack]
        return _state(tf.zeros([rows], tf.int32), caches)

    def read(self, ids: tf.Tensor, lengths: tf.Tensor) -> State:
        """Same as in `NetworkLanguageModel`; all ids at once."""
        x, caches = self._embedded(ids), []
        for layer in self.stack:
            x, _, cache = layer(x, lengths=lengths)
            caches.append(cache)
        return _state(lengths, caches)

    def context(self, ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """Same as in `NetworkLanguageModel`."""
        last = tf.gather(self._vectors(ids, False), tf.maximum(lengths - 1, 0), batch_dims=1)
        return tf.where(lengths[:, tf.newaxis] > 0, tf.cast(last, tf.float32), 0.0)

    def _vectors(self, ids, training):
        x = self._embedded(ids, training)
        for layer in self.stack:
            x, _ = layer(x, training=training)
        return self.norm(x)

    def _segment_vectors(self, ids, state, lengths, training):
        x, caches, position = self._embedded(ids, training), [], state["position"]
        for layer, *cache in zip(self.stack, state["keys"], state["values"], strict=True):
            options = {"cache": tuple(cache), "position": position, "lengths": lengths}
            x, _, cache = layer(x, **options, training=training)
            caches.append(cache)
        return self.norm(x), _state(position + lengths, caches)

    def _next_vectors(self, tokens, state):
        x, caches, position = self._embedded(tokens[:, tf.newaxis]), [], state["position"]
        for layer, *cache in zip(self.stack, state["keys"], state["values"], strict=True):
            x, _, cache = layer(x, cache=tuple(cache), position=position)
            caches.append(cache)
        return self.norm(x)[:, 0], _state(position + 1, caches)

    def _embedded(self, ids, training=False):
        """[B, T, units], as the lowest layer reads ids [B, T]."""
        # Embeddings start small; without the factor dropout and layers would outweigh them.
        x = self._embed(ids) * self.config.embedding_size**0.5
        if self.input_projection is not None:
            x = self.input_projection(x)
        return self.input_dropout(x, training=training)


def _state(position, caches) -> State:
    keys, values = zip(*caches, strict=True)
    return {"position": position, "keys": list(keys), "values": list(values)}
