"""The run directory that a training gets when none is named."""

from pathlib import Path
from typing import Any

from training.data.source import Source
from training.tasks.chapter import Chapter

RUNS = Path("runs")


def default_run(chapter: Chapter, source: Source, options: dict[str, Any], preset: str) -> Path:
    """``runs/TASK-ROWS[-PAIR]-PRESET``. Raises `ConfigError` for a corpus that is not there."""
    completed = source.completed(chapter, options)
    parts = [chapter.task, source.name(chapter), *chapter.name_parts(completed), preset]
    return RUNS / "-".join(parts)
