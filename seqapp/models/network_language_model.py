"""What the language models that are networks have in common: embedding, output and whole sequences."""

from abc import abstractmethod
from typing import Any, ClassVar

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.config import RecurrentLanguageModelConfig, TransformerLanguageModelConfig
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.layers.token_embedding import TokenEmbedding
from seqapp.models.sliced_log_probabilities import sliced_log_probabilities
from seqapp.special_ids import BOS_ID, PAD_ID

NetworkConfig = RecurrentLanguageModelConfig | TransformerLanguageModelConfig


class NetworkLanguageModel(keras.Model):
    """Layers over token embeddings, with a softmax over the next token; a `NextTokenModel`.

    1. A subclass turns token embeddings into vectors, each of its position and the positions before it.
    2. With tied embeddings the logits are products with the embedding table, after a projection where the
       widths differ; else an output matrix of its own gives them.
    3. PAD and BOS, which nothing predicts, have the logit `LARGE_NEGATIVE`.

    Args:
        vocabulary_size: V.
        config: the network's sizes, of `config_class`, or its dict.

    Attributes:
        config_class: class of the configuration.

    Raises:
        ConfigError: a size is out of its range.
    """

    config_class: ClassVar[type[NetworkConfig]]
    config: NetworkConfig

    def __init__(self, vocabulary_size: int, config: Any, **kwargs) -> None:
        # Ids that come as floats must not be rounded to half precision.
        super().__init__(**{"autocast": False, **kwargs})
        check_counts(vocabulary_size=vocabulary_size)
        if not isinstance(config, self.config_class):
            config = self.config_class.read(config)
        self.vocabulary_size = vocabulary_size
        self.config = config
        policy = {"dtype": self.dtype_policy}
        self.embedding = TokenEmbedding(vocabulary_size, config.embedding_size, name="embedding", **policy)
        self._make_stack(policy)
        self.output_projection = self._projection(policy)

    def _projection(self, policy: dict[str, Any]) -> keras.layers.Layer | None:
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
        self._build_stack()
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
        return self._logits_of_all(self._vectors(ids, training))

    def segment_logits(self, ids, state, lengths, training=False):
        """Logits of the token after each position of a segment that goes on from a state.

        Args:
            ids: [B, T], BOS first in the first segment of a text, padded on the right.
            state: the state before ids, as of `initial_state`.
            lengths: int32 [B], ids without padding.

        Returns:
            float32 [B, T, V], and the state after the first `lengths` ids.
        """
        vectors, state = self._segment_vectors(ids, state, lengths, training)
        return self._logits_of_all(vectors), state

    def _logits_of_all(self, vectors):
        """float32 [B, T, V] of vectors [B, T, units]."""
        shape = tf.shape(vectors)
        logits = self._logits(tf.reshape(vectors, [-1, self.config.units]))
        return tf.reshape(logits, [shape[0], shape[1], self.vocabulary_size])

    def step(self, tokens: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
        """One step of a search.

        Args:
            tokens: int32 [N], the previous token of each row; BOS first.
            state: leaves lead with N.

        Returns:
            Log-probabilities float32 [N, V] of the next token, and the new state.
        """
        vectors, state = self._next_vectors(tokens, state)
        return tf.nn.log_softmax(self._logits(vectors)), state

    def sequence(self, ids: tf.Tensor) -> tf.Tensor:
        """Log-probabilities float32 [B, T - 1] of ids[:, 1:], each given the ids before it; 0 at padding.

        Args:
            ids: int32 [B, T], BOS first, padded on the right.
        """
        return self._log_probabilities(ids[:, 1:], self._vectors(ids[:, :-1], False))

    def segment(self, ids: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
        """Same as in `NextTokenModel`."""
        targets = ids[:, 1:]
        lengths = tf.math.count_nonzero(targets, axis=1, dtype=tf.int32)  # PAD_ID is 0
        vectors, state = self._segment_vectors(ids[:, :-1], state, lengths, False)
        return self._log_probabilities(targets, vectors), state

    def _log_probabilities(self, targets, vectors):
        """float32 [B, T] of targets int32 [B, T] by vectors [B, T, units]; 0 at padding."""
        found = sliced_log_probabilities(
            self._logits,
            tf.reshape(vectors, [-1, self.config.units]),
            tf.reshape(targets, [-1]),
            self.vocabulary_size,
        )
        return tf.where(tf.equal(targets, PAD_ID), 0.0, tf.reshape(found, tf.shape(targets)))

    @abstractmethod
    def initial_state(self, rows: tf.Tensor) -> Any:
        """The state before BOS, leaves lead with rows."""

    @abstractmethod
    def read(self, ids: tf.Tensor, lengths: tf.Tensor) -> Any:
        """The state after the first ids of each row.

        Args:
            ids: int32 [B, T], BOS first.
            lengths: int32 [B], how many ids are read; 0 for the initial state.
        """

    @abstractmethod
    def context(self, ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """The context vector float32 [B, units]: the top layer's output after the first ids of each row.

        Args: same as `read`; the vector after no ids is 0.
        """

    @abstractmethod
    def _make_stack(self, policy: dict[str, Any]) -> None:
        """Makes the layers between embedding and output, with the keyword arguments of each."""

    @abstractmethod
    def _build_stack(self) -> None:
        """Builds them."""

    @abstractmethod
    def _vectors(self, ids, training):
        """[B, T, units], which the output turns into logits, of ids [B, T]."""

    @abstractmethod
    def _segment_vectors(self, ids, state, lengths, training):
        """[B, T, units] of a segment that goes on from a state, and the state after `lengths` ids."""

    @abstractmethod
    def _next_vectors(self, tokens, state):
        """[N, units] of tokens int32 [N] and the state before them, and the new state."""

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
