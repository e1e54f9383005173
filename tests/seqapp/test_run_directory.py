import json
import shutil

import pytest

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.run_directory import load_run, read_config, replacing, save_weights, start_run, write_json
from tests.support.tasks import small_task

TEXTS = ["Save the file.", "", "한국어 👍"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "run"
    task = small_task()
    start_run(run, task, {"corpus": "four sentences"})
    save_weights(run, task)
    return run, task


@pytest.fixture
def run(saved, tmp_path):
    return shutil.copytree(saved[0], tmp_path / "moved elsewhere")


def test_a_moved_run_says_what_the_task_said(saved, run):
    assert load_run(run).translate_lines(TEXTS) == saved[1].translate_lines(TEXTS)


def test_the_configuration_says_where_the_data_came_from(run):
    values = read_config(run)
    assert values["format"] == 1
    assert values["data"] == {"corpus": "four sentences"}
    assert values["settings"]["target_language"] == "ko"


def test_no_run_at_all(tmp_path):
    with pytest.raises(RunDirectoryError, match="is not a directory"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(RunDirectoryError, match=r"holds no config\.json"):
        load_run(tmp_path)


def test_without_weights(run):
    (run / "model.weights.h5").unlink()
    with pytest.raises(RunDirectoryError, match=r"has no model\.weights\.h5: training has not finished"):
        load_run(run)


def test_damaged_weights(run):
    (run / "model.weights.h5").write_bytes(b"not a file of weights")
    with pytest.raises(RunDirectoryError, match="damaged"):
        load_run(run)


def test_without_assets(run):
    shutil.rmtree(run / "assets")
    with pytest.raises(RunDirectoryError, match="has no assets/"):
        load_run(run)


def test_unknown_format_and_settings(run):
    values = read_config(run)
    write_json(run / "config.json", {**values, "format": 2})
    with pytest.raises(RunDirectoryError, match=r"has format 2, this seqapp .* reads format 1"):
        load_run(run)
    values["settings"]["search"]["beam"] = 3
    write_json(run / "config.json", values)
    with pytest.raises(ConfigError, match="beam is not a setting"):
        load_run(run)


def test_configuration_that_is_no_json(run):
    (run / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunDirectoryError, match="is not a run's configuration"):
        load_run(run)


def test_another_directory_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunDirectoryError, match="expected a new or empty directory or an earlier run"):
        start_run(tmp_path, small_task(), {})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_training_again_begins_without_old_weights(run):
    start_run(run, small_task(), {})
    with pytest.raises(RunDirectoryError, match=r"has no model\.weights\.h5"):
        load_run(run)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "metrics.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text(str(1 / 0))
    assert json.loads(path.read_text()) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["metrics.json"]
