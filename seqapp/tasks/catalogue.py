"""The tasks there are."""

import difflib
from typing import Any

from seqapp.config import ClassificationConfig, TranslationConfig
from seqapp.errors import ConfigError
from seqapp.tasks.classification import ClassificationTask
from seqapp.tasks.translation import TranslationTask

Task = TranslationTask | ClassificationTask
TaskConfig = TranslationConfig | ClassificationConfig
TASKS: dict[str, Any] = {task.name: task for task in (TranslationTask, ClassificationTask)}


def task_class(name: str) -> Any:
    """The class of task `name`. Raises `ConfigError`, with the nearest spelling."""
    if name not in TASKS:
        near = difflib.get_close_matches(str(name), TASKS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known tasks: {', '.join(TASKS)}"
        raise ConfigError(f"task: expected a known task, got {name!r}; {hint}")
    return TASKS[name]
