"""What the client must know of a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqapp.abstention import Thresholds
from serving.client.metadata import DEFAULT_SIGNATURE, PREDICT, Metadata
from serving.client.methods import Method, Methods


@dataclass(frozen=True)
class Task:
    """A declaration of one task.

    Attributes:
        name: the task's.
        noun: what a model of it is, with its article, for messages.
        outputs: those of `serving_default` by which such a model is recognised.
        methods: the class of its methods.
        answer: the method that answers texts from `serving_default`, one result per text.
        view: imports how `query` shows results.
        text_input: the input of `serving_default` that holds the texts.
    """

    name: str
    noun: str
    outputs: frozenset[str]
    methods: type[Methods]
    answer: Method[Any, list[Any]]
    view: Callable[[], QueryView]
    text_input: str = "text"

    def __post_init__(self) -> None:
        self.methods.declaration = self

    def recognises(self, metadata: Metadata) -> bool:
        """Whether the signatures are those of a model of this task."""
        default = metadata.get(DEFAULT_SIGNATURE)
        return (
            default is not None
            and default.method == PREDICT
            and self.text_input in default.inputs
            and self.outputs <= default.outputs.keys()
        )

    def method_names(self) -> list[str]:
        """Its methods, as one calls them."""
        return [f"{name}()" for name, value in vars(self.methods).items() if isinstance(value, Method)]


@dataclass(frozen=True)
class QueryView:
    """How `query` asks for results of a task, compares and shows them.

    Attributes:
        same: whether two results say the same but for rounding.
        lines: a result for programs, each line with its end; one line per text unless alternatives.
        truncated: whether the text of a result was cut.
        draw: shows (console, text, result) to a person; without it lines are shown.
        explained: the method that also tells what the model looked at, or how probable each token is; not
            every model can.
        alternatives: the method that tells all that the model considers.
        draws_alternatives: whether `draw` shows alternatives too; else they are lines for a person as well.
        abstaining: a result of `answer` or `explained` without what is below the thresholds.
    """

    same: Callable[[Any, Any], bool]
    lines: Callable[[Any], list[str]]
    truncated: Callable[[Any], bool]
    draw: Callable[[Any, str, Any], None] | None = None
    explained: Method[Any, list[Any]] | None = None
    alternatives: Method[Any, list[Any]] | None = None
    draws_alternatives: bool = False
    abstaining: Callable[[Any, Thresholds], Any] | None = None
