import numpy as np
import tensorflow as tf

from tests.support.translation import PARTS, TASK, TEXTS


def test_score_is_the_log_probability_over_the_length_penalty(explained):
    source = TASK.encode_source(tf.constant(TEXTS[:1]))
    target = TASK.subwords.tokenizer.string_to_id(explained["target_tokens"][:1])
    target = target[:, : int((explained["target_tokens"][0] != b"").sum())]
    logits, _ = TASK.model.align(source.ids, TASK.model.shift(target))
    log_p = tf.gather(tf.nn.log_softmax(logits), target, batch_dims=2)
    penalty = (5 + target.shape[1]) / 6
    np.testing.assert_allclose(tf.reduce_sum(log_p) / penalty, explained["score"][0], rtol=1e-4)


def test_score_equals_the_translators_own_where_the_tokens_agree(explained):
    found = TASK.score(tf.constant(TEXTS), tf.constant(explained["translation"]))
    compared = 0
    for row, tokens in enumerate(found["tokens"].numpy()):
        wanted = [token for token in explained["target_tokens"][row] if token]
        if [token for token in tokens if token] == wanted:
            compared += 1
            np.testing.assert_allclose(found["normalised_score"][row], explained["score"][row], atol=1e-3)
    assert compared >= 2
    np.testing.assert_allclose(
        found["log_probability"], tf.reduce_sum(found["token_log_probabilities"], axis=1), rtol=1e-5
    )


def test_a_translation_to_score_is_cut_at_the_longest():
    found = TASK.score(tf.constant(["a"]), tf.constant(["낱말 " * 5000]))
    assert found["tokens"].shape[1] == TASK.config.limits.target_ids
    assert np.isfinite(found["log_probability"]).all()
    assert found["truncated"].numpy().tolist() == [True]


def test_sentences_are_scored_in_pairs_where_there_are_as_many():
    translations = ["파일.".encode(), "확인.".encode()]
    apart = TASK.score(tf.constant(PARTS[:2]), tf.constant(translations))
    text, translation = b" ".join(PARTS[:2]), b" ".join(translations)
    found = TASK.score(tf.constant([text, text]), tf.constant([translation, translations[0]]))
    total = tf.reduce_sum(apart["log_probability"])
    np.testing.assert_allclose(found["log_probability"][0], total, rtol=1e-4)
    # One sentence against two: both sides are scored as one.
    tokens = found["tokens"].numpy().tolist()
    assert [row.count(b"</s>") for row in tokens] == [2, 1]
