"""What every operation is made of, written once for both kinds of client and for every task."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serving.client.errors import UnavailableError, UnexpectedReplyError, too_late
from serving.client.results import VersionStatus
from serving.client.wire import Call, Column, Columns, Operation, Pause, Target

Text = str | bytes

# Outputs by which a model of another task is known, and how it is asked.
_TRANSLATOR = "the model is a translator: ask it with --task translation, in Python with translate()"
_CLASSIFIER = "the model is a classifier: ask it with --task classification, in Python with classify()"
_REMEDIES = {
    "translation": _TRANSLATOR,
    "translations": _TRANSLATOR,
    "label": _CLASSIFIER,
    "labels": _CLASSIFIER,
}
_FOREIGN = "the model was not exported by `python -m serving export`, or the signature is another one"


@dataclass(frozen=True)
class Retries:
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


def ask(call: Call, retries: Retries) -> Operation[Columns]:
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


def ask_rows(call: Call, retries: Retries, *names: str) -> Operation[list[list[Any]]]:
    """Asks, and takes the outputs of these names out of the reply, each with a row for each input row.

    Raises:
        UnexpectedReplyError: the reply does not hold them; says so if the model is of another task.
    """
    reply = yield from ask(call, retries)
    rows = len(next(iter(call.inputs.values())).values)
    for name in names:
        if name not in reply:
            remedy = next((_REMEDIES[output] for output in reply if output in _REMEDIES), _FOREIGN)
            raise UnexpectedReplyError(
                f"Signature {call.signature!r} of model {call.target.model!r} answers with"
                f" {', '.join(sorted(reply))} and has no {name!r}: {remedy}."
            )
        if len(reply[name]) != rows:
            raise UnexpectedReplyError(f"Output {name!r} has {len(reply[name])} rows for {rows} texts.")
    return [reply[name] for name in names]


def predict(
    target: Target, inputs: Mapping[str, Column], signature: str, timeout: float, retries: Retries
) -> Operation[Columns]:
    """Any signature: columns in, columns out. Raises TypeError for an input that is no `Column`."""
    for name, column in inputs.items():
        if not isinstance(column, Column):
            raise TypeError(
                f"inputs[{name!r}]: expected a Column, got {type(column).__name__};"
                " give Column('string', [...]), or of another dtype, from serving.client"
            )
    return (yield from ask(Call(target, signature, timeout, inputs), retries))


def status(target: Target, timeout: float, retries: Retries) -> Operation[list[VersionStatus]]:
    """The versions of the model, newest first."""
    reply = yield from ask(Call(target, "", timeout, wants_status=True), retries)
    return [VersionStatus(*row) for row in reply["versions"]]


def checked(texts: Sequence[Text]) -> Sequence[Text]:
    """The texts; TypeError for one text where a list is wanted."""
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"texts must be a list of texts, not one text: give [{texts[:20]!r}]")
    return texts


def text_column(texts: Sequence[Text]) -> dict[str, Column]:
    """The column `text` of a request."""
    return {"text": Column("string", list(texts))}
