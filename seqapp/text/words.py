"""Whole words as tokens, in graph."""

from typing import Any

import tensorflow as tf

from seqapp.text.word_vocabulary import SPACE_MARK


def word_ids(tokenizer: Any, text: tf.Tensor) -> tf.RaggedTensor:
    """Ids of the words of texts, UNK for each that the vocabulary lacks.

    SentencePiece's own `tokenize` makes one UNK of several unknown words in a row.

    Args:
        tokenizer: a TF Text SentencePiece tokenizer with a model of words.
        text: string[B], words separated by spaces.

    Returns:
        Ragged int32 [B, (words)].
    """
    words = tf.strings.split(text)
    return words.with_values(tokenizer.string_to_id(SPACE_MARK + words.values))


def word_offsets(text: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Begin and end of each word in bytes, the space before it included.

    Args:
        text: string[B], words with one space before each.

    Returns:
        Ragged int32 [B, (words)] each.
    """
    words = tf.strings.split(text)
    sizes = words.with_values(tf.strings.length(words.values) + 1)
    ends = tf.cumsum(sizes.to_tensor(), axis=1)
    ends = tf.RaggedTensor.from_tensor(ends, lengths=words.row_lengths())
    return ends - sizes, ends


def bytes_of_words(text: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """Bytes of the first words of texts with the spaces between them, int32 [B].

    Args:
        text: string[B], words separated by single spaces.
        counts: int32 [B], number of words.
    """
    words = tf.strings.split(text)
    sizes = words.with_values(tf.strings.length(words.values) + 1).to_tensor()
    kept = tf.sequence_mask(counts, tf.shape(sizes)[1], sizes.dtype)
    return tf.maximum(tf.reduce_sum(sizes * kept, axis=1) - 1, 0)
