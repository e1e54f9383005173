import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqapp.errors import RunDirectoryError
from seqapp.tasks.classification import ClassificationTask
from tests.support.classification import LABELLED, small_classifier, with_linear

TASK = small_classifier()
LINEAR = with_linear(small_classifier())
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


def example(text: str) -> bytes:
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
    return tf.train.Example(features=tf.train.Features(feature={"text": feature})).SerializeToString()


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
    found = TASK.classify(tf.constant([example("좋은 영화")]))
    assert [name.decode() for name in found["classes"].numpy()[0]] == ["긍정 👍", "부정"]
    np.testing.assert_allclose(tf.reduce_sum(found["scores"]), 1.0, rtol=1e-5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="text"):
        TASK.classify(tf.constant([tf.train.Example().SerializeToString()]))


def test_no_rows():
    for one in TASK.signatures():
        found = one.function(tf.constant([], tf.string))
        assert {value.shape[0] for value in found.values()} == {0}, one.name


def test_tokens_are_what_stands_in_the_text(explained):
    for row, text in enumerate(TEXTS):
        spans = zip(explained["tokens"][row], explained["begin"][row], explained["end"][row], strict=True)
        for token, begin, end in spans:
            assert text[begin:end] == token


def test_weights_in_padding_are_zero(explained):
    assert (explained["weights"][explained["tokens"] == b""] == 0).all()
    assert explained["truncated"].tolist() == [False] * 5 + [True]


@pytest.mark.slow
@settings(max_examples=30)
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


def test_temperature_changes_probabilities_and_no_answer():
    task = small_classifier(seed=2)
    before = task.classify_text(tf.constant(TEXTS))
    task.calibration.assign(temperature=10.0, linear_weight=0.0)
    after = task.classify_text(tf.constant(TEXTS))
    assert before["label"].numpy().tolist() == after["label"].numpy().tolist()
    assert (after["probability"].numpy() < before["probability"].numpy()).all()


def test_many_texts_keep_their_order():
    texts = [text for text, _ in LABELLED] * 20
    found = LINEAR.probabilities_of(texts)
    assert found.shape == (80, 2)
    served = LINEAR.classify(tf.constant([example(text) for text in texts[:4]]))["scores"]
    np.testing.assert_allclose(found[:4], served, atol=1e-5)
    np.testing.assert_allclose(found[4:8], found[:4], atol=1e-5)
    assert LINEAR.probabilities_of([]).shape == (0, 2)


def test_scores_are_those_of_the_network_and_the_weighted_linear_model():
    texts = [text for text, _ in LABELLED]
    network, linear = LINEAR.network_scores_of(texts), LINEAR.linear_scores_of(texts)
    assert np.abs(linear).max() > 0.1
    odds = np.exp((0.75 * network + 0.5 * linear) / 2.0)
    wanted = odds / odds.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(LINEAR.probabilities_of(texts), wanted, rtol=1e-4)


def test_the_linear_model_has_a_share_in_the_weights():
    text = tf.constant(["a good film"])
    without = small_classifier().explain(text)["weights"].numpy()
    assert np.abs(LINEAR.explain(text)["weights"].numpy() - without).max() > 1e-3


def test_a_network_alone():
    task = small_classifier(linear=None)
    assert task.linear is None
    assert set(task.assets()) == {"subwords", "labels", "calibration"}
    assert not task.linear_scores_of(["a"]).any()
    assert task.explain(tf.constant(["a good film"]))["weights"].shape[0] == 1


def test_labels_of_examples_become_targets():
    encoded = TASK.encode({"text": tf.constant(["a", ""]), "label": tf.constant(["부정", "긍정 👍"])})
    assert encoded["targets"].numpy().tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert encoded["ids"].row_lengths().numpy().tolist() == [2, 1]
    assert set(TASK.encode({"text": tf.constant(["a"])})) == {"ids", "truncated"}


def test_assets(tmp_path):
    for asset in LINEAR.assets().values():
        asset.save(tmp_path / asset.file_name)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"subwords.model", "labels.json", "linear.npz", "calibration.json"}
    again = ClassificationTask.from_assets(LINEAR.config, tmp_path)
    assert again.labels.names == LINEAR.labels.names
    assert again.subwords.size == LINEAR.subwords.size
    np.testing.assert_array_equal(again.linear.table, LINEAR.linear.table)
    assert float(again.calibration.temperature) == 2.0
    alone = LINEAR.config.with_changes(linear=None)
    with pytest.raises(RunDirectoryError, match=r"expected linear\.npz for 0 classes .* got 2"):
        ClassificationTask.from_assets(alone, tmp_path)
    (tmp_path / "linear.npz").unlink()
    assert ClassificationTask.from_assets(alone, tmp_path).linear is None
    with pytest.raises(RunDirectoryError, match=r"expected linear\.npz for 2 classes .* got 0"):
        ClassificationTask.from_assets(LINEAR.config, tmp_path)
    (tmp_path / "labels.json").unlink()
    with pytest.raises(RunDirectoryError, match=r"has no labels\.json; copy the whole run directory"):
        ClassificationTask.from_assets(LINEAR.config, tmp_path)
