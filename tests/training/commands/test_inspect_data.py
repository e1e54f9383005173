"""The command `inspect-data`, on small files of all tasks."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from training.commands import application

PAIRS = [f"Row {row}.\t줄 바꿈 {row}." for row in range(20)]
PAIRS += ["Save.\t저장", "Save.\t저장하기", "Row 1.\t줄 바꿈 1.", "no tab", "OK\tOK", "\x1b[2J evil\t나쁜"]
TEXTS = [f"text {row}\t{'good' if row % 3 else 'bad'}" for row in range(30)] + ["text 0\tgood", "empty\t "]


def invoke(*arguments, **options):
    return CliRunner().invoke(application(), [str(one) for one in arguments], **options)


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("\n".join(PAIRS) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.tsv"
    path.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    return path


def test_pairs(pairs):
    shown = invoke("inspect-data", pairs, "--pair", "en-ko").output
    for line in (
        "task: translation (--pair; --task is not given)",
        "pairs.tsv: 26 rows read, 24 pairs kept",
        "  skipped 1: repeated pair; pairs.tsv, line 23: 'Row 1.\\t줄 바꿈 1.'",
        "  skipped 1: missing second column (no tab); pairs.tsv, line 24: 'no tab'",
        "split: train 22, valid 1, test 1",
        "  sources with several targets: 1 (in 2 rows), for example",
        "    'Save.': '저장' | '저장하기'",
        "--clean would leave out",
        "  1 of 24 rows (4.2%)",
        "  1: source and target are identical; 'OK\\tOK'",
    ):
        assert line in shown.splitlines()
    assert "texts not in the script of Korean (ko): 1 (4.2%), e.g. 'OK'" in shown
    assert "\x1b" not in shown


def test_texts(texts):
    shown = invoke("inspect", texts).output
    for line in (
        "texts.tsv: 32 rows read, 31 texts kept",
        "  skipped 1: empty label; texts.tsv, line 32: 'empty\\t'",
        "  labels: 2; imbalance 2.1 to 1",
        "  'good' 21, 'bad' 10",
        "  texts with several labels: 1 (in 2 rows), for example",
        "    'text 0': 'bad' | 'good'",
    ):
        assert line in shown.splitlines()


def test_texts_of_a_language_model(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"Click OK {row}.\n" for row in range(20)) + "\nClick OK 1.\n", encoding="utf-8")
    result = invoke("inspect-data", path, "--task", "language-modelling")
    assert result.exit_code == 0
    for line in (
        "lines.txt: 22 lines read, 21 texts kept",
        "  distinct texts: 20; the most frequent one occurs 2 times: 'Click OK 1.'",
        "  rows with the text of an earlier row: 1",
    ):
        assert line in result.output.splitlines()
    assert "labels" not in result.output


def test_cleaned_rows_are_counted_among_the_reasons(pairs):
    found = json.loads(invoke("inspect-data", "--data", pairs, "--pair", "en-ko", "--clean", "--json").output)
    reasons = {one["reason"]: one["rows"] for one in found["files"]["data"]["skipped"]}
    assert reasons["source and target are identical"] == 1
    assert found["rows"] == 23
    assert "clean" not in found
    assert (found["task"], found["splits"]["train"]) == ("translation", 21)


def test_json_is_one_printable_line_with_the_text_as_it_is(tmp_path):
    text = "Do\x1b]0;x\x07 \x9b2J it.\t해"
    output = invoke("inspect-data", "-", "--json", input=f"{text}\n{text}\na\tb\nc\td\ne\tf\n").output
    assert output.count("\n") == 1
    assert output[:-1].isprintable()
    found = json.loads(output)
    assert found["files"]["data"]["skipped"][0]["example"] == {
        "file": "standard input",
        "line": 2,
        "text": text,
    }


def test_what_fit_would_refuse(tmp_path):
    path = tmp_path / "one.tsv"
    path.write_text("text\tlabel\na\tx\nb\tx\n", encoding="utf-8")
    shown = invoke("inspect-data", path).output
    assert "fit would refuse these data: " in shown
    assert "all 2 texts have the label 'x'" in shown


def test_options_are_checked(pairs, tmp_path):
    for arguments, expected in (
        (["--source", pairs], "--source needs --target"),
        ([pairs, "--corpus", "libreoffice-help"], "give either --corpus or --data, not both"),
        ([pairs, "--task", "classification", "--pair", "en-ko"], "--pair is not an option of classification"),
        ([pairs, "--task", "clasification"], "did you mean 'classification'?"),
        ([tmp_path / "none-*.tsv"], "no file matches this pattern"),
        ([tmp_path / "none.tsv"], "none.tsv"),
    ):
        assert expected in str(invoke("inspect-data", *arguments).exception)


def test_parallel_files_and_validation_rows(tmp_path):
    for name, lines in (("a.en", "a b c d e"), ("a.ko", "가 나 다 라 마")):
        (tmp_path / name).write_text(lines.replace(" ", "\n") + "\n", encoding="utf-8")
    (tmp_path / "valid.tsv").write_text("a\t가\nx\t하\n", encoding="utf-8")
    parallel = ["--source", tmp_path / "a.en", "--target", tmp_path / "a.ko"]
    found = json.loads(
        invoke("inspect-data", *parallel, "--valid", tmp_path / "valid.tsv", "--json").output
    )
    assert found["files"]["valid"]["kept"] == 2
    assert found["splits"] == {"train": 3, "valid": 2, "test": 1}


def test_tensorflow_is_not_imported(pairs):
    code = (
        "import sys; from training.commands import application; "
        "application()(['inspect-data', sys.argv[1]], standalone_mode=False); "
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(pairs)], check=True, capture_output=True)
