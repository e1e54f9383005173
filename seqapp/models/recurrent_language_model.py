"""The recurrent language model: token ids in, logits of the next token out."""

import keras
import tensorflow as tf

from seqapp.config import RecurrentLanguageModelConfig
from seqapp.layers.cells import CELLS, make_recurrent
from seqapp.models.network_language_model import NetworkLanguageModel

State = list[tuple[tf.Tensor, ...]]


@keras.saving.register_keras_serializable("seqapp")
class RecurrentLanguageModel(NetworkLanguageModel):
    """Stacked recurrent layers over token embeddings, see `NetworkLanguageModel`.

    Each layer reads the output of the layer below it, with dropout before it and on the output. The state is
    that of each layer, leaves [N, units].

    Source: Mikolov et al. 2010, "Recurrent neural network based language model"; Press and Wolf 2017, "Using
    the Output Embedding to Improve Language Models", for tied embeddings.

    Args:
        vocabulary_size: V.
        config: the network's sizes, a `RecurrentLanguageModelConfig` or its dict.

    Raises:
        ConfigError: a size is out of its range.

    Example:
        >>> model = RecurrentLanguageModel(4000, RecurrentLanguageModelConfig(cell="gru"))
        >>> logits = model(ids)      # ids int [B, T], BOS first, padded with 0 on the right
    """

    config_class = RecurrentLanguageModelConfig
    config: RecurrentLanguageModelConfig

    def _make_stack(self, policy):
        config = self.config
        self.dropouts = [
            keras.layers.Dropout(config.dropout, name=f"dropout_{i}", **policy)
            for i in range(config.layers + 1)
        ]
        self.stack = [
            make_recurrent(config.cell, config.units, name=f"{config.cell}_{i}", **policy)
            for i in range(config.layers)
        ]

    def _build_stack(self):
        for i, layer in enumerate(self.stack):
            layer.build((None, None, self.config.units if i else self.config.embedding_size))

    def initial_state(self, rows: tf.Tensor) -> State:
        """The state before BOS, leaves [rows, units]."""
        units = CELLS[self.config.cell].state_units(self.config.units)
        return [tuple(tf.zeros([rows, width], self.compute_dtype) for width in units) for _ in self.stack]

    def read(self, ids: tf.Tensor, lengths: tf.Tensor) -> State:
        """Same as in `NetworkLanguageModel`."""
        _, states = self._run(ids, mask=tf.sequence_mask(lengths, tf.shape(ids)[1]))
        return states

    def context(self, ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """Same as in `NetworkLanguageModel`."""
        return tf.cast(self.read(ids, lengths)[-1][0], tf.float32)

    def _vectors(self, ids, training):
        x, _ = self._run(ids, training=training)
        return self.dropouts[-1](x, training=training)

    def _segment_vectors(self, ids, state, lengths, training):
        mask = tf.sequence_mask(lengths, tf.shape(ids)[1])
        x, states = self._run(ids, mask, training, state)
        return self.dropouts[-1](x, training=training), states

    def _next_vectors(self, tokens, state):
        x, new_state = self._embed(tokens), []
        for layer, of_layer in zip(self.stack, state, strict=True):
            x, parts = layer.cell(x, list(of_layer))
            new_state.append(tuple(parts))
        return x, new_state

    def _run(self, ids, mask=None, training=False, state=None):
        """Outputs of the top layer [B, T, units], and the final state of each layer; from `state` or zeros."""
        x, states = self._embed(ids), []
        befores = [None] * len(self.stack) if state is None else [list(parts) for parts in state]
        for dropout, layer, before in zip(self.dropouts, self.stack, befores, strict=False):
            x, *parts = layer(
                dropout(x, training=training), initial_state=before, mask=mask, training=training
            )
            states.append(tuple(parts))
        return x, states
