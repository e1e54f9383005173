"""Descriptions of the runs in a folder, from their ``config.json`` and ``metrics.json`` alone."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from seqapp.errors import SeqAppError
from seqapp.run_directory import CONFIG_FILE, METRICS_FILE, is_run, is_trained, read_config
from training.evaluation.score_format import ScoreFormat, interval_key
from training.settings.differences import differences
from training.tasks.registry import chapter_of

_LARGEST_METRICS = 2**24  # bytes; a run may come from anybody
# Settings that follow from the data or are shown beside it; a preset does not set them.
_OF_DATA = ("source_language", "target_language", "language", "label_separator", "training.distil_from")


class ListedRun(NamedTuple):
    """A run as a table shows it.

    Fields:
        run: its directory.
        error: why it cannot be read; "" if it can. The other fields are then empty.
        task: name of the task.
        data: corpus or file, and languages.
        preset: the preset with the fewest differences.
        changes: setting → value, where it differs from the preset.
        score: the main score, the first of the task's, see `main_score`; empty if not scored.
        training_seconds, parameters: as in ``metrics.json``; None if unknown.
        bytes: size of the directory.
        date: when the run was completed, or its settings were written, ISO 8601.
        incomplete: why the run is not complete; "" if it is.
    """

    run: str
    error: str = ""
    task: str = ""
    data: str = ""
    preset: str = ""
    changes: Mapping[str, Any] = {}
    score: Mapping[str, Any] = {}
    training_seconds: float | None = None
    parameters: int | None = None
    bytes: int = 0
    date: str = ""
    incomplete: str = ""

    def order(self) -> tuple[Any, ...]:
        """Return the sort key: task, data, best score first; runs without score and unreadable ones last."""
        value = self.score.get("value", 0.0)
        worse = value if self.score.get("lower_is_better") else -value
        return bool(self.error), self.task, self.data, not self.score, worse, self.run


def listed_runs(folder: Path) -> list[ListedRun]:
    """Return all runs in a folder and the folders in it, sorted by task, data and score."""
    return sorted((_listed(run) for run in _runs_in(folder)), key=ListedRun.order)


def main_score(shown: tuple[ScoreFormat, ...], metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first of the shown scores in ``metrics.json``.

    Returns:
        ``name``, ``value``, ``lower_is_better``, ``interval``, ``baseline`` (None if unknown), and ``text``
        and ``baseline_text`` as they are printed; {} without such a score.
    """
    test, baseline = metrics.get("test"), metrics.get("baseline") or {}
    if not shown or not isinstance(test, dict) or shown[0].key not in test:
        return {}
    main = shown[0]
    return {
        "name": main.name,
        "value": float(test[main.key]),
        "lower_is_better": main.lower_is_better,
        "interval": test.get(interval_key(main.key)),
        "baseline": baseline.get(main.key),
        "text": main.text(test),
        "baseline_text": main.value({main.key: baseline[main.key]}) if main.key in baseline else "",
    }


def _runs_in(folder: Path) -> Iterator[Path]:
    for place, folders, _ in os.walk(folder):
        if is_run(Path(place)):
            folders.clear()
            yield Path(place)
        else:
            folders[:] = sorted(name for name in folders if not name.startswith("."))


def _listed(run: Path) -> ListedRun:
    try:
        return _described(run)
    except SeqAppError as error:
        return ListedRun(str(run), error=str(error))
    # The files may come from anybody: values of other types, or of another nesting.
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        return ListedRun(str(run), error=f"{run} is damaged ({type(error).__name__}: {error})")


def _described(run: Path) -> ListedRun:
    values = read_config(run)
    chapter = chapter_of(values["task"])
    config = chapter.read_config(values["settings"])
    metrics = _metrics(run)
    preset, changes = _nearest_preset(chapter.presets, config.model_dump(mode="json"))
    written = (run / (CONFIG_FILE if metrics is None else METRICS_FILE)).stat().st_mtime
    found = metrics or {}
    score = main_score(chapter.shown_scores(config), found)
    return ListedRun(
        str(run),
        task=values["task"],
        data=_data(values["data"], values["settings"]),
        preset=preset,
        changes=changes,
        score=score,
        training_seconds=found.get("training_seconds"),
        parameters=found.get("parameters"),
        bytes=sum(file.stat().st_size for file in run.rglob("*") if file.is_file()),
        date=datetime.fromtimestamp(written).astimezone().isoformat(timespec="seconds"),
        incomplete=_incomplete(run, metrics, score),
    )


def _metrics(run: Path) -> dict[str, Any] | None:
    path = run / METRICS_FILE
    if not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_METRICS:
        raise ValueError(f"larger than {_LARGEST_METRICS:,} bytes")
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise TypeError(f"expected an object, got {type(values).__name__}")
    return values


def _incomplete(run: Path, metrics: dict[str, Any] | None, score: Mapping[str, Any]) -> str:
    if not is_trained(run):
        return "no epoch is finished"
    if metrics is None:
        return "stopped before it was scored"
    return "" if score else "not scored"


def _data(provenance: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    files = provenance.get("files") or {}
    named = provenance.get("corpus") or files.get("data") or provenance.get("file") or "unknown data"
    if isinstance(named, list):
        named = ", ".join(map(str, named))
    languages = [settings.get(side) for side in ("source_language", "target_language")]
    pair = provenance.get("pair") or "-".join(filter(None, languages))
    return f"{named} {pair}".strip()


def _nearest_preset(presets: Mapping[str, Any], settings: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the preset with the fewest differing settings, and setting → value of those."""
    changes = {
        name: {
            setting: there
            for setting, there, _ in differences("", settings, preset.model_dump(mode="json"))
            if setting not in _OF_DATA
        }
        for name, preset in presets.items()
    }
    nearest = min(changes, key=lambda name: len(changes[name]))
    return nearest, changes[nearest]
