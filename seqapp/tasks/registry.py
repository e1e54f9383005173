"""The tasks there are."""

import difflib

from seqapp.errors import ConfigError
from seqapp.tasks.base import Task
from seqapp.tasks.classification import ClassificationTask
from seqapp.tasks.language_modelling import LanguageModellingTask
from seqapp.tasks.translation import TranslationTask

_TASKS: dict[str, type[Task]] = {}


def register(task: type[Task]) -> type[Task]:
    """Makes a task known by its name; a class decorator, too. Raises `ConfigError` if the name is taken."""
    if _TASKS.get(task.name, task) is not task:
        raise ConfigError(
            f"task: expected a new name, got {task.name!r}, which is {_TASKS[task.name].__name__}"
        )
    _TASKS[task.name] = task
    return task


def task_class(name: str) -> type[Task]:
    """The class of task `name`. Raises `ConfigError`, with the nearest spelling."""
    if name not in _TASKS:
        near = difflib.get_close_matches(str(name), _TASKS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known tasks: {', '.join(_TASKS)}"
        raise ConfigError(f"task: expected a known task, got {name!r}; {hint}")
    return _TASKS[name]


register(TranslationTask)
register(ClassificationTask)
register(LanguageModellingTask)
