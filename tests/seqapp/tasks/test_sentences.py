"""Two texts, of one sentence and of two."""

import pytest
import tensorflow as tf

from seqapp.tasks.sentences import Sentences


@pytest.fixture
def sentences():
    return Sentences.ragged(
        tf.ragged.constant([["One."], ["Two.", "Three."]]),
        tf.ragged.constant([[""], ["\n", ""]]),
        tf.constant([False, True]),
    )


def test_what_belongs_to_which_text(sentences):
    assert sentences.flat.numpy().tolist() == [b"One.", b"Two.", b"Three."]
    assert sentences.row.numpy().tolist() == [0, 1, 1]
    assert sentences.counts.numpy().tolist() == [1, 2]
    assert sentences.position().numpy().tolist() == [0, 0, 1]
    assert sentences.by_text(tf.constant([1, 2, 3])).to_list() == [[1], [2, 3]]


def test_options_are_repeated_and_results_summed(sentences):
    first, second = sentences.repeated((tf.constant([7, 8]), tf.constant([0.5, 0.25])))
    assert first.numpy().tolist() == [7, 8, 8]
    assert second.numpy().tolist() == [0.5, 0.25, 0.25]
    assert sentences.summed(tf.constant([1.0, 2.0, 4.0])).numpy().tolist() == [1.0, 6.0]
    assert sentences.any_of(tf.constant([False, False, True])).numpy().tolist() == [False, True]


def test_answers_are_joined_with_what_stood_between(sentences):
    joined = sentences.joined(tf.constant(["eins", "zwei", "drei"]))
    assert joined.numpy().tolist() == [b"eins", b"zwei\ndrei"]


def test_rows_side_by_side(sentences):
    values = tf.constant([[1, 2, 0], [3, 0, 0], [4, 5, 0]])
    found = sentences.concatenated(values, tf.constant([2, 1, 2]))
    assert found.numpy().tolist() == [[1, 2, 0], [3, 4, 5]]
    words = sentences.concatenated(tf.constant([["a", ""], ["b", ""], ["c", ""]]), tf.constant([1, 1, 1]))
    assert words.numpy().tolist() == [[b"a", b""], [b"b", b"c"]]


def test_matrices_along_a_diagonal(sentences):
    matrices = tf.constant([[[1.0, 0], [2, 0]], [[3, 4], [0, 0]], [[5, 0], [6, 0]]])
    found = sentences.block_diagonal(matrices, heights=tf.constant([2, 1, 2]), widths=tf.constant([1, 2, 1]))
    assert found.numpy().tolist() == [
        [[1, 0, 0], [2, 0, 0], [0, 0, 0]],
        [[3, 4, 0], [0, 0, 5], [0, 0, 6]],
    ]


def test_texts_are_split_or_left_whole():
    text = tf.constant(["One. Two! Three?", ""])
    split = Sentences.of(text, most=2)
    assert split.flat.numpy().tolist() == [b"One.", b"Two!", b""]
    assert split.cut.numpy().tolist() == [True, False]
    whole = Sentences.whole(text)
    assert whole.flat.numpy().tolist() == text.numpy().tolist()
    assert whole.counts.numpy().tolist() == [1, 1]
    assert whole.cut.numpy().tolist() == [False, False]
    assert whole.joined(whole.flat).numpy().tolist() == text.numpy().tolist()
