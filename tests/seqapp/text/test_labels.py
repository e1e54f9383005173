import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.text.labels import Labels


def test_labels_of_a_column_are_sorted():
    labels = Labels.from_column(["긍정 👍", "부정", "부정", " 중립 "])
    assert labels.names == ("긍정 👍", "부정", "중립")
    assert len(labels) == 3
    assert labels.ids("부정") == [1]


def test_several_labels():
    labels = Labels.from_column(["b|a", "c", "a"], "|")
    assert labels.names == ("a", "b", "c")
    np.testing.assert_array_equal(labels.targets(["b|a", "c"]), [[1, 1, 0], [0, 0, 1]])


def test_numbers_are_names():
    assert Labels.from_column(["1", "0", "10"]).names == ("0", "1", "10")


@pytest.mark.parametrize("column", [["a", "a"], [], ["  ", "a"]])
def test_one_label_is_none_to_decide(column):
    with pytest.raises(DataError, match="expected at least two different labels"):
        Labels.from_column(column)


def test_a_label_that_training_never_saw():
    with pytest.raises(
        DataError, match=r"label: 'd' is not among the 2 labels of the training data \('a', 'b'\)"
    ):
        Labels(["a", "b"]).ids("d")


def test_names_in_graph():
    found = Labels(["하나", "둘"]).names_of(tf.constant([[1, 0]]))
    assert [name.decode() for name in found.numpy()[0]] == ["둘", "하나"]


def test_saved_and_loaded(tmp_path):
    Labels(["가", "b c"], "|").save(tmp_path / "labels.json")
    again = Labels.load(tmp_path / "labels.json")
    assert (again.names, again.separator) == (("가", "b c"), "|")
