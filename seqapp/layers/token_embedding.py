"""Embedding of tokens whose table also gives the output logits."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.layers.masks import valid_positions


@keras.saving.register_keras_serializable("seqapp")
class TokenEmbedding(keras.layers.Layer):
    """A front end: one table for the tokens of source, target and output (tied embeddings).

    The vectors of integer ids have a Keras mask, True where the id is not padding.

    Source: Press and Wolf 2017, "Using the Output Embedding to Improve Language Models".

    Args:
        vocabulary_size: V.
        size: E, of the vectors.

    Raises:
        ConfigError: a size is below 1.
    """

    def __init__(self, vocabulary_size: int, size: int, **kwargs) -> None:
        # Ids that come as floats must not be rounded to half precision.
        super().__init__(**{"autocast": False, **kwargs})
        check_counts(vocabulary_size=vocabulary_size, size=size)
        self.vocabulary_size = vocabulary_size
        self.size = size
        self.supports_masking = True
        self.initializer = keras.initializers.RandomNormal(stddev=size**-0.5)

    def build(self, ids_shape=None) -> None:
        """Args: ids_shape: without meaning here."""
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.vocabulary_size, self.size), initializer=self.initializer
        )
        self.built = True

    def call(self, ids, reverse=False, training=False):
        """Vectors of ids, and where there are any; with `reverse`, logits of vectors.

        Args:
            ids: of any shape, such as [B, S], padded on the right; other types than int32 and int64 are
                cast to int32. With `reverse` vectors [..., E].
            reverse: multiply with the transposed table.

        Returns:
            float [B, S, E] and the mask bool [B, S]; with `reverse` logits [..., V].
        """
        table = tf.cast(tf.convert_to_tensor(self.embeddings), self.compute_dtype)
        if reverse:
            return tf.matmul(tf.cast(ids, table.dtype), table, transpose_b=True)
        ids = ids if ids.dtype in (tf.int32, tf.int64) else tf.cast(ids, tf.int32)
        return tf.gather(table, ids), valid_positions(ids)

    def logits(self, vectors):
        """Products [..., V] of vectors [..., E] with the vector of every token: a call with ``reverse``."""
        return self(vectors, reverse=True)

    def compute_mask(self, ids, mask=None):
        """True where integer ids are not padding; of anything else the mask that it came with."""
        if keras.backend.is_int_dtype(ids.dtype):
            return valid_positions(ids), None
        return mask

    def compute_output_spec(self, ids, reverse=False, training=False):
        if reverse:
            return keras.KerasTensor((*ids.shape[:-1], self.vocabulary_size), self.compute_dtype)
        vectors, mask = self.compute_output_shape(ids.shape)
        return keras.KerasTensor(vectors, self.compute_dtype), keras.KerasTensor(mask, "bool")

    def compute_output_shape(self, ids_shape):
        """Shapes of vectors and mask."""
        return (*ids_shape, self.size), tuple(ids_shape)

    def get_config(self):
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size, "size": self.size}
