import numpy as np
import pytest
import tensorflow as tf

from seqapp.linear.word_hashing import word_ngrams
from seqapp.text.jamo import with_jamo

BUCKETS = 1_000_003


def hashed(texts, longest=2):
    points = tf.strings.unicode_decode(tf.constant([f" {text} " for text in texts]), "UTF-8")
    return word_ngrams(with_jamo(points, points)[0].to_tensor(-1), longest, BUCKETS)


def found(text):
    """(last character, words, first character) of each n-gram; the text has a space before it."""
    words = hashed([text])
    ends, kinds = np.nonzero(words.buckets.numpy()[0] >= 0)
    begins = words.begins.numpy()[0][ends, kinds]
    return [tuple(map(int, found)) for found in zip(ends, kinds + 1, begins, strict=True)]


def test_places_by_hand():
    # " ab c!": words at 1-2, 4 and 5.
    assert found("ab c!") == [(2, 1, 1), (4, 1, 4), (4, 2, 1), (5, 1, 5), (5, 2, 4)]
    assert found("") == []
    assert found("_a1") == [(3, 1, 1)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don\u2019t", 3),
        ("naïve café", 2),
        ("\u201cso\u201d\u2026 3.5€", 8),
        ("\U0001f600\U0001f621 ok", 3),
        ("हिन्दी भाषा", 2),  # with vowel signs, which are no letters
        ("東京、日本。", 4),
        ("좋은 영화", 2),
    ],
)
def test_words_of_scripts(text, words):
    assert sum(longest == 1 for _, longest, _ in found(text)) == words


def test_hash_of_one_character_by_hand():
    # Modulo 2^64, signed, then by the prime: "a" is 97 + the salt of single words.
    value = 97 + 0x2545F4914F6CDD1D
    assert hashed(["a"]).buckets.numpy()[0, 1, 0] == value % (2**61 - 1) % BUCKETS
    power = 6364136223846793005
    value = (97 + 98 * power + 0x2545F4914F6CDD1D + 2**63) % 2**64 - 2**63
    assert hashed(["ab"]).buckets.numpy()[0, 2, 0] == value % (2**61 - 1) % BUCKETS


def test_equal_words_have_equal_hashes_wherever_they_stand():
    buckets = hashed(["the cat, the cat", "x cat the", "the cat"]).buckets.numpy()
    the, cat = buckets[0, 3, 0], buckets[0, 7, 0]
    assert [buckets[0, 12, 0], buckets[1, 9, 0], buckets[2, 3, 0]] == [the] * 3
    assert [buckets[0, 16, 0], buckets[1, 5, 0], buckets[2, 7, 0]] == [cat] * 3
    assert buckets[0, 7, 1] == buckets[0, 16, 1] == buckets[2, 7, 1]  # "the cat"
    assert buckets[1, 9, 1] not in {buckets[0, 7, 1], -1}  # "cat the"
    assert buckets[1, 3, 1] == -1  # no word of the text before


def test_different_words_differ():
    pairs = [(first, second) for first in "abcdefghij가나다" for second in "klmnopqrst라마바"]
    texts = [f"{first}{second} {second}{first}" for first, second in pairs]
    buckets = hashed(texts).buckets.numpy()
    words = {word for text in texts for word in text.split()}
    assert len(set(buckets[:, :, 0].ravel().tolist()) - {-1}) == len(words)
    assert len(set(buckets[:, :, 1].ravel().tolist()) - {-1}) == len(texts)


def test_words_only():
    words = hashed(["ab c"], longest=1)
    assert words.buckets.shape == words.begins.shape == (1, 6, 1)


def test_no_texts():
    assert word_ngrams(tf.zeros([0, 0], tf.int32), 2, 10).buckets.shape == (0, 0, 2)
