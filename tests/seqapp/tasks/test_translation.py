import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.hypotheses import NO_SCORE, Hypotheses
from tests.support.tasks import PAIRS
from tests.support.translation import TASK, TEXTS

# As it is exported: op by op a search takes long.
translate = tf.function(
    TASK.translate, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False
)


def test_blank_text_gives_empty_text():
    found = translate(tf.constant(["", "  ", "Open"]))["translation"].numpy()
    assert found[0] == found[1] == b""


def test_long_text_is_cut_and_says_so(explained):
    assert explained["truncated"].tolist() == [False] * 5 + [True]
    tokens = explained["source_tokens"][5]
    assert len(tokens) == 24
    assert tokens[-1] == b"</s>"


def test_a_hundred_thousand_characters_are_answered():
    found = translate(tf.constant(["가" * 100_000, "Open"]))
    assert np.isfinite(found["score"]).all()


def test_signatures_agree(explained):
    plain = translate(tf.constant(TEXTS))
    several = TASK.alternatives(tf.constant(TEXTS))
    assert plain["translation"].numpy().tolist() == explained["translation"].tolist()
    # The search for several goes on where a longer one could still overtake the first.
    first, score = several["translations"].numpy()[:, 0], several["scores"].numpy()[:, 0]
    better = score > explained["score"] + 1e-5
    assert first[~better].tolist() == explained["translation"][~better].tolist()
    np.testing.assert_allclose(score[~better], explained["score"][~better], rtol=1e-5)
    assert several["translations"].shape == (6, 3)
    assert several["scores"].numpy()[1, 1:].tolist() == [NO_SCORE, NO_SCORE]


@pytest.mark.parametrize("row", range(len(TEXTS)))
def test_a_row_alone_gives_the_text_it_gives_in_a_batch(row, explained):
    assert (
        translate(tf.constant(TEXTS[row : row + 1]))["translation"].numpy()[0]
        == explained["translation"][row]
    )


def test_an_empty_batch_gives_an_empty_answer():
    found = TASK.explain(tf.constant([], tf.string))
    assert all(value.shape[0] == 0 for value in found.values())


def test_many_texts_keep_their_order():
    texts = [text for pair in PAIRS for text in pair] + ["", "x " * 9]
    together = TASK.translations_of(texts, batch_size=3)
    assert together == [TASK.translations_of([text])[0] for text in texts]
    assert TASK.translations_of([]) == []
    assert len(TASK.translations_of(texts, greedy=True)) == len(texts)


def test_alternatives_of_a_row_all_differ(monkeypatch):
    def search(text, complete):
        assert complete
        ids = TASK.subwords.encode(tf.constant(["Save", "Open", "Save"])).to_tensor()[tf.newaxis]
        scores = tf.constant([[-1.0, -2.0, -3.0]])
        return None, Hypotheses(ids, scores, scores)

    monkeypatch.setattr(TASK, "_search", search)
    found = TASK.alternatives(tf.constant(["any"]))
    assert found["translations"].numpy().tolist() == [[b"Save", b"Open", b""]]
    assert found["scores"].numpy().tolist() == [[-1.0, -2.0, NO_SCORE]]
