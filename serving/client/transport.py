"""Requests and replies of a client, and the protocol of the transports that carry them.

Operations (`operations.py`) are generators: they yield a `Call` or a `Pause` and are sent the reply.
So retries, deadlines and replies are written once, and `Client` and `AsyncClient` differ only in how
they carry out a call.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

Columns = dict[str, Any]
"""Named outputs as nested lists with text as str; the first axis of each is the batch."""


@dataclass(frozen=True)
class InputTensor:
    """One input tensor.

    Attributes:
        dtype: `string`, `float32`, `int32`, `int64` or `bool`.
        values: one item a row; text is str, or bytes that need not be UTF-8.
    """

    dtype: str
    values: Sequence[Any]


@dataclass(frozen=True)
class ModelSpec:
    """Which model is asked: a name, and perhaps a version or a label."""

    model: str
    version: int | None = None
    label: str = ""


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        target: which model.
        signature: the signature; "" unless for `predict`.
        timeout: seconds.
        inputs: columns by input name; none unless for `predict`.
        kind: what is asked for: an answer, the states of the versions (the reply's `versions`), or the
            signatures (the reply's `signatures`).
    """

    target: ModelSpec
    signature: str
    timeout: float
    inputs: Mapping[str, InputTensor] = field(default_factory=dict)
    kind: Literal["predict", "status", "metadata"] = "predict"


@dataclass(frozen=True)
class Pause:
    """Time to wait before the next call."""

    seconds: float


def text_bytes(text: str | bytes) -> bytes:
    """The bytes of a text as they are sent: UTF-8, lone surrogates too. Offsets count in these."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


Result = TypeVar("Result")
Operation = Generator[Call | Pause, Columns, Result]


class Transport(Protocol):
    """Carries calls out, one after the other or from several threads."""

    address: str

    def call(self, call: Call) -> Columns: ...

    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """Carries calls out on an event loop."""

    address: str

    async def call(self, call: Call) -> Columns: ...

    async def close(self) -> None: ...
