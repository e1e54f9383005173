"""Settings that a training takes from a run of another task whose layers it starts from."""

from collections.abc import Mapping
from typing import Any

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from seqapp.run_directory import read_config
from training.settings.flat import flatten
from training.tasks.registry import chapter_of


def pretrained_settings(task: str, run: str) -> dict[str, Any]:
    """Return the settings of a training of `task`, by dotted name, that the run decides.

    They are those of the vocabulary and of the layers whose weights are taken. A run of the same task decides
    none.

    Raises:
        ConfigError: a training of the task cannot start from the run.
        RunDirectoryError: there is no run, or it is damaged.
    """
    values = read_config(run)
    if values["task"] == task:
        return {}
    try:
        other = chapter_of(values["task"]).read_config(values["settings"])
        return chapter_of(task).pretrained_settings(other)
    except ConfigError as error:
        raise ConfigError(f"--init-from: {run} {error}") from None


def check_pretrained(config: TaskConfig, run: str, decided: Mapping[str, Any]) -> None:
    """Raise `ConfigError` for settings with other values than those that the run decides."""
    values = flatten(config.model_dump(mode="json"))
    different = [
        f"{name} is {value!r} there and {values.get(name)!r} here"
        for name, value in decided.items()
        if values.get(name) != value
    ]
    if different:
        raise ConfigError(
            f"--init-from: {run} has another network or tokenizer: {'; '.join(different)}; leave these "
            "settings out, they are taken from the run"
        )
