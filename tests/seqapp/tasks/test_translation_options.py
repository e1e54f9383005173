from functools import cache

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import FixedContextDecoderConfig, TranslatorConfig
from seqapp.errors import ConfigError
from seqapp.tasks.translation_options import OPTIONS, OptionColumns, TranslationOptions
from seqapp.text.normalisation import normalise
from tests.support.tasks import small_encoder, small_task
from tests.support.translation import PARTS, TASK, TEXTS


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


def test_a_sample_counts_the_seed_up_from_sentence_to_sentence():
    apart = with_options(PARTS[:2], temperature=[1.0] * 2, seed=[5, 6])["translation"].tolist()
    together = with_options([b"\n\n".join(PARTS[:2])], temperature=[1.0], seed=[5])["translation"]
    assert together.tolist() == [b"\n\n".join(apart)]
