"""Token dropout: input tokens replaced by the unknown token.

Source: Sennrich and Zhang 2019, "Revisiting Low-Resource Neural Machine Translation", section 3.2.
"""

import tensorflow as tf

from seqapp.config import TranslationFitConfig
from seqapp.special_ids import UNK_ID
from training.data.batch_seed import batch_seed

# Number of the random choice; those before it are the augmentation of sources and subword sampling.
_TOKEN_DROPOUT = 3


def with_dropped_tokens(
    inputs: dict[str, tf.Tensor], settings: TranslationFitConfig, epoch: tf.Tensor, first: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Return the inputs with tokens replaced by UNK at the rate of the settings; special tokens stay."""
    changed = {}
    for stream, (side, ids) in enumerate(inputs.items(), _TOKEN_DROPOUT):
        draws = tf.random.stateless_uniform(tf.shape(ids), batch_seed(settings.seed, epoch, first, stream))
        changed[side] = tf.where((draws < settings.token_dropout) & (ids > UNK_ID), UNK_ID, ids)
    return changed
