"""Reads text protobufs; their errors name the file and the line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

from serving.server.logs import log
from serving.server.status import invalid_argument, not_found

M = TypeVar("M", bound=Message)


def read_text_proto(path: str, message: M, kind: str) -> M:
    """Fills `message` from the file at `path`.

    Args:
        path: the file.
        message: an empty message.
        kind: its full name, for the log.

    Raises:
        ServingError: NOT_FOUND if the file cannot be read, INVALID_ARGUMENT if it does not parse.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise not_found(f"{path}: cannot be read ({error}): give an existing text protobuf file.") from error
    try:
        return text_format.Parse(text, message)
    except text_format.ParseError as error:
        log.error("Error parsing text-format %s: %s: %s", kind, path, error)
        raise invalid_argument(f"Invalid protobuf file: '{path}' ({error})") from error
