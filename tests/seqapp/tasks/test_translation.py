import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.hypotheses import NO_SCORE
from tests.support.tasks import PAIRS, small_task

TASK = small_task()
TEXTS = [b"Save the file.", b"", b"   ", "뷁 👩‍💻 ﬁ".encode(), b"\xff\xfe", b"word " * 500]


@pytest.fixture(scope="module")
def explained():
    return {name: value.numpy() for name, value in TASK.explain(tf.constant(TEXTS)).items()}


def test_blank_text_gives_empty_text():
    found = TASK.translate(tf.constant(["", "  ", "Open"]))["translation"].numpy()
    assert found[0] == found[1] == b""


def test_long_text_is_cut_and_says_so(explained):
    assert explained["truncated"].tolist() == [False] * 5 + [True]
    tokens = explained["source_tokens"][5]
    assert len(tokens) == 24
    assert tokens[-1] == b"</s>"


def test_a_hundred_thousand_characters_are_answered():
    found = TASK.translate(tf.constant(["가" * 100_000, "Open"]))
    assert np.isfinite(found["score"]).all()


def test_alignment_sums_to_one_where_there_is_text(explained):
    sums = explained["alignment"].sum(axis=2)
    written = explained["target_tokens"] != b""
    np.testing.assert_allclose(sums[written], 1.0, rtol=1e-5)
    assert not sums[~written].any()
    padded = explained["source_tokens"] == b""
    assert not explained["alignment"].transpose(0, 2, 1)[padded].any()


def test_signatures_agree(explained):
    plain = TASK.translate(tf.constant(TEXTS))
    several = TASK.alternatives(tf.constant(TEXTS))
    assert plain["translation"].numpy().tolist() == explained["translation"].tolist()
    assert several["translations"].numpy()[:, 0].tolist() == explained["translation"].tolist()
    np.testing.assert_allclose(several["scores"][:, 0], explained["score"], rtol=1e-6)
    assert several["translations"].shape == (6, 3)
    assert several["scores"].numpy()[1, 1:].tolist() == [NO_SCORE, NO_SCORE]


def test_score_is_the_log_probability_over_the_length_penalty(explained):
    source = TASK.encode_source(tf.constant(TEXTS[:1]))
    target = TASK.subwords.tokenizer.string_to_id(explained["target_tokens"][:1])
    target = target[:, : int((explained["target_tokens"][0] != b"").sum())]
    logits, _ = TASK.model.align(source.ids, TASK.model.shift(target))
    log_p = tf.gather(tf.nn.log_softmax(logits), target, batch_dims=2)
    penalty = (5 + target.shape[1]) / 6
    np.testing.assert_allclose(tf.reduce_sum(log_p) / penalty, explained["score"][0], rtol=1e-4)


@pytest.mark.parametrize("row", range(len(TEXTS)))
def test_a_row_alone_gives_the_text_it_gives_in_a_batch(row, explained):
    assert (
        TASK.translate(tf.constant(TEXTS[row : row + 1]))["translation"].numpy()[0]
        == explained["translation"][row]
    )


def test_an_empty_batch_gives_an_empty_answer():
    found = TASK.explain(tf.constant([], tf.string))
    assert all(value.shape[0] == 0 for value in found.values())


def test_lines_keep_their_order():
    lines = [text for pair in PAIRS for text in pair] + ["", "x " * 9]
    together = TASK.translate_lines(lines, batch_size=3)
    assert together == [TASK.translate_lines([line])[0] for line in lines]
    assert TASK.translate_lines([]) == []


def test_score_knows_the_target_language():
    assert "character_bleu" in TASK.score(["가"], ["가"])
