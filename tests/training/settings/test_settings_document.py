"""docs/training.md has every training setting with the meaning that the code gives it; its commands work."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from training.commands import application
from training.settings.setting import settings_of
from training.tasks.registry import CHAPTERS, preset

PAGE = (Path(__file__).parents[3] / "docs/training.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Settings\n")[2].partition("\n## ")[0]
COMMANDS = [
    shlex.split(line.partition(" > ")[0])[1:]
    for line in SECTION.splitlines()
    if line.startswith(("seqapp fit ", "seqapp presets"))
]


def rows():
    """A row for each setting of the training: name, defaults of the tasks, values, meaning."""
    tasks = [
        {one.name: one for one in settings_of(type(preset(task, "base")))}
        for task in CHAPTERS
    ]
    for name in dict.fromkeys(name for task in tasks for name in task if name.startswith("training.")):
        first = next(task[name] for task in tasks if name in task)
        shown = [f"`{json.dumps(task[name].default)}`" if name in task else "–" for task in tasks]
        cells = [f"`{name.removeprefix('training.')}`", *shown, first.expected, first.meaning]
        yield f"| {' | '.join(cells)} |"


def test_the_table_is_that_of_the_code():
    found = [line for line in SECTION.splitlines() if re.match(r"\| `", line)]
    assert found == list(rows()), "\n".join(rows())


def test_the_page_has_commands():
    assert len(COMMANDS) >= 5
    assert set(CHAPTERS) <= {word for words in COMMANDS for word in words}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_of_the_page_have_valid_settings(words, tmp_path, monkeypatch):
    """`fit` is run as `run-directory`, which reads the same settings and does not train."""
    toml = re.search(r"^```toml\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    (tmp_path / "my.toml").write_text(toml[1], encoding="utf-8")
    run = tmp_path / "runs/translation-libreoffice-help-en-ko-base"
    run.mkdir(parents=True)
    config = {"task": "translation", "settings": preset("translation", "base").model_dump(mode="json")}
    (run / "config.json").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    name, *options = words
    done = CliRunner().invoke(application(), ["run-directory" if name == "fit" else name, *options])
    assert done.exit_code == 0, done.exception
    if "--json" in options:
        assert json.loads(done.output)["task"] == "translation"
