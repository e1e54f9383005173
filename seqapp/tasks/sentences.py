"""The sentences of a batch of texts: taken apart before a search, put together after it."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.text.sentence_splitting import join_sentences, split_sentences


class Sentences(NamedTuple):
    """All sentences of B texts, one after the other.

    Fields:
        flat: string[N], at least one per text.
        row: int32[N], the text of each sentence.
        counts: int64[B], sentences per text.
        separators: ragged string [B, (n)], what stood after each sentence.
        cut: bool[B], the text has more sentences than are read.
    """

    flat: tf.Tensor
    row: tf.Tensor
    counts: tf.Tensor
    separators: tf.RaggedTensor
    cut: tf.Tensor

    @classmethod
    def of(cls, text: tf.Tensor, most: int) -> "Sentences":
        """The sentences of string[B], at most `most` per text."""
        return cls.ragged(*split_sentences(text, most))

    @classmethod
    def whole(cls, text: tf.Tensor) -> "Sentences":
        """Each text of string[B] as one sentence."""
        single = tf.RaggedTensor.from_tensor(text[:, tf.newaxis])
        return cls.ragged(single, tf.zeros_like(single), tf.zeros_like(text, tf.bool))

    @classmethod
    def ragged(cls, sentences: tf.RaggedTensor, separators: tf.RaggedTensor, cut: tf.Tensor) -> "Sentences":
        """From ragged string [B, (n)]."""
        row = tf.cast(sentences.value_rowids(), tf.int32)
        return cls(sentences.flat_values, row, sentences.row_lengths(), separators, cut)

    def by_text(self, values: tf.Tensor) -> tf.RaggedTensor:
        """[N, …] as ragged [B, (n), …]."""
        return tf.RaggedTensor.from_row_lengths(values, self.counts, validate=False)

    def joined(self, answers: tf.Tensor) -> tf.Tensor:
        """string[B] of an answer per sentence string[N], with what stood between the sentences."""
        return join_sentences(self.by_text(answers), self.separators)

    def summed(self, values: tf.Tensor) -> tf.Tensor:
        """[B, …], sums over the sentences of each text, of [N, …]."""
        return tf.math.unsorted_segment_sum(values, self.row, tf.shape(self.cut)[0])

    def least(self, values: tf.Tensor) -> tf.Tensor:
        """[B], the smallest of the values [N] of each text's sentences."""
        return tf.math.unsorted_segment_min(values, self.row, tf.shape(self.cut)[0])

    def any_of(self, values: tf.Tensor) -> tf.Tensor:
        """bool[B], whether `values` bool[N] holds for some sentence of the text."""
        return self.summed(tf.cast(values, tf.int32)) > 0

    def repeated(self, options: Any) -> Any:
        """A nest of [B, …] as [N, …], each text's value for all of its sentences."""
        return tf.nest.map_structure(lambda values: tf.gather(values, self.row), options)

    def position(self) -> tf.Tensor:
        """int32[N], the number of each sentence within its text, from 0."""
        starts = tf.math.cumsum(self.counts, exclusive=True)
        return tf.range(tf.shape(self.row)[0]) - tf.cast(tf.gather(starts, self.row), tf.int32)

    def concatenated(self, values: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """The first `lengths` int32[N] of each row of `values` [N, L], side by side: [B, Σ L], padded."""
        kept = tf.RaggedTensor.from_tensor(values, lengths=lengths)
        return self.by_text(kept).merge_dims(1, 2).to_tensor()

    def block_diagonal(self, matrices: tf.Tensor, heights: tf.Tensor, widths: tf.Tensor) -> tf.Tensor:
        """The matrices of a text's sentences along a diagonal, 0 elsewhere.

        Args:
            matrices: float32 [N, T, S], 0 beyond their heights and widths.
            heights, widths: int32[N].

        Returns:
            float32 [B, Σ T, Σ S].
        """
        tops, height = self._offsets(heights)
        lefts, width = self._offsets(widths)
        shape = tf.shape(matrices)
        rows = tf.minimum(tops[:, tf.newaxis] + tf.range(shape[1]), height - 1)
        columns = tf.minimum(lefts[:, tf.newaxis] + tf.range(shape[2]), width - 1)
        indices = tf.stack(
            [
                tf.broadcast_to(self.row[:, tf.newaxis, tf.newaxis], shape),
                tf.broadcast_to(rows[:, :, tf.newaxis], shape),
                tf.broadcast_to(columns[:, tf.newaxis, :], shape),
            ],
            axis=-1,
        )
        # What lies beyond a matrix's size is 0 and adds nothing where it lands.
        return tf.scatter_nd(indices, matrices, tf.stack([tf.shape(self.cut)[0], height, width]))

    def _offsets(self, sizes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Where each sentence begins within its text int32[N], and the largest sum of sizes."""
        before = tf.cumsum(sizes, exclusive=True)
        starts = tf.cast(tf.math.cumsum(self.counts, exclusive=True), tf.int32)
        within = before - tf.gather(tf.gather(before, starts), self.row)
        return within, tf.reduce_max(self.summed(sizes))
