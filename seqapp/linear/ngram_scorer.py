"""A linear model over the character n-grams of a text, beside a network."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.errors import RunDirectoryError
from seqapp.ngram_hashing import ngram_rows
from seqapp.text.jamo import with_jamo
from seqapp.text.normalisation import normalise, normalise_with_offsets

_SPACE = ord(" ")
_BYTES_OF_A_CHARACTER = 16  # before normalisation, with what it leaves out
_MOST_WEIGHTS = 2**24  # 64 MiB
_FEWEST_BUCKETS = 2**12
_LONGEST = 12  # characters, as in `seqapp.config.LinearConfig`
_MOST_TEXT = 2**16  # characters
_MOST_CLASSES = 2**14
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
    """Linear character n-gram model (the wide component beside the network), evaluated in graph.

    ``score_c = Σ_r idf_r W_rc / √(Σ_r idf_r²) + b_c`` over all n-grams r of 1 to `longest` characters of
    the text, with a space before and after it. N-grams share `buckets` rows by a hash. The text is
    normalised, lower-cased (A-Z), its Hangul syllables decomposed to jamo, and cut to `max_characters`.

    The weights are not trained by gradients: `assign` sets those that a linear solver found.

    Source: Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", for a wide component that
    memorises beside a deep one that generalises.

    Args:
        classes: C.
        longest: characters of the longest n-gram.
        buckets: rows of the table.
        max_characters: maximum characters per text.

    Raises:
        ConfigError: a size is below 1.
    """

    file_name: ClassVar[str] = "linear.npz"

    def __init__(
        self, classes: int, longest: int = 8, buckets: int = 2**20, max_characters: int = 2048
    ) -> None:
        super().__init__(name="ngram_scorer")
        check_counts(classes=classes, longest=longest, buckets=buckets, max_characters=max_characters)
        self.classes = classes
        self.longest = longest
        self.buckets = buckets
        self.max_characters = max_characters
        self.idf = tf.Variable(tf.zeros([buckets]), trainable=False, name="idf")
        self.table = tf.Variable(tf.zeros([buckets, classes]), trainable=False, name="table")
        self.bias = tf.Variable(tf.zeros([classes]), trainable=False, name="bias")

    def assign(self, idf, table, bias) -> None:
        """Sets idf float [buckets], W float [buckets, C] and b float [C]."""
        self.idf.assign(idf)
        self.table.assign(table)
        self.bias.assign(bias)

    def save(self, path: Path) -> None:
        """Writes sizes and weights as a compressed numpy archive; rows without weights are left out."""
        table, idf = self.table.numpy(), self.idf.numpy()
        used = np.flatnonzero(np.any(table != 0, axis=1) | (idf != 0))
        sizes = [self.classes, self.longest, self.buckets, self.max_characters]
        with path.open("wb") as file:
            np.savez_compressed(
                file, sizes=sizes, used=used, idf=idf[used], table=table[used], bias=self.bias.numpy()
            )

    @classmethod
    def load(cls, path: Path) -> "NgramScorer":
        """Reads what `save` wrote; never unpickles. Raises `RunDirectoryError` for anything else."""
        try:
            # From memory: numpy leaves a file that it cannot read open.
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as values:
                sizes = [int(size) for size in values["sizes"]]
                _check_sizes(*sizes)
                scorer = cls(*sizes)
                idf = np.zeros(scorer.buckets, np.float32)
                table = np.zeros((scorer.buckets, scorer.classes), np.float32)
                idf[values["used"]], table[values["used"]] = values["idf"], values["table"]
                scorer.assign(idf, table, values["bias"])
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
        """Rows int32 [B, L, longest] of the n-grams that end at each character; -1 where there is none."""
        place = tf.range(tf.shape(characters)[1])
        found = []
        for back, rows in enumerate(ngram_rows(characters, self.longest, self.buckets)):
            real = (place >= back) & (characters >= 0)
            found.append(tf.where(real, rows, -1))
        return tf.stack(found, axis=2)

    def scores_of(self, ngrams) -> tf.Tensor:
        """Scores float32 [B, C] of n-grams int32 [B, L, longest]."""
        values = self._values(ngrams)
        vectors = tf.gather(self.table, tf.maximum(ngrams, 0))
        return tf.einsum("bln,blnc->bc", values, vectors) + self.bias

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
        added = self._added_by_each(self.ngrams(self._framed(points)), direction)
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

    def _values(self, ngrams) -> tf.Tensor:
        """Normalised idf float32 [B, L, longest] of each n-gram, 0 where there is none."""
        idf = tf.gather(self.idf, tf.maximum(ngrams, 0))
        idf *= tf.cast(ngrams >= 0, tf.float32)
        norm = tf.sqrt(tf.reduce_sum(tf.square(idf), axis=[1, 2], keepdims=True))
        return tf.math.divide_no_nan(idf, norm)

    def _added_by_each(self, ngrams, direction) -> tf.Tensor:
        """Contribution of each character, float32 [B, L]."""
        vectors = tf.gather(self.table, tf.maximum(ngrams, 0))
        of_ngrams = self._values(ngrams) * tf.einsum("blnc,bc->bln", vectors, direction)
        length = tf.shape(ngrams)[1]
        added = tf.zeros(tf.shape(ngrams)[:2])
        for size in range(1, self.longest + 1):
            share = of_ngrams[:, :, size - 1] / size
            for ahead in range(size):
                added += tf.pad(share, [[0, 0], [0, ahead]])[:, ahead : ahead + length]
        return added


def _check_sizes(classes: int, longest: int, buckets: int, max_characters: int) -> None:
    """Raises ValueError for sizes that no training writes; the table is as large as they say."""
    sizes = [classes, longest, buckets, max_characters]
    weights = max(_MOST_WEIGHTS, _FEWEST_BUCKETS * classes)
    allowed = classes <= _MOST_CLASSES and longest <= _LONGEST and max_characters <= _MOST_TEXT
    if min(sizes) < 1 or classes * buckets > weights or not allowed:
        raise ValueError(f"sizes {sizes}")


def table_rows(expected: int, classes: int) -> int:
    """Rows of the table: halved until all classes together have at most 2²⁴ weights."""
    while expected * classes > _MOST_WEIGHTS and expected > _FEWEST_BUCKETS:
        expected //= 2
    return expected
