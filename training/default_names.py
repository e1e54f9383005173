"""Default names of run directories and served models, derived from the settings."""

import hashlib
import json
from pathlib import Path
from typing import Any

from seqapp.config import TaskConfig
from training.data.data_spec import DataSpec
from training.settings.differences import changes_from
from training.tasks.chapter import Chapter
from training.tasks.registry import DEFAULT_PRESET
from training.tasks.registry import preset as named_preset

RUNS = Path("runs")


def preset_in_name(chapter: Chapter, preset: str, config: TaskConfig) -> str:
    """Return the preset's part of a default name: ``base``, or ``base-3f2a1b`` where settings were changed.

    The six digits are of the SHA-256 of what differs from the preset, so that a changed run never has the
    name of the preset's own, and the same changes give the same name by option and by file. Settings that
    the name shows elsewhere do not count.
    """
    changes = changes_from(named_preset(chapter.task, preset), config)
    changed = {name: new for name, (_, new) in changes.items() if name not in chapter.settings_in_name}
    if not changed:
        return preset
    digest = hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()
    return f"{preset}-{digest[:6]}"


def default_run(chapter: Chapter, source: DataSpec, options: dict[str, Any], preset: str) -> Path:
    """Return ``runs/TASK-ROWS[-PAIR]-PRESET``, see `preset_in_name`. Raises `ConfigError`: unknown corpus."""
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
