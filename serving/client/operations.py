"""What every operation is made of, whatever the task and the kind of client."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from serving.client.errors import UnavailableError, UnexpectedReplyError, too_late
from serving.client.transport import Call, Columns, InputTensor, ModelSpec, Operation, Pause

Text = str | bytes
_TRUNCATED = "truncated"


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how fast to ask again when the server is UNAVAILABLE.

    Attributes:
        attempts: calls in all; 1 never asks again.
        first_pause: seconds before the second call; each further pause is twice as long.
        longest_pause: seconds.
    """

    attempts: int = 3
    first_pause: float = 0.1
    longest_pause: float = 2.0

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures, with jitter so that clients do not march in step."""
        full = min(self.longest_pause, self.first_pause * 2 ** (failures - 1))
        return full * random.uniform(0.5, 1.0)  # noqa: S311  not for secrets


class Model(Protocol):
    """Which model is asked, and how: what an operation needs of a client."""

    target: ModelSpec
    timeout: float
    retries: RetryPolicy


def ask(call: Call, retries: RetryPolicy) -> Operation[Columns]:
    """Carries a call out within its timeout, asking again while the server is UNAVAILABLE."""
    end = time.monotonic() + call.timeout
    failures = 0
    while True:
        left = end - time.monotonic()
        if left <= 0:
            raise too_late("The server", call.timeout)
        try:
            return (yield replace(call, timeout=left))
        except UnavailableError:
            failures += 1
            pause = retries.pause(failures)
            if failures >= retries.attempts or time.monotonic() + pause >= end:
                raise
        yield Pause(pause)


def ask_rows(
    model: Model,
    signature: str,
    inputs: Mapping[str, InputTensor],
    timeout: float | None,
    *names: str,
    texts: Sequence[str] = (),
    truncated: bool = True,
    optional: Sequence[str] = (),
    send: Callable[[Call, RetryPolicy], Operation[Columns]] = ask,
) -> Operation[list[list[Any]]]:
    """Asks, and takes the outputs of these names out of the reply, each with a row for each input row.

    Args:
        model: the client.
        signature: its name.
        inputs: columns by name.
        timeout: seconds, instead of the client's.
        names: of the outputs.
        texts: names of those that hold one text, or lists of texts, for each row.
        truncated: whether the output of this name comes too, as the last; an export without it cuts
            without saying so, and gives False.
        optional: names of outputs that come after these, None in each row where an export lacks one.
        send: sends the call, as `ask` does.

    Raises:
        UnexpectedReplyError: the reply does not hold them.
    """
    call = Call(model.target, signature, timeout or model.timeout, inputs)
    reply = yield from send(call, model.retries)
    if missing := [name for name in names if name not in reply]:
        raise UnexpectedReplyError(
            f"Signature {signature!r} of model {model.target.model!r} answers with"
            f" {', '.join(sorted(reply))} and has no {missing[0]!r}."
        )
    rows = len(next(iter(inputs.values())).values)
    if truncated:
        reply = {_TRUNCATED: [False] * rows, **reply}
        names = (*names, _TRUNCATED)
    reply = {**{name: [None] * rows for name in optional}, **reply}
    names = (*names, *optional)
    for name in names:
        found = len(reply[name]) if isinstance(reply[name], list) else "no"
        if found != rows:
            raise UnexpectedReplyError(f"Output {name!r} has {found} rows for {rows} texts.")
    for name in texts:
        if not all(map(_is_text, reply[name])):
            raise UnexpectedReplyError(f"Output {name!r} does not hold texts.")
    return [reply[name] for name in names]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(map(_is_text, value)))


def checked(texts: Sequence[Text]) -> Sequence[Text]:
    """The texts; TypeError for one text where a list is wanted."""
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"texts must be a list of texts, not one text: give [{texts[:20]!r}]")
    return texts


def text_column(texts: Sequence[Text]) -> dict[str, InputTensor]:
    """The column `text` of a request."""
    return {"text": InputTensor("string", list(texts))}
