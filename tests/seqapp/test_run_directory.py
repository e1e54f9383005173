import shutil
from pathlib import Path

import pytest

from seqapp.atomic_files import write_json
from seqapp.errors import RunDirectoryError
from seqapp.run_directory import (
    describe_run,
    is_complete,
    is_trained,
    load_run,
    load_task,
    read_config,
    replace_run,
    save_best,
    split_file,
    start_run,
)
from tests.support.classification import small_classifier
from tests.support.tasks import small_config, small_task

TEXTS = ["Save the file.", "", "한국어 👍"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "run"
    task = small_task()
    start_run(run, task, {"corpus": "four sentences"})
    save_best(run, task)
    return run, task


@pytest.fixture
def run(saved, tmp_path):
    return shutil.copytree(saved[0], tmp_path / "moved elsewhere")


def test_a_moved_run_says_what_the_task_said(saved, run):
    assert load_run(run).translations_of(TEXTS) == saved[1].translations_of(TEXTS)


def test_the_configuration_says_where_the_data_came_from(run):
    values = read_config(run)
    assert values["format"] == 2
    assert values["data"] == {"corpus": "four sentences"}
    assert values["settings"]["target_language"] == "ko"
    assert values == describe_run("translation", small_config(), {"corpus": "four sentences"})


def test_a_run_keeps_its_rows_in_one_place():
    assert split_file(Path("run"), "test") == Path("run/data/test.tsv.gz")


def test_no_run_at_all(tmp_path):
    with pytest.raises(RunDirectoryError, match="is not a directory"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(RunDirectoryError, match=r"holds no config\.json"):
        load_run(tmp_path)


def test_a_run_is_complete_with_weights_and_metrics(run):
    assert is_trained(run)
    assert not is_complete(run)
    write_json(run / "metrics.json", {})
    assert is_complete(run)


def test_without_weights(run):
    (run / "model.weights.h5").unlink()
    with pytest.raises(RunDirectoryError, match=r"has no model\.weights\.h5: training has not finished"):
        load_run(run)


def test_damaged_weights(run):
    (run / "model.weights.h5").write_bytes(b"not a file of weights")
    with pytest.raises(RunDirectoryError, match="damaged"):
        load_run(run)


def test_weights_of_other_sizes(run):
    values = read_config(run)
    values["settings"]["model"]["decoder"]["units"] = 16
    write_json(run / "config.json", values)
    with pytest.raises(RunDirectoryError, match="does not fit the settings"):
        load_run(run)


def test_without_assets(run):
    shutil.rmtree(run / "assets")
    with pytest.raises(RunDirectoryError, match=r"assets has no subwords\.model; copy the whole run"):
        load_run(run)


def test_unknown_format_task_and_settings(run):
    values = read_config(run)
    write_json(run / "config.json", {**values, "format": 1})
    with pytest.raises(RunDirectoryError, match=r"has format 1, this seqapp .* reads format 2"):
        load_run(run)
    write_json(run / "config.json", {**values, "task": "translatoin"})
    with pytest.raises(RunDirectoryError, match="did you mean 'translation'"):
        load_run(run)
    values["settings"]["search"]["beam"] = 3
    write_json(run / "config.json", values)
    with pytest.raises(RunDirectoryError, match="beam is not a setting"):
        load_run(run)
    del values["data"]
    write_json(run / "config.json", values)
    with pytest.raises(RunDirectoryError, match=r"config\.json lacks data"):
        load_run(run)


@pytest.mark.parametrize("text", ["{", "[]", "null", "{}", '"format"', "\ud800", "[" * 100_000])
def test_configuration_that_is_no_run_s(run, text):
    (run / "config.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(RunDirectoryError, match="is not a run's configuration"):
        load_run(run)


def test_another_directory_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    for place in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(RunDirectoryError, match="expected a new or empty directory or an earlier run"):
            start_run(place, small_task(), {})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_trained_weights_are_not_replaced(run):
    before = (run / "model.weights.h5").read_bytes()
    with pytest.raises(RunDirectoryError, match="holds a training, which this would replace"):
        start_run(run, small_task(), {})
    assert (run / "model.weights.h5").read_bytes() == before


def test_a_new_start_takes_no_asset_of_the_one_before(tmp_path):
    start_run(tmp_path, small_classifier(), {})
    assert (tmp_path / "assets" / "linear.npz").exists()
    start_run(tmp_path, small_classifier(linear=None), {})
    assert not (tmp_path / "assets" / "linear.npz").exists()
    assert load_task(tmp_path).linear is None


def test_assets_come_back(tmp_path):
    task = small_classifier()
    task.calibration.assign(2.0, 0.5)
    start_run(tmp_path, task, {})
    again = load_task(tmp_path)
    assert again.labels.names == task.labels.names
    assert float(again.calibration.temperature) == 2.0
    assert again.linear.table.shape == task.linear.table.shape


def test_a_run_takes_the_place_of_another(run, tmp_path):
    (run / "notes.txt").touch()
    other = shutil.copytree(run, tmp_path / "other")
    (other / "notes.txt").write_text("new", encoding="utf-8")
    link = tmp_path / "latest"
    link.symlink_to(run.name)
    # What an interrupted replacement left.
    (tmp_path / f".{run.name}.replaced").mkdir()
    replace_run(link, other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "moved elsewhere"]
    assert (link / "notes.txt").read_text(encoding="utf-8") == "new"
    assert link.is_symlink()
