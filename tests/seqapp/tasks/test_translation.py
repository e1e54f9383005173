from functools import cache

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import FixedContextDecoderConfig, TranslatorConfig
from seqapp.decoding.hypotheses import NO_SCORE, Hypotheses
from seqapp.errors import ConfigError
from seqapp.tasks.translation import TranslationTask
from seqapp.tasks.translation_options import OPTIONS, OptionColumns, TranslationOptions
from seqapp.text.normalisation import normalise
from seqapp.text.sentence_splitting import join_sentences
from tests.support.pairings import pairing
from tests.support.tasks import PAIRS, small_encoder, small_task

TASK = small_task()
PARAGRAPH = b"Save the file.\n\nOpen the document.  Click OK."
PARTS = [b"Save the file.", b"Open the document.", b"Click OK."]
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


def test_without_attention_the_alignment_is_uniform():
    task = small_task(model=pairing("gru", "fixed_context"))
    found = {name: value.numpy() for name, value in task.explain(tf.constant(TEXTS[:2])).items()}
    read = found["source_tokens"] != b""
    written = found["target_tokens"] != b""
    assert read.sum(axis=1).min() >= 1
    expected = read[:, np.newaxis] / read.sum(axis=1)[:, np.newaxis, np.newaxis] * written[:, :, np.newaxis]
    np.testing.assert_allclose(found["alignment"], expected, rtol=1e-6)


def test_signatures_agree(explained):
    plain = TASK.translate(tf.constant(TEXTS))
    several = TASK.alternatives(tf.constant(TEXTS))
    assert plain["translation"].numpy().tolist() == explained["translation"].tolist()
    # The search for several goes on where a longer one could still overtake the first.
    first, score = several["translations"].numpy()[:, 0], several["scores"].numpy()[:, 0]
    better = score > explained["score"] + 1e-5
    assert first[~better].tolist() == explained["translation"][~better].tolist()
    np.testing.assert_allclose(score[~better], explained["score"][~better], rtol=1e-5)
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


def test_many_texts_keep_their_order():
    texts = [text for pair in PAIRS for text in pair] + ["", "x " * 9]
    together = TASK.translations_of(texts, batch_size=3)
    assert together == [TASK.translations_of([text])[0] for text in texts]
    assert TASK.translations_of([]) == []
    assert len(TASK.translations_of(texts, greedy=True)) == len(texts)


@cache
def traced():
    """As it is exported; far faster than eagerly."""
    columns = [tf.TensorSpec([None], column.dtype, name) for name, column in OPTIONS.items()]
    text = tf.TensorSpec([None], tf.string)
    return tf.function(TASK.translate_with_options, input_signature=[text, *columns], autograph=False)


def with_options(texts, **options):
    rows = len(texts)
    columns = [
        tf.constant(options.get(name, [column.default] * rows), column.dtype)
        for name, column in OPTIONS.items()
    ]
    found = traced()(tf.constant(texts), *columns)
    return {name: value.numpy() for name, value in found.items()}


def test_neutral_options_are_plain_translation(explained):
    found = with_options(TEXTS)
    assert found["translation"].tolist() == explained["translation"].tolist()
    np.testing.assert_allclose(found["score"], explained["score"], rtol=1e-5)


def test_rows_of_all_kinds_may_be_mixed():
    texts = [b"Save the file."] * 4
    mixed = with_options(texts, temperature=[0.0, 1.0, 0.0, 1.0], seed=[1, 2, 3, 4], max_length=[0, 0, 3, 9])
    for row in range(4):
        alone = with_options(
            texts[:1],
            temperature=[[0.0, 1.0, 0.0, 1.0][row]],
            seed=[row + 1],
            max_length=[[0, 0, 3, 9][row]],
        )
        assert alone["translation"][0] == mixed["translation"][row]
        np.testing.assert_allclose(alone["score"][0], mixed["score"][row], rtol=1e-4)


def test_samples_differ_by_seed_and_come_back_with_it():
    texts = [b"Save the file."] * 6
    one = with_options(texts, temperature=[1.0] * 6, seed=list(range(6)))["translation"].tolist()
    assert len(set(one)) > 1
    assert with_options(texts, temperature=[1.0] * 6, seed=list(range(6)))["translation"].tolist() == one


def test_nonsense_options_are_brought_within_bounds():
    nan, huge = float("nan"), 3e38
    found = with_options(
        [b"Save the file."] * 4,
        length_penalty=[nan, huge, -huge, 0.0],
        temperature=[nan, huge, 1e-30, -1.0],
        max_length=[2**31 - 1, -5, 1, 0],
        min_length=[2**31 - 1, -5, 9, 0],
        seed=[-1, 2**62, 0, 0],
        coverage_penalty=[nan, huge, -huge, 0.1],
        no_repeat_ngram=[2**31 - 1, -(2**31), 1, 9],
        top_k=[2**31 - 1, -(2**31), 0, 401],
        top_p=[nan, huge, -huge, 1e-30],
        prefix=[b"\xff\xfe", b"", b"", b"\x00"],
    )
    assert np.isfinite(found["score"]).all()
    assert found["translation"][2] == b""
    for translation in found["translation"]:
        translation.decode("utf-8")


def test_blank_text_stays_empty_whatever_the_options():
    found = with_options(
        [b" ", b""], temperature=[0.0, 1.0], max_length=[9, 9], min_length=[5, 5], prefix=["a", "a "]
    )
    assert found["translation"].tolist() == [b"", b""]


PREFIXES = ["", "파일을 저", "파일을 저장합니다. ", "Save", b"\xff \xe2", "  ﬁle\n", "뷁 👍", "x" * 40]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_translation_begins_with_its_prefix(temperature):
    rows = len(PREFIXES)
    found = with_options(
        [b"Save the file."] * rows, prefix=PREFIXES, temperature=[temperature] * rows, max_length=[58] * rows
    )
    wanted = normalise(tf.constant(PREFIXES)).numpy()
    for translation, prefix in zip(found["translation"], wanted, strict=True):
        assert translation.startswith(prefix)
    for row, prefix in enumerate(PREFIXES):
        alone = with_options([b"Save the file."], prefix=[prefix], temperature=[temperature], max_length=[58])
        assert alone["translation"][0] == found["translation"][row]
        np.testing.assert_allclose(alone["score"][0], found["score"][row], rtol=1e-4)


def test_a_prefix_has_room_of_its_own_up_to_the_longest_target():
    prefix = "a b c d e f g h i j k l m n o p q r s t "
    found = with_options([b"a"] * 3, prefix=[prefix, prefix, "a " * 500], max_length=[0, 4, 0])
    assert found["translation"][0].startswith(prefix.strip().encode())
    assert prefix.encode().startswith(found["translation"][1])
    assert len(found["translation"][1]) < 6
    assert (b"a " * 500).startswith(found["translation"][2])
    assert len(found["translation"][2]) > 50
    assert found["truncated"].tolist() == [False] * 3


def test_no_ngram_of_a_translation_repeats():
    sizes = [1, 2, 3, 0]
    options = {"max_length": [58] * 4, "min_length": [20] * 4}
    found = with_options([b"Save the file."] * 4, no_repeat_ngram=sizes, **options)
    assert len(set(found["translation"].tolist())) > 1
    neutral = with_options([b"Save the file."], max_length=[58], min_length=[20])
    assert found["translation"][3] == neutral["translation"][0]
    np.testing.assert_array_equal(found["score"][3], neutral["score"][0])


def test_the_coverage_penalty_is_part_of_the_score():
    texts = [b"Save the file.", b"Open the document."]
    plain = with_options(texts, max_length=[5, 5])
    found = with_options(texts, max_length=[5, 5], coverage_penalty=[0.0, 0.5])
    # A row without it is as it was beside one with it.
    assert found["translation"][0] == plain["translation"][0]
    np.testing.assert_allclose(found["score"][0], plain["score"][0], rtol=1e-6)
    assert found["score"][1] < plain["score"][1] - 0.1


@pytest.mark.parametrize("decoder", ["attention", "transformer"])
def test_the_coverage_penalty_by_teacher_forcing(decoder):
    task = TASK if decoder == "attention" else small_task(decoder=decoder)
    columns = OptionColumns(*(tf.constant([column.default], column.dtype) for column in OPTIONS.values()))
    columns = columns._replace(coverage_penalty=tf.constant([0.5]), length_penalty=tf.constant([2.0]))
    columns = columns._replace(max_length=tf.constant([5]))
    source = task.encode_source(tf.constant(["Open the document."]))

    def answer(found):
        room = 58 - tf.shape(found.ids)[2]
        return [tf.pad(found.ids, [[0, 0], [0, 0], [0, room]]), found.scores, found.log_probabilities]

    ids, scores, totals = task._searches.best_with_options(source, columns, 3, answer)
    for target, score, total in zip(ids.numpy()[0], scores.numpy()[0], totals.numpy()[0], strict=True):
        target = target[target > 0][np.newaxis]
        _, weights = task.model.align(source.ids, task.model.shift(tf.constant(target)))
        penalty = 0.5 * np.log(np.minimum(weights.numpy()[0].sum(axis=0), 1.0)).sum()
        assert penalty < -1
        np.testing.assert_allclose(score, total / ((5 + target.size) / 6) ** 2 + penalty, rtol=1e-4)


def test_a_fixed_context_has_no_coverage_penalty():
    decoder = FixedContextDecoderConfig(units=12)
    network = TranslatorConfig(embedding_size=8, encoder=small_encoder("recurrent"), decoder=decoder)
    task = small_task(model=network)
    # Served requests ignore it: they share batches with others.
    columns = [tf.constant([column.default] * 2, column.dtype) for column in OPTIONS.values()]
    own = OptionColumns(*columns)._replace(coverage_penalty=tf.constant([0.0, 0.5]))
    found = task.translate_with_options(tf.constant(PARTS[:1] * 2), *own)
    assert len(set(found["translation"].numpy().tolist())) == len(set(found["score"].numpy().tolist())) == 1
    message = "coverage_penalty: expected 0 for a 'fixed_context' decoder, which has no attention, got 0.5"
    with pytest.raises(ConfigError, match=message):
        task.best_translations_of(["a"], options=TranslationOptions(coverage_penalty=0.5))


def test_a_sample_of_the_most_probable_token_is_greedy_search():
    found = with_options([b"Save the file."] * 3, temperature=[5.0] * 3, seed=[1, 2, 3], top_k=[1, 1, 0])
    greedy = TASK.translations_of(["Save the file."], greedy=True)[0].encode()
    assert found["translation"][:2].tolist() == [greedy] * 2
    assert found["translation"][2] != greedy
    nucleus = with_options([b"Save the file."], temperature=[1.0], seed=[1], top_p=[1e-6])
    assert nucleus["translation"][0] == greedy


def test_the_prefix_is_for_the_first_sentence():
    apart = with_options(PARTS[:2], prefix=["파일", ""])["translation"].tolist()
    together = with_options([b"\n\n".join(PARTS[:2])], prefix=["파일"])["translation"]
    assert together.tolist() == [b"\n\n".join(apart)]


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


# --- several sentences ---------------------------------------------------------------------------

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


def test_a_sample_counts_the_seed_up_from_sentence_to_sentence():
    apart = with_options(PARTS[:2], temperature=[1.0] * 2, seed=[5, 6])["translation"].tolist()
    together = with_options([b"\n\n".join(PARTS[:2])], temperature=[1.0], seed=[5])["translation"]
    assert together.tolist() == [b"\n\n".join(apart)]


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
