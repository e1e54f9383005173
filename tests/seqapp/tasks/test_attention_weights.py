import numpy as np
import pytest
import tensorflow as tf

from seqapp.tasks.attention_weights import NAME
from tests.support.classification import small_classifier
from tests.support.tasks import small_task

TEXTS = [b"Save the file.", b"", b"Click OK. Open the document.", b"word " * 100]


def attention(task, traced=None):
    """The signature's outputs of TEXTS, by its graph if there is one; None where it is not offered."""
    for one in task.signatures():
        if one.name == NAME:
            found = (traced or one.function)(tf.constant(TEXTS))
            assert list(found) == list(one.outputs)
            for name, values in found.items():
                about = one.outputs[name]
                assert values.dtype == about.dtype
                assert len(values.shape) == len(about.axes.split(","))
            return {name: values.numpy() for name, values in found.items()}
    return None


@pytest.fixture(scope="module")
def task():
    return small_task(encoder="transformer", decoder="transformer")


@pytest.fixture(scope="module")
def traced(task):
    (one,) = [one for one in task.signatures() if one.name == NAME]
    return tf.function(one.function, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)


@pytest.fixture(scope="module")
def found(task, traced):
    return attention(task, traced)


@pytest.mark.parametrize(
    ("encoder", "decoder", "offered"),
    [
        ("recurrent", "attention", None),
        ("transformer", "attention", {"encoder_attention"}),
        pytest.param(
            "recurrent", "transformer", {"decoder_attention", "cross_attention"}, marks=pytest.mark.slow
        ),
    ],
)
def test_offered_for_what_is_a_transformer(encoder, decoder, offered):
    found = attention(small_task(encoder=encoder, decoder=decoder))
    if offered is None:
        assert found is None
    else:
        assert {name for name in found if name.endswith("_attention")} == offered


def test_every_weight_of_a_transformer(found):
    offered = {"encoder_attention", "decoder_attention", "cross_attention"}
    assert {name for name in found if name.endswith("_attention")} == offered


def test_rows_sum_to_one_where_there_is_a_token_and_to_zero_in_padding(found):
    source, target = found["source_tokens"] != b"", found["target_tokens"] != b""
    for name, rows, columns in [
        ("encoder_attention", source, source),
        ("cross_attention", target, source),
        ("decoder_attention", target, target),
    ]:
        weights = found[name]
        assert weights.shape[1:3] == ((1, 2) if name == "encoder_attention" else (2, 2))
        sums = weights.sum(-1)
        np.testing.assert_allclose(sums, np.broadcast_to(rows[:, None, None], sums.shape), atol=1e-5)
        assert not (weights * ~columns[:, None, None, None]).any()
    assert not np.triu(found["decoder_attention"], 1).any()


def test_the_mean_over_heads_of_the_alignment_layer_is_the_alignment_of_explain(task, found):
    explained = task.explain(tf.constant(TEXTS[:1]))
    alignment = explained["alignment"].numpy()[0]
    expected = found["cross_attention"][0, 0].mean(axis=0)[: alignment.shape[0], : alignment.shape[1]]
    np.testing.assert_allclose(alignment, expected, atol=1e-5)
    assert explained["translation"].numpy()[0] == found["translation"][0]


def test_the_first_sentence_of_a_text(task, found):
    tokens = b"".join(found["source_tokens"][2])
    assert tokens == "▁Click▁OK.</s>".encode()
    assert found["truncated"].tolist() == [False, False, True, True]
    assert found["translation"][2] == task.translate(tf.constant([b"Click OK."]))["translation"].numpy()[0]


def test_alone_as_in_a_batch(traced, found):
    alone = traced(tf.constant(TEXTS[2:3]))
    for name, values in alone.items():
        in_batch = found[name][(2, *(slice(0, size) for size in values.shape[1:]))]
        if values.dtype == tf.float32:
            np.testing.assert_allclose(values[0], in_batch, atol=1e-5)
        else:
            assert np.array_equal(values.numpy()[0], in_batch)


def test_no_rows(traced):
    assert all(values.shape[0] == 0 for values in traced(tf.constant([], tf.string)).values())


def test_classification():
    assert attention(small_classifier(encoder="recurrent")) is None
    task = small_classifier(encoder="transformer")
    found = attention(task)
    assert found["label"].tolist() == task.classify_text(tf.constant(TEXTS))["label"].numpy().tolist()
    assert found["truncated"].tolist() == [False, False, True, True]
    read = found["tokens"] != b""
    sums = found["encoder_attention"].sum(-1)
    np.testing.assert_allclose(sums, np.broadcast_to(read[:, None, None], sums.shape), atol=1e-5)
