import gzip
import json

import pytest

from seqapp.atomic_files import write_json
from seqapp.run_directory import save_best, split_file, start_run
from tests.support.tasks import PAIRS, small_task
from training.data.kept_outputs import outputs_file, read_outputs, write_outputs
from training.data.kept_rows import write_rows

OUTPUTS = [{"translation": "파일"}, {"translation": ""}, {"translation": 'a "b"\tc'}, {"translation": "👍"}]


@pytest.fixture
def run(tmp_path):
    task = small_task()
    start_run(tmp_path / "run", task, {})
    save_best(tmp_path / "run", task)
    (tmp_path / "run" / "data").mkdir()
    write_rows(split_file(tmp_path / "run", "test"), PAIRS)
    return tmp_path / "run"


def change_settings(run, name, value):
    values = json.loads((run / "config.json").read_text(encoding="utf-8"))
    values["settings"][name] = {**values["settings"][name], **value}
    write_json(run / "config.json", values)


def test_outputs_come_back_as_long_as_the_model_is_the_same(run):
    assert read_outputs(run) is None
    write_outputs(run, OUTPUTS)
    assert read_outputs(run) == OUTPUTS
    before = outputs_file(run).read_bytes()
    write_outputs(run, OUTPUTS)
    assert outputs_file(run).read_bytes() == before
    change_settings(run, "training", {"epochs": 99})  # without effect on a trained model
    assert read_outputs(run) == OUTPUTS


def rewrite(run):
    write_rows(split_file(run, "test"), PAIRS[:3])


def retrain(run):
    save_best(run, small_task(seed=2))


def search_otherwise(run):
    change_settings(run, "search", {"beam_width": 2})


def truncate(run):
    outputs_file(run).write_bytes(outputs_file(run).read_bytes()[:-9])


def empty(run):
    outputs_file(run).write_bytes(gzip.compress(b""))


@pytest.mark.parametrize("change", [rewrite, retrain, search_otherwise, truncate, empty])
def test_outputs_of_something_else_are_not_used(run, change):
    write_outputs(run, OUTPUTS)
    change(run)
    assert read_outputs(run) is None
