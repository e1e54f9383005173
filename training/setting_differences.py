"""Settings in which two trainings differ."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqapp.errors import SeqAppError
from seqapp.run_directory import read_config
from seqapp.tasks.registry import task_class


def differences(name: str, there: Any, here: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, value there and value here of each setting that differs in two nests of JSON objects.

    Names inside of `name` are joined by dots; a setting that one side lacks is None there.
    """
    if isinstance(there, dict) and isinstance(here, dict):
        for key in dict.fromkeys([*there, *here]):
            yield from differences(f"{name}.{key}".strip("."), there.get(key), here.get(key))
    elif there != here:
        yield name, there, here


def run_differences(run: Path, description: dict[str, Any]) -> list[str]:
    """How the run at `run` differs from what `describe_run` gave, a line per setting; empty if it does not.

    Raises:
        RunDirectoryError: `run` is no run that this version reads.
    """
    there = _with_defaults(read_config(run))
    # As it would be read: JSON has no tuples and no keys but strings.
    here = json.loads(json.dumps(description))
    return [
        f"{name or part}: {_short(old)} there, {_short(new)} now"
        for part, prefix in (("task", "task"), ("settings", ""), ("data", "data"))
        for name, old, new in differences(prefix, there[part], here[part])
    ]


def _with_defaults(values: dict[str, Any]) -> dict[str, Any]:
    """A parsed ``config.json`` with the settings that an earlier version did not write."""
    try:
        config = task_class(values["task"]).config_class.read(values["settings"])
    except SeqAppError:
        return values
    return {**values, "settings": config.model_dump(mode="json")}


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
