import json

import pytest

from seqapp.config import ClassificationConfig, TranslationConfig
from seqapp.errors import ConfigError
from training.settings.changes import changed
from training.settings.settings_file import read_settings
from training.tasks.registry import preset


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.toml", "[training]\nepochs = 3\n"),
        ("a.toml", "\ufefftraining.epochs = 3\n"),
        ("a.json", '{"training": {"epochs": 3}}'),
        ("settings", '\n{"training.epochs": 3}'),
        ("settings", "training.epochs = 3"),
    ],
)
def test_some_settings_and_the_rest_of_the_preset(tmp_path, name, content):
    base = preset("translation", "base")
    config = changed(base, read_settings(written(tmp_path / name, content), "translation"))
    assert config == base.with_changes(training=base.training.with_changes(epochs=3))


def test_all_settings_of_a_run(tmp_path):
    config = preset("translation", "bahdanau").with_changes(source_language="en", target_language="ko")
    run = {"format": 2, "seqapp": "0.1.0", "task": "translation", "settings": config.model_dump(mode="json")}
    for values in ({**run, "data": {"corpus": "x"}}, run["settings"]):
        path = written(tmp_path / "config.json", json.dumps(values))
        for name in ("tiny", "transformer"):
            assert changed(preset("translation", name), read_settings(path, "translation")) == config


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", '{\n"training": {\n', "a.json, line 3: not JSON: "),
        ("a.toml", "[training]\nepochs = \n", r"a.toml: not TOML: Invalid value \(at line 2, column 10\)"),
        ("a.json", "[1]", r"a.json: the file must be an object of settings, got \[1\]"),
        ("a.json", '{"settings": 1}', "a.json: settings must be an object of settings, got 1"),
        ("a.json", "[" * 200_000, "a.json: too deeply nested"),
        ("a.toml", b"# ok\n# \xff\n", "a.toml, line 2: not UTF-8"),
        ("a.toml", "#" * 2**20 + "\n", "a.toml is larger than 1 MiB"),
        ("a.toml", "task = 'classification'", "of task 'classification', but the task is tr.*; give --task"),
        ("a.json", '{"task": "classification", "settings": {}}', "of task 'classification', but"),
    ],
)
def test_what_is_refused(tmp_path, name, content, message):
    with pytest.raises(ConfigError, match=f"^--config: .*{message}"):
        read_settings(written(tmp_path / name, content), "translation")


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read .*none.toml \(No such file or directory\)"):
        read_settings(tmp_path / "none.toml", "translation")
    with pytest.raises(ConfigError, match="Is a directory"):
        read_settings(tmp_path, "translation")


@pytest.mark.parametrize("config", [TranslationConfig(), ClassificationConfig()])
def test_a_fault_is_named_with_its_file(tmp_path, config):
    path = written(tmp_path / "mine.toml", "[model.encoder]\nunits = 'many'\n")
    message = "^--config: .*mine.toml: model.encoder.units must be an integer, got 'many'"
    with pytest.raises(ConfigError, match=message):
        changed(config, read_settings(path, config.task))
