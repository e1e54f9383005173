"""Token dropout."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_rates
from seqapp.layers.ids import as_ids
from seqapp.layers.masks import valid_positions
from seqapp.special_ids import UNK_ID


@keras.saving.register_keras_serializable("seqapp")
class TokenDropout(keras.layers.Layer):
    """Replaces random tokens by UNK in training; padding stays.

    Source: Bowman et al. 2016, "Generating Sentences from a Continuous Space", section 3.1 (word dropout).

    Args:
        rate: in [0, 1), the probability of each token to be replaced.

    Raises:
        ConfigError: the rate is out of its range.
    """

    def __init__(self, rate: float = 0.0, **kwargs) -> None:
        super().__init__(**kwargs)
        check_rates(rate=rate)
        self.rate = rate
        self.seeds = keras.random.SeedGenerator()
        self.autocast = False  # ids that arrive as float32 stay exact
        self.supports_masking = True

    def call(self, ids, training=False):
        """Ids [B, S], padded on the right; returned as int64 if they are int64, else as int32."""
        ids = as_ids(ids)
        if not training or not self.rate:
            return ids
        drawn = keras.random.uniform(tf.shape(ids), seed=self.seeds)
        return tf.where((drawn < self.rate) & valid_positions(ids), tf.cast(UNK_ID, ids.dtype), ids)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def compute_output_spec(self, ids, training=False):
        return keras.KerasTensor(ids.shape, "int64" if ids.dtype == "int64" else "int32")

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}
