"""Counts of the n-grams of token ids."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from seqapp.errors import DataError
from seqapp.ngrams.backoff_model import check_order, check_vocabulary_size
from seqapp.special_ids import BOS_ID, EOS_ID


class NgramCounts(NamedTuple):
    """Counts of the n-grams of one order; unigrams are all V tokens, in the order of their ids.

    Fields:
        keys: int64 [K], as in `BackoffModel`; of unigrams the ids.
        counts: int64 [K], occurrences.
        adjusted: int64 [K], Kneser-Ney's adjusted counts: the number of distinct tokens before the n-gram;
            occurrences for the highest order and for n-grams that begin with BOS, which nothing precedes.
        suffixes: int64 [K], numbers of the n-grams without their first token; of unigrams 0.
    """

    keys: np.ndarray
    counts: np.ndarray
    adjusted: np.ndarray
    suffixes: np.ndarray


def count_ngrams(
    texts: Iterable[Sequence[int] | np.ndarray], order: int, vocabulary_size: int
) -> list[NgramCounts]:
    """Counts the n-grams of orders 1 to `order`; BOS is put before each text.

    Stops at the highest order that occurs: the n-grams of the longest text have its tokens and BOS.
    Time is that of one sort per order; memory is some 100 bytes per token.

    Args:
        texts: token ids of each text, EOS last unless it was cut, without PAD and BOS.
        order: 1 to 7.
        vocabulary_size: V.

    Raises:
        ConfigError: `order` or `vocabulary_size` is out of range.
        DataError: no token at all, or an id that cannot be predicted.
    """
    check_order(order)
    check_vocabulary_size(vocabulary_size)
    ids, left = _joined(texts, vocabulary_size)
    counts = np.bincount(ids, minlength=vocabulary_size)
    counts[BOS_ID] = 0  # never predicted
    every = np.arange(vocabulary_size)
    found = [NgramCounts(every, counts, counts, np.zeros_like(every))]
    numbers = ids.copy()  # of the n-gram that starts at each place
    begins_text = every == BOS_ID  # n-grams that begin with BOS
    for length in range(2, order + 1):
        starts = np.flatnonzero(left >= length)
        if not len(starts):
            break
        joined = numbers[starts] * vocabulary_size + ids[starts + length - 1]
        keys, first, which, counts = _distinct(joined)
        suffixes = numbers[starts[first] + 1]
        before = found[-1]
        preceded = np.bincount(suffixes, minlength=len(before.keys))
        found[-1] = before._replace(adjusted=np.where(begins_text, before.counts, preceded))
        found.append(NgramCounts(keys, counts, counts, suffixes))
        begins_text = ids[starts[first]] == BOS_ID
        numbers[starts] = which
    return found


def _joined(
    texts: Iterable[Sequence[int] | np.ndarray], vocabulary_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Ids int64 [P] of all texts with BOS before each, and the tokens left in the text from each place on."""
    parts = [np.asarray(text, np.int64) for text in texts]
    lengths = np.array([len(part) for part in parts], np.int64)
    if not lengths.sum():
        raise DataError("texts: expected at least one token to count, got none")
    tokens = np.concatenate(parts)
    wrong = (tokens < EOS_ID) | (tokens >= vocabulary_size)
    if wrong.any():
        expected = f"expected token ids from {EOS_ID} to {vocabulary_size - 1}"
        raise DataError(f"texts: {expected}, got {tokens[wrong][0]}; leave out padding and BOS")
    ids = np.insert(tokens, np.cumsum(lengths) - lengths, BOS_ID)
    ends = np.repeat(np.cumsum(lengths + 1), lengths + 1)
    return ids, ends - np.arange(len(ids))


def _distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Distinct values in order, a place of each, the number of the value at each place, and occurrences.

    As `np.unique`, which needs a stable sort and takes twice the time.
    """
    order = np.argsort(values)
    ordered = values[order]
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    begins = np.flatnonzero(new)
    which = np.empty_like(values)
    which[order] = np.cumsum(new) - 1
    counts = np.diff(begins, append=len(values))
    return ordered[begins], order[begins], which, counts
