"""Default names of run directories and served models, derived from the settings."""

from pathlib import Path
from typing import Any

from training.data.data_spec import DataSpec
from training.tasks.chapter import Chapter
from training.tasks.registry import DEFAULT_PRESET

RUNS = Path("runs")


def default_run(chapter: Chapter, source: DataSpec, options: dict[str, Any], preset: str) -> Path:
    """Return ``runs/TASK-ROWS[-PAIR]-PRESET``. Raises `ConfigError` for an unknown corpus."""
    completed = source.completed(chapter, options)
    parts = [chapter.task, source.name(chapter), *chapter.name_parts(completed), preset]
    return RUNS / "-".join(parts)


def with_teacher(
    chapter: Chapter, source: DataSpec, options: dict[str, Any], preset: str
) -> dict[str, Any]:
    """Return the options, completed by the default teacher run where the preset needs a teacher."""
    if preset not in chapter.teachers or options.get("distil_from"):
        return options
    return {**options, "distil_from": str(default_run(chapter, source, options, chapter.teachers[preset]))}


def default_model(chapter: Chapter, source: DataSpec, options: dict[str, Any], preset: str) -> str:
    """Return ``TASK[-ROWS][-PAIR][-PRESET]``, without the parts that equal the task's defaults.

    Models with different languages or data get different names, so that a server never replaces one by the
    other. Raises `ConfigError` for an unknown corpus.
    """
    parts = [chapter.task]
    corpus = source.chosen(chapter)
    if corpus is None or corpus.name != chapter.default_corpus:
        parts.append(source.name(chapter))
    pair = chapter.name_parts(source.completed(chapter, options))
    if corpus is None or pair != chapter.name_parts(source.completed(chapter, {})):
        parts += pair
    return "-".join([*parts, *([preset] if preset != DEFAULT_PRESET else [])])


def model_of_run(run: Path, chapter: Chapter, source: DataSpec, options: dict[str, Any], preset: str) -> str:
    """Return the model name for a run directory: its own name, unless it is the default one."""
    if run.resolve() == default_run(chapter, source, options, preset).resolve():
        return default_model(chapter, source, options, preset)
    return run.resolve().name
