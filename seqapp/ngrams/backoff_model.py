"""A back-off n-gram model in sorted arrays."""

from typing import NamedTuple

import numpy as np

from seqapp.argument_checks import check_counts
from seqapp.errors import ConfigError
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.special_ids import BOS_ID, PAD_ID, UNK_ID

HIGHEST_ORDER = 7
_MOST_TOKENS = 2**24  # with at most 2^31 n-grams per order, since they have int32 numbers, keys fit int64
_MOST_NGRAMS = 2**31 - 2


class BackoffModel(NamedTuple):
    """Log-probabilities and back-off weights of n-grams, as a trie in sorted arrays.

    An n-gram of order 1 has the id of its token as its number; one of order n ≥ 2 has its place in the keys
    of its order. Its key is ``number of its first n - 1 tokens · V + last token``. No hashing, so no two
    n-grams share a key, and the n-grams that begin with the same tokens are neighbours.

    Logarithms are natural. PAD and BOS are never predicted: their log-probabilities are `LARGE_NEGATIVE`.

    Fields:
        vocabulary_size: V.
        keys: int64 [K_n] for n = 2 to N, strictly rising.
        log_probabilities: float32 [V] for n = 1, float32 [K_n] for n = 2 to N.
        backoffs: float32 [V] for n = 1, float32 [K_n] for n = 2 to N - 1; 0 where there is none.
    """

    vocabulary_size: int
    keys: list[np.ndarray]
    log_probabilities: list[np.ndarray]
    backoffs: list[np.ndarray]

    @property
    def order(self) -> int:
        """N, tokens of the longest n-gram."""
        return len(self.log_probabilities)

    def described(self) -> str:
        """``1,234 n-grams of orders 1 to 3``."""
        return f"{sum(map(len, self.log_probabilities)):,} n-grams of orders 1 to {self.order}"

    def without_empty_orders(self) -> "BackoffModel":
        """The model up to its highest order that has n-grams."""
        order = self.order
        while order > 1 and not len(self.keys[order - 2]):
            order -= 1
        return BackoffModel(
            self.vocabulary_size,
            self.keys[: order - 1],
            self.log_probabilities[:order],
            self.backoffs[: order - 1],
        )

    def tokens(self, order: int) -> np.ndarray:
        """Token ids int64 [K_order, order] of the n-grams of an order."""
        if order == 1:
            return np.arange(self.vocabulary_size)[:, np.newaxis]
        parents, last = np.divmod(self.keys[order - 2], self.vocabulary_size)
        return np.concatenate([self.tokens(order - 1)[parents], last[:, np.newaxis]], axis=1)


def uniform_model(vocabulary_size: int) -> BackoffModel:
    """The unigram model that gives every token the same probability, except PAD and BOS."""
    check_vocabulary_size(vocabulary_size)
    unigrams = np.full([vocabulary_size], -np.log(vocabulary_size - 2), np.float32)
    unigrams[[PAD_ID, BOS_ID]] = LARGE_NEGATIVE
    return BackoffModel(vocabulary_size, [], [unigrams], [])


def check_vocabulary_size(vocabulary_size: int) -> None:
    """Raises `ConfigError` unless the special ids have a place in the vocabulary."""
    check_counts(vocabulary_size=vocabulary_size)
    if not UNK_ID < vocabulary_size <= _MOST_TOKENS:
        raise ConfigError(
            f"vocabulary_size: expected {UNK_ID + 1} to {_MOST_TOKENS} tokens, the special ones included,"
            f" got {vocabulary_size}"
        )


def check_order(order: int) -> None:
    """Raises `ConfigError` unless the order is from 1 to 7."""
    check_counts(order=order)
    if order > HIGHEST_ORDER:
        raise ConfigError(f"order: expected 1 to {HIGHEST_ORDER}, got {order}")


def check_arrays(model: BackoffModel) -> None:
    """Raises ValueError unless shapes, keys and figures fit together."""
    size = model.vocabulary_size
    above = size
    for order, values in enumerate(model.log_probabilities, start=1):
        count = size if order == 1 else len(model.keys[order - 2])
        if order > 1:
            _check_keys(model.keys[order - 2], above, size, order)
        columns = [values, *model.backoffs[order - 1 : order]]
        if any(column.shape != (count,) for column in columns):
            raise ValueError(f"order {order}: expected {count} figures per column")
        if not all(np.isfinite(column).all() for column in columns) or (values > 1e-3).any():
            raise ValueError(f"order {order}: expected finite figures, and log-probabilities of at most 0")
        above = count


def _check_keys(keys: np.ndarray, above: int, size: int, order: int) -> None:
    if keys.ndim != 1 or keys.dtype != np.int64 or len(keys) > _MOST_NGRAMS or (np.diff(keys) <= 0).any():
        raise ValueError(f"order {order}: expected at most {_MOST_NGRAMS} rising keys")
    if len(keys) and not 0 <= keys[0] <= keys[-1] < above * size:
        raise ValueError(f"order {order}: expected keys from 0 to {above * size - 1}")
    if np.isin(keys % size, [PAD_ID, BOS_ID]).any():
        raise ValueError(f"order {order}: expected no n-gram that ends in PAD or BOS")
