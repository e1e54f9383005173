"""Reads a request body as RapidJSON does, which is not quite as Python does.

NaN, Inf and Infinity are numbers; what follows the first value is ignored; bytes that are not UTF-8
pass through (as surrogate escapes); nesting has no limit; of equal keys the first counts; errors
name the byte offset. Well-formed bodies go through Python's C scanner, the rest through the parser
in `json_parser.py`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from serving.server.rest.json_parser import parse_bytes
from serving.server.rest.pretty_writer import debug_text
from serving.server.status import invalid_argument

# What the C scanner would read differently: lone surrogates, numbers beyond a double.
_SUSPICIOUS = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
    r"|[eE]\+?[0-9]{3}|(?<![0-9])[0-9]{300}"
)
_PIECE = 256 * 1024  # searched in pieces: a search of the whole would keep Python's lock to its end
_OVERLAP = 512  # longer than anything that is searched for
_PAIR = len(r"\ud83d\ude42")
_BLANKS = " \t\n\r"
_BOM = b"\xef\xbb\xbf"


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else dict(reversed(pairs))


_DECODER = json.JSONDecoder(object_pairs_hook=_first_wins)


def read_json(body: bytes) -> Any:
    """The first JSON value of `body`; strings keep invalid bytes as surrogate escapes.

    Raises:
        ServingError: INVALID_ARGUMENT, "JSON Parse error: …".
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    if body.startswith(_BOM):
        return parse_bytes(body)
    text = body.decode("utf-8", "surrogateescape").lstrip(_BLANKS)
    if text.startswith("{") and not _is_suspicious(text):
        try:
            return _DECODER.raw_decode(text)[0]
        except (ValueError, RecursionError):
            pass  # the slow parser finds whether it is wrong, and where
    return parse_bytes(body)


def _is_suspicious(text: str) -> bool:
    start = 0
    while True:
        end = start + _PIECE
        found = _SUSPICIOUS.search(text, start, end)
        # What ends with the piece may look different together with the next one: a pair of surrogates.
        if found and (end >= len(text) or found.end() < end - _PAIR):
            return True
        if end >= len(text):
            return False
        start = end - _OVERLAP


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that is the first value of `body`.

    Raises:
        ServingError: INVALID_ARGUMENT, also for a value that is not an object.
    """
    value = read_json(body)
    if not isinstance(value, dict):
        raise invalid_argument(f"JSON Value: {debug_text(value)} Is not object")
    return value
