"""Class scores straight from the characters: the linear, wide part of a classifier."""

import keras
import tensorflow as tf
import tensorflow_text

from seqapp.text.jamo import with_jamo
from seqapp.text.offsets import original_offsets
from seqapp.text.utf8 import repair_utf8

_PRIME = 1_000_003
_BLANK = ord(" ")


@keras.saving.register_keras_serializable("seqapp")
class CharacterScores(keras.layers.Layer):
    """A linear model over runs of characters, in graph: string in, class scores out.

    ``score_c = Σ_r idf_r W_rc / √(Σ_r idf_r²) + b_c`` over all runs r of 1 to `longest` characters of the
    text, with a blank before and after it. Runs share `buckets` rows by a hash. The text is normalised
    (NFKC), Latin capitals count as small letters, a Hangul syllable as its two or three jamo, and what
    lies beyond `max_characters` of these is not read.

    The weights are not for gradients: `assign` takes what a linear solver found.

    Source: Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", for the idea of a wide
    part that knows what was seen beside a deep part that generalises.

    Args:
        classes: C.
        longest: characters of the longest run.
        buckets: rows of the table.
        max_characters: of a text, at most.
    """

    def __init__(
        self,
        classes: int,
        longest: int = 8,
        buckets: int = 2**20,
        max_characters: int = 2048,
        **kwargs,
    ) -> None:
        super().__init__(**{**kwargs, "trainable": False})
        self.classes = classes
        self.longest = longest
        self.buckets = buckets
        self.max_characters = max_characters

    def build(self, input_shape=None) -> None:
        """Args: input_shape: [B]; without meaning here."""
        own = {"trainable": False, "dtype": "float32", "initializer": "zeros"}
        self.rarity = self.add_weight(name="rarity", shape=(self.buckets,), **own)
        self.table = self.add_weight(name="table", shape=(self.buckets, self.classes), **own)
        self.bias = self.add_weight(name="bias", shape=(self.classes,), **own)
        self.built = True

    def assign(self, rarity, table, bias) -> None:
        """Sets idf float [buckets], W float [buckets, C] and b float [C]."""
        self.rarity.assign(rarity)
        self.table.assign(table)
        self.bias.assign(bias)

    def call(self, text):
        """Scores float32 [B, C] of string[B], any bytes."""
        return self.scores_of(self.runs(self.characters(text)))

    def characters(self, text) -> tf.Tensor:
        """int32 [B, L]: code points as they are read, a blank at either end; -1 is padding."""
        normal = tensorflow_text.normalize_utf8(repair_utf8(text), "NFKC")
        points = tf.strings.unicode_decode(normal, "UTF-8")
        return self._framed(with_jamo(points, points)[0])

    def runs(self, characters) -> tf.Tensor:
        """Rows int32 [B, L, longest] of the runs that end at each character; -1 where there is none."""
        dense = tf.cast(characters, tf.int64)
        place = tf.range(tf.shape(dense)[1])
        hashed, found = tf.zeros_like(dense), []
        for back in range(self.longest):
            earlier = tf.pad(dense, [[0, 0], [back, 0]])[:, : tf.shape(dense)[1]]
            hashed = tf.math.floormod(hashed * _PRIME + earlier + 1 + back, self.buckets * _PRIME)
            rows = tf.cast(tf.math.floormod(hashed, self.buckets), tf.int32)
            real = (place >= back) & (characters >= 0)
            found.append(tf.where(real, rows, -1))
        return tf.stack(found, axis=2)

    def scores_of(self, runs) -> tf.Tensor:
        """Scores float32 [B, C] of runs int32 [B, L, longest]."""
        values = self._values(runs)
        vectors = tf.gather(tf.convert_to_tensor(self.table), tf.maximum(runs, 0))
        return tf.einsum("bln,blnc->bc", values, vectors) + tf.convert_to_tensor(self.bias)

    def contributions(self, text, direction, begin, end):
        """What the characters of each span add to a mixture of the scores, each run shared out evenly.

        Args:
            text: string[B].
            direction: float32 [B, C], the mixture.
            begin, end: int32 [B, T], bytes of the text.

        Returns:
            float32 [B, T].
        """
        repaired = repair_utf8(text)
        normal, back = tensorflow_text.normalize_utf8_with_offsets_map(repaired, "NFKC")
        points, starts = tf.strings.unicode_decode_with_offsets(normal, "UTF-8")
        # The op wants an offset in every row, of an empty text too.
        starts = tf.concat([tf.zeros([starts.nrows(), 1], starts.dtype), starts], axis=1)
        starts = original_offsets(text, tensorflow_text.find_source_offsets(back, starts))[:, 1:]
        points, starts = with_jamo(points, starts)
        added = self._added_by_each(self.runs(self._framed(points)), direction)
        # Without the blanks at either end.
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
        return tf.where((place == 0) | (place == end), _BLANK, dense)

    def _values(self, runs) -> tf.Tensor:
        """float32 [B, L, longest]: how much each run counts, 0 where there is none."""
        rarity = tf.gather(tf.convert_to_tensor(self.rarity), tf.maximum(runs, 0))
        rarity *= tf.cast(runs >= 0, tf.float32)
        norm = tf.sqrt(tf.reduce_sum(tf.square(rarity), axis=[1, 2], keepdims=True))
        return tf.math.divide_no_nan(rarity, norm)

    def _added_by_each(self, runs, direction) -> tf.Tensor:
        """float32 [B, L]: what each character adds."""
        vectors = tf.gather(tf.convert_to_tensor(self.table), tf.maximum(runs, 0))
        of_runs = self._values(runs) * tf.einsum("blnc,bc->bln", vectors, direction)
        length = tf.shape(runs)[1]
        added = tf.zeros(tf.shape(runs)[:2])
        for size in range(1, self.longest + 1):
            share = of_runs[:, :, size - 1] / size
            for ahead in range(size):
                added += tf.pad(share, [[0, 0], [0, ahead]])[:, ahead : ahead + length]
        return added

    def get_config(self):
        return {
            **super().get_config(),
            "classes": self.classes,
            "longest": self.longest,
            "buckets": self.buckets,
            "max_characters": self.max_characters,
        }
