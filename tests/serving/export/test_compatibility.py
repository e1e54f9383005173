"""Answers under several TensorFlows: the comparison, the errors, and a real model."""

import base64
import json
import subprocess
import sys

import pytest

from seqapp.errors import ExportError
from seqapp.signatures import Input, Output, Signature
from serving.export import compatibility, environments
from serving.export.compatibility import (
    SENTENCES,
    Verdict,
    ask_release,
    differences,
    newest_version,
    requests_of,
    table,
)
from serving.export.description import DESCRIPTION_FILE, EXTRA
from serving.export.environments import environment_python, release


def text(value: str) -> str:
    return base64.b64encode(value.encode("utf-8")).decode()


ASKED = [("serving_default", {"text": [b"one", b"two"]})]
ANSWER = [{"translation": [text("하나"), text("둘")], "score": [-0.5, -1000.0]}]


def test_equal_answers_and_close_numbers():
    found = [{"translation": [text("하나"), text("둘")], "score": [-0.5004, -1000.5]}]
    assert differences(ASKED, ANSWER, found) == []


def test_another_text_is_named_with_what_was_asked():
    found = [{"translation": [text("하나"), text("두")], "score": [-0.5, -1000.0]}]
    assert differences(ASKED, ANSWER, found) == ["serving_default, translation of 'two': '두', expected '둘'"]


def test_numbers_further_apart_than_the_tolerance():
    found = [{"translation": [text("하나"), text("둘")], "score": [-0.502, -1000.0]}]
    assert differences(ASKED, ANSWER, found) == ["serving_default, score of 'one': -0.502, expected -0.5"]


def test_nested_rows_compare_by_length_too():
    asked = [("explain", {"text": [b"one"]})]
    wanted = [{"alignment": [[[0.25, 0.75], [0.5, 0.5]]], "truncated": [False]}]
    assert differences(asked, wanted, wanted) == []
    assert len(differences(asked, wanted, [{"alignment": [[[0.25, 0.75]]], "truncated": [True]}])) == 2


def test_missing_outputs():
    faults = differences(ASKED, ANSWER, [{"translation": ANSWER[0]["translation"]}])
    assert faults == ["serving_default: outputs ['translation'], expected ['score', 'translation']"]


def test_newest_version_is_the_highest_number(tmp_path):
    for name in ("2", "10", ".exporting-11", "notes"):
        (tmp_path / name).mkdir()
    assert newest_version(tmp_path) == tmp_path / "10"


@pytest.mark.parametrize("there", [True, False])
def test_a_model_without_versions(tmp_path, there):
    model = tmp_path if there else tmp_path / "none"
    with pytest.raises(ExportError, match=r"python -m serving export --run DIR"):
        newest_version(model)


def describe(version, signatures):
    description = version / EXTRA / DESCRIPTION_FILE
    description.parent.mkdir()
    values = {
        "task": "any",
        "features": [{"name": "remark", "kind": "Text", "meaning": ""}],
        "settings": {},
        "signatures": signatures,
        "minimum_server": "2.15",
        "versions": {},
    }
    description.write_text(json.dumps(values), encoding="utf-8")


def test_signatures_are_those_that_the_export_declares(tmp_path):
    inputs = {"words": Input("string", "", feature="remark"), "n": Input("int32", "", default=7)}
    declared = Signature("serving_default", inputs, {"y": Output("float32", "B", "")}, "y")
    describe(tmp_path, {"serving_default": declared.as_json(), "other": declared.as_json()})
    requests = requests_of(tmp_path)
    assert [name for name, _ in requests] == ["serving_default", "other", *["serving_default"] * 3]
    assert requests[0][1]["words"][0] == b"OK"
    assert set(requests[1][1]["n"]) == {7}
    assert requests[3][1] == {"words": [SENTENCES[1].encode()], "n": [7]}


def test_an_export_of_an_earlier_version_is_exported_again(tmp_path):
    describe(tmp_path, {"serving_default": {"translation": "string[B]"}})
    with pytest.raises(ExportError, match="export it again"):
        requests_of(tmp_path)


def test_a_version_of_something_else(tmp_path):
    with pytest.raises(ExportError, match="is not an export of this `python -m serving export`"):
        requests_of(tmp_path)


def test_an_unknown_tensorflow():
    with pytest.raises(ExportError, match=r"expected some of 2\.15\.1, 2\.20\.0, got '2\.16'"):
        release("2.16")


def test_an_interpreter_that_is_none(tmp_path):
    with pytest.raises(ExportError, match=r"give the path of a Python 3\.11"):
        environment_python(release("2.15.1"), str(tmp_path / "python"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interpreter_of_a_wrong_version(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "_run", lambda command, failure: "3 13\n")
    with pytest.raises(ExportError, match=r"exists for Python 3\.11, got 3\.13 at other"):
        environment_python(release("2.15.1"), "other", tmp_path)


def test_an_environment_is_made_whole_or_again(tmp_path, monkeypatch):
    commands = []

    def run(command, failure):
        commands.append(command)
        if "-c" in command and "tensorflow" in command[-1]:
            return "2.20.0\n"
        if "--no-deps" in command and len(commands) < 6:
            raise ExportError(failure)
        if "venv" in command:
            (tmp_path / ".venv-tensorflow-2.20.0").mkdir()
        return "3 11\n"

    monkeypatch.setattr(environments, "_run", run)
    wanted = release("2.20.0")
    with pytest.raises(ExportError, match=r"TensorFlow 2\.20\.0 cannot be installed"):
        environment_python(wanted, "python3", tmp_path)
    python = environment_python(wanted, "python3", tmp_path)
    assert python == tmp_path / ".venv-tensorflow-2.20.0" / "bin" / "python"
    asked = len(commands)
    assert environment_python(wanted, "python3", tmp_path) == python
    assert len(commands) == asked, "a complete environment is found, not made again"


@pytest.mark.slow
def test_a_model_that_does_not_answer_is_a_verdict(tmp_path):
    verdict = ask_release(Verdict("2.0"), lambda: sys.executable, tmp_path, ASKED, ANSWER)
    assert not verdict.loads
    assert "does not load or answer" in verdict.differences[0]
    assert table([verdict])[1].split()[:4] == ["2.0", "no", "0", "1"]


def test_command_without_a_model(tmp_path, capsys):
    assert compatibility.main(["--model", str(tmp_path / "none")]) == 2
    assert "expected a directory with versions in it" in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_export_with_this_interpreter_as_another_environment(tmp_path, monkeypatch, capsys):
    from tests.support.tasks import small_task, write_version

    version = tmp_path / "model" / "3"
    version.parent.mkdir()
    write_version(small_task(), version)
    monkeypatch.setattr(compatibility, "environment_python", lambda *_: _Here(sys.executable))
    assert compatibility.main(["--model", str(version.parent), "--versions", "2.20.0"]) == 0
    out = capsys.readouterr().out.splitlines()
    results = json.loads(out[-1])["results"]
    assert [one["loads"] for one in results] == [True, True]
    assert results[1]["answers"] == results[0]["answers"] >= 3 * 14
    assert results[1]["differences"] == []


class _Here:
    """A path that stays what it is."""

    def __init__(self, python: str) -> None:
        self.python = python

    def absolute(self) -> str:
        return self.python


def test_it_runs_as_a_module():
    command = [sys.executable, "-m", "serving.export.compatibility", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--system-python" in done.stdout
