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
from training.commands import app
from training.data.pairs_file import write_pairs


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


@pytest.mark.slow
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


FIT = ["fit", "--task", "classification", "--run"]
COLUMNS = ["--text-column", "document", "--label-column", "label"]
FILMS = [
    (f"{subject} {verdict} {number}", label)
    for number in range(4)
    for subject in ("영화가", "연기는", "The film was", "그 배우 😀")
    for verdict, label in (("정말 좋았다", "긍정 👍"), ("boring", "so so, bad"), ("별로였다", "so so, bad"))
]


def write_films(path, rows=FILMS, header="id,document,label"):
    lines = (f'{number},{text},"{label}"' for number, (text, label) in enumerate(rows))
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A run of `fit --task classification`, and what was printed."""
    folder = tmp_path_factory.mktemp("classifier")
    data = write_films(folder / "films.csv")
    result = invoke(*FIT, folder / "run", "--data", data, *COLUMNS, "--preset", "tiny", "--epochs", "1")
    assert result.exit_code == 0, result.output
    return folder / "run", result.output


@pytest.mark.slow
def test_fit_trains_on_a_labelled_file_of_ones_own(classifier):
    run, output = classifier
    assert "48 texts kept" in output
    assert "2 labels in training: so so, bad " in output
    assert "held-out test  accuracy " in output
    assert "linear train   accuracy " in output
    assert {"test", "baseline", "temperature"} <= set(json.loads((run / "metrics.json").read_text()))
    for name in ("confusion.png", "learning_curve.png", "history.csv", "data/test.tsv.gz"):
        assert (run / name).stat().st_size > 0


@pytest.mark.slow
def test_scores_of_a_classifier_are_one_json_object(classifier, tmp_path):
    data = write_films(tmp_path / "more.csv", FILMS[:5])
    run = classifier[0]
    result = invoke("evaluate", "--run", run, "--data", data, *COLUMNS, "--baseline", "linear")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.output.splitlines()[-1])
    assert {"accuracy", "macro_f1", "ece", "examples", "seconds"} <= set(scores)
    assert scores["examples"] == scores["baseline"]["examples"] == 5
    assert set(scores["classes"]) == {"긍정 👍", "so so, bad"}
    own = json.loads(invoke("evaluate", "--run", run).output.splitlines()[-1])
    kept = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["test"]
    assert {**own, "seconds": 0} == {**kept, "seconds": 0}


@pytest.mark.slow
def test_classify_gives_a_label_and_its_probability_for_a_line(classifier):
    result = invoke(
        "classify", "--run", classifier[0], input="정말 좋았다\n\nA film 😀\n".encode() + b"\xff\n"
    )
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.output.splitlines()]
    assert len(rows) == 4
    assert {label for label, _ in rows} <= {"긍정 👍", "so so, bad"}
    assert all(0.5 <= float(probability) <= 1 for _, probability in rows)


@pytest.mark.slow
def test_labels_may_be_numbers_and_several_a_text(tmp_path):
    rows = [(f"word{number % 3} text {number}", "12" if number % 3 else "7|12") for number in range(40)]
    data = write_films(tmp_path / "numbers.csv", rows, "id,text,label")
    short = ["--preset", "tiny", "--epochs", "1"]
    result = invoke(*FIT, tmp_path / "run", "--data", data, "--multi-label", "|", "--class-weights", *short)
    assert result.exit_code == 0, result.output
    labels = json.loads((tmp_path / "run" / "assets" / "labels.json").read_text(encoding="utf-8"))
    assert labels == {"labels": ["12", "7"], "separator": "|"}
    scores = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))["test"]
    assert scores["micro_f1"] <= 1
    assert "confusion" not in scores
    answers = invoke("classify", "--run", tmp_path / "run", input=b"word0 text\n").output.splitlines()
    assert answers[0].split("\t")[0] in ("", "12", "7", "12|7", "7|12")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "{t}/same.csv"], "all 4 texts have the label 'bad'; expected two different labels"),
        (["--data", "{t}/empty.csv"], "no usable row among 3 (3 empty text)"),
        (
            ["--data", "{t}/films.csv", "--test", "{t}/strange.csv", *COLUMNS],
            "1 of 2 test rows have labels that training never saw: 'neutral'",
        ),
        (["--data", "{t}/films.csv", "--label-column", "lable"], "did you mean 'label'?"),
        (["--data", "{t}/films.csv", "--text-column", "x"], "expected one of 'id', 'document', 'label'"),
        (["--text-column", "document"], "only for labelled files of your own"),
        (["--corpus", "libreoffice-help"], "is for translation, and the task is classification"),
        (["--pair", "en-ko"], "has labels, not language pairs"),
        (["--data", "{t}/films.csv", *COLUMNS, "--preset", "bas"], "is not a preset of classification"),
    ],
)
def test_what_is_wrong_with_labelled_data_is_said(arguments, message, tmp_path):
    write_films(tmp_path / "films.csv")
    write_films(tmp_path / "same.csv", [(f"text {n}", "bad") for n in range(4)], "id,text,label")
    write_films(tmp_path / "empty.csv", [(" ", str(n)) for n in range(3)], "id,text,label")
    write_films(tmp_path / "strange.csv", [("a", "긍정 👍"), ("b", "neutral")])
    arguments = [argument.replace("{t}", str(tmp_path)) for argument in arguments]
    result = invoke(*FIT, tmp_path / "r", *arguments)
    assert isinstance(result.exception, SeqAppError), result.output
    assert message in str(result.exception)
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_a_run_of_another_task_is_named(classifier, run, tmp_path):
    labelled = write_films(tmp_path / "strange.csv", [("a", "neutral")])
    for arguments, message in (
        (["evaluate", "--run", classifier[0], "--baseline", "nearest"], "expected linear for classification"),
        (["evaluate", "--run", run, "--baseline", "linear"], "expected nearest for translation"),
        (["translate", "--run", classifier[0]], "which is of classification"),
        (["classify", "--run", run], "which is of translation"),
        (["evaluate", "--run", classifier[0], "--data", labelled, *COLUMNS], "'neutral' is not among the 2"),
    ):
        result = invoke(*arguments, input=b"")
        assert isinstance(result.exception, SeqAppError), result.output
        assert message in str(result.exception)
