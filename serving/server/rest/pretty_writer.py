"""Writes JSON in the layout of RapidJSON's PrettyWriter: four spaces, arrays on one line if asked."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

from serving.server.status import cut

_INDENT = "    "
_DEBUG_LIMIT = 1000
_ESCAPES = {
    ord('"'): '\\"', ord("\\"): "\\\\", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t",
}  # fmt: skip
_ESCAPES.update({code: f"\\u{code:04X}" for code in range(0x20) if code not in _ESCAPES})


def quoted(text: str) -> str:
    """`text` as a JSON string; only what JSON demands is escaped."""
    return f'"{text.translate(_ESCAPES)}"'


class PrettyWriter:
    """Builds one JSON text from events.

    Attributes:
        single_line_arrays: whether array items follow one another on a line from now on.
        size: characters written.
    """

    def __init__(self, *, single_line_arrays: bool = False) -> None:
        self.single_line_arrays = single_line_arrays
        self.size = 0
        self._out: list[str] = []
        self._levels: list[list[Any]] = []  # [is array, items so far]

    def start_object(self) -> None:
        self._open("{", False)

    def end_object(self) -> None:
        self._close("}")

    def start_array(self) -> None:
        self._open("[", True)

    def end_array(self) -> None:
        self._close("]")

    def key(self, name: str) -> None:
        """The next member's name."""
        level = self._levels[-1]
        self._write(",\n" if level[1] else "\n")
        self._write(_INDENT * len(self._levels) + quoted(name) + ": ")
        level[1] += 1

    def raw(self, text: str) -> None:
        """A value that is JSON text already."""
        self._prefix()
        self._write(text)

    def raws(self, texts: list[str]) -> None:
        """Several items of an array at once."""
        if not texts:
            return
        self._prefix()
        separator = ", " if self.single_line_arrays else ",\n" + _INDENT * len(self._levels)
        self._write(separator.join(texts))
        self._levels[-1][1] += len(texts)

    def text(self) -> str:
        """What was written."""
        return "".join(self._out)

    def _open(self, mark: str, is_array: bool) -> None:
        self._prefix()
        self._write(mark)
        self._levels.append([is_array, 0])

    def _close(self, mark: str) -> None:
        is_array, count = self._levels.pop()
        if count and not (is_array and self.single_line_arrays):
            self._write("\n" + _INDENT * len(self._levels))
        self._write(mark)

    def _prefix(self) -> None:
        if not self._levels or not self._levels[-1][0]:
            return
        level = self._levels[-1]
        if level[1]:
            self._write(", " if self.single_line_arrays else ",")
        if not self.single_line_arrays:
            self._write("\n" + _INDENT * len(self._levels))
        level[1] += 1

    def _write(self, text: str) -> None:
        self._out.append(text)
        self.size += len(text)


def debug_text(value: Any, limit: int = _DEBUG_LIMIT) -> str:
    """Any JSON value as error messages show it, cut to `limit` bytes.

    The writing ends where the cut comes: neither the size of a value nor its depth, which indents
    each line, costs more than that.
    """
    writer = PrettyWriter(single_line_arrays=True)
    todo: list[tuple[str, Any]] = [("value", value)]
    while todo and writer.size <= limit:
        what, item = todo.pop()
        if what == "key":
            writer.key(item[:limit])
        elif what == "end":
            (writer.end_array if item is list else writer.end_object)()
        elif isinstance(item, list):
            writer.start_array()
            todo.append(("end", list))
            todo.extend(("value", member) for member in reversed(item[:limit]))
        elif isinstance(item, dict):
            writer.start_object()
            todo.append(("end", dict))
            for name, member in reversed(list(islice(item.items(), limit))):
                todo += [("value", member), ("key", name)]
        else:
            writer.raw(_scalar(item[:limit] if isinstance(item, str) else item))
    return cut(writer.text(), limit)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return repr(value)
