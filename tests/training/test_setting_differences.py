import pytest

from seqapp.atomic_files import write_json
from seqapp.config import ClassificationConfig, LanguageModellingFitConfig
from seqapp.run_directory import describe_run, read_config, start_run
from tests.support.tasks import small_config, small_language_model, small_task
from training.setting_differences import run_differences


@pytest.fixture
def run(tmp_path):
    start_run(tmp_path / "run", small_task(), {"corpus": "four sentences"})
    return tmp_path / "run"


def test_differences_are_named_setting_by_setting(run):
    same = describe_run("translation", small_config(), {"corpus": "four sentences"})
    assert run_differences(run, same) == []
    other = describe_run("translation", small_config(epochs=3, seed=2), {"corpus": "x" * 100, "rows": 4})
    assert run_differences(run, other) == [
        "training.epochs: 10 there, 3 now",
        "training.seed: 1 there, 2 now",
        f'data.corpus: "four sentences" there, "{"x" * 56}… now',
        "data.rows: null there, 4 now",
    ]


def test_what_json_reads_otherwise_is_no_difference(tmp_path):
    provenance = {"parts": (1, 2), 3: None}
    start_run(tmp_path, small_task(), provenance)
    assert run_differences(tmp_path, describe_run("translation", small_config(), provenance)) == []


def test_a_former_key_is_no_difference(tmp_path):
    description = describe_run("classification", ClassificationConfig(label_separator="|"), {})
    settings = {**description["settings"], "multi_label": "|"}
    del settings["label_separator"]
    write_json(tmp_path / "config.json", {**description, "settings": settings})
    assert run_differences(tmp_path, description) == []


def test_a_setting_that_an_earlier_version_did_not_write_is_no_difference(run):
    values = read_config(run)
    del values["settings"]["training"]["init_from"]
    write_json(run / "config.json", values)
    description = describe_run("translation", small_config(), {"corpus": "four sentences"})
    assert run_differences(run, description) == []


def test_settings_without_effect_are_not_compared(tmp_path):
    task = small_language_model("ngram")
    start_run(tmp_path, task, {})
    changed = task.config.with_changes(training=LanguageModellingFitConfig(epochs=3, seed=2, minutes=1.0))
    found = run_differences(tmp_path, describe_run(task.name, changed, {}))
    assert found == ["training.seed: 1 there, 2 now"]
