import pytest
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.tasks.examples import batches, columns_of
from tests.support.tasks import small_language_model

TEXTS = ["Open it.", "파일"]
FORMS = {
    "strings": TEXTS,
    "bytes": [text.encode() for text in TEXTS],
    "tuples": [(text,) for text in TEXTS],
    "mappings": [{"text": text} for text in TEXTS],
    "columns": {"text": TEXTS},
    "generator": iter(TEXTS),
    "dataset": tf.data.Dataset.from_tensor_slices(TEXTS),
    "batches": tf.data.Dataset.from_tensor_slices(TEXTS).batch(2),
    "dataset of tuples": tf.data.Dataset.from_tensor_slices((TEXTS,)),
}


@pytest.mark.parametrize("form", FORMS)
def test_texts_of_a_single_feature(form):
    assert columns_of(FORMS[form], ["text"]) == {"text": TEXTS}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("Open it.", "data: expected examples .text., .* got str 'Open it.'"),
        ([("a", "b")], r"data\[0\]: expected \(text\), got \"\('a', 'b'\)"),
        (["a", 3], r"data\[1\]: expected \(text\), got '3'"),
        (["a", "b\ud800"], r"data\[1\], text: expected characters, got '\\ud800' at place 1, half"),
        ({"text": ["\udcff"]}, r"data\[0\], text: expected characters, got '\\udcff' at place 0"),
    ],
)
def test_what_are_no_texts(data, message):
    with pytest.raises(DataError, match=message):
        columns_of(data, ["text"])


def test_a_string_is_no_pair():
    with pytest.raises(DataError, match=r"data\[0\]: expected \(text, label\), got 'ab'"):
        columns_of(["ab"], ["text", "label"])


def test_batches_of_texts():
    """The characters of the second text are its tokens, behind the space before every text."""
    task = small_language_model("ngram", unit="character")
    [(inputs, targets, weights)] = batches(task, {"text": ["", "ab", "c"]}, batch_size=3)
    begin, end = 1, 2
    assert inputs.shape == targets.shape == weights.shape == (3, 4)
    assert inputs[:, 0].numpy().tolist() == [begin] * 3
    assert [row.index(end) for row in targets.numpy().tolist()] == [0, 3, 2]
    assert weights.numpy().sum(axis=1).tolist() == [1.0, 4.0, 3.0]
