"""Settings in which a run differs from a training to begin."""

import json
from collections.abc import Set
from pathlib import Path
from typing import Any

from seqapp.errors import SeqAppError
from seqapp.run_directory import read_config
from training.settings.differences import differences


def run_differences(run: Path, description: dict[str, Any]) -> list[str]:
    """How the run at `run` differs from what `describe_run` gave, a line per setting; empty if it does not.

    Settings without effect are not compared.

    Raises:
        RunDirectoryError: `run` is no run that this version reads.
    """
    there, without_effect = _with_defaults(read_config(run))
    # As it would be read: JSON has no tuples and no keys but strings.
    here = json.loads(json.dumps(description))
    return [
        f"{name or part}: {_short(old)} there, {_short(new)} now"
        for part, prefix in (("task", "task"), ("settings", ""), ("data", "data"))
        for name, old, new in differences(prefix, there[part], here[part])
        if part != "settings" or name not in without_effect
    ]


def _with_defaults(values: dict[str, Any]) -> tuple[dict[str, Any], Set[str]]:
    """A parsed ``config.json`` with the settings that an earlier version did not write.

    The second value are the names of its settings without effect.
    """
    from seqapp.tasks.registry import task_class  # imports TensorFlow

    try:
        config = task_class(values["task"]).config_class.read(values["settings"])
    except SeqAppError:
        return values, frozenset()
    return {**values, "settings": config.model_dump(mode="json")}, config.without_effect


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
