"""Language models whose tokens are whole words."""

import math

import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import RunDirectoryError
from seqapp.run_directory import load_task, start_run
from seqapp.tasks.completion_options import CompletionOptions
from tests.support.tasks import small_language_model

# Their words are those of eight sentences; "zebra" and "yak" are unknown.
KINDS = ("recurrent", "transformer", "ngram", "interpolated")
TASKS = {kind: small_language_model(kind, unit="word") for kind in KINDS}


def asked(task, name, texts):
    return {key: np.stack(values) for key, values in task.answers_of(texts, name).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_words_have_the_probability_of_one_token(kind):
    """The sum over all next tokens is 1, UNK among them, and `score` is the sum of `next`."""
    task = small_language_model(kind, unit="word", next_tokens=1000)
    text = "Save zebra zebra file."
    scored = asked(task, "score", [text])
    tokens, each = scored["tokens"][0], scored["token_log_probabilities"][0]
    assert [token.decode() for token in tokens] == ["▁Save", "<unk>", "<unk>", "▁file.", "</s>"]
    prompts = ["", "Save", "Save zebra", "Save zebra zebra", text]
    following = asked(task, "next", prompts)
    np.testing.assert_allclose(following["probabilities"].sum(axis=1), 1.0, rtol=1e-5)
    for token, names, probabilities, found in zip(
        tokens, following["tokens"], following["probabilities"], each, strict=True
    ):
        assert math.log(probabilities[names.tolist().index(token)]) == pytest.approx(found, rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_scores_count_unknown_words(kind):
    task = TASKS[kind]
    texts = ["Save zebra zebra file.", "파일을 yak 저장합니다.", "", "Save the file."]
    found = task.scores_of(texts)
    assert found.tokens.tolist() == [5, 4, 1, 4]
    assert found.words.tolist() == [4, 3, 0, 3]
    assert found.unknown.tolist() == [2, 1, 0, 0]
    assert found.bytes.tolist() == [len(text.encode()) for text in texts]
    scored = asked(task, "score", texts)
    np.testing.assert_allclose(scored["log_probability"], found.log_probabilities, rtol=1e-5)
    bits = -found.log_probabilities / math.log(2) / np.maximum(found.bytes, 1)
    np.testing.assert_allclose(scored["bits_per_byte"], bits, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_a_prompt_is_a_whole_word(kind):
    """With or without a space behind it, known or not; a word that is begun is an unknown one."""
    task = TASKS[kind]
    prompts = ["Save the", "Save the ", "Sav", "zebra", b"Open \xec\xa0", "", "  "]
    bare, spaced, begun, unknown, cut, empty, blank = task.answers_of(prompts)["completion"]
    assert bare == (b" " + spaced if spaced else b"")
    assert begun == unknown
    assert cut == task.answers_of(["Open zebra"])["completion"][0]
    assert empty == blank
    assert not empty.startswith(b" ")
    following = task.answers_of(["Save the", "Save the ", "Sav", "zebra"], "next")["probabilities"]
    np.testing.assert_allclose(following[0], following[1], rtol=1e-5)
    np.testing.assert_allclose(following[2], following[3], rtol=1e-5)


def test_ngrams_go_on_with_what_they_have_seen():
    prompts = ["Save", "Open the ", "파일을", ""]
    found = TASKS["ngram"].completions_of(prompts)
    assert found == [" the file.", "document.", " 저장합니다.", "Click OK."]


@pytest.mark.parametrize("kind", KINDS)
def test_completions_have_known_words_only(kind):
    """Although UNK is likely after unknown words."""
    task = small_language_model(kind, unit="word", texts=["a <unk> <unk> <unk>"] * 3 + ["a b c"])
    words = {"a", "b", "c"}
    for seed in range(4):
        options = CompletionOptions(temperature=2.0, seed=seed)
        for text in task.completions_of(["", "a", "zebra", "a zebra"], options):
            assert set(text.split()) <= words


def test_alone_equals_in_a_batch_and_long_texts_are_cut():
    task = TASKS["recurrent"]
    texts = ["zebra " * 20_000, "Save the", b"\xff", "Save " * 23, "Save " * 24]
    together = task.answers_of(texts, "score")
    assert [bool(cut) for cut in together["truncated"]] == [True, False, False, False, True]
    for row, text in enumerate(texts):
        alone = task.answers_of([text], "score")
        for name in ("log_probability", "bits_per_byte"):
            np.testing.assert_allclose(alone[name][0], together[name][row], rtol=1e-5)


def test_a_run_keeps_the_words_and_refuses_another_vocabulary(tmp_path):
    task = TASKS["ngram"]
    start_run(tmp_path / "run", task, {})
    loaded = load_task(tmp_path / "run")
    texts = ["Save zebra file."]
    np.testing.assert_allclose(
        loaded.scores_of(texts).log_probabilities, task.scores_of(texts).log_probabilities, rtol=1e-6
    )
    other = small_language_model("recurrent")
    other.subwords.save(tmp_path / "run/assets/subwords.model")
    start_run(tmp_path / "network", TASKS["recurrent"], {})
    other.subwords.save(tmp_path / "network/assets/subwords.model")
    with pytest.raises(RunDirectoryError, match=r"has byte tokens, which does not fit subwords\.unit=word"):
        load_task(tmp_path / "network")


def test_ops_of_the_graph_are_those_of_stock_servers():
    """Signatures are traced without Python: words are found by ops of TensorFlow and TF Text."""
    spec = [tf.TensorSpec([None], tf.string)]
    declared = {one.name: one for one in TASKS["recurrent"].signatures()}
    graph = tf.function(declared["score"].function, input_signature=spec, autograph=False)
    names = {operation.type for operation in graph.get_concrete_function().graph.get_operations()}
    assert "SentencepieceStringToIdOp" in names
    assert not names & {"PyFunc", "EagerPyFunc", "SentencepieceTokenizeOp"}
