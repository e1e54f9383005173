"""`arpa write` and `arpa read`: there and back, files of other tools, and what is refused."""

import gzip
import json
import math

import numpy as np
import pytest
import tensorflow as tf
from typer.testing import CliRunner

from seqapp.errors import ConfigError, DataError, RunDirectoryError
from seqapp.run_directory import load_run, save_best, start_run
from serving.export.export_run import export_run
from tests.support.tasks import TEXTS, small_language_model, small_task
from training.commands import application

# Two words, worked by hand. After "the" comes "cat" with 10^-0.25, and the end by back-off with
# 10^(-0.5 - 0.25).
FILE = """
\\data\\
ngram 1=5
ngram 2=2

\\1-grams:
-99 <s> -0.125
-0.25 </s>
-1.5 <unk>
-0.5 the -0.5
-1.25 파일을 0

\\2-grams:
-0.125 <s> the
-0.25 the 파일을

\\end\\
"""
LOG = math.log(10)


def arpa(*arguments):
    return CliRunner().invoke(application(), ["arpa", *map(str, arguments)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    tasks = {
        **{unit: small_language_model("ngram", unit=unit) for unit in ("word", "subword", "character")},
        "interpolated": small_language_model("interpolated"),
        "network": small_language_model("recurrent"),
        "translator": small_task(),
    }
    for name, task in tasks.items():
        start_run(folder / name, task, {"corpus": "eight sentences"})
        save_best(folder / name, task)
    (folder / "empty").mkdir()
    return folder


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.arpa"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "suffix"), [("word", ".arpa"), ("subword", ".arpa.gz"), ("character", ".arpa")]
)
def test_there_and_back(runs, tmp_path, name, suffix):
    path, again = tmp_path / f"model{suffix}", tmp_path / "again"
    result = arpa("write", "--run", runs / name, "--output", path)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{path}  ")
    assert result.stdout.endswith(" n-grams of orders 1 to 5\n")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    tokens = [] if name == "word" else ["--tokens-of", runs / name]
    result = arpa("read", path, "--run", again, *tokens)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    one, other = load_run(runs / name), load_run(again)
    texts = [*TEXTS, "Save zebra file.", "새 문서를 👍"]
    wanted, found = (task.answers_of(texts, "score") for task in (one, other))
    for key in ("log_probability", "token_log_probabilities"):
        for left, right in zip(wanted[key], found[key], strict=True):
            np.testing.assert_allclose(left, right, atol=1e-4)
    assert other.config.subwords.unit == name


def test_the_words_of_a_file_are_those_of_texts(runs, tmp_path):
    arpa("write", "--run", runs / "word", "--output", tmp_path / "model.arpa")
    lines = (tmp_path / "model.arpa").read_text(encoding="utf-8").splitlines()
    words = {line.split("\t")[1] for line in lines if line.count("\t")}
    assert {"Save", "파일을", "<s>", "</s>", "<unk>"} <= words


@pytest.mark.slow
def test_a_file_of_another_tool_is_a_run_that_is_exported(file, tmp_path):
    file.write_bytes(gzip.compress(FILE.encode()))
    run = tmp_path / "run"
    result = arpa("read", file, "--run", run)
    assert result.exit_code == 0, result.output
    version = export_run(run, tmp_path / "model")
    signatures = tf.saved_model.load(str(version)).signatures
    answers = signatures["score"](text=tf.constant(["the 파일을", "the", "dog"]))
    # the 파일을 </s>, whose context has the back-off weight 0; the </s>; <unk> </s>
    found = [-0.125 - 0.25 - 0.25, -0.125 - 0.5 - 0.25, -0.125 - 1.5 - 0.25]
    np.testing.assert_allclose(answers["log_probability"], np.array(found) * LOG, rtol=1e-5)
    completed = signatures["serving_default"](prompt=tf.constant(["the"]))["completion"]
    assert completed.numpy()[0].decode() == " 파일을"
    listed = CliRunner().invoke(application(), ["runs", str(tmp_path), "--json"])
    described = json.loads(listed.stdout)
    assert (described["data"], described["incomplete"]) == (str(file), "not scored")
    (tmp_path / "texts.txt").write_text("the 파일을\n", encoding="utf-8")
    scored = CliRunner().invoke(
        application(), ["evaluate", "--run", str(run), "--data", str(tmp_path / "texts.txt")]
    )
    scores = json.loads(scored.stdout.splitlines()[-1])
    assert scores["perplexity"] == pytest.approx(10 ** (0.625 / 3), abs=0.01)


def test_interpolated_ngrams_are_written_without_the_network(runs, tmp_path):
    result = arpa("write", "--run", runs / "interpolated", "--output", tmp_path / "a.arpa")
    assert result.exit_code == 0, result.output
    assert result.stderr == "note: without the network that the n-grams are interpolated with\n"


def test_words_that_no_text_has_are_noted(file, tmp_path):
    file.write_text(FILE.replace("the", "①"), encoding="utf-8")
    result = arpa("read", file, "--run", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert result.stderr == "note: 1 words are in no normalised text, such as '①'\n"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ("write --run {r}/network --output {t}/a.arpa", ConfigError, "is a network, which has no n-grams"),
        ("write --run {r}/translator --output {t}/a.arpa", ConfigError, "holds a translation model"),
        ("write --run {r}/word --output {t}/none/a.arpa", ConfigError, "none is not a folder"),
        ("write --run {r}/word --output {r}/empty", ConfigError, "empty cannot be written"),
        ("write --run {r}/none --output {t}/a.arpa", RunDirectoryError, "expected a run directory"),
        ("read {t}/none.arpa --run {t}/a", DataError, "none.arpa: cannot be read"),
        ("read {t}/model.arpa --run {r}/word", RunDirectoryError, "word holds a run already; name a new"),
        ("read {t}/model.arpa --run {r}", RunDirectoryError, "expected a new or empty directory"),
        ("read {t}/model.arpa --run {t}/a --tokens-of {r}/character", DataError, "expected words of"),
        ("read {t}/cut.arpa --run {t}/a", DataError, "cut.arpa, line 14: the file ends without a line"),
        ("read {t}/text.arpa --run {t}/a", DataError, "ends without a line \\data\\; is it an ARPA file?"),
        ("read {t}/latin.arpa --run {t}/a", DataError, "latin.arpa: expected words in UTF-8"),
        ("read {t}/pieces.arpa --run {t}/a", DataError, "if they are tokens of a run, give --tokens-of"),
        ("read {t}/packed.arpa.gz --run {t}/a", DataError, "the file is damaged after this line"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(runs, file, tmp_path, arguments, error, message):
    (tmp_path / "cut.arpa").write_text(FILE.partition("-0.25 the")[0], encoding="utf-8")
    (tmp_path / "text.arpa").write_text("Save the file.\n")
    (tmp_path / "latin.arpa").write_bytes(FILE.replace("파일을", "naïve").encode("latin-1"))
    (tmp_path / "pieces.arpa").write_text(FILE.replace("the", "▁the").replace("파", "▁파"), encoding="utf-8")
    (tmp_path / "packed.arpa.gz").write_bytes(gzip.compress(FILE.encode())[:-20])
    before = sorted(tmp_path.iterdir())
    words = [one.replace("{r}", str(runs)).replace("{t}", str(tmp_path)) for one in arguments.split()]
    result = arpa(*words)
    assert isinstance(result.exception, error), result.output
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert sorted(tmp_path.iterdir()) == before
