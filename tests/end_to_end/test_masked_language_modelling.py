"""A masked language model from a text file to an export, beside an n-gram model of the same texts."""

import json

import pytest
from typer.testing import CliRunner

import seqapp
from seqapp.errors import ConfigError
from serving.export.export_run import export_run
from tests.end_to_end.test_language_modelling import sentences
from training.commands import application

pytestmark = pytest.mark.slow
SETTINGS = [
    *("model.kind=masked", "model.embedding_size=32", "model.encoder.units=32", "model.encoder.layers=1"),
    *("model.encoder.heads=2", "training.epochs=10", "subwords.vocabulary_size=600"),
]


def invoke(*arguments, **options):
    return CliRunner().invoke(application(), list(map(str, arguments)), **options)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masked")
    data = folder / "texts.txt"
    data.write_text("\n".join(sentences(700, seed=1)), encoding="utf-8")
    for name, words in {
        "masked": ["--preset", "tiny", "--set", *SETTINGS],
        "ngram": ["--preset", "ngram", "--set", "subwords.vocabulary_size=600"],
    }.items():
        named = ["--task", "language-modelling", "--data", data, "--run", folder / name]
        done = invoke("fit", *named, *words)
        assert done.exit_code == 0, done.output
    return folder


def test_scores_have_names_of_their_own(runs):
    metrics = json.loads((runs / "masked/metrics.json").read_text())
    assert "bits_per_byte" not in metrics["test"]
    assert metrics["test"]["masked_bits_per_byte"] < 0.7 * metrics["baseline"]["masked_bits_per_byte"]
    assert metrics["test"]["masked_accuracy"] > metrics["baseline"]["masked_accuracy"]
    scores = json.loads(invoke("evaluate", "--run", runs / "masked", "--baseline").output.splitlines()[-1])
    assert scores["masked_bits_per_byte"] == metrics["test"]["masked_bits_per_byte"]
    listed = invoke("runs", runs, env={"COLUMNS": "200"}).output
    assert "masked bits per byte" in listed


def test_it_is_not_compared_with_a_model_of_the_next_token(runs):
    refused = invoke("compare", runs / "ngram", runs / "masked")
    assert "has objective causal and" in str(refused.exception)


def test_lines_are_filled(runs):
    lines = "Open the [MASK] number 3 to save it.\n\nOpen the file number 3 to [MASK] it.\n"
    done = invoke("fill", "--run", runs / "masked", input=lines.encode())
    assert done.exit_code == 0, done.output
    first, empty, last = done.stdout.splitlines()
    assert empty == ""
    assert "[MASK]" not in first + last
    assert last.startswith("Open the file number 3 to ")
    assert seqapp.load(runs / "masked").fill(lines.splitlines()) == [first, empty, last]


def test_what_needs_the_next_token_is_refused(runs):
    for name, own, run in (("complete", "fill", "masked"), ("fill", "complete", "ngram")):
        refused = invoke(name, "--run", runs / run, input=b"Open\n")
        assert f"`{name}` does not apply; use `seqapp {own} --run" in str(refused.exception)
    drawn = invoke("plot", "surprise", "--run", runs / "masked", "Open")
    assert "gives no probability of the next token" in str(drawn.exception)
    with pytest.raises(ConfigError, match=r"complete\(\) needs a causal one; ask this one with fill\(\)"):
        seqapp.load(runs / "masked").complete(["Open"])
    with pytest.raises(ConfigError, match=r"fill\(\) needs a masked one; ask this one with complete\(\)"):
        seqapp.load(runs / "ngram").fill(["Open"])


def test_its_answers_are_those_of_the_export(runs):
    export_run(runs / "masked", runs / "models/masked")


def test_it_is_trained_further_in_python(runs):
    run = seqapp.load(runs / "masked")
    texts = [(text,) for text in sentences(64, seed=2)]
    before = run.evaluate(texts)
    assert run.evaluate(texts) == before
    run.fit(texts, epochs=1, verbose=0)
    assert run.evaluate(texts)["loss"] != before["loss"]
