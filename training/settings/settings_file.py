"""Files of settings: JSON or TOML, and a run's own ``config.json``."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqapp.errors import ConfigError
from training.settings.changes import Changes

_MOST_BYTES = 2**20
_OF_A_RUN = {"format", "seqapp", "task", "settings", "data"}


def read_settings(path: Path, task: str) -> Changes:
    """Read settings of a task; all or some of them.

    Args:
        path: JSON or TOML, by its suffix or else its first character; or a run's ``config.json``, of which
            the object ``settings`` counts.
        task: name of the task.

    Raises:
        ConfigError: missing, larger than 1 MiB, not UTF-8, not JSON or TOML, or settings of another task.
    """
    values = _parsed(path, _text(path))
    if "settings" in values and values.keys() <= _OF_A_RUN:
        values = {"task": values.get("task", task), **_object(path, values["settings"], "settings")}
    of = values.get("task", task)
    if of != task:
        raise ConfigError(
            f"--config: {path} has settings of task {of!r}, but the task is {task}; give --task {of}, or "
            "another file"
        )
    return Changes(f"--config: {path}", values)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"--config: cannot read {path} ({error.strerror}); expected a JSON or TOML file"
        ) from error
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"--config: {path} is larger than {_MOST_BYTES >> 20} MiB; settings are shorter")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"--config: {path}, line {line}: not UTF-8; save the file as UTF-8") from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("json", "toml"):
        kind = "json" if text.lstrip().startswith("{") else "toml"
    try:
        return _object(path, json.loads(text) if kind == "json" else tomllib.loads(text), "the file")
    except json.JSONDecodeError as error:
        raise ConfigError(f"--config: {path}, line {error.lineno}: not JSON: {error.msg}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"--config: {path}: not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"--config: {path}: too deeply nested; expected settings by section") from error


def _object(path: Path, value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"--config: {path}: {what} must be an object of settings, got {repr(value)[:60]}")
    return dict(value)
