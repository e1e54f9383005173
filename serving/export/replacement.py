"""Check that a new version may replace the newest one of a model: same languages, same labels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqapp.errors import ExportError
from seqapp.tasks.base import Task
from serving.export.description import Description

_MOST_SHOWN = 5


def check_replacement(model: Path, description: Description, task: Task) -> None:
    """Raise `ExportError` if languages or labels of `task` differ from the newest version below `model`.

    A server would replace that version by the new one, and its clients would get other outputs.
    """
    here, there = _languages(task.config.model_dump(mode="json")), _languages(description.settings)
    different = [
        f"{name.replace('_', ' ')} {here[name]!r} instead of {there[name]!r}"
        for name in here
        if here[name] and there.get(name) and here[name] != there[name]
    ]
    names = list(getattr(getattr(task, "labels", None), "names", ()))
    if description.labels and names and set(names) != set(description.labels):
        different.append(f"labels {_shown(names)} instead of {_shown(description.labels)}")
    if different:
        raise ExportError(
            f"{model} holds another model: the run has {'; '.join(different)}. Give another --model "
            "(or NAME=), or --replace to publish it as the next version anyway"
        )


def _languages(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name.endswith("language")}


def _shown(names: list[str] | tuple[str, ...]) -> str:
    more = [f"and {len(names) - _MOST_SHOWN} more"] if len(names) > _MOST_SHOWN else []
    return ", ".join([*(repr(name[:40]) for name in names[:_MOST_SHOWN]), *more])
