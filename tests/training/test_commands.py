"""The commands as a person types them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seqapp.errors import SeqAppError
from seqapp.run_directory import save_weights, start_run
from tests.support.tasks import PAIRS, small_task
from training.__main__ import app
from training.corpora.pairs_file import write_pairs


def invoke(*arguments, **options):
    return CliRunner().invoke(app, [str(a) for a in arguments], **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    directory = tmp_path_factory.mktemp("runs") / "run"
    task = small_task()
    start_run(directory, task, {})
    save_weights(directory, task)
    (directory / "data").mkdir()
    for name in ("train", "test"):
        write_pairs(directory / "data" / f"{name}.tsv.gz", PAIRS)
    return directory


def test_corpora_lists_the_default():
    result = invoke("corpora")
    assert result.exit_code == 0
    assert "libreoffice-help" in result.output
    assert "MPL-2.0" in result.output
    assert "en-ko ko-en" in result.output


def test_evaluate_ends_with_one_json_object(run, tmp_path):
    write_pairs(tmp_path / "mine.tsv", PAIRS[:2])
    result = invoke("evaluate", "--run", run, "--data", tmp_path / "mine.tsv", "--baseline", "nearest")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.output.splitlines()[-1])
    wanted = {"bleu", "chrf", "bleu_signature", "chrf_signature", "exact_match", "sentences", "seconds"}
    assert wanted <= set(scores)
    assert scores["sentences"] == 2
    # The training sentences themselves are found again.
    assert scores["baseline"]["exact_match"] == 1.0


def test_evaluate_takes_the_runs_own_test_split(run):
    result = invoke("evaluate", "--run", run)
    assert json.loads(result.output.splitlines()[-1])["sentences"] == len(PAIRS)


def test_translate_gives_a_line_for_a_line(run):
    result = invoke("translate", "--run", run, input=b"Save the file.\n\nOpen \xff it\n")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == 3
    assert result.output.splitlines()[1] == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "--run", "{t}/r", "--data", "{t}/nowhere.tsv"], "nowhere.tsv"),
        (["fit", "--run", "{t}/r", "--data", "{t}/one.tsv"], "source<TAB>target"),
        (["fit", "--run", "{t}/r", "--data", "{t}/latin.tsv"], "iconv"),
        (["fit", "--run", "{t}/r", "--corpus", "libreofice-help"], "libreoffice-help"),
        (["fit", "--run", "{t}/r", "--pair", "en-xx"], "expected one of en-ko"),
        (["fit", "--run", "{t}/r", "--preset", "hugo"], "is not a preset of translation"),
        (["fit", "--run", "{t}/r", "--task", "parsing"], "expected one of translation"),
        (["fit", "--run", "{t}/r", "--epochs", "0"], "epochs"),
        (["fit", "--run", "{t}/r", "--corpus", "x", "--data", "y"], "expected one of them, got both"),
        (["fit", "--run", "{t}/r", "--valid", "y"], "only together with data"),
        (["fit", "--run", "{t}/r", "--data", "{t}/one.tsv", "--pair", "enko"], "source-target such as en-ko"),
        (["evaluate", "--run", "{t}/nowhere"], "is not a directory"),
        (
            ["evaluate", "--run", "{t}/nowhere", "--baseline", "other"],
            "expected one of nearest, linear, got 'other'",
        ),
        (["translate", "--run", "{t}"], "holds no config.json"),
    ],
)
def test_what_a_person_can_mend_is_said(arguments, message, tmp_path):
    (tmp_path / "one.tsv").write_text("only one column\n", encoding="utf-8")
    (tmp_path / "latin.tsv").write_bytes("Straße\tÜbung\n".encode("latin-1"))
    result = invoke(*[argument.replace("{t}", str(tmp_path)) for argument in arguments])
    assert isinstance(result.exception, SeqAppError), result.output
    assert message in str(result.exception)
    assert not (tmp_path / "r").exists()


def test_the_sentence_stands_on_standard_error_without_a_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "training", "translate", "--run", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        input="",
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: run: expected a run directory")
    assert len(done.stderr.splitlines()) == 1
