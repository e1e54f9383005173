"""What `query` does with the answers of one server: how it asks, compares and shows them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqapp.abstention import Thresholds
from serving.client.generic import choose_signature, rows_of, text_columns
from serving.client.metadata import Metadata
from serving.client.printable import printable
from serving.client.synchronous import Client
from serving.client.tasks.registry import recognise
from serving.client.tasks.task import QueryView, Task

_ROUNDING = 1e-4
_THRESHOLDS = "--min-probability, --min-typicality"


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        texts: to send.
        signature: to ask generically, whatever the task; "" asks by the task.
        alternatives: all that the model considers.
        for_people: with what the model looked at, if it can tell.
        thresholds: below which a classifier abstains; None for those of other tasks.
    """

    texts: Sequence[str]
    signature: str = ""
    alternatives: bool = False
    for_people: bool = False
    thresholds: Thresholds | None = None


def answers_of(client: Client, wanted: Wanted) -> tuple[QueryView, list[Any]]:
    """Asks the model by what its metadata says it is; the view that shows the answers, and these.

    Raises:
        ClientError: as of the client.
        ValueError: the model cannot be asked so.
    """
    metadata = client.metadata()
    task = None if wanted.signature else recognise(metadata)
    if task is not None:
        return _of_task(client, task, metadata, wanted)
    if wanted.alternatives:
        raise ValueError("--alternatives: the model is of no task that is known to have them")
    if wanted.thresholds:
        raise ValueError(f"{_THRESHOLDS}: only for classifiers, and not with --signature")
    name = choose_signature(metadata, wanted.signature)
    columns = text_columns(name, metadata[name], wanted.texts)
    if not wanted.texts:
        return ROWS, []
    reply = client.predict(columns, signature=name)
    return ROWS, rows_of(metadata[name], reply, len(wanted.texts))


def _of_task(client: Client, task: Task, metadata: Metadata, wanted: Wanted) -> tuple[QueryView, list[Any]]:
    view = task.view()
    method = task.answer
    abstaining = view.abstaining
    if wanted.thresholds and (abstaining is None or wanted.alternatives):
        raise ValueError(f"{_THRESHOLDS}: only for classifiers, and not with --alternatives")
    if wanted.alternatives:
        if view.alternatives is None or view.alternatives.signature not in metadata:
            raise ValueError(f"--alternatives: the model, {task.noun}, has no signature that gives them")
        method = view.alternatives
    elif wanted.for_people and view.explained and view.explained.signature in metadata:
        method = view.explained
    found = client.run(method, wanted.texts)
    if wanted.thresholds and abstaining:
        found = [abstaining(one, wanted.thresholds) for one in found]
    return view, found


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    if isinstance(first, float) and isinstance(second, float | int):
        return math.isclose(first, second, rel_tol=_ROUNDING, abs_tol=_ROUNDING) or str(first) == str(second)
    return bool(first == second)


def _lines(row: dict[str, Any]) -> list[str]:
    text = json.dumps(_plain(row), ensure_ascii=False, allow_nan=False)
    return [re.sub(r"[^ -~]", lambda letter: _escaped(letter[0]), text) + "\n"]


def _escaped(letter: str) -> str:
    # Letters that would steer a terminal, and ends of lines that JSON allows.
    return letter if printable(letter) == letter else json.dumps(letter)[1:-1]


def _plain(value: Any) -> Any:
    """As JSON has it, where no number is NaN or infinite."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _truncated(row: dict[str, Any]) -> bool:
    return row.get("truncated") is True


ROWS = QueryView(same=_same, lines=_lines, truncated=_truncated)


def truncation_note(flags: Sequence[bool], unit: str) -> str:
    """One sentence that says which texts were cut; "" if none was.

    Args:
        flags: whether each text was cut.
        unit: what a text is called by its number: `line` or `text`.
    """
    numbers = [number for number, cut in enumerate(flags, start=1) if cut]
    if not numbers:
        return ""
    named = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
    verb, units = ("was", unit) if len(numbers) == 1 else ("were", f"{unit}s")
    texts = "text" if len(flags) == 1 else "texts"
    where = f"({units} {named})"
    return f"note: {len(numbers)} of {len(flags)} {texts} {verb} cut {where}: longer than the model reads"
