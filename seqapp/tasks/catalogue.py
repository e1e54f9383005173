"""The tasks there are."""

import difflib

from seqapp.errors import ConfigError
from seqapp.tasks.translation import TranslationTask

TASKS: dict[str, type[TranslationTask]] = {"translation": TranslationTask}


def task_class(name: str) -> type[TranslationTask]:
    """The class of task `name`. Raises `ConfigError`, with the nearest spelling."""
    if name not in TASKS:
        near = difflib.get_close_matches(str(name), TASKS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known tasks: {', '.join(TASKS)}"
        raise ConfigError(f"task: expected a known task, got {name!r}; {hint}")
    return TASKS[name]
