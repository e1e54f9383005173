"""Settings in which two configurations differ."""

import json
from collections.abc import Iterator
from typing import Any

from seqapp.config import TaskConfig
from training.settings.flat import flatten

_MOST_SHOWN = 12


def differences(name: str, there: Any, here: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, value there and value here of each setting that differs in two nests of JSON objects.

    Names inside of `name` are joined by dots; a setting that one side lacks is None there.
    """
    if isinstance(there, dict) and isinstance(here, dict):
        for key in dict.fromkeys([*there, *here]):
            yield from differences(f"{name}.{key}".strip("."), there.get(key), here.get(key))
    elif there != here:
        yield name, there, here


def changes_from(preset: TaskConfig, config: TaskConfig) -> dict[str, tuple[Any, Any]]:
    """Return dotted name → value in the preset and value of each setting that differs.

    Settings that `config` does not have, such as those of another kind of encoder, are left out; those that
    the preset does not have are None there.
    """
    plain, values = (flatten(one.model_dump(mode="json")) for one in (preset, config))
    return {
        name: (plain.get(name), value)
        for name, value in values.items()
        if name not in plain or plain[name] != value
    }


def change_lines(name: str, preset: TaskConfig, config: TaskConfig) -> list[str]:
    """Return what differs from the preset `name`, a line per setting; no line if nothing does."""
    changes = changes_from(preset, config)
    if not changes:
        return []
    width = max(map(len, changes))
    lines = [
        f"  {setting:<{width}}  {json.dumps(new, ensure_ascii=False)}"
        + (f" (preset: {json.dumps(old, ensure_ascii=False)})" if old is not None else "")
        for setting, (old, new) in changes.items()
    ]
    more = [f"  … and {len(lines) - _MOST_SHOWN} more, see config.json"] if lines[_MOST_SHOWN:] else []
    return [f"preset {name}, changed:", *lines[:_MOST_SHOWN], *more]
