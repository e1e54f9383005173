"""Registry of task chapters and their presets."""

import difflib
import sys
from typing import Any

from seqapp.errors import ConfigError
from training.tasks.chapter import Chapter
from training.tasks.classification.chapter import ClassificationChapter
from training.tasks.language_modelling.chapter import LanguageModellingChapter
from training.tasks.translation.chapter import TranslationChapter

CHAPTERS: dict[str, Chapter] = {}
DEFAULT_PRESET = "base"
# Task → former name → present name; accepted for one version.
_FORMER_PRESETS = {"translation": {"stack": "hybrid"}, "classification": {"stack": "transformer"}}


def register(chapter: Chapter) -> Chapter:
    """Register a chapter under its task name."""
    CHAPTERS[chapter.task] = chapter
    return chapter


def chapter_of(task: str, argument: str = "--task") -> Chapter:
    """Return the chapter of a task. Raises `ConfigError` with the argument and the nearest spelling."""
    if task not in CHAPTERS:
        near = difflib.get_close_matches(task, CHAPTERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(CHAPTERS)}"
        raise ConfigError(f"{argument}: {task!r} is not a task; {hint}")
    return CHAPTERS[task]


def preset(task: str, name: str, argument: str = "--preset") -> Any:
    """Return the configuration `name` of `task`. Raises as `chapter_of`."""
    known = chapter_of(task).presets
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"
        raise ConfigError(f"{argument}: {name!r} is not a preset of {task}; {hint}")
    return known[name]


def current_preset(task: str, name: str, note: bool = True) -> str:
    """Return the present name of a preset that was renamed, any other name as it is."""
    former = _FORMER_PRESETS.get(task, {})
    if name not in former or name in chapter_of(task).presets:
        return name
    if note:
        print(f"note: preset {name} is now called {former[name]}", file=sys.stderr)  # noqa: T201
    return former[name]


register(TranslationChapter())
register(ClassificationChapter())
register(LanguageModellingChapter())
