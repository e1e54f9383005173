"""Byte offsets of a changed text as byte offsets of the text that it was made from."""

from typing import NamedTuple

import tensorflow as tf
import tensorflow_text

_FAR = 2**30


class SourceOffsets(NamedTuple):
    """For each character of a normalised text, and for its end, where it came from.

    Args:
        starts: int32 [B, M], sorted: where characters begin, then the length of the text, repeated. Blanks
            that were taken away may stand before and after.
        sources: int32 [B, M], sorted: the same places in the text as it came.
    """

    starts: tf.Tensor
    sources: tf.Tensor

    def of(self, offsets: tf.RaggedTensor) -> tf.RaggedTensor:
        """Offsets, ragged int [B, (n)], into the text as it came: ragged int32 [B, (n)]."""
        dense = tf.cast(offsets.to_tensor(), tf.int32)
        place = tf.searchsorted(self.starts, dense, side="right") - 1
        found = tf.gather(self.sources, tf.maximum(place, 0), batch_dims=1)
        return tf.RaggedTensor.from_tensor(found, lengths=offsets.row_lengths())


def character_starts(text: tf.Tensor) -> tf.Tensor:
    """Where the characters of well-formed string[B] begin, then its length: int32 [B, M], sorted.

    Shorter rows repeat their length.
    """
    _, starts = tf.strings.unicode_decode_with_offsets(text, "UTF-8")
    dense = tf.pad(tf.cast(starts.to_tensor(-1), tf.int32), [[0, 0], [0, 1]], constant_values=-1)
    return tf.where(dense < 0, tf.strings.length(text)[:, tf.newaxis], dense)


def before_splicing(
    offsets: tf.Tensor,
    pieces: tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor],
    replaced: str | None = None,
) -> tf.Tensor:
    """Offsets into the joined pieces of a text as offsets into that text.

    Args:
        offsets: int32 [B, M] into the pieces of each row joined.
        pieces: ragged string, int and int [B, (n)], and where each begins and ends in the text; as of
            `regex_split_with_offsets`.
        replaced: pattern of the pieces that one byte stands for.

    Returns:
        int32 [B, M]. Where something between two pieces is left out, the place after it.
    """
    kept, begin, end = pieces
    lengths = tf.cast(end - begin, tf.int32)
    if replaced is not None:
        one = tf.strings.regex_full_match(kept.flat_values, replaced)
        lengths = lengths.with_flat_values(tf.where(one, 1, lengths.flat_values))
    real = tf.sequence_mask(lengths.row_lengths())
    first = tf.cumsum(lengths.to_tensor(), axis=1, exclusive=True)
    place = tf.searchsorted(tf.where(real, first, _FAR), offsets, side="right") - 1
    # One more, for a text without pieces.
    shift = tf.pad(tf.cast(begin.to_tensor(), tf.int32) - first, [[0, 0], [0, 1]])
    return offsets + tf.where(place < 0, 0, tf.gather(shift, tf.maximum(place, 0), batch_dims=1))


def before_spelling_out(offsets: tf.Tensor, edits: tf.Tensor) -> tf.Tensor:
    """Offsets into a text that TF Text normalised as offsets into the text before.

    Args:
        offsets: int32 [B, M], sorted: starts of characters, then the length of the text.
        edits: variant [B], as of `normalize_utf8_with_offsets_map`.

    Returns:
        int32 [B, M]. Characters that came from one begin where it begins.
    """
    found = tf.cast(tensorflow_text.find_source_offsets(edits, tf.cast(offsets, tf.int64)), tf.int32)
    # ICU says of such characters but the first that they come from its end.
    following = tf.concat([found[:, 1:], found[:, -1:]], axis=1)
    inside = (found == following) & (offsets < offsets[:, -1:])
    earlier = tf.maximum(tf.searchsorted(found, found) - 1, 0)
    return tf.where(inside, tf.gather(found, earlier, batch_dims=1), found)


def before_repair(original: tf.Tensor, offsets: tf.Tensor) -> tf.Tensor:
    """Offsets into repaired text (see `repair_utf8`) as offsets into the text as it came.

    A replaced byte sequence has another length than U+FFFD; in well-formed text nothing changes.

    Args:
        original: string[B], any bytes.
        offsets: int32 [B, M] into ``repair_utf8(original)``, at starts of characters or its end.

    Returns:
        int32 [B, M].
    """
    characters, starts = tf.strings.unicode_decode_with_offsets(original, "UTF-8", errors="replace")
    widths = _utf8_width(characters)
    repaired = _with_end(tf.cumsum(widths.to_tensor(), axis=1, exclusive=True), widths, widths)
    ends = tf.strings.length(original)
    table = tf.concat([tf.cast(starts.to_tensor(), tf.int32), ends[:, tf.newaxis]], axis=1)
    count = tf.cast(starts.row_lengths(), tf.int32)[:, tf.newaxis]
    place = tf.minimum(tf.searchsorted(repaired, offsets), count)
    last = tf.shape(table)[1] - 1
    return tf.where(
        place >= count, ends[:, tf.newaxis], tf.gather(table, tf.minimum(place, last), batch_dims=1)
    )


def _with_end(starts: tf.Tensor, widths: tf.RaggedTensor, rows: tf.RaggedTensor) -> tf.Tensor:
    """Starts int32 [B, n + 1], sorted: what lies after a row's last character is beyond reach."""
    real = tf.sequence_mask(rows.row_lengths(), tf.shape(starts)[1])
    padded = tf.where(real, starts, _FAR)
    total = tf.reduce_sum(widths, axis=1)
    padded = tf.concat([padded, tf.fill([tf.shape(starts)[0], 1], _FAR)], axis=1)
    end = tf.one_hot(
        tf.cast(rows.row_lengths(), tf.int32), tf.shape(padded)[1], on_value=True, off_value=False
    )
    return tf.where(end, total[:, tf.newaxis], padded)


def _utf8_width(characters: tf.RaggedTensor) -> tf.RaggedTensor:
    """Bytes of each code point in UTF-8, int32."""
    return tf.ragged.map_flat_values(
        lambda points: (
            1
            + tf.cast(points >= 0x80, tf.int32)
            + tf.cast(points >= 0x800, tf.int32)
            + tf.cast(points >= 0x10000, tf.int32)
        ),
        characters,
    )
