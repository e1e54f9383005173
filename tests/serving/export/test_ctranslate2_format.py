import random
import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import TransformerDecoderConfig, TransformerEncoderConfig, TranslatorConfig
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.search import search
from seqapp.errors import ExportError
from seqapp.run_directory import load_run, save_best, start_run
from seqapp.tasks.translation import TranslationTask
from seqapp.text.subwords import Subwords
from serving.export.command import main
from serving.export.ctranslate2_format import export_ctranslate2, greedy_ids
from serving.export.samples import EDGE_CASE_TEXTS, FALLBACK_TEXTS
from tests.support.classification import small_classifier
from tests.support.tasks import PAIRS, small_config, small_task

ROOT = Path(__file__).parents[3]
ctranslate2 = pytest.importorskip("ctranslate2")

TEXTS = [text for pair in PAIRS for text in pair] + ["", "a b c d e f g", "x", "👩‍💻 naïve – 漢字 \t!"]
# Widths of embedding, encoder and decoder, and positions.
NETWORKS = {
    "one width": (8, 8, 8, "sinusoidal"),
    "three widths": (8, 12, 16, "sinusoidal"),
    "learned positions": (8, 16, 12, "learned"),
}


def network(embedding, encoder, decoder, positions):
    of_both = {"layers": 2, "positions": positions, "max_positions": 5}
    return TranslatorConfig(
        embedding_size=embedding,
        encoder=TransformerEncoderConfig(units=encoder, heads=4, **of_both),
        decoder=TransformerDecoderConfig(units=decoder, heads=2, feedforward_units=20, **of_both),
    )


def random_task(model):
    """A task with weights that differ from their initial values, biases and norms too."""
    random.seed(3)
    config = small_config("transformer", "transformer").model_copy(update={"model": model})
    source, target = zip(*PAIRS, strict=True)
    task = TranslationTask.from_examples(config, {"source": source, "target": target})
    generator = np.random.default_rng(5)
    for weight in task.model.weights:
        if weight.name != "seed_generator_state":
            weight.assign_add(generator.normal(0, 0.3, weight.shape))
    return task


def saved(directory, task):
    start_run(directory, task, {})
    save_best(directory, task)
    return directory


def our_greedy_ids(task, texts):
    """Ids without EOS."""
    source = task.encode_source(tf.constant(texts))
    state, constants = task.model.start(source.ids, tf.reduce_max(source.max_lengths))
    found = search(task.model.step, state, constants, source.max_lengths, Greedy())
    return [[i for i in row if i > 2] for row in found.ids[:, 0].numpy().tolist()]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("runs") / "run", random_task(network(*NETWORKS["three widths"])))


@pytest.fixture(scope="module")
def version(run, tmp_path_factory):
    return export_ctranslate2(run, tmp_path_factory.mktemp("models") / "model")


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_greedy_translations_are_ours_token_for_token(name, tmp_path):
    task = random_task(network(*NETWORKS[name]))
    version = export_ctranslate2(saved(tmp_path / "run", task), tmp_path / "model")
    wanted = our_greedy_ids(task, TEXTS)
    assert greedy_ids(task, version, TEXTS) == wanted
    assert len({tuple(ids) for ids in wanted}) > 4
    assert len({token for ids in wanted for token in ids}) > 8


@pytest.mark.slow
def test_the_alignment_is_ours(run, version):
    task = load_run(run)
    text = "Save the file."
    source = task.encode_source(tf.constant([text]))
    tokens = [token.decode() for token in task.subwords.pieces(source.ids).numpy()[0]]
    translator = ctranslate2.Translator(str(version), compute_type="float32")
    (answer,) = translator.translate_batch(
        [tokens[:-1]], beam_size=1, max_decoding_length=10, return_attention=True
    )
    target = task.subwords.tokenizer.string_to_id(tf.constant(answer.hypotheses[:1]))
    _, weights = task.model.align(source.ids, task.model.shift(target))
    found = np.array(answer.attention[0])[: target.shape[1]]
    np.testing.assert_allclose(found, weights[0][:, : found.shape[1]], atol=1e-4)


@pytest.mark.slow
def test_the_command_writes_a_version_that_stands_alone(run, tmp_path, capsys):
    arguments = ["--format", "ctranslate2", "--run", str(run), "--model", str(tmp_path / "model")]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    texts = len(FALLBACK_TEXTS) + len(EDGE_CASE_TEXTS)
    assert f"parity check passed: {texts} of {texts} greedy translations are the run's" in lines
    version = tmp_path / "model/1"
    assert lines[-1] == str(version)
    assert {path.name for path in version.iterdir()} == {
        *("model.bin", "config.json", "shared_vocabulary.json", "subwords.model")
    }
    assert Subwords.load(version / "subwords.model").model == load_run(run).subwords.model
    assert main(arguments) == 0
    assert (tmp_path / "model/2/model.bin").is_file()


@pytest.mark.slow
def test_the_example_of_the_page_translates(run, version, capsys):
    page = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(import ctranslate2\n.*?)```", page, re.DOTALL)
    exec(example.replace("models/translation-ct2/1", str(version)), {})
    task = load_run(run)
    (ids,) = our_greedy_ids(task, ["Click OK."])
    # The run's maximum length depends on the source.
    (wanted,) = task.subwords.decode(tf.constant([ids])).numpy()
    assert capsys.readouterr().out.startswith(wanted.decode().rstrip("\ufffd")[:20])


@pytest.mark.slow
def test_translations_that_differ_are_not_published(run, tmp_path, monkeypatch):
    def of_other_weights(task, directory, texts):
        return [[9, 9, 9]] * len(texts)

    monkeypatch.setattr("serving.export.ctranslate2_format.greedy_ids", of_other_weights)
    with pytest.raises(ExportError, match=r"CTranslate2 and the run differ in \d+ of \d+ translations"):
        export_ctranslate2(run, tmp_path / "model")
    assert list((tmp_path / "model").iterdir()) == []


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (small_task, "got an encoder 'recurrent' and a decoder 'attention'"),
        (lambda: small_task(encoder="transformer"), "got an encoder 'transformer' and a decoder 'attention'"),
        (small_classifier, "got classification"),
    ],
)
def test_other_models_are_refused(task, told, tmp_path):
    start_run(tmp_path / "run", task(), {})
    with pytest.raises(ExportError, match=f"format: ctranslate2 takes translators .*{re.escape(told)}"):
        export_ctranslate2(tmp_path / "run", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_the_command_refuses_a_recurrent_run_with_a_sentence(tmp_path, capsys):
    start_run(tmp_path / "run", small_task(), {})
    model = tmp_path / "model"
    assert main(["--format", "ctranslate2", "--run", str(tmp_path / "run"), "--model", str(model)]) == 2
    assert capsys.readouterr().err == (
        "error: format: ctranslate2 takes translators with an encoder 'transformer' and a decoder "
        "'transformer', without reverse_source, got an encoder 'recurrent' and a decoder 'attention'; train "
        "with --preset transformer, or leave out --format for TensorFlow Serving\n"
    )
    assert not model.exists()


def test_a_reversed_source_is_refused(tmp_path):
    task = small_task(encoder="transformer", decoder="transformer")
    task.config = task.config.model_copy(
        update={"model": task.config.model.model_copy(update={"reverse_source": True})}
    )
    start_run(tmp_path / "run", task, {})
    with pytest.raises(ExportError, match="'transformer' with reverse_source"):
        export_ctranslate2(tmp_path / "run", tmp_path / "model")


def test_a_served_model_is_not_followed_by_a_version_for_ctranslate2(tmp_path):
    start_run(tmp_path / "run", small_task(encoder="transformer", decoder="transformer"), {})
    (tmp_path / "model/3").mkdir(parents=True)
    with pytest.raises(ExportError, match=r"version 3 at .* is no CTranslate2 model; give another --model"):
        export_ctranslate2(tmp_path / "run", tmp_path / "model")


def test_without_ctranslate2(tmp_path, monkeypatch):
    start_run(tmp_path / "run", small_task(encoder="transformer", decoder="transformer"), {})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ExportError, match=r"not installed; install it with pip install 'seqapp\[ctrans"):
        export_ctranslate2(tmp_path / "run", tmp_path / "model")
