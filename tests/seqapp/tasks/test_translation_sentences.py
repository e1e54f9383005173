import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.hypotheses import NO_SCORE
from seqapp.tasks.translation import TranslationTask
from seqapp.text.sentence_splitting import join_sentences
from tests.support.translation import PARTS, TASK

PARAGRAPH = b"Save the file.\n\nOpen the document.  Click OK."


@pytest.fixture(scope="module")
def parts():
    return {name: value.numpy() for name, value in TASK.explain(tf.constant(PARTS)).items()}


@pytest.fixture(scope="module")
def paragraph():
    texts = tf.constant([PARAGRAPH, PARTS[0]])
    return {name: value.numpy() for name, value in TASK.explain(texts).items()}


def test_each_sentence_is_translated_by_itself(parts, paragraph):
    first, second, third = parts["translation"].tolist()
    wanted = join_sentences(
        tf.ragged.constant([[first, second, third]]), tf.ragged.constant([["\n\n", "  ", ""]])
    )
    assert paragraph["translation"].tolist() == [wanted.numpy()[0], first]
    np.testing.assert_allclose(paragraph["score"], [parts["score"].sum(), parts["score"][0]], rtol=1e-4)
    assert paragraph["truncated"].tolist() == [False, False]
    assert TASK.translate(tf.constant([PARAGRAPH]))["translation"].numpy()[0] == wanted.numpy()[0]


def test_explained_sentences_follow_one_another(parts, paragraph):
    def filled(tokens):
        return [token for row in tokens for token in row if token]

    for name in ("source_tokens", "target_tokens"):
        assert filled(paragraph[name][:1]) == filled(parts[name])
    top = left = 0
    wanted = np.zeros_like(paragraph["alignment"][0])
    for row in range(3):
        height, width = ((parts[name][row] != b"").sum() for name in ("target_tokens", "source_tokens"))
        wanted[top : top + height, left : left + width] = parts["alignment"][row, :height, :width]
        top, left = top + height, left + width
    np.testing.assert_allclose(paragraph["alignment"][0], wanted, atol=1e-5)


def test_alternatives_of_several_sentences_join_those_of_each():
    each = TASK.alternatives(tf.constant(PARTS[:2]))
    both = TASK.alternatives(tf.constant([b"\n\n".join(PARTS[:2])]))
    assert (each["scores"].numpy() > NO_SCORE).all()
    joined = [b"\n\n".join(each["translations"].numpy()[:, k]) for k in range(3)]
    assert both["translations"].numpy()[0].tolist() == joined
    np.testing.assert_allclose(both["scores"][0], each["scores"].numpy().sum(axis=0), rtol=1e-4)


def test_more_sentences_than_are_read():
    most = TASK.config.limits.sentences
    found = TASK.translate(tf.constant([b"Click OK. " * most, b"Click OK. " * (most + 1)]))
    assert found["truncated"].numpy().tolist() == [False, True]
    assert found["translation"].numpy()[0] == found["translation"].numpy()[1]


def test_a_model_that_leaves_texts_whole():
    config = TASK.config.with_changes(split_sentences=False)
    whole = TranslationTask(config, TASK.subwords, TASK.model)
    tokens = whole.explain(tf.constant([PARAGRAPH]))["source_tokens"].numpy()[0].tolist()
    assert tokens.count(b"</s>") == 1
