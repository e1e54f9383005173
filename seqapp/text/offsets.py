"""Where the pieces of a text stand in it, in bytes."""

import tensorflow as tf

_FAR = 2**30


def original_offsets(original: tf.Tensor, offsets: tf.RaggedTensor) -> tf.RaggedTensor:
    """Byte offsets into repaired text (see `repair_utf8`) as offsets into the text as it came.

    A replaced byte sequence has another length than U+FFFD; in well-formed text nothing changes.

    Args:
        original: string[B], any bytes.
        offsets: ragged int [B, (n)] into ``repair_utf8(original)``, at starts of characters or its end.

    Returns:
        Ragged int32 [B, (n)].
    """
    characters, starts = tf.strings.unicode_decode_with_offsets(original, "UTF-8", errors="replace")
    widths = _utf8_width(characters)
    repaired = _with_end(tf.cumsum(widths.to_tensor(), axis=1, exclusive=True), widths, widths)
    ends = tf.strings.length(original)
    table = tf.concat([tf.cast(starts.to_tensor(), tf.int32), ends[:, tf.newaxis]], axis=1)
    count = tf.cast(starts.row_lengths(), tf.int32)[:, tf.newaxis]
    dense = tf.cast(offsets.to_tensor(), tf.int32)
    place = tf.minimum(tf.searchsorted(repaired, dense), count)
    last = tf.shape(table)[1] - 1
    found = tf.where(
        place >= count, ends[:, tf.newaxis], tf.gather(table, tf.minimum(place, last), batch_dims=1)
    )
    return tf.RaggedTensor.from_tensor(found, lengths=offsets.row_lengths())


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
