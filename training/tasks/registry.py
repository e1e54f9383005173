"""The chapters there are."""

import difflib
from typing import Any

from seqapp.errors import ConfigError
from training.tasks.chapter import Chapter
from training.tasks.classification.chapter import ClassificationChapter
from training.tasks.translation.chapter import TranslationChapter

CHAPTERS: dict[str, Chapter] = {}
DEFAULT_PRESET = "base"


def register(chapter: Chapter) -> Chapter:
    """Makes the training of a task known by the task's name."""
    CHAPTERS[chapter.task] = chapter
    return chapter


def chapter_of(task: str) -> Chapter:
    """The chapter of a task. Raises `ConfigError`, with the nearest spelling."""
    if task not in CHAPTERS:
        near = difflib.get_close_matches(task, CHAPTERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(CHAPTERS)}"
        raise ConfigError(f"task: {task!r} is not a task; {hint}")
    return CHAPTERS[task]


def preset(task: str, name: str) -> Any:
    """The configuration `name` of `task`. Raises `ConfigError`, with the nearest spelling."""
    known = chapter_of(task).presets
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise ConfigError(f"preset: {name!r} is not a preset of {task}; {hint}")
    return known[name]


register(TranslationChapter())
register(ClassificationChapter())
