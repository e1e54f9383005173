"""A back-off n-gram model evaluated in graph."""

import io
import zipfile
import zlib
from itertools import zip_longest
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.ngrams.backoff_model import (
    BackoffModel,
    check_arrays,
    check_order,
    check_vocabulary_size,
    uniform_model,
)
from seqapp.special_ids import PAD_ID

# Ends the keys of each order: above all keys, so that a search for any key finds a place.
_LAST_KEY = np.iinfo(np.int64).max
# What numpy raises for a file that it did not write, or that has lost a part.
_DAMAGES = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)


class NgramLanguageModel(tf.Module):
    """A back-off n-gram language model: look-up by binary search in sorted arrays, in graph.

    ``log p(w | h)`` is that of the n-gram hw where there is one, else the back-off weight of h plus
    ``log p(w | h')``, where h' is h without its first token.

    A new model is uniform over all tokens except PAD and BOS; `assign` sets what was estimated. Nothing is
    trained by gradients.

    Args:
        vocabulary_size: V.
        order: N, tokens of the longest n-gram, 1 to 7.

    Raises:
        ConfigError: an argument is out of range.
    """

    file_name: ClassVar[str] = "ngrams.npz"
    most_bytes: ClassVar[int] = 2**32  # of order 5 some 12 per token of the texts

    def __init__(self, vocabulary_size: int, order: int) -> None:
        super().__init__(name="ngram_language_model")
        check_vocabulary_size(vocabulary_size)
        check_order(order)
        self.vocabulary_size = vocabulary_size
        self.order = order
        # Lists by order - 1; unigrams have no keys. The number of rows is that of `assign`.
        self.keys = [_rows(tf.int64, f"keys_{number}") for number in range(2, order + 1)]
        sizes = [vocabulary_size] + [None] * (order - 1)
        self.log_probabilities = [
            _rows(tf.float32, f"log_probabilities_{number}", size)
            for number, size in enumerate(sizes, start=1)
        ]
        self.backoffs = [
            _rows(tf.float32, f"backoffs_{number}", size) for number, size in enumerate(sizes[:-1], start=1)
        ]
        self.assign(uniform_model(vocabulary_size))

    @classmethod
    def of(cls, model: BackoffModel) -> "NgramLanguageModel":
        """The look-up model of an estimated model or an ARPA file."""
        made = cls(model.vocabulary_size, model.order)
        made.assign(model)
        return made

    def assign(self, model: BackoffModel) -> None:
        """Sets all n-grams; orders above those of `model` get none.

        Raises:
            ConfigError: another vocabulary size, or a higher order.
        """
        if model.vocabulary_size != self.vocabulary_size or not 1 <= model.order <= self.order:
            expected = f"V = {self.vocabulary_size} and an order of 1 to {self.order}"
            raise ConfigError(f"model: expected {expected}, got {model.vocabulary_size} and {model.order}")
        empty = [np.zeros([0], np.int64)] * (self.order - model.order)
        rows = [self.vocabulary_size]
        for variable, keys in zip(self.keys, [*model.keys, *empty], strict=True):
            variable.assign(np.append(keys, _LAST_KEY))
            rows.append(len(keys) + 1)  # the last for n-grams that are not there
        for variables, columns in (
            (self.log_probabilities, model.log_probabilities),
            (self.backoffs, model.backoffs),
        ):
            for variable, count, column in zip_longest(variables, rows[: len(variables)], columns):
                found = np.zeros([count], np.float32)
                if column is not None:
                    found[: len(column)] = column
                variable.assign(found)

    def backoff_model(self) -> BackoffModel:
        """The n-grams as arrays: what `assign` set, without orders that have none."""
        return BackoffModel(
            self.vocabulary_size,
            [variable.numpy()[:-1] for variable in self.keys],
            [_without_last(variable, number) for number, variable in enumerate(self.log_probabilities)],
            [_without_last(variable, number) for number, variable in enumerate(self.backoffs)],
        ).without_empty_orders()

    def save(self, path: Path) -> None:
        """Writes sizes and n-grams as a compressed numpy archive."""
        model = self.backoff_model()
        columns = {f"keys_{number}": keys for number, keys in enumerate(model.keys, start=2)}
        for number, values in enumerate(model.log_probabilities, start=1):
            columns[f"log_probabilities_{number}"] = values
        for number, values in enumerate(model.backoffs, start=1):
            columns[f"backoffs_{number}"] = values
        sizes = np.array([self.vocabulary_size, self.order, model.order])
        with path.open("wb") as file:
            np.savez_compressed(file, sizes=sizes, **columns)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> "NgramLanguageModel":
        """Reads what `save` wrote; never unpickles. Raises `RunDirectoryError` for anything else."""
        try:
            # From memory: numpy leaves a file that it cannot read open.
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as values:
                vocabulary_size, order, highest = (int(size) for size in values["sizes"])
                made = cls(vocabulary_size, order)
                model = BackoffModel(
                    vocabulary_size,
                    [values[f"keys_{number}"] for number in range(2, highest + 1)],
                    [values[f"log_probabilities_{number}"] for number in range(1, highest + 1)],
                    [values[f"backoffs_{number}"] for number in range(1, highest)],
                )
                check_arrays(model)
                made.assign(model)
        except _DAMAGES as error:
            raise RunDirectoryError(
                f"run: {path} is not an n-gram model ({error}); copy the whole run directory, or train again"
            ) from error
        return made

    def tracked(self) -> list[Any]:
        """Nothing: its variables are found by the functions that use them."""
        return []

    def initial_state(self, rows) -> tf.Tensor:
        """The state before BOS: int32 [rows, N - 1], no token."""
        return tf.fill([rows, self.order - 1], PAD_ID)

    def step(self, tokens, state) -> tuple[tf.Tensor, tf.Tensor]:
        """Log-probabilities of all next tokens.

        Args:
            tokens: int32 [R]; BOS first.
            state: int32 [R, N - 1], the tokens before.

        Returns:
            float32 [R, V]; `LARGE_NEGATIVE` for PAD and BOS. The state with `tokens`.
        """
        state = tf.concat([state, tokens[:, tf.newaxis]], axis=1)[:, 1:]
        contexts = self._contexts(state)
        weights = [tf.gather(*pair) for pair in zip(self.backoffs, contexts, strict=True)]
        # From each order on: the back-off weights that n-grams of lower orders get.
        above = tf.cumsum(tf.stack([*weights, tf.zeros_like(tokens, tf.float32)]), axis=0, reverse=True)
        found = self.log_probabilities[0] + above[0][:, tf.newaxis]
        for number, context in enumerate(contexts):
            found = self._with_children(found, number, context, above[number + 1])
        return found, state

    def read(self, ids, lengths) -> tf.Tensor:
        """The state after the first tokens of sequences.

        Args:
            ids: int32 [B, T], BOS first.
            lengths: int32 [B], how many tokens of each to read.

        Returns:
            int32 [B, N - 1].
        """
        places = lengths[:, tf.newaxis] + tf.range(self.order - 1)
        return tf.gather(tf.pad(ids, [[0, 0], [self.order - 1, 0]]), places, batch_dims=1)

    def sequence(self, ids) -> tf.Tensor:
        """Log-probabilities of the tokens of sequences, each given those before it.

        Args:
            ids: int32 [B, T], BOS first, padding last.

        Returns:
            float32 [B, T - 1], of ``ids[:, 1:]``; 0 for padding.
        """
        targets = ids[:, 1:]
        found = tf.gather(self.log_probabilities[0], targets)
        numbers = ids  # of the n-gram that ends at each place
        for order in range(2, self.order + 1):
            # The context ends one place before the last token.
            context = numbers[:, :-1]
            tokens = ids[:, order - 1 :]
            numbers = self._numbers(order, context, tokens)
            there = numbers < self._nothing(order)
            seen = tf.gather(self.log_probabilities[order - 1], numbers)
            lower = found[:, order - 2 :] + tf.gather(self.backoffs[order - 2], context)
            found = tf.concat([found[:, : order - 2], tf.where(there, seen, lower)], axis=1)
        return tf.where(targets == PAD_ID, 0.0, found)

    def segment(self, ids, state) -> tuple[tf.Tensor, tf.Tensor]:
        """Log-probabilities of a segment of each sequence, given the N - 1 tokens before it.

        Args:
            ids: int32 [B, T], first the token before the segment (BOS first), padding last.
            state: int32 [B, N - 1], the tokens before that one.

        Returns:
            float32 [B, T - 1], of ``ids[:, 1:]``, 0 for padding; and the state before the last token of each.
        """
        joined = tf.concat([state, ids], axis=1)
        lengths = tf.math.count_nonzero(ids[:, 1:], axis=1, dtype=tf.int32)  # PAD is 0
        places = lengths[:, tf.newaxis] + tf.range(self.order - 1)
        return self.sequence(joined)[:, self.order - 1 :], tf.gather(joined, places, batch_dims=1)

    def _contexts(self, state) -> list[tf.Tensor]:
        """Numbers int32 [R] of the n-grams that the last 1 to N - 1 tokens are."""
        found = []
        for length in range(1, self.order):
            tokens = state[:, self.order - 1 - length :]
            number = tokens[:, 0]
            for place in range(1, length):
                number = self._numbers(place + 1, number, tokens[:, place])
            found.append(number)
        return found

    def _numbers(self, order: int, contexts, tokens) -> tf.Tensor:
        """Numbers int32, in the shape of `tokens`, of the n-grams of contexts and a token; K_n for none."""
        keys = tf.convert_to_tensor(self.keys[order - 2])
        wanted = self._first_key(contexts) + tf.cast(tokens, tf.int64)
        places = tf.reshape(tf.searchsorted(keys, tf.reshape(wanted, [-1])), tf.shape(wanted))
        return tf.where(tf.gather(keys, places) == wanted, places, self._nothing(order))

    def _nothing(self, order: int) -> tf.Tensor:
        """K_n, the number that stands for no n-gram of an order."""
        return tf.shape(self.keys[order - 2])[0] - 1

    def _first_key(self, contexts) -> tf.Tensor:
        return tf.cast(contexts, tf.int64) * self.vocabulary_size

    def _with_children(self, found, number: int, contexts, above) -> tf.Tensor:
        """Log-probabilities [R, V] with those of the n-grams that begin with the contexts.

        Args:
            found: float32 [R, V], of lower orders.
            number: of the order of the contexts, less 1.
            contexts: int32 [R].
            above: float32 [R], the back-off weights of longer contexts.
        """
        keys = tf.convert_to_tensor(self.keys[number])
        bounds = tf.stack([self._first_key(contexts), self._first_key(contexts + 1)])
        begins, ends = tf.unstack(tf.reshape(tf.searchsorted(keys, tf.reshape(bounds, [-1])), [2, -1]))
        ranges = tf.ragged.range(begins, ends, row_splits_dtype=tf.int32)
        rows, places = ranges.value_rowids(), ranges.values
        tokens = tf.cast(tf.gather(keys, places) % self.vocabulary_size, tf.int32)
        values = tf.gather(self.log_probabilities[number + 1], places) + tf.gather(above, rows)
        return tf.tensor_scatter_nd_update(found, tf.stack([rows, tokens], axis=1), values)


def _rows(dtype: tf.DType, name: str, size: int | None = None) -> tf.Variable:
    return tf.Variable(tf.zeros([size or 1], dtype), trainable=False, shape=[size], name=name)


def _without_last(variable: tf.Variable, number: int) -> np.ndarray:
    values = variable.numpy()
    return values if number == 0 else values[:-1]
