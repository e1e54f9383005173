"""Presets and their settings as text."""

import json
from collections.abc import Sequence, Set
from itertools import groupby
from operator import itemgetter
from typing import Any

from training.settings.flat import flatten
from training.settings.setting import Setting, holds, settings_of
from training.tasks.chapter import Chapter

_NO_EFFECT = "–"
_MEASURED = "time: training on the default corpus of the task, two CPU cores (docs/results.md)"


def preset_table(chapter: Chapter) -> str:
    """Return the presets of a task, a line each: name, parameters, training time, meaning."""
    rows = [("preset", "parameters", "time", chapter.task)]
    for name in chapter.presets:
        note = chapter.notes.get(name)
        parameters = f"{note.parameters:,}" if note else "–"
        seconds = f"{note.seconds:,} s" if note and note.seconds else "–"
        rows.append((name, parameters, seconds, note.meaning if note else ""))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        f"{name:<{widths[0]}}  {parameters:>{widths[1]}}  {seconds:>{widths[2]}}  {meaning}".rstrip()
        for name, parameters, seconds, meaning in rows
    ]
    return "\n".join([*lines, _MEASURED])


def settings_text(chapter: Chapter, preset: str) -> str:
    """Return every setting of a preset: name, value, meaning, valid values, and the default if it differs.

    A dash in place of the value is a setting without effect. The settings of other kinds of encoders and
    decoders follow, with their defaults.
    """
    config = chapter.presets[preset]
    values = flatten(config.model_dump(mode="json"))
    settings = settings_of(type(config))
    own = [setting for setting in settings if setting.name in values and holds(setting, values)]
    lines = _lines([(one, values[one.name]) for one in own], config.without_effect)
    others = [(one.condition, one) for one in settings if one.condition and not holds(one, values)]
    for condition, group in groupby(others, key=itemgetter(0)):
        lines += ["", f"with {condition.name}={condition.value}:"]
        lines += _lines([(one, one.default) for _, one in group])
    if config.without_effect:
        lines += ["", f"{_NO_EFFECT}: no effect in this preset"]
    note = chapter.notes.get(preset)
    return "\n".join([f"{chapter.task} {preset}: {note.meaning if note else 'preset'}", "", *lines])


def _lines(rows: Sequence[tuple[Setting, Any]], without_effect: Set[str] = frozenset()) -> list[str]:
    width = max(len(setting.name) for setting, _ in rows)
    shown = [_NO_EFFECT if one.name in without_effect else _shown(value) for one, value in rows]
    room = max(map(len, shown))
    return [
        f"{setting.name:<{width}}  {value:<{room}}  {setting.meaning} ({_values(setting, value)})"
        for (setting, _), value in zip(rows, shown, strict=True)
    ]


def _values(setting: Setting, value: str) -> str:
    default = _shown(setting.default)
    return setting.expected if default == value else f"{setting.expected}; default {default}"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) or not value else value
