"""The commands as a person types them."""

import gzip
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seqapp.errors import SeqAppError
from seqapp.run_directory import save_best, split_file, start_run
from tests.support.tasks import PAIRS, small_task
from training.commands import application
from training.data.kept_rows import write_rows
from training.tasks.registry import preset


def invoke(*arguments, **options):
    return CliRunner().invoke(application(), [str(a) for a in arguments], **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    directory = tmp_path_factory.mktemp("runs") / "run"
    task = small_task()
    start_run(directory, task, {})
    save_best(directory, task)
    (directory / "data").mkdir()
    for part in ("train", "valid", "test"):
        write_rows(split_file(directory, part), PAIRS)
    return directory


def plain(output):
    """The help text without frames and line breaks."""
    return " ".join("".join(letter for letter in output if letter not in "│╭╮╰╯─").split())


@pytest.mark.parametrize("command", ["fit", "run-directory"])
def test_help_has_the_options_of_all_tasks(command):
    found = plain(invoke(command, "--help", env={"COLUMNS": "200"}).output)
    for option in ("--source-column", "--label-column", "--pair", "--class-weights"):
        assert option in found
    assert "languages, source first: en-ko, ko-en, pt-BR-de … (translation)" in found
    assert "--no-class-weights" not in found


def test_evaluate_has_the_columns_of_all_tasks_only():
    found = plain(invoke("evaluate", "--help", env={"COLUMNS": "200"}).output)
    for option in ("--source-column", "--label-column", "--baseline"):
        assert option in found
    assert "--pair" not in found


def test_one_command_per_task_answers_lines():
    found = plain(invoke("--help", env={"COLUMNS": "200"}).output)
    for name in ("corpora", "fit", "evaluate", "run-directory", "model-name", "translate", "classify"):
        assert name in found
    assert "Write one line per line of standard input: label<TAB>probability" in plain(
        invoke("classify", "--help", env={"COLUMNS": "200"}).output
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "runs/translation-libreoffice-help-en-ko-base"),
        (["--pair", "ko-en", "--preset", "tiny"], "runs/translation-libreoffice-help-ko-en-tiny"),
        (["--task", "classification"], "runs/classification-vader-sentiment-base"),
    ],
)
def test_the_directory_of_a_run_without_a_name(arguments, expected):
    assert invoke("run-directory", *arguments).output.strip() == expected


@pytest.mark.parametrize(
    ("arguments", "name"),
    [([], "translation"), (["--pair", "ko-en"], "translation-ko-en"), (["--run", "runs/mine"], "mine")],
)
def test_the_name_of_a_model_without_a_name(arguments, name):
    assert invoke("model-name", *arguments).output == f"{name}\n"


def test_changed_settings_name_run_and_model(tmp_path):
    (tmp_path / "my.toml").write_text("[training]\nepochs = 3\n", encoding="utf-8")
    by_file = ["--config", tmp_path / "my.toml"]
    by_option = ["--set", "training.epochs=3"]
    names = [invoke("run-directory", *options).output for options in (by_file, by_option)]
    assert names[0] == names[1]
    assert names[0].startswith("runs/translation-libreoffice-help-en-ko-base-")
    several = ["--set", "model.encoder.units=64", "training.epochs=3", "--preset", "tiny"]
    in_one = ["--set", "model.encoder.units=64 training.epochs=3", "--preset", "tiny"]
    assert invoke("run-directory", *several).output == invoke("run-directory", *in_one).output != names[0]
    digest = names[0].strip().rpartition("-")[2]
    assert invoke("model-name", *by_file).output == f"translation-base-{digest}\n"
    assert invoke("model-name", "--set", "training.epochs=33").output == "translation\n"  # as in the preset


def test_a_run_is_repeated_from_its_config(tmp_path):
    config = preset("translation", "base").with_changes(source_language="ko", target_language="en")
    run = {"format": 2, "task": "translation", "settings": config.model_dump(mode="json"), "data": {}}
    (tmp_path / "config.json").write_text(json.dumps(run), encoding="utf-8")
    found = invoke("run-directory", "--config", tmp_path / "config.json").output
    assert found == "runs/translation-libreoffice-help-ko-en-base\n"
    other = invoke("run-directory", "--config", tmp_path / "config.json", "--pair", "en-ko").output
    assert other == "runs/translation-libreoffice-help-en-ko-base\n"


def test_settings_of_a_preset_are_a_file_for_fit(tmp_path):
    shown = invoke("presets", "translation", "gru", "--json").output
    (tmp_path / "gru.json").write_text(shown, encoding="utf-8")
    found = invoke("run-directory", "--config", tmp_path / "gru.json", "--preset", "gru").output
    assert found == "runs/translation-libreoffice-help-en-ko-gru\n"


def test_presets_and_settings_are_listed():
    listed = invoke("presets").output
    for name in ("translation", "classification", "bahdanau", "2,407,072"):
        assert name in listed
    assert "bahdanau" not in invoke("presets", "classification").output
    assert "largest number of epochs (integer from 1; default 10)" in invoke(
        "presets", "translation", "base"
    ).output


def test_a_former_preset_is_accepted_with_a_note(tmp_path):
    assert invoke("run-directory", "--preset", "stack").stdout.endswith("-hybrid\n")
    result = invoke("fit", "--run", tmp_path / "r", "--preset", "stack", "--data", tmp_path / "none.tsv")
    assert result.stderr == "note: preset stack is now called hybrid\n"
    assert "no such file" in str(result.exception)


def test_data_files_of_one_name_get_runs_of_their_own(tmp_path):
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        names.append(invoke("run-directory", "--data", tmp_path / folder / "my reviews.tsv.gz").output)
        there = tmp_path / folder / ".." / folder / "my reviews.tsv.gz"
        assert invoke("run-directory", "--data", there).output == names[-1]
    assert names[0] != names[1]
    for name in names:
        assert name.startswith("runs/translation-my_reviews-")


def test_corpora_lists_the_default():
    result = invoke("corpora")
    assert result.exit_code == 0
    assert "libreoffice-help" in result.output
    assert "MPL-2.0" in result.output
    assert "en-ko ko-en" in result.output


def test_evaluate_ends_with_one_json_object(run, tmp_path):
    write_rows(tmp_path / "mine.tsv", PAIRS[:2])
    result = invoke("evaluate", "--run", run, "--data", tmp_path / "mine.tsv", "--baseline")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.output.splitlines()[-1])
    expected = {"bleu", "chrf", "bleu_signature", "chrf_signature", "exact_match", "sentences", "seconds"}
    assert expected <= set(scores)
    assert scores["sentences"] == 2
    # The training sentences themselves are found again.
    assert scores["baseline"]["name"] == "nearest"
    assert scores["baseline"]["exact_match"] == 1.0


def test_evaluate_takes_parallel_files_and_standard_input(run, tmp_path):
    for place, side in enumerate(("source", "target")):
        (tmp_path / side).write_text("".join(f"{pair[place]}\n" for pair in PAIRS[:3]), encoding="utf-8")
    files = ["--source", tmp_path / "source", "--target", tmp_path / "target"]
    result = invoke("evaluate", "--run", run, *files)
    assert result.output.splitlines()[0] == "source + target: 3 line pairs read, 3 pairs kept"
    assert json.loads(result.output.splitlines()[-1])["sentences"] == 3
    result = invoke("evaluate", "--run", run, "--data", "-", input=b"a\tb\n")
    assert json.loads(result.output.splitlines()[-1])["sentences"] == 1
    refused = invoke("evaluate", "--run", run, *files[:2])
    assert "--source needs --target" in str(refused.exception)


def documented(heading):
    """The `seqapp` commands in the section of docs/data.md, without what writes their standard input."""
    text = (Path(__file__).parents[2] / "docs/data.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = "".join(re.findall("```sh\n(.*?)```", section, re.DOTALL)).splitlines()
    return [shlex.split(line.partition("seqapp ")[2]) for line in lines if "seqapp " in line]


@pytest.mark.slow
def test_the_documented_formats_are_trained_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pairs = [(f"Save file {number}.", f"파일 {number}을 저장합니다.") for number in range(40)]
    tsv = "".join(f"{source}\t{target}\n" for source, target in pairs)
    texts = {"tsv": tsv, "ko": "".join(f"{target}\n" for _, target in pairs)}
    texts["en"] = "".join(f"{source}\n" for source, _ in pairs)
    texts["jsonl"] = "".join(json.dumps({"en": source, "ko": target}) + "\n" for source, target in pairs)
    tuv = '<tuv xml:lang="{}"><seg>{}</seg></tuv>'
    units = (f"<tu>{tuv.format('ko', target)}{tuv.format('en', source)}</tu>" for source, target in pairs)
    texts["tmx"] = f"<tmx><body>{''.join(units)}</body></tmx>"
    for name in ("pairs.tsv", "memory.tmx", "dev.en", "dev.ko", "test.en", "test.ko", "test.jsonl"):
        Path(name).write_text(texts[name.rpartition(".")[2]].replace("Save", name[:3]), encoding="utf-8")
    for name in ("train.en", "train.ko", "part-1.jsonl", "part-2.jsonl"):
        Path(f"{name}.gz").write_bytes(gzip.compress(texts[name.rpartition(".")[2]].encode()))
    for text, label in FILMS:
        path = Path("reviews", label[:2], f"{len(list(Path().rglob('*.txt')))}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    commands = [*documented("Formats"), *documented("Cleaning")]
    assert len(commands) == 7
    for number, (command, *words) in enumerate(commands):
        short = ["--preset", "tiny", "--epochs", "1", "--overwrite"] if command == "fit" else []
        result = invoke(command, *words, *short, input=tsv)
        assert result.exit_code == 0, (number, result.output, result.exception)
    cleaned = json.loads(Path("runs/mine/config.json").read_text(encoding="utf-8"))["data"]["cleaned"]
    assert cleaned == {}


def test_evaluate_takes_the_runs_own_test_split(run):
    result = invoke("evaluate", "--run", run)
    assert json.loads(result.output.splitlines()[-1])["sentences"] == len(PAIRS)


def test_translate_gives_a_line_for_a_line(run):
    lines = ["Save the file.", "", "no\u2028break", "word " * 200]
    result = invoke("translate", "--run", run, input="\r\n".join(lines).encode())
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 4
    assert result.stdout.splitlines()[1] == ""
    assert result.stderr == (
        "note: 1 of 4 texts were longer than the model's limit and were cut, the first in line 4\n"
    )


def test_nothing_in_nothing_out(run):
    result = invoke("translate", "--run", run, input=b"")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_other_bytes_than_text_are_refused(run):
    result = invoke("translate", "--run", run, input=b"Open \xff it\n")
    assert isinstance(result.exception, SeqAppError)
    assert str(result.exception).startswith("standard input")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "--run", "{t}/r", "--data", "{t}/nowhere.tsv"], "nowhere.tsv"),
        (["fit", "--run", "{t}/r", "--data", "{t}/one.tsv"], "missing second column"),
        (["fit", "--run", "{t}/r", "--data", "{t}/latin.tsv"], "iconv"),
        (["fit", "--run", "{t}/r", "--corpus", "libreofice-help"], "libreoffice-help"),
        (["fit", "--run", "{t}/r", "--pair", "en-cy"], "expected one of en-ko"),
        (["fit", "--run", "{t}/r", "--preset", "hugo"], "is not a preset of translation"),
        (["fit", "--run", "{t}/r", "--task", "parsing"], "expected one of translation"),
        (["fit", "--run", "{t}/r", "--epochs", "0"], "--epochs must be at least 1, got 0"),
        (["fit", "--run", "{t}/r", "--minutes", "0"], "--minutes must be above 0 and at most 1,000,000"),
        (["fit", "--run", "{t}/r", "--seed", "-1"], "--seed must be at least 0, got -1"),
        (["fit", "--run", "{t}/r", "--corpus", "x", "--data", "y"], "either --corpus or --data, not both"),
        (["fit", "--run", "{t}/r", "--valid", "y"], "--valid and --test need --data"),
        (["fit", "--run", "{t}/r", "--source", "y"], "--source needs --target"),
        (["fit", "--run", "{t}/r", "--source", "x", "--target", "y", "--data", "z"], "either --data or"),
        (["fit", "--run", "{t}/r", "--source", "{t}/pairs.tsv", "--target", "{t}/one.tsv"], "has 9 lines"),
        (["fit", "--run", "{t}/r", "--data", "{t}/shard-*.tsv"], "no file matches this pattern"),
        (["fit", "--run", "{t}/r", "--data", "-"], "standard input is empty"),
        (["fit", "--run", "{t}/r", "--data", "{t}/pairs.tsv", "--test", "-"], "--test -: standard input can"),
        (["fit", "--run", "{t}/r", "--clean"], "--clean needs --data"),
        (["fit", "--run", "{t}/r", "--data", "-", "--workers", "2"], "--data -: several workers cannot read"),
        (["evaluate", "--run", "{t}/nowhere", "--target", "y"], "is not a directory"),
        (["fit", "--run", "{t}/r", "--data", "{t}/one.tsv", "--pair", "enko"], "source-target such as en-ko"),
        (["fit", "--set", "model.encoder_units=512"], "--set: model.encoder_units is not a setting of"),
        (["fit", "--set", "training.epochs=0"], "--set: training.epochs must be at least 1, got 0"),
        (["fit", "--set", "task=classification"], "--set: task is translation here, got 'classification'"),
        (["fit", "--set", "training.epochs=3", "quick"], "--set: expected NAME=VALUE, "),
        (["fit", "training.epochs=3"], "unexpected argument 'training.epochs=3'; a setting needs --set"),
        (["fit", "--config", "{t}/one.tsv"], "one.tsv: not TOML: "),
        (["fit", "--config", "{t}/none.json"], "--config: cannot read "),
        (["presets", "parsing"], "TASK: 'parsing' is not a task; expected one of translation"),
        (["presets", "translation", "bas"], "PRESET: 'bas' is not a preset of translation"),
        (["presets", "--json"], "--json needs TASK and PRESET"),
        (["evaluate", "--run", "{t}/nowhere"], "is not a directory"),
        (["fit", "--run", "{t}/r", "--class-weights"], "--class-weights is not an option of translation"),
        (["fit", "--run", "{t}/r", "--data", "{t}/pairs.tsv", "--preset", "fast"], "-base is not a trained"),
        (["fit", "--run", "{t}/r", "--data", "{t}/pairs.tsv", "--distil-from", "{t}"], "train the teacher"),
        (["fit", "--run", "{t}", "--data", "{t}/pairs.tsv"], "expected a new or empty directory"),
        (["run-directory", "--task", "classification", "--pair", "en-ko"], "--pair is not an option of"),
        (["translate", "--run", "{t}"], "holds no config.json"),
    ],
)
def test_errors_that_a_user_can_correct(arguments, message, tmp_path):
    (tmp_path / "one.tsv").write_text("only one column\n", encoding="utf-8")
    (tmp_path / "pairs.tsv").write_text("".join(f"{n}\t{n}\n" for n in range(9)), encoding="utf-8")
    (tmp_path / "latin.tsv").write_bytes("Straße\tÜbung\n".encode("latin-1"))
    result = invoke(*[argument.replace("{t}", str(tmp_path)) for argument in arguments])
    assert isinstance(result.exception, SeqAppError), result.output
    assert message in str(result.exception)
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["translate", "--run", "{t}/\x1b[2J"], "error: run: expected a run directory"),
        (["fit", "--epochs", "many"], "error: Invalid value for '--epochs': "),
        (["fit", "--epoch", "2"], "error: No such option: --epoch"),
        (["evaluate"], "error: Missing option '--run'"),
        (["trian"], "error: No such command 'trian'"),
    ],
)
def test_errors_are_one_line_on_stderr(tmp_path, arguments, message):
    done = subprocess.run(
        [sys.executable, "-m", "training", *(word.replace("{t}", str(tmp_path)) for word in arguments)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        input="",
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert "\x1b" not in done.stderr
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
    path.parent.mkdir(exist_ok=True)
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
    result = invoke("evaluate", "--run", run, "--data", data, *COLUMNS, "--baseline")
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
    result = invoke("classify", "--run", classifier[0], input="정말 좋았다\n\nA film 😀\n".encode())
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.output.splitlines()]
    assert len(rows) == 3
    assert {label for label, _ in rows} <= {"긍정 👍", "so so, bad"}
    assert all(0.5 <= float(probability) <= 1 for _, probability in rows)


@pytest.mark.slow
def test_labels_may_be_numbers_and_several_per_text(tmp_path):
    rows = [(f"word{number % 3} text {number}", "12" if number % 3 else "7|12") for number in range(40)]
    data = write_films(tmp_path / "numbers.csv", rows, "id,text,label")
    short = ["--preset", "tiny", "--epochs", "1"]
    result = invoke(*FIT, tmp_path / "run", "--data", data, "--multi-label", "|", "--class-weights", *short)
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("note: --multi-label is now called --label-separator\n")
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
            "1 of 2 test rows have labels that do not occur in training: 'neutral'",
        ),
        (["--data", "{t}/films.csv", "--label-column", "lable"], "did you mean 'label'?"),
        (["--data", "{t}/films.csv", "--text-column", "x"], "expected one of 'id', 'document', 'label'"),
        (["--text-column", "document"], "--text-column can only be used with --data FILE"),
        (["--corpus", "libreoffice-help"], "is for translation, but the task is classification"),
        (["--pair", "en-ko"], "--pair is not an option of classification, which has --class-weights, "),
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
        (["evaluate", "--run", run, "--text-column", "a"], "--text-column is not an option of translation"),
        (["evaluate", "--run", classifier[0], *COLUMNS], "--label-column can only be used with --data FILE"),
        (["translate", "--run", classifier[0]], "classification model; this command needs a translation run"),
        (["classify", "--run", run], "holds a translation model; this command needs a classification run"),
        (["evaluate", "--run", classifier[0], "--data", labelled, *COLUMNS], "'neutral' is not among the 2"),
    ):
        result = invoke(*arguments, input=b"")
        assert isinstance(result.exception, SeqAppError), result.output
        assert message in str(result.exception)


FILMS_RUN = ["--preset", "tiny", "--epochs", "1"]


@pytest.mark.slow
def test_a_training_that_is_there_is_kept(classifier):
    run, data = classifier[0], classifier[0].parent / "films.csv"
    before = (run / "model.weights.h5").stat().st_mtime_ns
    again = invoke(*FIT, run, "--data", data, *COLUMNS, *FILMS_RUN)
    assert again.exit_code == 0, again.output
    assert "is already trained with these settings and rows; it is kept" in again.output
    assert "held-out test  accuracy " in again.output
    other = invoke(*FIT, run, "--data", data, *COLUMNS, *FILMS_RUN, "--seed", "9")
    assert isinstance(other.exception, SeqAppError)
    assert "training.seed: 1 there, 9 now" in str(other.exception)
    rows = write_films(run.parent / "fewer" / "films.csv", FILMS[:40])
    other = invoke(*FIT, run, "--data", rows, *COLUMNS, *FILMS_RUN)
    assert "rows_sha256: " in str(other.exception)
    assert (run / "model.weights.h5").stat().st_mtime_ns == before
