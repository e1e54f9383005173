"""Which tasks the client knows: one line per task."""

from __future__ import annotations

from serving.client.metadata import Metadata
from serving.client.tasks.classification import ClassificationMethods
from serving.client.tasks.language_modelling import LanguageModellingMethods
from serving.client.tasks.masked_language_modelling import MaskedLanguageModellingMethods
from serving.client.tasks.task import Task
from serving.client.tasks.translation import TranslationMethods


class TaskMethods(
    TranslationMethods,
    ClassificationMethods,
    LanguageModellingMethods,
    MaskedLanguageModellingMethods,
):
    """The methods of all known tasks."""


_TASKS: list[Task] = [base.declaration for base in TaskMethods.__bases__]  # type: ignore[attr-defined]


def register(task: Task) -> None:
    """Makes another task known; its methods are called with `client.run(Methods.method, …)`.

    Raises:
        ValueError: a task of that name is known.
    """
    if task.name in (known.name for known in _TASKS):
        raise ValueError(f"task {task.name!r} is known already: give another name")
    _TASKS.append(task)


def recognise(metadata: Metadata) -> Task | None:
    """The task of a model by its signatures; of several that fit the one that names most outputs."""
    fitting = [task for task in _TASKS if task.recognises(metadata)]
    return max(fitting, key=lambda task: len(task.outputs), default=None)
