import numpy as np
import pytest
import tensorflow as tf

from seqapp.tasks.rows import by_length, of_any_batch, over_rows


class Echo:
    """Says how many rows it was given, and gives them back."""

    @of_any_batch
    def answer(self, text, number):
        return {"rows": tf.fill(tf.shape(number), tf.shape(text)[0]), "text": text}


def test_a_batch_without_rows_is_asked_with_one():
    found = Echo().answer(tf.constant([], tf.string), tf.constant([], tf.int32))
    assert {name: value.shape for name, value in found.items()} == {"rows": (0,), "text": (0,)}
    found = Echo().answer(tf.constant(["a", "b"]), tf.constant([1, 2]))
    assert found["rows"].numpy().tolist() == [2, 2]
    assert found["text"].numpy().tolist() == [b"a", b"b"]


def test_columns_of_different_lengths_are_refused_in_graph():
    function = tf.function(
        Echo().answer, input_signature=[tf.TensorSpec([None], tf.string), tf.TensorSpec([None], tf.int32)]
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="the same number of rows"):
        function(tf.constant(["a", "b"]), tf.constant([1]))


def test_texts_of_like_length_go_together():
    assert [batch.tolist() for batch in by_length(["aaa", "b", "cc", "d"], 2)] == [[1, 3], [2, 0]]


def test_answers_come_in_the_order_of_the_rows():
    batches = []

    def twice(text, other):
        batches.append(text.shape[0])
        return {"joined": tf.strings.join([text, other]), "length": tf.strings.length(text)}

    found = over_rows(twice, [["aaa", "b", "cc"], ["x", "y", "z"]], batch_size=2)
    assert batches == [2, 1]
    assert found["joined"] == [b"aaax", b"by", b"ccz"]
    np.testing.assert_array_equal(found["length"], [3, 1, 2])
    assert over_rows(twice, [[], []], batch_size=2) == {}
