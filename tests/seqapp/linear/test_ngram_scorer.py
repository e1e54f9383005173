import keras
import numpy as np
import pytest
import tensorflow as tf
from seqapp.models.character_scores import CharacterScores


def built(longest=2, buckets=64, **kwargs):
    layer = CharacterScores(2, longest, buckets, **kwargs)
    layer.build()
    return layer


def filled(**kwargs):
    layer = built(**kwargs)
    generator = np.random.default_rng(1)
    layer.assign(
        generator.uniform(1, 2, layer.buckets), generator.normal(size=(layer.buckets, 2)), [0.5, -0.5]
    )
    return layer


def test_runs_by_hand():
    layer = built(buckets=100_000)
    runs = layer.runs(layer.characters(tf.constant(["ab", ""]))).numpy()
    # " ab ": four characters, three pairs; "  ": two characters, one pair.
    assert runs.shape == (2, 4, 2)
    assert (runs[0] >= 0).tolist() == [[True, False], [True, True], [True, True], [True, True]]
    assert (runs[1] >= 0).tolist() == [[True, False], [True, True], [False, False], [False, False]]
    assert runs[0, 0, 0] == runs[0, 3, 0] == runs[1, 0, 0]  # the blank
    assert len(set(runs[0][runs[0] >= 0].tolist())) == 6


def test_scores_by_hand():
    layer = built(longest=1, buckets=100_000)
    blank, a = (layer.runs(layer.characters(tf.constant(["a"]))).numpy()[0, place, 0] for place in (0, 1))
    rarity, table = np.zeros(100_000), np.zeros((100_000, 2))
    rarity[[blank, a]] = [1.0, 2.0]
    table[blank], table[a] = [3.0, 0.0], [0.0, 1.0]
    layer.assign(rarity, table, [0.25, 0.0])
    # Two blanks and one a: the norm is √(1 + 4 + 1).
    np.testing.assert_allclose(layer(tf.constant(["a"])), [[6 / 6**0.5 + 0.25, 2 / 6**0.5]], rtol=1e-5)


def test_alike_texts_score_alike():
    layer = filled()
    texts = tf.constant(["Good Film", "good film", "한국어", "\u1112\u1161\u11ab국어"])  # NFC and NFD
    scores = layer(texts).numpy()
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-5)
    np.testing.assert_allclose(scores[2], scores[3], rtol=1e-5)


def test_alone_as_in_a_batch():
    layer = filled(longest=4)
    texts = tf.constant(["a", "가나다 라마바사", "", "x" * 50])
    together = layer(texts)
    for row in range(4):
        np.testing.assert_allclose(layer(texts[row : row + 1])[0], together[row], atol=1e-5)


def test_long_text_is_read_to_a_limit():
    layer = filled(max_characters=8)
    scores = layer(tf.constant(["12345678", "12345678 and more", "1234567"])).numpy()
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-5)
    assert np.abs(scores[0] - scores[2]).max() > 1e-3


@pytest.mark.parametrize("text", ["가나 다라!", "a\u1112\u1161\u11abb ﬁn", "👍 é ok"])
def test_contributions_sum_to_the_score(text):
    layer = filled(longest=3)
    layer.assign(layer.rarity, layer.table, [0.0, 0.0])
    raw = text.encode()
    whole = layer.contributions(
        tf.constant([raw]), tf.constant([[2.0, -1.0]]), tf.constant([[0]]), tf.constant([[len(raw)]])
    )
    scores = layer(tf.constant([raw])).numpy()[0]
    # The blanks at either end have a small part of their own.
    runs = layer.runs(layer.characters(tf.constant([raw])))
    each = layer._added_by_each(runs, tf.constant([[2.0, -1.0]])).numpy()[0]
    np.testing.assert_allclose(each.sum(), 2 * scores[0] - scores[1], rtol=1e-4)
    np.testing.assert_allclose(whole[0, 0], each[1:-1].sum(), rtol=1e-4)


def test_contributions_go_to_the_span_they_stand_in():
    layer = built(longest=1, buckets=100_000)
    (row,) = {int(layer.runs(layer.characters(tf.constant(["나"]))).numpy()[0, 1, 0])}
    rarity, table = np.ones(100_000), np.zeros((100_000, 2))
    table[row] = [1.0, 0.0]
    layer.assign(rarity, table, [0.0, 0.0])
    found = layer.contributions(
        tf.constant(["가나 나"]),
        tf.constant([[1.0, 0.0]]),
        tf.constant([[0, 3, 6]]),
        tf.constant([[3, 6, 10]]),
    )
    # The first jamo of 나, one of nine characters: blanks at both ends and between, six jamo.
    np.testing.assert_allclose(found, [[0.0, 1 / 3, 1 / 3]], rtol=1e-5)


def test_nothing_is_trained_and_all_is_saved():
    layer = filled()
    assert layer.trainable_weights == []
    assert len(layer.weights) == 3
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert again.get_config() == layer.get_config()
