"""Token dropout."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_rates
from seqapp.layers.masks import valid_positions
from seqapp.special_ids import UNK_ID


@keras.saving.register_keras_serializable("seqapp")
class TokenDropout(keras.layers.Layer):
    """Replaces tokens by UNK in training, so that no single one is relied upon; padding stays.

    Source: Bowman et al. 2016, "Generating Sentences from a Continuous Space", section 3.1 (word dropout).

    Args:
        rate: in [0, 1), the share of the tokens.
    """

    def __init__(self, rate: float = 0.0, **kwargs) -> None:
        super().__init__(**kwargs)
        check_rates(rate=rate)
        self.rate = rate
        self.seeds = keras.random.SeedGenerator()

    def call(self, ids, training=False):
        """int32 [B, S], as `ids` is, padded on the right."""
        if not training or not self.rate:
            return ids
        drawn = keras.random.uniform(tf.shape(ids), seed=self.seeds)
        return tf.where((drawn < self.rate) & valid_positions(ids), UNK_ID, ids)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}
