"""Sparse inputs of the linear model over character and word n-grams, for a solver."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
import tensorflow as tf

from seqapp.linear.ngram_scorer import WORD_NORM, NgramScorer

_ROWS_AT_ONCE = 256
# From this number of texts on, n-grams of a single text have no weights, as in the baseline.
_MANY_TEXTS = 10_000


class NgramCounts(NamedTuple):
    """Counts of the n-grams of texts, float32 [texts, buckets] each.

    Fields:
        characters: of character n-grams.
        words: of word n-grams.
    """

    characters: scipy.sparse.csr_matrix
    words: scipy.sparse.csr_matrix


def ngram_counts(scorer: NgramScorer, texts: Sequence[str], longest: int | None = None) -> NgramCounts:
    """Return the n-gram counts of texts, with the scorer's own n-gram extraction.

    Args:
        scorer: gives the n-grams.
        texts: any number of texts.
        longest: characters of the longest n-gram that is counted; None for all.
    """
    characters, words = [_counted([], scorer.buckets)], [_counted([], scorer.buckets)]
    for ngrams in _ngrams(scorer, texts):
        characters.append(_counted(ngrams[:, :, : scorer.longest][:, :, :longest], scorer.buckets))
        words.append(_counted(ngrams[:, :, scorer.longest :], scorer.buckets))
    return NgramCounts(*(scipy.sparse.vstack(kind, "csr") for kind in (characters, words)))


def document_frequencies(counts: NgramCounts) -> np.ndarray:
    """Return the number of texts int64 [buckets] that have an n-gram of each bucket."""
    width = counts.characters.shape[1]
    return np.sum([np.bincount(kind.indices, minlength=width) for kind in counts], axis=0)


def used_buckets(documents: np.ndarray, texts: int, most: int) -> np.ndarray:
    """Return the buckets that get weights, rising: those of the most frequent n-grams.

    Args:
        documents: texts that have an n-gram of each bucket, int [buckets].
        texts: number of all texts; with many, n-grams of a single text are left out.
        most: maximum number of buckets.
    """
    found = np.flatnonzero(documents >= (2 if texts >= _MANY_TEXTS else 1))
    if len(found) > most:
        order = np.argsort(-documents[found], kind="stable")
        found = np.sort(found[order[:most]])
    return found


def weighted(counts: NgramCounts, used: np.ndarray, idf: np.ndarray) -> scipy.sparse.csr_matrix:
    """Return the inputs float32 [texts, R] of `NgramScorer`: counts times idf, normalised for each kind."""
    parts = []
    for kind, norm in zip(counts, (1.0, WORD_NORM), strict=True):
        part = _columns(kind, used)
        length = np.sqrt(part @ np.square(idf))
        rows = np.repeat(norm / np.maximum(length, 1e-9), np.diff(part.indptr))
        part.data *= (idf[part.indices] * rows).astype(np.float32)
        parts.append(part)
    return parts[0] + parts[1]


def log_count_ratios(inputs: scipy.sparse.csr_matrix, targets: np.ndarray) -> np.ndarray:
    """Return the log-count ratios float64 [R, C] of n-gram frequency inside and outside each class.

    Document frequencies with add-one smoothing, normalised over all n-grams.

    Args:
        inputs: [texts, R], above 0 where a text has an n-gram.
        targets: multi-hot [texts, C].
    """
    occurs = scipy.sparse.csr_matrix(
        (np.ones(inputs.nnz, np.float32), inputs.indices, inputs.indptr), shape=inputs.shape
    )
    inside, outside = 1 + occurs.T @ targets.astype(np.float64), 1 + occurs.T @ (1.0 - targets)
    return np.log(inside / inside.sum(axis=0)) - np.log(outside / outside.sum(axis=0))


def _ngrams(scorer: NgramScorer, texts: Sequence[str]) -> Iterator[np.ndarray]:
    read = tf.function(
        lambda text: scorer.ngrams(scorer.characters(text)),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        yield read(tf.constant(list(texts[start : start + _ROWS_AT_ONCE]), tf.string)).numpy()


def _counted(ngrams: np.ndarray | list, buckets: int) -> scipy.sparse.csr_matrix:
    """Return counts float32 [B, buckets] of n-grams [B, L, N], -1 where there is none."""
    flat = np.reshape(ngrams, (len(ngrams), -1)) if len(ngrams) else np.zeros((0, 0), np.int32)
    real = flat >= 0
    ends = np.concatenate([[0], np.cumsum(real.sum(axis=1))])
    ones = np.ones(ends[-1], np.float32)
    found = scipy.sparse.csr_matrix((ones, flat[real], ends), shape=(len(flat), buckets))
    found.sum_duplicates()
    return found


def _columns(counts: scipy.sparse.csr_matrix, used: np.ndarray) -> scipy.sparse.csr_matrix:
    """Return the columns `used` of counts; a fraction of the memory that slicing takes."""
    places = np.full(counts.shape[1], -1, np.int32)
    places[used] = np.arange(len(used), dtype=np.int32)
    columns = places[counts.indices]
    kept = columns >= 0
    ends = np.concatenate([[0], np.cumsum(kept)])[counts.indptr]
    shape = counts.shape[0], len(used)
    return scipy.sparse.csr_matrix((counts.data[kept], columns[kept], ends), shape=shape)
