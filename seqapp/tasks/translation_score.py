"""The score of given translations: log-probabilities of their tokens."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.decoding.length_penalty import length_penalty
from seqapp.models.translator import Translator
from seqapp.signatures import Output
from seqapp.tasks.sentences import Sentences
from seqapp.text.subwords import Subwords

# The outputs of `score`.
SCORES = {
    "log_probability": Output("float32", "B", "natural logarithm, summed over the tokens"),
    "normalised_score": Output("float32", "B", "over the length penalty, as `score` elsewhere"),
    "tokens": Output("string", "B, T", "tokens of the translation; padding is empty"),
    "token_log_probabilities": Output("float32", "B, T", "of each token; 0 in padding"),
    "truncated": Output("bool", "B", "text or translation was cut"),
}


class TargetLogProbabilities(NamedTuple):
    """Target sentences and the log-probability of each of their tokens.

    Fields:
        ids: int32 [N, T], padded on the right.
        lengths: int32 [N], ids of each sentence, EOS included.
        tokens: float32 [N, T], natural logarithm of the probability of each token; 0 in padding.
    """

    ids: tf.Tensor
    lengths: tf.Tensor
    tokens: tf.Tensor


def target_log_probabilities(
    model: Translator, source: tf.Tensor, target: tf.RaggedTensor
) -> TargetLogProbabilities:
    """Log-probabilities under teacher forcing.

    Args:
        model: the network.
        source: int32 [N, S].
        target: ragged int32 [N, (T)].
    """
    ids = target.to_tensor()
    lengths = tf.cast(target.row_lengths(), tf.int32)
    logits, _ = model.align(source, model.shift(ids))
    written = tf.sequence_mask(lengths, tf.shape(ids)[1], tf.float32)
    tokens = written * tf.gather(tf.nn.log_softmax(logits), ids, batch_dims=2)
    return TargetLogProbabilities(ids, lengths, tokens)


def summed_scores(
    sentences: Sentences, target: TargetLogProbabilities, subwords: Subwords, alpha: float
) -> dict[str, tf.Tensor]:
    """The columns of `SCORES` without ``truncated``: of each text, from those of its sentences.

    Args:
        sentences: of B texts, as many as of their translations.
        target: of the N sentences of the translations.
        subwords: the vocabulary.
        alpha: of the length penalty.
    """
    total = tf.reduce_sum(target.tokens, axis=1)
    return {
        "log_probability": sentences.summed(total),
        "normalised_score": sentences.summed(total / length_penalty(target.lengths, alpha)),
        "tokens": sentences.concatenated(subwords.pieces(target.ids), target.lengths),
        "token_log_probabilities": sentences.concatenated(target.tokens, target.lengths),
    }
