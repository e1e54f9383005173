"""The explanation of translations: their tokens, and the attention of each to the source."""

import tensorflow as tf

from seqapp.decoding.hypotheses import Hypotheses
from seqapp.models.translator import Translator
from seqapp.signatures import Output
from seqapp.special_ids import PAD_ID
from seqapp.tasks.sentences import Sentences
from seqapp.tasks.translation_source import EncodedSource
from seqapp.text.subwords import Subwords

MOST_SENTENCES = 32  # of a text

# The outputs of `explain` beside the translation and its score.
ALIGNMENT = {
    "source_tokens": Output("string", "B, S", "tokens that were read; padding is empty"),
    "target_tokens": Output("string", "B, T", "tokens that were written; padding is empty"),
    "alignment": Output("float32", "B, T, S", "attention of each target token; rows sum to 1"),
}


def aligned_translations(
    sentences: Sentences, source: EncodedSource, found: Hypotheses, model: Translator, subwords: Subwords
) -> dict[str, tf.Tensor]:
    """``translation``, ``score`` and the columns of `ALIGNMENT`, of the best hypothesis of each sentence.

    Args:
        sentences: of B texts.
        source: the sentences, encoded.
        found: result of their search.
        model: the network, which computes the attention by teacher forcing.
        subwords: the vocabulary.
    """
    target = found.ids[:, 0]
    _, weights = model.align(source.ids, model.shift(target))
    lengths = _lengths(target)
    written = tf.sequence_mask(lengths, tf.shape(target)[1], tf.float32)
    return {
        "translation": sentences.joined(subwords.decode(target)),
        "score": sentences.summed(found.scores[:, 0]),
        "source_tokens": sentences.concatenated(subwords.pieces(source.ids), source.lengths),
        "target_tokens": sentences.concatenated(subwords.pieces(target), lengths),
        "alignment": sentences.block_diagonal(weights * written[:, :, tf.newaxis], lengths, source.lengths),
    }


def _lengths(ids: tf.Tensor) -> tf.Tensor:
    """int32[N], ids before the padding of a search's result."""
    return tf.reduce_sum(tf.cast(tf.not_equal(ids, PAD_ID), tf.int32), axis=1)
