"""`runs`: the table, and a JSON object per run."""

import json

import pytest
from typer.testing import CliRunner

from seqapp.atomic_files import write_json
from seqapp.errors import ConfigError
from seqapp.run_directory import describe_run
from training.commands import application
from training.tasks.registry import preset

CONFIG = preset("translation", "base").with_changes(source_language="en", target_language="ko")


def runs(*arguments):
    return CliRunner().invoke(application(), ["runs", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    scores = {"test": {"chrf": 48.8}, "baseline": {"chrf": 27.2}, "training_seconds": 61.2, "parameters": 9}
    for name, metrics in (("a", scores), ("b", None)):
        (tmp_path / name).mkdir()
        description = describe_run("translation", CONFIG, {"corpus": "libreoffice-help", "pair": "en-ko"})
        write_json(tmp_path / name / "config.json", description)
        if metrics:
            (tmp_path / name / "model.weights.h5").write_bytes(b"0")
            write_json(tmp_path / name / "metrics.json", metrics)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "config.json").write_text("{", encoding="utf-8")
    return tmp_path


def test_a_row_per_run_and_a_line_per_damaged_one(folder):
    result = runs(folder)
    assert result.exit_code == 0, result.output
    header, first, second, damaged = result.output.splitlines()
    columns = "run task data preset score baseline training parameters size date"
    assert " ".join(header.split()) == columns
    row = "a translation libreoffice-help en-ko base chrF 48.8 27.2 61 s 9 "
    assert " ".join(first.split()).startswith(row)
    assert second.rstrip().endswith("no epoch is finished")
    assert damaged.startswith("not readable: ")
    assert "is not a run's configuration" in damaged


def test_a_json_object_per_run(folder):
    found = [json.loads(line) for line in runs(folder, "--json").output.splitlines()]
    assert [run["run"] for run in found] == [str(folder / name) for name in "abc"]
    assert found[0]["score"]["value"] == 48.8
    assert found[2]["error"]


def test_a_folder_without_runs(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    assert runs(tmp_path / "empty").output == f"no runs in {tmp_path / 'empty'}\n"
    result = runs(tmp_path / "nothing")
    assert isinstance(result.exception, ConfigError)
    assert "is not a folder" in str(result.exception)
    assert runs(folder / "a").output.splitlines()[1].startswith(str(folder / "a"))
