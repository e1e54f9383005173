"""Subword regularisation: segmentations of words drawn anew in each epoch.

The unigram model of SentencePiece never joins characters across a space, so a text's segmentation is that of
its words. The candidates of each distinct word are listed once, and drawing them is a few gathers per batch.

Source: Kudo 2018, "Subword Regularization", section 3.2 (l-best sampling), applied to single words at a rate,
as BPE-dropout applies to single merges (Provilkov et al. 2020).
"""

from itertools import pairwise

import numpy as np
import sentencepiece
import tensorflow as tf

_CANDIDATES = 32  # l of Kudo 2018
_SMOOTHING = 0.2  # alpha of Kudo 2018: candidates are drawn in proportion to P ** alpha
# Longer words, and texts without spaces, are split into parts of so many tokens.
_MOST_TOKENS = 8
_SPACE = "▁"


class SampledSegmentation:
    """Ids of texts with random segmentations of some words.

    Args:
        plain: ragged int32 [rows, (S)], ids of the most probable segmentation, EOS last.
        model: the serialised SentencePiece model, of type unigram.
        rate: probability of each word to be drawn among its candidates; other words keep their ids.
        longest: rows that would have more ids keep the most probable segmentation.
    """

    def __init__(self, plain: tf.RaggedTensor, model: bytes, rate: float, longest: int) -> None:
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        self._words, words = _distinct_words(plain, processor)
        candidates = [_candidates(word, processor) for word in words]
        counts = np.asarray([len(found) for found, _ in candidates])
        self._first = tf.constant(np.cumsum(counts) - counts, tf.int64)
        # Cumulative probabilities of all words in one increasing sequence: word + share.
        cumulative = np.concatenate([word + shares for word, (_, shares) in enumerate(candidates)])
        self._cumulative = tf.constant(cumulative, tf.float64)
        self._segmentations = _ragged([ids for found, _ in candidates for ids in found])
        self._plain = plain
        self._rate = rate
        self._longest = longest

    def __call__(self, rows: tf.Tensor, seed: tf.Tensor) -> tf.RaggedTensor:
        """Return ragged int32 [n, (S)] for row indices int64 [n] and a seed int64 [2]."""
        words = tf.gather(self._words, rows)
        # float32, so that a draw below 1 stays below the next word in the sum.
        draws = tf.random.stateless_uniform([2, tf.size(words.values)], seed)
        places = tf.cast(words.values, tf.float64) + tf.cast(draws[0], tf.float64)
        drawn = tf.searchsorted(self._cumulative, places, side="right", out_type=tf.int64)
        chosen = tf.where(draws[1] < self._rate, drawn, tf.gather(self._first, words.values))
        ids = tf.gather(self._segmentations, chosen)
        sampled = tf.RaggedTensor.from_row_splits(ids.values, tf.gather(ids.row_splits, words.row_splits))
        size = tf.size(rows, tf.int64)
        kept = tf.where(sampled.row_lengths() <= self._longest, tf.range(size), size + tf.range(size))
        return tf.gather(tf.concat([sampled, tf.gather(self._plain, rows)], axis=0), kept)


def _distinct_words(
    plain: tf.RaggedTensor, processor: sentencepiece.SentencePieceProcessor
) -> tuple[tf.RaggedTensor, list[tuple[int, ...]]]:
    """Return the word indices int64 [rows, (words)] of each row, and the ids of each distinct word."""
    begins = np.asarray(
        [
            processor.id_to_piece(i).startswith(_SPACE) or processor.is_control(i)
            for i in range(processor.get_piece_size())
        ]
    )
    ids, splits = plain.values.numpy(), plain.row_splits.numpy()
    starts = begins[ids]
    starts[splits[:-1][splits[:-1] < len(ids)]] = True
    places = _in_parts(np.flatnonzero(starts), len(ids))
    known: dict[tuple[int, ...], int] = {}
    listed = ids.tolist()
    words = [
        known.setdefault(tuple(listed[begin:end]), len(known)) for begin, end in pairwise([*places, len(ids)])
    ]
    rows = tf.RaggedTensor.from_row_splits(
        tf.constant(words, tf.int64), tf.constant(np.searchsorted(places, splits), tf.int64)
    )
    return rows, list(known)


def _in_parts(places: np.ndarray, size: int) -> list[int]:
    """Return the begins of words with further ones every `_MOST_TOKENS` tokens."""
    return [
        place
        for begin, end in pairwise([*places.tolist(), size])
        for place in range(begin, end, _MOST_TOKENS)
    ]


def _candidates(
    word: tuple[int, ...], processor: sentencepiece.SentencePieceProcessor
) -> tuple[list[list[int]], np.ndarray]:
    """Return the candidates, the given ids first, and their cumulative probabilities."""
    plain = list(word)
    # The bytes of a character may be split over two parts.
    if any(processor.is_control(i) or processor.is_byte(i) for i in word):
        return [plain], np.ones(1)
    text = "".join(map(processor.id_to_piece, word)).replace(_SPACE, " ")
    found = processor.nbest_encode(text, nbest_size=_CANDIDATES)
    if plain not in found:  # the text of a part is normalised otherwise than inside its text
        return [plain], np.ones(1)
    candidates = [plain, *(ids for ids in found if ids != plain)]
    scores = np.asarray([sum(map(processor.get_score, ids)) for ids in candidates])
    shares = np.exp(_SMOOTHING * (scores - scores.max()))
    cumulative = np.cumsum(shares / shares.sum())
    cumulative[-1] = 1.0
    return candidates, cumulative


def _ragged(rows: list[list[int]]) -> tf.RaggedTensor:
    flat = np.asarray([value for row in rows for value in row], np.int32)
    lengths = np.asarray([len(row) for row in rows], np.int64)
    return tf.RaggedTensor.from_row_lengths(flat, lengths)
