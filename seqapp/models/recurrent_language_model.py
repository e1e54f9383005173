"""The recurrent language model: token ids in, logits of the next token out."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.config import RecurrentLanguageModelConfig
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.layers.cells import CELLS, make_recurrent
from seqapp.layers.token_embedding import TokenEmbedding
from seqapp.special_ids import BOS_ID, PAD_ID

State = list[tuple[tf.Tensor, ...]]


@keras.saving.register_keras_serializable("seqapp")
class RecurrentLanguageModel(keras.Model):
    """Stacked recurrent layers over token embeddings, with a softmax over the next token; a `NextTokenModel`.

    1. Each layer reads the output of the layer below it, with dropout before it.
    2. With tied embeddings the logits are products with the embedding table, after a projection where the
       widths differ; else an output matrix of its own gives them.
    3. PAD and BOS, which nothing predicts, have the logit `LARGE_NEGATIVE`.

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

    def __init__(
        self, vocabulary_size: int, config: RecurrentLanguageModelConfig | dict, **kwargs
    ) -> None:
        # Ids that come as floats must not be rounded to half precision.
        super().__init__(**{"autocast": False, **kwargs})
        check_counts(vocabulary_size=vocabulary_size)
        if not isinstance(config, RecurrentLanguageModelConfig):
            config = RecurrentLanguageModelConfig.read(config)
        self.vocabulary_size = vocabulary_size
        self.config = config
        policy = {"dtype": self.dtype_policy}
        self.embedding = TokenEmbedding(vocabulary_size, config.embedding_size, name="embedding", **policy)
        self.dropouts = [
            keras.layers.Dropout(config.dropout, name=f"dropout_{i}", **policy)
            for i in range(config.layers + 1)
        ]
        self.stack = [
            make_recurrent(config.cell, config.units, name=f"{config.cell}_{i}", **policy)
            for i in range(config.layers)
        ]
        self.output_projection = self._projection(policy)

    def _projection(self, policy) -> keras.layers.Layer | None:
        """The layer between the vectors and the product with the table, or the whole output."""
        config = self.config
        if not config.tied:
            return keras.layers.Dense(self.vocabulary_size, use_bias=False, name="output", **policy)
        if config.units != config.embedding_size:
            return keras.layers.Dense(
                config.embedding_size, use_bias=False, name="output_projection", **policy
            )
        return None

    def build(self, input_shape=None) -> None:
        """Args: input_shape: without meaning here, since the widths are settings."""
        self.embedding.build()
        for i, layer in enumerate(self.stack):
            layer.build((None, None, self.config.units if i else self.config.embedding_size))
        if self.output_projection is not None:
            self.output_projection.build((None, self.config.units))
        self.output_bias = self.add_weight(
            name="output_bias", shape=(self.vocabulary_size,), initializer="zeros"
        )
        self.built = True

    def call(self, ids, training=False):
        """Logits of the token after each position.

        Args:
            ids: [B, T], BOS first, padded on the right.

        Returns:
            float32 [B, T, V].
        """
        x, _ = self._run(ids, training=training)
        x = self.dropouts[-1](x, training=training)
        shape = tf.shape(x)
        logits = self._logits(tf.reshape(x, [-1, self.config.units]))
        return tf.reshape(logits, [shape[0], shape[1], self.vocabulary_size])

    def initial_state(self, rows: tf.Tensor) -> State:
        """The state before BOS, leaves [rows, units]."""
        units = CELLS[self.config.cell].state_units(self.config.units)
        return [tuple(tf.zeros([rows, width], self.compute_dtype) for width in units) for _ in self.stack]

    def step(self, tokens: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """One step of a search.

        Args:
            tokens: int32 [N], the previous token of each row; BOS first.
            state: leaves lead with N.

        Returns:
            Log-probabilities float32 [N, V] of the next token, and the new state.
        """
        x, new_state = self._embed(tokens), []
        for layer, of_layer in zip(self.stack, state, strict=True):
            x, parts = layer.cell(x, list(of_layer))
            new_state.append(tuple(parts))
        return tf.nn.log_softmax(self._logits(x)), new_state

    def sequence(self, ids: tf.Tensor) -> tf.Tensor:
        """Log-probabilities float32 [B, T - 1] of ids[:, 1:], each given the ids before it; 0 at padding.

        Args:
            ids: int32 [B, T], BOS first, padded on the right.
        """
        targets = ids[:, 1:]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, self(ids[:, :-1]))
        return tf.where(tf.equal(targets, PAD_ID), 0.0, -losses)

    def read(self, ids: tf.Tensor, lengths: tf.Tensor) -> State:
        """The state after the first ids of each row.

        Args:
            ids: int32 [B, T], BOS first.
            lengths: int32 [B], how many ids are read; 0 for the initial state.
        """
        _, states = self._run(ids, mask=tf.sequence_mask(lengths, tf.shape(ids)[1]))
        return states

    def context(self, ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """The context vector float32 [B, units]: the top layer's output after the first ids of each row."""
        return tf.cast(self.read(ids, lengths)[-1][0], tf.float32)

    def _run(self, ids, mask=None, training=False):
        """Outputs of the top layer [B, T, units], and the final state of each layer."""
        x, states = self._embed(ids), []
        for dropout, layer in zip(self.dropouts, self.stack, strict=False):
            x, *parts = layer(dropout(x, training=training), mask=mask, training=training)
            states.append(tuple(parts))
        return x, states

    def _embed(self, ids):
        if not self.built:  # by a method other than `call`
            self.build()
        # Without a Keras mask: padding on the right changes nothing before it.
        return tf.identity(self.embedding(ids)[0])

    def _logits(self, vectors):
        """float32 [N, V] of vectors [N, units]."""
        if self.output_projection is not None:
            vectors = self.output_projection(vectors)
        logits = tf.cast(self.embedding.logits(vectors) if self.config.tied else vectors, tf.float32)
        bias = tf.cast(self.output_bias, tf.float32)
        never = tf.reduce_sum(tf.one_hot([PAD_ID, BOS_ID], self.vocabulary_size, LARGE_NEGATIVE, 0.0), axis=0)
        return tf.nn.bias_add(logits, bias + never)

    def export(self, filepath, *args, input_signature=None, **kwargs):
        """`keras.Model.export` with ids of any number and length, int32, as input by default."""
        if input_signature is None:
            input_signature = [keras.InputSpec(shape=(None, None), dtype="int32", name="ids")]
        return super().export(filepath, *args, input_signature=input_signature, **kwargs)

    def compute_output_shape(self, ids_shape):
        """[B, T, V] of the shape of the ids."""
        return (*ids_shape, self.vocabulary_size)

    def compute_output_spec(self, ids, training=False):
        return keras.KerasTensor((*ids.shape, self.vocabulary_size), "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "config": self.config.model_dump(),
        }
