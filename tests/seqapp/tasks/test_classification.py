import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqapp.tasks.classification import ClassificationTask
from tests.support.classification import LABELLED, small_classifier

TASK = small_classifier()
# Traced once for texts of every length.
EXPLAIN = tf.function(TASK.explain, input_signature=[tf.TensorSpec([None], tf.string)])
TEXTS = [
    "정말 재미있는 영화 👍🏽".encode(),
    b"",
    b"   ",
    b"a\xff\xfe b\xed\xa0\x80",
    "ﬁlm é ㅋㅋㅋ".encode(),
    b"word " * 100,
]


@pytest.fixture(scope="module")
def explained():
    return {name: value.numpy() for name, value in TASK.explain(tf.constant(TEXTS)).items()}


def test_probabilities_are_sorted_and_sum_to_one():
    found = TASK.probabilities(tf.constant(TEXTS))
    values = found["probabilities"].numpy()
    np.testing.assert_allclose(values.sum(axis=1), 1.0, rtol=1e-5)
    assert (values[:, 0] >= values[:, 1]).all()
    answer = TASK.classify_text(tf.constant(TEXTS))
    assert answer["label"].numpy().tolist() == found["labels"].numpy()[:, 0].tolist()
    np.testing.assert_array_equal(answer["probability"], values[:, 0])
    assert found["truncated"].numpy().tolist() == [False] * 5 + [True]


def test_alone_as_in_a_batch():
    together = TASK.probabilities(tf.constant(TEXTS))
    for row, text in enumerate(TEXTS):
        alone = TASK.probabilities(tf.constant([text]))
        assert alone["labels"].numpy().tolist() == [together["labels"].numpy()[row].tolist()]
        np.testing.assert_allclose(alone["probabilities"][0], together["probabilities"][row], atol=1e-5)


def test_classify_takes_examples():
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=["좋은 영화".encode()]))
    example = tf.train.Example(features=tf.train.Features(feature={"text": feature}))
    found = TASK.classify(tf.constant([example.SerializeToString()]))
    assert [name.decode() for name in found["classes"].numpy()[0]] == ["긍정 👍", "부정"]
    np.testing.assert_allclose(tf.reduce_sum(found["scores"]), 1.0, rtol=1e-5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="text"):
        TASK.classify(tf.constant([tf.train.Example().SerializeToString()]))


def test_no_rows():
    for name, function in TASK.signatures().items():
        found = function(tf.constant([], tf.string))
        assert {value.shape[0] for value in found.values()} == {0}, name


def test_tokens_are_what_stands_in_the_text(explained):
    for row, text in enumerate(TEXTS):
        spans = zip(explained["tokens"][row], explained["begin"][row], explained["end"][row], strict=True)
        for token, begin, end in spans:
            assert text[begin:end] == token


def test_weights_in_padding_are_zero(explained):
    assert (explained["weights"][explained["tokens"] == b""] == 0).all()
    assert explained["truncated"].tolist() == [False] * 5 + [True]


@settings(max_examples=60)
@given(st.text(max_size=30) | st.text("가각힣ㅋㅏ\u1100\u1161é e\u0301👍🏽👩\u200d💻ﬁ\t \u3000", max_size=20))
def test_offsets_of_any_text(text):
    raw = text.encode("utf-8")
    found = EXPLAIN(tf.constant([raw]))
    tokens, begin, end = (found[name].numpy()[0] for name in ("tokens", "begin", "end"))
    real = tokens != b""
    assert [raw[b:e] for b, e in zip(begin, end, strict=True)] == tokens.tolist()
    for token in tokens[real]:
        token.decode("utf-8")  # no character is split
    assert (begin[real][1:] >= end[real][:-1]).all()
    if not found["truncated"].numpy()[0]:
        # Nothing but what normalisation drops is left out.
        assert b"".join(tokens).decode().replace(" ", "").strip() in raw.decode().replace(" ", "")


def test_a_hundred_thousand_characters():
    found = TASK.probabilities(tf.constant(["가" * 100_000, "영화"]))
    assert found["truncated"].numpy().tolist() == [True, False]


def test_several_labels():
    task = small_classifier(labelled=[("a", "x|y"), ("b", "z"), ("c", "y")], multi_label="|")
    scores = np.array([[3.0, -1.0, 1.0], [-1.0, -2.0, -3.0]], np.float32)
    labels, probability, best = task._answer(task.model.probabilities(tf.constant(scores)))
    assert labels.numpy().tolist() == [b"x|z", b""]
    np.testing.assert_allclose(probability, 1 / (1 + np.exp([-3.0, 1.0])), rtol=1e-5)
    assert best.numpy().tolist() == [0, 0]
    assert task.classify_text(tf.constant(["a"]))["label"].shape == (1,)


def test_temperature_changes_probabilities_and_no_answer():
    task = small_classifier(seed=2)
    before = task.classify_text(tf.constant(TEXTS))
    task.model.temperature.assign(10.0)
    after = task.classify_text(tf.constant(TEXTS))
    assert before["label"].numpy().tolist() == after["label"].numpy().tolist()
    assert (after["probability"].numpy() < before["probability"].numpy()).all()


def test_lines():
    lines = [text for text, _ in LABELLED] * 20
    found = TASK.classify_lines(lines)
    assert len(found) == 80
    assert found[0][0] == TASK.classify_text(tf.constant(lines[:1]))["label"].numpy()[0].decode()
    assert TASK.classify_lines([]) == []


def test_assets(tmp_path):
    TASK.save_assets(tmp_path)
    again = ClassificationTask.from_assets(TASK.config, tmp_path)
    assert again.labels.names == TASK.labels.names
    assert again.subwords.size == TASK.subwords.size
