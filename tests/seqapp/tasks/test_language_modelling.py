import functools
import math
import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.tasks.completion_options import OPTIONS, CompletionOptions
from seqapp.tasks.language_modelling import LanguageModellingTask
from tests.support.tasks import TEXTS, small_language_model

KINDS = ("recurrent", "transformer", "ngram", "interpolated")
NETWORKS = ("recurrent", "transformer", "interpolated")
TASKS = {kind: small_language_model(kind) for kind in KINDS}
# Nine tokens are those of a text of seven characters: the space before it, and the end.
OF_CHARACTERS = {
    kind: small_language_model(kind, unit="character", text_tokens=9, next_tokens=1000) for kind in KINDS
}


@pytest.fixture(params=KINDS)
def task(request):
    return TASKS[request.param]


def asked(task, name, *columns):
    """Numpy answers of a signature to columns."""
    columns = [tf.constant(column) for column in columns]
    return {key: value.numpy() for key, value in graph(task, name)(*columns).items()}


@functools.cache
def graph(task, name):
    """A signature as it is exported: traced once."""
    declared = next(one for one in task.signatures() if one.name == name)
    spec = [tf.TensorSpec([None], column.dtype) for column in declared.inputs.values()]
    return tf.function(declared.function, input_signature=spec, autograph=False)


def completed(task, prompts, **options):
    """`complete` with the same options for all prompts."""
    rows = len(prompts)
    columns = [
        tf.constant([options.get(name, one.default)] * rows, one.dtype) for name, one in OPTIONS.items()
    ]
    return asked(task, "complete", prompts, *columns)


def test_signatures_of_networks_and_ngrams():
    names = ["serving_default", "complete", "score", "next", "embed"]
    for kind in NETWORKS:
        assert [one.name for one in TASKS[kind].signatures()] == names
    assert [one.name for one in TASKS["ngram"].signatures()] == names[:-1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_score_of_a_text_is_the_sum_of_next_along_it(kind):
    """By characters, so that the tokens of the beginning of a text are the first tokens of the text."""
    task = OF_CHARACTERS[kind]
    text = "Open it"
    scored = asked(task, "score", [text])
    # The space before every text is its first token.
    prompts = ["", " ", "O", "Op", "Ope", "Open", "Open ", "Open i", "Open it"]
    tokens = [token.encode() for token in ["▁", *"Open", "▁", *"it", "</s>"]]
    assert scored["tokens"][0].tolist() == tokens
    following = asked(task, "next", prompts)
    np.testing.assert_allclose(following["probabilities"].sum(axis=1), 1.0, rtol=1e-5)
    found = [
        math.log(probabilities[names.tolist().index(token)])
        for token, names, probabilities in zip(tokens, *list(following.values())[:2], strict=True)
    ]
    np.testing.assert_allclose(found, scored["token_log_probabilities"][0], rtol=1e-4)
    np.testing.assert_allclose(sum(found), scored["log_probability"][0], rtol=1e-5)


def test_whitespace_at_the_end_is_no_token_of_subwords(task):
    found = asked(task, "next", ["Save", "Save \n ", "Save" + " " * 20_000])
    first = found["probabilities"][:1].repeat(3, axis=0)
    np.testing.assert_allclose(found["probabilities"], first, rtol=1e-5)
    assert not found["truncated"].any()


def test_much_whitespace_at_the_end_is_one_space(task):
    one, many = asked(task, "serving_default", ["Save ", "Save" + " " * 20_000])["completion"]
    assert one == many


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_a_cut_text_does_not_count(kind):
    task = OF_CHARACTERS[kind]
    found = asked(task, "score", ["Save the file.", "Save th"])
    tokens = [token.encode() for token in ["▁", *"Save", "▁", *"th"]]
    assert found["tokens"].tolist() == [[*tokens, b""], [*tokens, b"</s>"]]
    assert found["truncated"].tolist() == [True, False]
    assert found["end"][0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0]
    each = found["token_log_probabilities"]
    np.testing.assert_allclose(each[0, :8], each[1, :8], rtol=1e-5)
    assert each[0, 8] == 0
    totals = task.scores_of(["Save the file."])
    assert (totals.tokens.tolist(), totals.bytes.tolist()) == ([8], [7])
    if task.has_network:
        vectors = asked(task, "embed", ["Save the file.", "Save th"])["vector"]
        np.testing.assert_allclose(vectors[0], vectors[1], rtol=1e-5)
        (alone,) = asked(task, "embed", ["Save the file."])["vector"]
        np.testing.assert_allclose(alone, vectors[0], rtol=1e-5)


def test_score_names_tokens_with_their_bytes(task):
    texts = ["Save the file.", "파일을", ""]
    found = asked(task, "score", texts)
    summed = found["token_log_probabilities"].sum(axis=1)
    np.testing.assert_allclose(found["log_probability"], summed, rtol=1e-5)
    for text, begin, end in zip(texts, found["begin"], found["end"], strict=True):
        raw = text.encode()
        assert b"".join(raw[b:e] for b, e in zip(begin, end, strict=True)) == raw
    sizes = [max(1, len(text.encode())) for text in texts]
    bits = -found["log_probability"] / math.log(2) / sizes
    np.testing.assert_allclose(found["bits_per_byte"], bits, rtol=1e-5)
    totals = task.scores_of(texts)
    np.testing.assert_allclose(totals.log_probabilities, found["log_probability"], rtol=1e-5)
    assert totals.bytes.tolist() == [14, 9, 0]
    assert totals.tokens.tolist() == [len(row[row != b""]) for row in found["tokens"]]
    np.testing.assert_allclose(totals.bits_per_byte, -totals.log_probabilities.sum() / math.log(2) / 23)


SIGNATURES = [(kind, one.name) for kind, task in TASKS.items() for one in task.signatures()]


@pytest.mark.parametrize(("kind", "name"), [one for one in SIGNATURES if one[1] != "complete"])
def test_alone_equals_in_a_batch(kind, name):
    task = TASKS[kind]
    texts = ["Save the", "", "파일을 저장합니다. 문서를", "a", b"\xff \xec\xa0", " "]
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


@pytest.mark.parametrize("temperature", [0.0, 5.0])
@pytest.mark.parametrize("model", [*TASKS.values(), OF_CHARACTERS["recurrent"]], ids=[*KINDS, "characters"])
def test_prompt_and_completion_are_well_formed_text(model, temperature):
    cut = "저장".encode()
    prompts = [b"", b"Sa", b"Save ", b"S" * 50, b"\xff", *(b"Save " + cut[:n] for n in range(1, 6)), cut[:4]]
    for seed in range(4):
        seeds = [seed + 10 * row for row in range(len(prompts))]
        columns = {name: [one.default] * len(prompts) for name, one in OPTIONS.items()}
        columns |= {"temperature": [temperature] * len(prompts), "seed": seeds}
        given = [tf.constant(values, OPTIONS[name].dtype) for name, values in columns.items()]
        for prompt, completion in zip(
            prompts, asked(model, "complete", prompts, *given)["completion"], strict=True
        ):
            completion.decode("utf-8")
            body = prompt.decode("utf-8", "ignore").encode() if prompt != b"\xff" else b""
            incomplete = prompt[len(body) :] if prompt != b"\xff" else b""
            # A completion that ends inside of the character, at the maximum length, has lost it.
            assert completion.startswith(incomplete) or not completion
            if prompt in (b"", b"Save "):
                assert not completion.startswith(b" ")


def test_a_prompt_may_end_inside_a_word_or_a_syllable():
    """The model has seen these texts only: it goes on with what they hold."""
    task = TASKS["ngram"]
    syllable = "파일을 저장합니다.".encode()
    prompts = [b"Sav", b"Open the doc", b"Open the ", b"Click", syllable[:11], syllable[:15], syllable]
    found = asked(task, "serving_default", prompts)["completion"].tolist()
    assert found == [
        b"e the file.",
        b"ument.",
        b"file.",
        b" OK.",
        # The character that is cut is part of the completion.
        *("저장합니다.".encode(), "장합니다.".encode()),
        b"",
    ]


def test_a_sample_depends_on_its_seed_alone(task):
    one, same, other = (
        completed(task, ["Save"] * rows, temperature=1.0, seed=seed)["completion"][-1]
        for rows, seed in ((1, 7), (3, 7), (1, 8))
    )
    assert one == same
    assert one != other


def test_greedy_is_the_default(task):
    greedy = asked(task, "serving_default", ["Save", ""])
    assert completed(task, ["Save", ""])["completion"].tolist() == greedy["completion"].tolist()


@pytest.mark.parametrize("kind", NETWORKS)  # among tokens with equal counts a sample draws
def test_top_k_1_is_greedy(kind):
    task = TASKS[kind]
    greedy = asked(task, "serving_default", ["Save", ""])
    top = completed(task, ["Save", ""], temperature=1.0, top_k=1)
    assert top["completion"].tolist() == greedy["completion"].tolist()
    np.testing.assert_allclose(top["log_probability"], greedy["log_probability"], rtol=1e-4)


def test_options_without_sense_are_brought_to_bounds(task):
    nan = float("nan")
    neutral = completed(task, ["Save"])["completion"][0]
    for options in (
        {"temperature": -1.0},
        {"temperature": nan},
        {"repetition_penalty": nan},
        {"repetition_penalty": -5.0},
        {"repetition_penalty": 0.0},
        {"max_length": -3},
        {"max_length": 2**31 - 1},
        {"top_p": nan, "top_k": -4},
    ):
        assert completed(task, ["Save"], **options)["completion"][0] == neutral, options
    completed(task, ["Save"], temperature=1e30, repetition_penalty=1e30)[
        "completion"
    ][0].decode()


def test_a_completion_of_one_token_is_the_end(task):
    assert completed(task, ["Save ", ""], max_length=1)["completion"].tolist() == [b"", b""]


def test_the_penalty_of_repeated_words():
    task = small_language_model("ngram", texts=["the the the the"])
    repeated, penalised = (completed(task, ["the"], repetition_penalty=penalty) for penalty in (1.0, 10.0))
    assert repeated["completion"][0].startswith(b" the")
    assert penalised["completion"][0] != repeated["completion"][0]


def test_the_end_of_a_long_prompt_counts(task):
    long = "Open the file. " * 10_000 + "Click"
    found = asked(task, "serving_default", [long, "Click"])
    assert found["truncated"].tolist() == [True, False]
    next_of = asked(task, "next", [long, "Click"])
    assert next_of["truncated"].tolist() == [True, False]
    assert asked(task, "score", [long])["truncated"].tolist() == [True]


def test_of_a_long_prompt_an_ngram_model_reads_the_last_words():
    long = "Open the file. " * 10_000 + "Click"
    one, other = asked(TASKS["ngram"], "next", [long, "Click"])["tokens"]
    assert one.tolist() == other.tolist()


@pytest.mark.parametrize(("kind", "name"), SIGNATURES)
def test_no_rows(kind, name):
    declared = next(one for one in TASKS[kind].signatures() if one.name == name)
    columns = [tf.constant([], column.dtype) for column in declared.inputs.values()]
    assert all(value.shape[0] == 0 for value in graph(TASKS[kind], name)(*columns).values())


def test_hello_by_characters_is_learnt():
    random.seed(1)
    task = small_language_model(unit="character", texts=["hello"])
    encoded = task.encode({"text": tf.constant(["hello"])})
    inputs, targets, weights = task.network_batch(encoded)
    task.model.compile(keras.optimizers.Adam(0.03), task.loss(), weighted_metrics=[task.metric()])
    often = [np.repeat(values, 100, axis=0) for values in (inputs, targets, weights)]
    task.model.fit(*often[:2], sample_weight=often[2], batch_size=1, verbose=0)
    assert task.model.evaluate(inputs, targets, verbose=0, return_dict=True)["token_accuracy"] == 1.0
    following = asked(task, "next", ["h", "he", "hel", "hell", "hello"])
    assert following["tokens"][:, 0].tolist() == [b"e", b"l", b"l", b"o", b"</s>"]
    assert task.completions_of(["h", "hell", ""]) == ["ello", "o", "hello"]


def test_completions_of_many_prompts():
    task = TASKS["ngram"]
    assert task.completions_of([]) == []
    assert task.completions_of(["Sav", "Click"], batch_size=1) == ["e the file.", " OK."]
    sampled = CompletionOptions(temperature=1.0, seed=3)
    assert task.completions_of(["Click"], sampled) == task.completions_of(["Click"], sampled)
    assert len(task.completions_of(["Click"], CompletionOptions(max_length=1))[0]) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -1}, "temperature: expected a number from 0 to 100, got -1"),
        ({"repetition_penalty": 0.5}, "repetition_penalty: expected a number from 1 to 10, got 0.5"),
        ({"top_k": 5}, "top_k: expected 0 with temperature 0, which is greedy search, got 5; give a temp"),
        ({"temperature": 1, "top_k": 1.5}, "top_k: expected an integer, got 1.5"),
        ({"max_length": 0}, "max_length: expected an integer of at least 1, got 0"),
        ({"seed": -1}, "seed: expected a number from 0 to"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        CompletionOptions(**options)


def test_what_a_model_cannot_do_is_refused():
    with pytest.raises(ConfigError, match="top_k: expected at most"):
        TASKS["ngram"].completions_of(["a"], CompletionOptions(temperature=1.0, top_k=10**6))
    with pytest.raises(ConfigError, match="prompts: expected a list of texts, got one text 'a'"):
        TASKS["ngram"].completions_of("a")
    with pytest.raises(ConfigError, match="model: an n-gram model has no network"):
        TASKS["ngram"].loss()


def test_assets_have_to_fit(tmp_path):
    task = small_language_model("ngram")
    for asset in task.assets().values():
        asset.save(tmp_path / asset.file_name)
    again = LanguageModellingTask.from_assets(task.config, tmp_path)
    texts = TEXTS[:3]
    one, other = (model.scores_of(texts).log_probabilities for model in (again, task))
    np.testing.assert_array_equal(one, other)
    other = small_language_model()
    with pytest.raises(RunDirectoryError, match=r"ngrams\.npz is not expected with a network"):
        LanguageModellingTask.from_assets(other.config, tmp_path)
    small_language_model(texts=["abc"]).subwords.save(tmp_path / "subwords.model")
    with pytest.raises(RunDirectoryError, match=r"ngrams\.npz: expected \d+ tokens, got \d+"):
        LanguageModellingTask.from_assets(task.config, tmp_path)
    (tmp_path / "ngrams.npz").unlink()
    with pytest.raises(RunDirectoryError, match=r"ngrams\.npz is missing"):
        LanguageModellingTask.from_assets(task.config, tmp_path)


def test_the_weight_is_fitted_to_texts():
    """Random weights against counts of the same texts: the network gets next to nothing."""
    task = small_language_model("interpolated")
    begun = task.scores_of(TEXTS).log_probabilities.sum()
    task.calibrate({"text": TEXTS})
    assert float(task.interpolation.network) < 0.05
    assert task.scores_of(TEXTS).log_probabilities.sum() > begun
    task.interpolation.assign(1.0)
    network = LanguageModellingTask(task.config.with_changes(ngrams=None), task.subwords, model=task.model)
    one, other = (model.scores_of(TEXTS).log_probabilities for model in (task, network))
    np.testing.assert_allclose(one, other, rtol=1e-6)
    vectors = [asked(model, "embed", TEXTS)["vector"] for model in (task, network)]
    np.testing.assert_array_equal(*vectors)


def test_assets_of_an_interpolation(tmp_path):
    task = small_language_model("interpolated")
    for asset in task.assets().values():
        asset.save(tmp_path / asset.file_name)
    again = LanguageModellingTask.from_assets(task.config, tmp_path)
    assert float(again.interpolation.network) == 0.25
    with pytest.raises(RunDirectoryError, match=r"interpolation\.json is not expected with an n-gram model"):
        LanguageModellingTask.from_assets(small_language_model("ngram").config, tmp_path)
    (tmp_path / "interpolation.json").write_text('{"network_weight": 1.5}')
    with pytest.raises(
        RunDirectoryError, match=r"interpolation\.json does not hold a network_weight from 0 to 1 .* got 1\.5"
    ):
        LanguageModellingTask.from_assets(task.config, tmp_path)
    (tmp_path / "interpolation.json").unlink()
    with pytest.raises(RunDirectoryError, match=r"interpolation\.json is missing"):
        LanguageModellingTask.from_assets(task.config, tmp_path)
    with pytest.raises(ConfigError, match=r"ngrams must be null with model\.kind=ngram"):
        small_language_model("ngram").config.with_changes(ngrams=task.config.ngrams)
