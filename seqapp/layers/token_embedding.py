"""Embedding of tokens whose table also gives the output logits."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.layers.masks import valid_positions


@keras.saving.register_keras_serializable("seqapp")
class TokenEmbedding(keras.layers.Layer):
    """A front end: one table for the tokens of source, target and output (tied embeddings).

    Source: Press and Wolf 2017, "Using the Output Embedding to Improve Language Models".

    Args:
        vocabulary_size: V.
        size: E, of the vectors.

    Raises:
        ConfigError: a size is below 1.
    """

    def __init__(self, vocabulary_size: int, size: int, **kwargs) -> None:
        super().__init__(**kwargs)
        check_counts(vocabulary_size=vocabulary_size, size=size)
        self.vocabulary_size = vocabulary_size
        self.size = size
        self.initializer = keras.initializers.RandomNormal(stddev=size**-0.5)

    def build(self, input_shape=None) -> None:
        """Args: input_shape: [B, S]; without meaning here."""
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.vocabulary_size, self.size), initializer=self.initializer
        )
        self.built = True

    def call(self, ids, training=False):
        """Vectors of ids, and where there are any.

        Args:
            ids: int32 of any shape, such as [B, S], padded on the right.

        Returns:
            float [B, S, E] and the mask bool [B, S].
        """
        return tf.gather(self._table(), ids), valid_positions(ids)

    def logits(self, vectors):
        """Products [N, V] of vectors [N, E] with the vector of every token."""
        return tf.matmul(vectors, tf.cast(self._table(), vectors.dtype), transpose_b=True)

    def _table(self):
        return tf.cast(tf.convert_to_tensor(self.embeddings), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size, "size": self.size}
