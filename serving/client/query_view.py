"""What `query` must know of a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TRUNCATED = "The text was cut at the length the model was trained for."


@dataclass(frozen=True)
class QueryView:
    """How answers of one task are asked for, compared and shown.

    Attributes:
        plain: (client, texts) → an answer a text.
        explained: the same with what the model looked at; not every model can.
        alternatives: the same with all that the model considers.
        same: whether two answers say the same but for rounding.
        lines: an answer for programs, each line with its end.
        draw: shows (console, text, answer) to a person.
        draws_alternatives: whether `draw` shows alternatives too; else they are lines for a person as well.
    """

    plain: Callable[..., list[Any]]
    explained: Callable[..., list[Any]]
    alternatives: Callable[..., list[Any]]
    same: Callable[[Any, Any], bool]
    lines: Callable[[Any], list[str]]
    draw: Callable[[Any, str, Any], None]
    draws_alternatives: bool = False
