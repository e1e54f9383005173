"""`compare`, with outputs that the runs keep; one test has them predicted."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from seqapp.atomic_files import write_json
from seqapp.errors import SeqAppError
from seqapp.run_directory import read_config, save_best, split_file, start_run
from tests.support.classification import LABELLED, small_classifier
from tests.support.tasks import PAIRS, small_language_model, small_task
from training.commands import application
from training.data.kept_outputs import outputs_file, read_outputs, write_outputs
from training.data.kept_rows import write_rows

TEST = [(f"Open file {number}.", f"파일 {number} 을 엽니다.") for number in range(24)]
RIGHT = [{"translation": target} for _, target in TEST]
WRONG = [{"translation": "문서를 저장"} for _ in TEST]


def write_run(run, task, test, outputs, train=PAIRS):
    start_run(run, task, {})
    save_best(run, task)
    (run / "data").mkdir()
    write_rows(split_file(run, "train"), train)
    write_rows(split_file(run, "test"), test)
    if outputs:
        write_outputs(run, outputs)
    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs ``good``, ``bad`` (half of it right), and ``labels``, a classifier."""
    folder = tmp_path_factory.mktemp("made")
    write_run(folder / "good", small_task(), TEST, RIGHT)
    write_run(folder / "bad", small_task(seed=2), TEST, [*RIGHT[:12], *WRONG[12:]])
    labelled = [(f"text {number}", label) for number, (_, label) in enumerate(LABELLED * 6)]
    found = [{"label": label, "probability": 0.9} for _, label in labelled]
    write_run(folder / "labels", small_classifier(), labelled, found, LABELLED)
    return folder


@pytest.fixture
def runs(made, tmp_path):
    return shutil.copytree(made, tmp_path / "runs")


def compare(*arguments):
    return CliRunner().invoke(application(), ["compare", *map(str, arguments)])


def error_of(*arguments):
    result = compare(*arguments)
    assert isinstance(result.exception, SeqAppError), result.output
    return str(result.exception)


def test_difference_interval_and_p_of_kept_outputs(runs):
    result = compare(runs / "good", runs / "bad")
    assert result.exit_code == 0, result.output
    *lines, last = result.output.splitlines()
    assert lines[0] == f"24 test rows of {runs / 'good'}; differences are to {runs / 'good'}"
    (exact,) = [line for line in lines if "McNemar's" in line]
    # 12 of 24 rows are lost and none gained: 2 / 2 ** 12.
    for cell in (str(runs / "bad"), "50.0% ± 18.6", "-50.0 [-70.8, -29.2]", "< 0.001"):
        assert cell in exact
    found = json.loads(last)
    assert (found["task"], found["rows"]) == ("translation", 24)
    first, other = found["runs"]
    assert first["scores"]["chrf"] == 100.0
    assert "differences" not in first
    assert other["differences"]["exact_match"]["p"] == pytest.approx(2 / 2**12, abs=1e-6)
    chrf = other["differences"]["chrf"]
    assert chrf["interval"][0] < chrf["difference"] < chrf["interval"][1] < 0
    assert chrf["p"] < 0.01
    plain = json.loads(compare(runs / "good", runs / "bad", "--resamples", 0).output.splitlines()[-1])
    assert plain["runs"][1]["differences"]["chrf"] == {**chrf, "interval": None}


def test_classifiers_are_compared_by_labels(runs):
    other = write_run(
        runs / "other",
        small_classifier(seed=3),
        [(f"text {number}", label) for number, (_, label) in enumerate(LABELLED * 6)],
        [{"label": "부정", "probability": 0.9}] * 24,
        LABELLED,
    )
    result = compare(runs / "labels", other)
    assert result.exit_code == 0, result.output
    found = json.loads(result.output.splitlines()[-1])["runs"][1]
    assert found["scores"]["accuracy"] == 0.5
    assert found["differences"]["macro_f1"]["p"] < 0.01
    assert "macro-F1" in result.output


def texts_of(tokens, size):
    return [{"log_probability": -3.0 - row % 3, "tokens": tokens, "bytes": size} for row in range(4)]


@pytest.mark.parametrize(
    ("outputs", "notes", "scores"),
    [
        (texts_of(3, 10), [], ["bits_per_byte", "perplexity"]),
        (texts_of(4, 10), ["no difference of perplexity per token: 4 of 4 texts"], ["bits_per_byte"]),
        (
            [*texts_of(3, 10)[:3], {"log_probability": -2.0, "tokens": 2, "bytes": 7}],
            ["1 of 4 texts are cut at another place", "no difference of perplexity per token: 1 of 4"],
            ["bits_per_byte"],
        ),
    ],
)
def test_language_models_of_other_tokens_have_no_difference_of_perplexity(tmp_path, outputs, notes, scores):
    test = [(f"Click {row}.",) for row in range(4)]
    task, train = small_language_model(), [("Open.",)]
    first = write_run(tmp_path / "first", task, test, texts_of(3, 10), train)
    other = write_run(tmp_path / "other", task, test, outputs, train)
    result = compare(first, other)
    assert result.exit_code == 0, result.output
    *lines, last = result.output.splitlines()
    found = json.loads(last)["runs"][1]
    assert list(found["differences"]) == scores
    printed = [line for line in lines if line.startswith("note: ")]
    assert printed == [f"note: {other}: {note}" for note in found.get("notes", [])]
    assert len(printed) == len(notes)
    assert all(note in line for note, line in zip(notes, printed, strict=True))


def test_runs_that_cannot_be_compared(runs):
    good, bad = runs / "good", runs / "bad"
    assert "at least two runs to compare, got 1" in error_of(good)
    assert "is given twice" in error_of(good, bad, runs / "bad" / ".." / "good")
    assert "holds a translation model and" in error_of(good, runs / "labels")
    assert "is not a directory" in error_of(good, runs / "nothing")
    assert "--source-column can only be used with --data" in error_of(good, bad, "--source-column", "a")
    assert "--resamples must be at least 0" in error_of(good, bad, "--resamples", "-1")
    values = read_config(bad)
    write_json(bad / "config.json", {**values, "settings": {**values["settings"], "target_language": "fr"}})
    assert f"{good} has target language ko and {bad} fr" in error_of(good, bad)
    (bad / "model.weights.h5").unlink()
    assert "no epoch of its training is finished" in error_of(good, bad)


def test_test_rows_must_be_common_and_unseen(runs, tmp_path):
    good, bad = runs / "good", runs / "bad"
    write_rows(split_file(bad, "test"), [*TEST[:20], ("x", "y")])
    assert "different test rows: 24 and 21, 20 of them in both; give --data FILE" in error_of(good, bad)
    write_rows(split_file(bad, "test"), TEST)
    write_rows(split_file(bad, "train"), [*PAIRS, ("OPEN  file 3.", "other"), *TEST[:2]])
    assert f"3 of the 24 test rows are among the training rows of {bad};" in error_of(good, bad)
    # So are those of a run that it was fine-tuned from.
    write_rows(split_file(bad, "train"), PAIRS)
    origin = write_run(runs / "origin", small_task(seed=3), TEST, [], train=TEST[:1])
    values = read_config(bad)
    values["settings"]["training"]["init_from"] = str(origin)
    write_json(bad / "config.json", values)
    message = error_of(good, bad)
    assert f"1 of the 24 test rows are among the training rows of {origin}, from which {bad} was" in message
    write_rows(tmp_path / "seen.tsv", PAIRS)
    assert "4 of the 4 test rows" in error_of(good, bad, "--data", tmp_path / "seen.tsv")


@pytest.mark.slow
def test_missing_outputs_are_predicted_and_kept(runs, tmp_path):
    outputs_file(runs / "bad").unlink()
    result = compare(runs / "good", runs / "bad", "--resamples", 0)
    assert result.exit_code == 0, result.output
    assert len(read_outputs(runs / "bad")) == 24
    before = outputs_file(runs / "bad").read_bytes()
    write_rows(tmp_path / "more.tsv", [("Print it.", "인쇄합니다."), ("Copy it.", "복사합니다.")])
    result = compare(runs / "good", runs / "bad", "--data", tmp_path / "more.tsv")
    assert json.loads(result.output.splitlines()[-1])["rows"] == 2
    assert outputs_file(runs / "bad").read_bytes() == before
