"""A linear model over the character and word n-grams of a text, beside a network."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.linear.word_hashing import word_ngrams
from seqapp.ngram_hashing import ngram_rows
from seqapp.text.jamo import with_jamo
from seqapp.text.normalisation import normalise, normalise_with_offsets

WORD_NORM = 0.5  # that of the inputs of word n-grams; those of character n-grams have 1
MOST_WEIGHTS = 2**25  # 128 MiB
_SPACE = ord(" ")
_BYTES_OF_A_CHARACTER = 16  # before normalisation, with what it leaves out
_LONGEST = 12  # characters, as in `seqapp.config.LinearConfig`
_MOST_BUCKETS = 2**24
_MOST_WORDS = 2
_MOST_TEXT = 2**16  # characters
_MOST_CLASSES = 2**14
_SIZES_WITHOUT_WORDS = 4
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


class NgramScorer(tf.Module):
    """Linear n-gram model (the wide component beside the network), evaluated in graph.

    ``score_c = Σ_r idf_r W_rc / n + b_c`` over all n-grams r of 1 to `longest` characters of the text, with a
    space before and after it, and of 1 to `words` words. ``n`` is ``√(Σ_r idf_r²)`` of the character
    n-grams, twice that of the word n-grams for these. The text is normalised, lower-cased (A-Z), its Hangul
    syllables decomposed to jamo, and cut to `max_characters`.

    N-grams are hashed to `buckets`. The buckets that `assign` names have a row of weights; others count for
    nothing. The weights are not trained by gradients: a linear solver finds them.

    Sources: Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", for a wide component that
    memorises beside a deep one that generalises; Wang and Manning 2012, "Baselines and Bigrams", for words.

    Args:
        classes: C.
        longest: characters of the longest character n-gram.
        buckets: number of hash values.
        max_characters: maximum characters per text.
        words: words of the longest word n-gram, 0 (none) to 2.

    Raises:
        ConfigError: a size is below 1, or `words` is not 0, 1 or 2.
    """

    file_name: ClassVar[str] = "linear.npz"

    def __init__(
        self,
        classes: int,
        longest: int = 8,
        buckets: int = 2**20,
        max_characters: int = 2048,
        words: int = _MOST_WORDS,
    ) -> None:
        super().__init__(name="ngram_scorer")
        check_counts(classes=classes, longest=longest, buckets=buckets, max_characters=max_characters)
        if words not in range(_MOST_WORDS + 1):
            raise ConfigError(f"words: expected 0, 1 or 2, got {words!r}")
        self.classes = classes
        self.longest = longest
        self.buckets = buckets
        self.max_characters = max_characters
        self.words = words
        # Row 0 is that of n-grams without weights. The number of rows is that of `assign`.
        rows = tf.zeros([buckets], tf.int32)
        self.rows = tf.Variable(rows, trainable=False, name="rows")
        # Columns: idf · W of each class, and idf². One look-up gives both sums of the score.
        table = tf.zeros([1, classes + 1])
        self.table = tf.Variable(table, trainable=False, shape=[None, classes + 1], name="table")
        self.bias = tf.Variable(tf.zeros([classes]), trainable=False, name="bias")

    def assign(self, used, idf, table, bias) -> None:
        """Sets the weights of some buckets; others have none.

        Args:
            used: int [R], distinct buckets.
            idf: float [R].
            table: W, float [R, C].
            bias: b, float [C].
        """
        weights = np.empty((len(used), self.classes + 1), np.float32)
        idf = np.asarray(idf, np.float32)
        np.multiply(table, idf[:, np.newaxis], out=weights[:, :-1], casting="same_kind")
        weights[:, -1] = np.square(idf)
        self._assign_rows(used, weights, bias)

    def _assign_rows(self, used, weights, bias) -> None:
        rows = np.zeros(self.buckets, np.int32)
        rows[used] = 1 + np.arange(len(used), dtype=np.int32)
        self.rows.assign(rows)
        self.table.assign(np.concatenate([np.zeros_like(weights, shape=(1, self.classes + 1)), weights]))
        self.bias.assign(bias)

    def save(self, path: Path) -> None:
        """Writes sizes and weights as a compressed numpy archive."""
        rows = self.rows.numpy()
        used = np.flatnonzero(rows)
        sizes = [self.classes, self.longest, self.buckets, self.max_characters, self.words]
        weights = self.table.numpy()[rows[used]]
        with path.open("wb") as file:
            np.savez_compressed(file, sizes=sizes, used=used, weights=weights, bias=self.bias.numpy())

    @classmethod
    def load(cls, path: Path) -> "NgramScorer":
        """Reads what `save` wrote; never unpickles. Raises `RunDirectoryError` for anything else.

        Files written before there were word n-grams have four sizes, idf and W, and load without them.
        """
        try:
            # From memory: numpy leaves a file that it cannot read open.
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as values:
                sizes = [int(size) for size in values["sizes"]]
                former = len(sizes) == _SIZES_WITHOUT_WORDS
                sizes += [0] * former
                _check_sizes(*sizes)
                scorer = cls(*sizes)
                used = values["used"].astype(np.int64)
                weights = values["table" if former else "weights"]
                _check_rows(used, weights, scorer.buckets, scorer.classes + (not former))
                if former:
                    scorer.assign(used, values["idf"], weights, values["bias"])
                else:
                    scorer._assign_rows(used, weights.astype(np.float32), values["bias"])
        except _DAMAGES as error:
            raise RunDirectoryError(
                f"run: {path} is not a linear model ({error}); copy the whole run directory, or train again"
            ) from error
        return scorer

    def tracked(self) -> list[Any]:
        """Nothing: its variables are found by the functions that use them."""
        return []

    def __call__(self, text) -> tf.Tensor:
        """Scores float32 [B, C] of string[B], any bytes."""
        return self.scores_of(self.ngrams(self.characters(text)))

    def characters(self, text) -> tf.Tensor:
        """int32 [B, L]: normalised code points, a space at either end; -1 is padding."""
        normal = normalise(text, self.max_characters * _BYTES_OF_A_CHARACTER)
        points = tf.strings.unicode_decode(normal, "UTF-8")
        return self._framed(with_jamo(points, points)[0])

    def ngrams(self, characters) -> tf.Tensor:
        """Buckets int32 [B, L, longest + words] of the n-grams that end at each character.

        Character n-grams first, the shorter before the longer; -1 where there is none.
        """
        place = tf.range(tf.shape(characters)[1])
        found = []
        for back, buckets in enumerate(ngram_rows(characters, self.longest, self.buckets)):
            real = (place >= back) & (characters >= 0)
            found.append(tf.where(real, buckets, -1))
        stacked = tf.stack(found, axis=2)
        if not self.words:
            return stacked
        return tf.concat([stacked, word_ngrams(characters, self.words, self.buckets).buckets], axis=2)

    def known_share(self, characters, ngrams) -> tf.Tensor:
        """Share float32 [B] of the n-grams that have weights; 0 for an empty text.

        Args:
            characters: int32 [B, L], see `characters`.
            ngrams: int32 [B, L, longest + words], see `ngrams`.
        """
        there = tf.stack([self._rows(ngrams) > 0, ngrams >= 0])
        known, total = tf.unstack(tf.reduce_sum(tf.cast(there, tf.int32), axis=[2, 3]))
        share = tf.math.divide_no_nan(tf.cast(known, tf.float32), tf.cast(total, tf.float32))
        # The spaces before and after an empty text are n-grams that all texts have.
        return tf.where(tf.reduce_any(characters > _SPACE, axis=1), share, 0.0)

    def scores_of(self, ngrams) -> tf.Tensor:
        """Scores float32 [B, C] of n-grams int32 [B, L, longest + words]."""
        kinds = self._sums(tf.gather(self.table, self._rows(ngrams)))
        return tf.add_n([factor * sums[:, :-1] for sums, factor in kinds]) + self.bias

    def contributions(self, text, direction, begin, end):
        """Contributions of the characters of spans to a mixture of the scores.

        The contribution of an n-gram is divided evenly among its characters.

        Args:
            text: string[B].
            direction: float32 [B, C], the mixture.
            begin, end: int32 [B, T], bytes of the text.

        Returns:
            float32 [B, T].
        """
        normal, sources = normalise_with_offsets(text, self.max_characters * _BYTES_OF_A_CHARACTER)
        points, starts = tf.strings.unicode_decode_with_offsets(normal, "UTF-8")
        points, starts = with_jamo(points, sources.of(starts))
        added = self._added_by_each(self._framed(points), direction)
        # Without the spaces at either end.
        starts = starts[:, : self.max_characters].to_tensor(2**30)
        added = tf.pad(added[:, 1:], [[0, 0], [0, 1]])[:, : tf.shape(starts)[1]]
        so_far = tf.pad(tf.cumsum(added, axis=1), [[0, 0], [1, 0]])

        def before(offsets):
            return tf.gather(so_far, tf.searchsorted(starts, offsets), batch_dims=1)

        return before(end) - before(begin)

    def _framed(self, points: tf.RaggedTensor) -> tf.Tensor:
        # Dense as soon as it is short: ragged arithmetic makes hundreds of ops out of one.
        points = points[:, : self.max_characters]
        dense = tf.pad(points.to_tensor(-1), [[0, 0], [1, 1]], constant_values=-1)
        dense = tf.where((dense >= ord("A")) & (dense <= ord("Z")), dense + 32, dense)
        place = tf.range(tf.shape(dense)[1])
        end = 1 + tf.cast(points.row_lengths(), tf.int32)[:, tf.newaxis]
        return tf.where((place == 0) | (place == end), _SPACE, dense)

    def _rows(self, ngrams) -> tf.Tensor:
        """Row of each n-gram, 0 where there is none."""
        return tf.where(ngrams >= 0, tf.gather(self.rows, tf.maximum(ngrams, 0)), 0)

    def _sums(self, weights) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """Return of each kind of n-gram the summed weights float32 [B, C + 1] and their factor [B, 1]."""
        kinds = tf.split(weights, [self.longest, self.words], axis=2)
        found = []
        for kind, norm in zip(kinds, (1.0, WORD_NORM), strict=True):
            sums = tf.reduce_sum(kind, axis=[1, 2])
            found.append((sums, norm * tf.math.divide_no_nan(1.0, tf.sqrt(sums[:, -1:]))))
        return found

    def _added_by_each(self, characters, direction) -> tf.Tensor:
        """Contribution of each character, float32 [B, L]."""
        weights = tf.gather(self.table, self._rows(self.ngrams(characters)))
        factors = tf.stack([factor for _, factor in self._sums(weights)], axis=2)
        of_kinds = tf.repeat(factors, [self.longest, self.words], axis=2)
        of_ngrams = of_kinds * tf.einsum("blnc,bc->bln", weights[:, :, :, :-1], direction)
        length = tf.shape(characters)[1]
        added = tf.zeros(tf.shape(characters))
        for size in range(1, self.longest + 1):
            share = of_ngrams[:, :, size - 1] / size
            for ahead in range(size):
                added += tf.pad(share, [[0, 0], [0, ahead]])[:, ahead : ahead + length]
        if not self.words:
            return added
        begins = word_ngrams(characters, self.words, self.buckets).begins
        return added + _spread(of_ngrams[:, :, self.longest :], begins)


def _spread(values: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """Divide values [B, L, N] evenly among the positions from `begins` [B, L, N] to their own: [B, L]."""
    shape = tf.shape(values)
    row, end, _ = tf.meshgrid(*(tf.range(size) for size in tf.unstack(shape)), indexing="ij")
    shares = tf.cast(values, tf.float64) / tf.cast(end + 1 - begins, tf.float64)
    # Differences between neighbouring positions; their sums so far are the values.
    ahead = tf.scatter_nd(tf.stack([row, begins], axis=-1), shares, [shape[0], shape[1] + 1])
    behind = tf.scatter_nd(tf.stack([row, end + 1], axis=-1), shares, [shape[0], shape[1] + 1])
    return tf.cast(tf.cumsum(ahead - behind, axis=1)[:, :-1], tf.float32)


def _check_sizes(classes: int, longest: int, buckets: int, max_characters: int, words: int) -> None:
    """Raises ValueError for sizes that no training writes."""
    sizes = [classes, longest, buckets, max_characters]
    allowed = classes <= _MOST_CLASSES and longest <= _LONGEST and max_characters <= _MOST_TEXT
    if min(sizes) < 1 or buckets > _MOST_BUCKETS or not 0 <= words <= _MOST_WORDS or not allowed:
        raise ValueError(f"sizes {[*sizes, words]}")


def _check_rows(used: np.ndarray, weights: np.ndarray, buckets: int, columns: int) -> None:
    """Raises ValueError for buckets that are out of range or do not rise, and weights of another shape."""
    inside = used.ndim == 1 and (not len(used) or (used[0] >= 0 and used[-1] < buckets))
    if not inside or (np.diff(used) <= 0).any():
        raise ValueError(f"used {used.shape}: expected rising numbers below {buckets}")
    if weights.shape != (len(used), columns):
        raise ValueError(f"weights {weights.shape}: expected {(len(used), columns)}")
