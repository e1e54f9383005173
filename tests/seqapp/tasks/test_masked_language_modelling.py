import functools
import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import (
    LanguageModellingConfig,
    MaskedLanguageModelConfig,
    NgramLanguageModelConfig,
    TokensConfig,
    TransformerEncoderConfig,
)
from seqapp.errors import ConfigError
from seqapp.run_directory import load_run, save_assets, start_run
from seqapp.special_ids import MASK_ID
from seqapp.tasks.language_modelling import LanguageModellingTask
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from seqapp.tasks.masked_words import PASSES
from tests.support.tasks import TEXTS, small_language_model, small_masked_model

ENCODERS = ("transformer", "recurrent")
WORDS = ["the cat sat on a mat", "the dog sat on a rug", "one cat and one dog", "a mat and a rug on one"] * 50
TASKS = {name: small_masked_model(name, texts=WORDS) for name in ENCODERS}


@pytest.fixture(params=ENCODERS)
def task(request):
    return TASKS[request.param]


def asked(task, name, texts):
    return {key: value.numpy() for key, value in graph(task, name)(tf.constant(texts)).items()}


@functools.cache
def graph(task, name):
    """A signature as it is exported: traced once."""
    declared = next(one for one in task.signatures() if one.name == name)
    spec = [tf.TensorSpec([None], tf.string)]
    return tf.function(declared.function, input_signature=spec, autograph=False)


def test_the_settings_choose_the_class():
    masked, causal = TASKS["transformer"].config, small_language_model().config
    assert (masked.objective, causal.objective) == ("masked", "causal")
    assert LanguageModellingTask.class_for(masked) is MaskedLanguageModellingTask
    assert LanguageModellingTask.class_for(causal) is LanguageModellingTask
    assert [one.name for one in TASKS["transformer"].signatures()] == ["serving_default", "embed"]
    with pytest.raises(ConfigError, match=r"ngrams must be null with model\.kind=masked"):
        LanguageModellingConfig(model=MaskedLanguageModelConfig(), ngrams=NgramLanguageModelConfig())
    with pytest.raises(ConfigError, match=r"subwords\.unit must be subword or character .*, got word"):
        LanguageModellingConfig(model=MaskedLanguageModelConfig(), subwords=TokensConfig(unit="word"))
    with pytest.raises(ConfigError, match=r"texts must be lines with model\.kind=masked.*, got documents"):
        LanguageModellingConfig(model=MaskedLanguageModelConfig(), texts="documents")


def test_a_run_directory_keeps_it(task, tmp_path):
    start_run(tmp_path / "run", task, {})
    save_assets(tmp_path / "run", task)
    task.model.save_weights(tmp_path / "run/model.weights.h5")
    again = load_run(tmp_path / "run")
    assert isinstance(again, MaskedLanguageModellingTask)
    np.testing.assert_allclose(
        again.scores_of(TEXTS).log_probabilities, task.scores_of(TEXTS).log_probabilities, rtol=1e-5
    )


def test_probabilities_of_all_tokens_sum_to_1():
    """By characters, where every token that is text alone may stand everywhere."""
    task = small_masked_model(unit="character", next_tokens=1000)
    found = asked(task, "serving_default", ["Op[MASK]n it [MASK]", "[MASK]"])
    sums = found["probabilities"].sum(axis=2)
    np.testing.assert_allclose(sums, [[1, 1], [1, 0]], rtol=1e-5)
    assert (np.diff(found["probabilities"], axis=2) <= 1e-7).all()
    tokens = found["tokens"][0, 0].tolist()
    assert len(set(tokens)) == len(tokens)
    assert not [one for one in tokens if one.startswith(b"<")]


def test_a_mark_after_a_space_begins_a_word(task):
    found = asked(task, "serving_default", ["the [MASK] sat[MASK] [MASK]", "[MASK]", "x[MASK]"])["tokens"]

    def begins(row, mark):
        return {one.decode().startswith("▁") for one in found[row, mark]}

    assert [begins(0, mark) for mark in range(3)] == [{True}, {False}, {True}]
    assert begins(1, 0) == {True}
    assert begins(2, 0) == {False}
    assert found[1, 1:].tolist() == [[b""] * 5] * 2


def test_a_vocabulary_without_tokens_that_begin_words():
    task = small_masked_model(texts=["漢字", "字漢", "漢漢字", "字字漢"])
    found = asked(task, "serving_default", ["[MASK]字", "字[MASK]"])
    assert all(one[0] for one in found["tokens"][:, 0])
    assert all(len(one.decode()) >= 2 and "MASK" not in one.decode() for one in found["filled"])


def test_the_text_around_marks_stays(task):
    texts = ["The  [MASK]\tSAT, [MASK]", "no mark", "", "  ", b"\xff [MASK] \xed\xa0", "[mask] [MASK"]
    found = asked(task, "serving_default", texts)
    filled = [one.decode() for one in found["filled"]]
    first, second = (found["tokens"][0, mark, 0].decode().removeprefix("▁") for mark in range(2))
    assert filled[0] == f"The  {first}\tSAT, {second}"
    assert filled[1:4] == texts[1:4]
    assert filled[4].startswith("\ufffd ")
    assert filled[4].endswith(" \ufffd") or filled[4].endswith(" \ufffd\ufffd")
    assert filled[5] == texts[5]
    assert not found["truncated"].any()
    assert not found["probabilities"][[1, 2, 3, 5]].any()


def test_long_texts_are_cut(task):
    texts = ["cat " * 25_000 + "[MASK]", "[MASK] " * 15_000, "[MASK]" + "x" * 100_000, "[MASK]"]
    found = asked(task, "serving_default", texts)
    assert found["truncated"].tolist() == [True, True, True, False]
    assert found["filled"][0].decode() == texts[0]
    kept = found["filled"][1].decode().count("[MASK]")
    assert kept == 15_000 - 23  # tokens read, without EOS
    assert found["tokens"].shape[:2] == (4, 23)
    assert found["filled"][2].decode().endswith("x" * 100_000)


@pytest.mark.parametrize("name", ["serving_default", "embed"])
def test_alone_equals_in_a_batch(task, name):
    texts = ["the [MASK]", "", "파일을 [MASK][MASK] 문서를", "[MASK]a", b"\xff [MASK]\xec\xa0", "a mat " * 40]
    together = asked(task, name, texts)
    for row, text in enumerate(texts):
        for key, values in asked(task, name, [text]).items():
            one, other = np.asarray(values[0]), np.asarray(together[key][row])
            if one.dtype.kind == "f":
                padded = np.zeros_like(other)
                padded[tuple(slice(size) for size in one.shape)] = one
                np.testing.assert_allclose(padded, other, rtol=1e-4, atol=1e-5)
            elif one.ndim:
                assert one.tolist() == other.tolist()[: len(one)]
            else:
                assert one == other


@pytest.mark.parametrize("name", ["serving_default", "embed"])
def test_no_rows(task, name):
    for value in asked(task, name, np.array([], object)).values():
        assert len(value) == 0


def test_the_score_of_a_text_predicts_each_word_once():
    """Eight words: the first and the eighth are masked together, the others alone."""
    task = small_masked_model(texts=WORDS)
    text = "the cat sat on a mat and one"
    ids = task.encode({"text": tf.constant([text])})["ids"][0].numpy()
    begins = [i for i, one in enumerate(ids[:-1]) if task._begins[one]]
    assert len(begins) == PASSES + 1
    words = [list(range(a, b)) for a, b in zip(begins, [*begins[1:], len(ids) - 1], strict=True)]
    total = 0.0
    for group in [words[0] + words[7], *words[1:7]]:
        masked = ids.copy()
        masked[group] = MASK_ID
        logs = tf.nn.log_softmax(task.model(masked[None]))[0].numpy()
        total += sum(logs[place, ids[place]] for place in group)
    found = task.scores_of([text, "", "cat"])
    np.testing.assert_allclose(found.log_probabilities[0], total, rtol=1e-5)
    assert found.tokens[:2].tolist() == [len(ids) - 1, 0]
    assert found.bytes.tolist() == [len(text), 0, 3]
    assert found.log_probabilities[1] == 0


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_missing_word_is_filled(encoder):
    random.seed(1)
    config = TASKS[encoder].config
    kind = config.model.encoder.with_changes(units=16, dropout=0.0)
    config = config.with_changes(model=MaskedLanguageModelConfig(embedding_size=16, encoder=kind))
    task = MaskedLanguageModellingTask(config, TASKS[encoder].subwords)
    ids = task.encode({"text": tf.constant(["the cat sat on a mat"] * 16)})["ids"].to_tensor()
    task.model.compile(keras.optimizers.Adam(0.02), task.loss(), jit_compile=False)
    for step in range(120):
        inputs, targets, weights = task.masked_batch(ids, tf.constant([1, step], tf.int64))
        task.model.train_on_batch(inputs, targets, weights)
    found = asked(task, "serving_default", ["the cat sat on a [MASK]", "the cat sat [MASK] a mat"])
    assert found["filled"].tolist() == [b"the cat sat on a mat"] * 2
    assert found["probabilities"][:, 0, 0].min() > 0.8


def test_keras_fit_and_evaluate_take_its_batches(task):
    encoded = task.encode({"text": tf.constant(TEXTS)})
    one, other = task.network_batch(encoded), task.network_batch(encoded)
    for first, second in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
        np.testing.assert_array_equal(first, second)


def test_positions_may_be_learned():
    config = TASKS["transformer"].config.with_changes(
        model=MaskedLanguageModelConfig(
            embedding_size=8,
            encoder=TransformerEncoderConfig(units=8, heads=2, positions="learned", max_positions=8),
        )
    )
    task = MaskedLanguageModellingTask(config, TASKS["transformer"].subwords)
    assert np.isfinite(task.scores_of(["a mat " * 30]).log_probabilities).all()
