"""Embedding of tokens and of the token n-grams that end at them."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts, check_rates
from seqapp.layers.ids import as_ids
from seqapp.layers.masks import valid_positions
from seqapp.ngram_hashing import ngram_rows


@keras.saving.register_keras_serializable("seqapp")
class NgramEmbedding(keras.layers.Layer):
    """Token embedding plus hashed n-gram embedding: a vector per token and per n-gram that ends at it.

    N-grams of 2 to `longest` tokens are too many for a table of their own and share `buckets` rows by a
    hash. With little training text they let the network learn phrases such as "not good" directly, as a
    linear model over n-grams does, instead of composing them.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification", section 2.2.

    Args:
        vocabulary_size: V.
        size: E, of the vectors.
        longest: tokens of the longest n-gram; 1 is an ordinary embedding.
        buckets: rows of the n-gram table.
        dropout: rate in [0, 1) at which whole n-grams are left out in training, so that rare ones do not
            identify the texts they occur in.

    Raises:
        ConfigError: a size is below 1 or the rate is out of its range.
    """

    def __init__(
        self,
        vocabulary_size: int,
        size: int,
        longest: int = 3,
        buckets: int = 65536,
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(vocabulary_size=vocabulary_size, size=size, longest=longest, buckets=buckets)
        check_rates(dropout=dropout)
        self.vocabulary_size = vocabulary_size
        self.size = size
        self.longest = longest
        self.buckets = buckets
        self.dropout = dropout
        self.seeds = keras.random.SeedGenerator()
        self.autocast = False  # ids that arrive as float32 stay exact
        self.supports_masking = True

    def build(self, input_shape=None) -> None:
        """Args: input_shape: [B, S]; without meaning here."""
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.vocabulary_size, self.size),
            initializer=keras.initializers.RandomNormal(stddev=self.size**-0.5),
        )
        if self.longest > 1:
            # Zero: most n-grams are rare, and their rows would stay random noise.
            self.ngrams = self.add_weight(name="ngrams", shape=(self.buckets, self.size), initializer="zeros")
        self.built = True

    def call(self, ids, training=False):
        """Vectors of ids, and their mask.

        Args:
            ids: [B, S], padded on the right; cast as `keras.layers.Embedding` casts them.

        Returns:
            float [B, S, E], which carries the Keras mask too, and the mask bool [B, S].
        """
        ids = as_ids(ids)
        mask = valid_positions(ids)
        vectors = tf.gather(self._table(self.embeddings), ids)
        if self.longest == 1:
            return vectors, mask
        rows = tf.stack(ngram_rows(ids, self.longest, self.buckets)[1:], axis=2)
        found = tf.gather(self._table(self.ngrams), rows)
        if training and self.dropout:
            kept = tf.cast(keras.random.uniform(tf.shape(rows), seed=self.seeds) >= self.dropout, found.dtype)
            found = found * kept[..., tf.newaxis] / (1.0 - self.dropout)
        return vectors + tf.reduce_sum(found, axis=2), mask

    def compute_mask(self, inputs, previous_mask=None):
        """The valid positions for the vectors, none for the mask itself."""
        return valid_positions(as_ids(inputs)), None

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.size), tuple(input_shape)

    def compute_output_spec(self, ids, training=False):
        vectors, mask = self.compute_output_shape(ids.shape)
        return keras.KerasTensor(vectors, self.compute_dtype), keras.KerasTensor(mask, "bool")

    def _table(self, weight):
        return tf.cast(tf.convert_to_tensor(weight), self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "size": self.size,
            "longest": self.longest,
            "buckets": self.buckets,
            "dropout": self.dropout,
        }
