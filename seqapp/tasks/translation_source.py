"""Source sentences of a translator, encoded."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.config import TranslationConfig
from seqapp.text.subwords import Subwords


class EncodedSource(NamedTuple):
    """Source sentences as the network reads them.

    Fields:
        ids: int32 [N, S], padded on the right.
        lengths: int32 [N], ids of each sentence, EOS included.
        truncated: bool [N], the sentence was cut.
        max_lengths: int32 [N], maximum length of its translation; 1 for an empty sentence.
    """

    ids: tf.Tensor
    lengths: tf.Tensor
    truncated: tf.Tensor
    max_lengths: tf.Tensor


def encode_source(text: tf.Tensor, subwords: Subwords, config: TranslationConfig) -> EncodedSource:
    """Encodes sentences string[N], cut to the maximum source length.

    An empty sentence has room for EOS only, so that its translation is empty.
    """
    encoded, truncated = subwords.encode_within(text, config.limits.source_ids)
    lengths = tf.cast(encoded.row_lengths(), tf.int32)
    settings = config.search
    room = tf.cast(tf.cast(lengths, tf.float32) * settings.length_factor, tf.int32)
    room = tf.minimum(room + settings.length_offset, config.limits.target_ids)
    return EncodedSource(encoded.to_tensor(), lengths, truncated, tf.where(lengths > 1, room, 1))
