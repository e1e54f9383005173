"""Mapping of byte offsets in normalised text to byte offsets in the source text."""

from typing import NamedTuple

import tensorflow as tf
import tensorflow_text

_FAR = 2**30


class SourceOffsets(NamedTuple):
    """Source offset of each character of a normalised text, and of its end.

    Args:
        starts: int32 [B, M], sorted: character offsets, then the length of the text, repeated. May include
            offsets of stripped whitespace.
        sources: int32 [B, M], sorted: the same positions in the source text.
    """

    starts: tf.Tensor
    sources: tf.Tensor

    def of(self, offsets: tf.RaggedTensor) -> tf.RaggedTensor:
        """Map offsets, ragged int [B, (n)], to source offsets, ragged int32 [B, (n)]."""
        dense = tf.cast(offsets.to_tensor(), tf.int32)
        place = tf.searchsorted(self.starts, dense, side="right") - 1
        found = tf.gather(self.sources, tf.maximum(place, 0), batch_dims=1)
        return tf.RaggedTensor.from_tensor(found, lengths=offsets.row_lengths())


def character_starts(text: tf.Tensor) -> tf.Tensor:
    """Return the character offsets of well-formed string[B], then its length: int32 [B, M], sorted.

    Shorter rows repeat their length.
    """
    _, starts = tf.strings.unicode_decode_with_offsets(text, "UTF-8")
    dense = tf.pad(tf.cast(starts.to_tensor(-1), tf.int32), [[0, 0], [0, 1]], constant_values=-1)
    return tf.where(dense < 0, tf.strings.length(text)[:, tf.newaxis], dense)


def before_splicing(
    offsets: tf.Tensor,
    parts: tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor],
    replaced: str | None = None,
) -> tf.Tensor:
    """Map offsets in the concatenated parts of a text to offsets in that text.

    Args:
        offsets: int32 [B, M], offsets in the concatenated parts of each row.
        parts: ragged string, int and int [B, (n)]: parts with begin and end in the text, as returned by
            `regex_split_with_offsets`.
        replaced: pattern of the parts that were replaced by one byte.

    Returns:
        int32 [B, M]; between two parts, the position after the removed text.
    """
    kept, begin, end = parts
    lengths = tf.cast(end - begin, tf.int32)
    if replaced is not None:
        one = tf.strings.regex_full_match(kept.flat_values, replaced)
        lengths = lengths.with_flat_values(tf.where(one, 1, lengths.flat_values))
    real = tf.sequence_mask(lengths.row_lengths())
    first = tf.cumsum(lengths.to_tensor(), axis=1, exclusive=True)
    place = tf.searchsorted(tf.where(real, first, _FAR), offsets, side="right") - 1
    # One more, for a text without parts.
    shift = tf.pad(tf.cast(begin.to_tensor(), tf.int32) - first, [[0, 0], [0, 1]])
    return offsets + tf.where(place < 0, 0, tf.gather(shift, tf.maximum(place, 0), batch_dims=1))


def before_spelling_out(offsets: tf.Tensor, edits: tf.Tensor) -> tf.Tensor:
    """Map offsets in NFKC text to offsets in the text before.

    Args:
        offsets: int32 [B, M], sorted: character offsets, then the length of the text.
        edits: variant [B], returned by `normalize_utf8_with_offsets_map`.

    Returns:
        int32 [B, M]; all characters of a decomposition get the offset of their source.
    """
    found = tf.cast(tensorflow_text.find_source_offsets(edits, tf.cast(offsets, tf.int64)), tf.int32)
    # ICU maps all but the first of them to the end of their source.
    following = tf.concat([found[:, 1:], found[:, -1:]], axis=1)
    inside = (found == following) & (offsets < offsets[:, -1:])
    earlier = tf.maximum(tf.searchsorted(found, found) - 1, 0)
    return tf.where(inside, tf.gather(found, earlier, batch_dims=1), found)


def before_repair(original: tf.Tensor, offsets: tf.Tensor) -> tf.Tensor:
    """Map offsets in repaired text (see `repair_utf8`) to offsets in the source text.

    Replaced byte sequences differ in length from U+FFFD; in well-formed text the mapping is the identity.

    Args:
        original: string[B], any bytes.
        offsets: int32 [B, M] in ``repair_utf8(original)``, at character boundaries.

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
    """Return starts int32 [B, n + 1], sorted; positions after the last character are set to `_FAR`."""
    real = tf.sequence_mask(rows.row_lengths(), tf.shape(starts)[1])
    padded = tf.where(real, starts, _FAR)
    total = tf.reduce_sum(widths, axis=1)
    padded = tf.concat([padded, tf.fill([tf.shape(starts)[0], 1], _FAR)], axis=1)
    end = tf.one_hot(
        tf.cast(rows.row_lengths(), tf.int32), tf.shape(padded)[1], on_value=True, off_value=False
    )
    return tf.where(end, total[:, tf.newaxis], padded)


def _utf8_width(characters: tf.RaggedTensor) -> tf.RaggedTensor:
    """Return the UTF-8 length of each code point, int32."""
    return tf.ragged.map_flat_values(
        lambda points: (
            1
            + tf.cast(points >= 0x80, tf.int32)
            + tf.cast(points >= 0x800, tf.int32)
            + tf.cast(points >= 0x10000, tf.int32)
        ),
        characters,
    )
