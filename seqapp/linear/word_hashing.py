"""Hashes of word n-grams, from code points, in graph."""

from typing import NamedTuple

import tensorflow as tf

# First code points of ranges, alternately of other characters and of word characters. By literal code points,
# since the property tables of Unicode differ between versions and all servers must split a text equally.
# Words: ASCII letters, digits and "_", and what is not a space, punctuation mark, symbol or pictograph.
_ALTERNATING = (
    *(0x30, 0x3A, 0x41, 0x5B, 0x5F, 0x60, 0x61, 0x7B),  # 0-9, A-Z, _, a-z
    *(0xAA, 0xAB, 0xB5, 0xB6, 0xBA, 0xBB, 0xC0, 0xD7, 0xD8, 0xF7, 0xF8, 0x2C2),  # Latin letters
    *(0x300, 0x37E, 0x37F, 0x387, 0x388, 0x55A, 0x560, 0x589, 0x591, 0x5BE, 0x5BF, 0x5F3),  # to Hebrew
    *(0x610, 0x61B, 0x620, 0x66A, 0x66E, 0x6D4, 0x6D5, 0x700, 0x710, 0x964, 0x966, 0x970),  # Arabic to Indic
    *(0x971, 0xE3F, 0xE40, 0xE4F, 0xE50, 0xE5A, 0xE80, 0xF01),  # Indic to Lao
    *(0xF20, 0xF34, 0xF3E, 0xF85, 0xF86, 0xFBE, 0x1000, 0x104A, 0x1050, 0x10FB, 0x10FC, 0x1361),  # Tibetan
    *(0x1369, 0x1400, 0x1401, 0x166D, 0x166F, 0x1680, 0x1681, 0x169B, 0x16A0, 0x16EB, 0x16EE, 0x17D4),
    *(0x17D7, 0x17D8, 0x17DC, 0x1800, 0x180B, 0x2000, 0x2C00, 0x2E00),  # Mongolian; not U+2000 to U+2BFF
    *(0x3005, 0x3008, 0x3021, 0x3030, 0x3031, 0x3036, 0x3038, 0x303D, 0x3041, 0x30A0),  # kana
    *(0x30A1, 0x30FB, 0x30FC, 0x3200, 0x3400, 0xD800, 0xF900, 0xFD3E, 0xFD50, 0xFE10),  # to Arabic forms
    *(0xFE70, 0xFEFF, 0xFF10, 0xFF1A, 0xFF21, 0xFF3B, 0xFF41, 0xFF5B, 0xFF66, 0xFFE0),
    *(0x10000, 0x1D000, 0x1D400, 0x1F000, 0x20000, 0xE0000),  # neither music nor pictographs
)
_SPACE = 0x20
_FACTOR = 6364136223846793005  # odd, so that it has an inverse modulo 2^64; Knuth's MMIX
_INVERSE = pow(_FACTOR, -1, 2**64)
_BEFORE, _SINGLE = 0x1F123BB5159A55E5, 0x2545F4914F6CDD1D
_PRIME = 2**61 - 1


class Words(NamedTuple):
    """Hashes and beginnings of the word n-grams of texts, each at the last character of the n-gram.

    Fields:
        buckets: int32 [B, L, longest], in [0, buckets); -1 where no n-gram ends.
        begins: int32 [B, L, longest], position of the n-gram's first character; 0 where no n-gram ends.
    """

    buckets: tf.Tensor
    begins: tf.Tensor


def word_ngrams(characters: tf.Tensor, longest: int, buckets: int) -> Words:
    """Return the n-grams of 1 to `longest` words (1 or 2); a punctuation mark or symbol is a word.

    The hash of a word ``c_0 c_1 …`` is ``Σ c_i p^i`` modulo 2^64, read from prefix sums of the text: int64
    arithmetic wraps around.

    Source: Karp and Rabin 1987, "Efficient randomized pattern-matching algorithms", for polynomial hashes.

    Args:
        characters: int32 [B, L], code points; padding is negative. Decomposed Hangul is letters too.
        longest: words of the longest n-gram.
        buckets: number of hash values.
    """
    begins, ends = _boundaries(characters)
    # Each word has one begin and one end, so both lists have the same order.
    place = tf.where(ends)
    row, begin = place[:, 0], tf.cast(tf.where(begins)[:, 1], tf.int32)
    hashes = _hashes(characters, place, begin)
    follows = tf.pad(row[1:] == row[:-1], [[1, 0]])[: tf.shape(row)[0]]
    found, starts = [_bucket(hashes + _SINGLE, buckets)], [begin]
    if longest > 1:
        pair = _bucket(hashes * _FACTOR + _shifted(hashes) * _BEFORE, buckets)
        found.append(tf.where(follows, pair, -1))
        starts.append(tf.where(follows, _shifted(begin), 0))
    shape = tf.concat([tf.shape(characters), [len(found)]], axis=0)

    def spread(values: list[tf.Tensor], nothing: int) -> tf.Tensor:
        updates = tf.stack(values, axis=1) - nothing
        return tf.scatter_nd(tf.cast(place, tf.int32), updates, shape) + nothing

    return Words(spread(found, -1), spread(starts, 0))


def _boundaries(characters: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return where a word begins and where one ends, bool [B, L] each."""
    ranges = tf.searchsorted(tf.constant(_ALTERNATING), tf.reshape(characters, [-1]), side="right")
    of_word = tf.reshape(ranges % 2 == 1, tf.shape(characters))
    mark = ~of_word & (characters > _SPACE)
    after = tf.pad(of_word[:, 1:], [[0, 0], [0, 1]])
    before = tf.pad(of_word[:, :-1], [[0, 0], [1, 0]])
    return mark | (of_word & ~before), mark | (of_word & ~after)


def _hashes(characters: tf.Tensor, place: tf.Tensor, begin: tf.Tensor) -> tf.Tensor:
    """Return the hash int64 [W] of each word, from the places int64 [W, 2] of ends and begins int32 [W]."""
    powers = _powers(_FACTOR, tf.shape(characters)[1])
    visible = tf.where(characters > _SPACE, tf.cast(characters, tf.int64), 0)
    # Spaces add nothing: what was added since the end of the word before is the word.
    until = tf.gather_nd(tf.cumsum(visible * powers, axis=1), place)
    row = place[:, 0]
    follows = tf.pad(row[1:] == row[:-1], [[1, 0]])[: tf.shape(row)[0]]
    since = until - tf.where(follows, _shifted(until), 0)
    return since * tf.gather(_powers(_INVERSE, tf.shape(characters)[1]), begin)


def _powers(factor: int, length: tf.Tensor) -> tf.Tensor:
    """Return the powers int64 [length] of a factor, 0 and up, modulo 2^64."""
    signed = factor - 2**64 if factor >= 2**63 else factor
    place = tf.range(length)
    return tf.math.cumprod(tf.where(place == 0, tf.constant(1, tf.int64), tf.constant(signed, tf.int64)))


def _shifted(values: tf.Tensor) -> tf.Tensor:
    """Return each value's predecessor, 0 for the first."""
    return tf.pad(values[:-1], [[1, 0]])[: tf.shape(values)[0]]


def _bucket(hashes: tf.Tensor, buckets: int) -> tf.Tensor:
    # By a prime first: the low bits of a polynomial modulo 2^64 depend on the low bits of the text only.
    return tf.cast(tf.math.floormod(tf.math.floormod(hashes, _PRIME), buckets), tf.int32)
