"""Decomposition of Hangul syllables into jamo, in graph."""

import tensorflow as tf

_FIRST_SYLLABLE = 0xAC00
_SYLLABLES = 11_172
_FIRST_LEADING, _FIRST_VOWEL, _BEFORE_TRAILING = 0x1100, 0x1161, 0x11A7
_VOWELS, _TRAILING = 21, 28  # the first trailing index means none


def with_jamo(points: tf.RaggedTensor, starts: tf.RaggedTensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Replace every precomposed syllable by its two or three conjoining jamo.

    `한` becomes `ᄒ`, `ᅡ`, `ᆫ`, so that endings inside a syllable become separate characters. Other
    characters stay.

    Source: the Unicode Standard, section 3.12, "Hangul Syllable Decomposition".

    Args:
        points: ragged int32 [B, (L)], code points.
        starts: ragged int [B, (L)], a value per code point, e.g. its offset.

    Returns:
        code points and values, ragged [B, (M)]; the jamo of a syllable get its value.
    """
    flat = points.flat_values
    index = flat - _FIRST_SYLLABLE
    hangul = (index >= 0) & (index < _SYLLABLES)
    leading = _FIRST_LEADING + index // (_VOWELS * _TRAILING)
    vowel = _FIRST_VOWEL + index % (_VOWELS * _TRAILING) // _TRAILING
    trailing = _BEFORE_TRAILING + index % _TRAILING
    letters = tf.stack([tf.where(hangul, leading, flat), vowel, trailing], axis=1)
    ends_open = tf.equal(index % _TRAILING, 0)
    there = tf.stack([tf.ones_like(hangul), hangul, hangul & ~ends_open], axis=1)
    # Row lengths by cumulative sums, since rows may be empty.
    so_far = tf.concat([[0], tf.cumsum(tf.reduce_sum(tf.cast(there, tf.int64), axis=1))], axis=0)
    splits = tf.gather(so_far, points.row_splits)

    def by_row(values: tf.Tensor) -> tf.RaggedTensor:
        return tf.RaggedTensor.from_row_splits(tf.boolean_mask(values, there), splits, validate=False)

    return by_row(letters), by_row(tf.tile(starts.flat_values[:, tf.newaxis], [1, 3]))
