"""What can be asked of a served model, each written once for both kinds of client."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serving.client.errors import UnavailableError, UnexpectedReplyError, too_late
from serving.client.results import Explanation, Score, SearchOptions, Translation, VersionStatus
from serving.client.wire import Call, Column, Columns, Operation, Pause, Target

Text = str | bytes
Options = SearchOptions | Sequence[SearchOptions] | None

_OPTION_TYPES = {
    "length_penalty": "float32",
    "max_length": "int32",
    "min_length": "int32",
    "temperature": "float32",
    "seed": "int64",
}
_LEAST_SCORE = -1e8  # fillers of short n-best lists score below this


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


def translate(
    target: Target, texts: Sequence[Text], options: Options, timeout: float, retries: Retries
) -> Operation[list[Translation]]:
    """One translation a text; with options from the signature that takes them."""
    if not _checked(texts):
        return []
    if options is None:
        call = Call(target, "serving_default", timeout, _text(texts))
    else:
        inputs = _text(texts) | _option_columns(options, len(texts))
        call = Call(target, "translate_with_options", timeout, inputs)
    reply = yield from ask(call, retries)
    texts_out, scores = _columns(reply, len(texts), "translation", "score")
    return [Translation(text, float(score)) for text, score in zip(texts_out, scores, strict=True)]


def alternatives(
    target: Target, texts: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[list[Translation]]]:
    """The n best translations a text, best first."""
    if not _checked(texts):
        return []
    reply = yield from ask(Call(target, "alternatives", timeout, _text(texts)), retries)
    rows, scores = _columns(reply, len(texts), "translations", "scores")
    return [
        [Translation(t, float(s)) for t, s in zip(row, row_scores, strict=True) if s > _LEAST_SCORE]
        for row, row_scores in zip(rows, scores, strict=True)
    ]


def explain(
    target: Target, texts: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[Explanation]]:
    """One translation a text, with tokens and attention."""
    if not _checked(texts):
        return []
    reply = yield from ask(Call(target, "explain", timeout, _text(texts)), retries)
    names = ("translation", "score", "source_tokens", "target_tokens", "alignment", "truncated")
    return [_explanation(*row) for row in zip(*_columns(reply, len(texts), *names), strict=True)]


def score(
    target: Target, texts: Sequence[Text], translations: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[Score]]:
    """How probable each translation is for its text."""
    if len(_checked(texts)) != len(_checked(translations)):
        raise ValueError(
            f"translations must be as many as texts; got {len(translations)} for {len(texts)} texts"
        )
    if not texts:
        return []
    inputs = _text(texts) | {"translation": Column("string", list(translations))}
    reply = yield from ask(Call(target, "score", timeout, inputs), retries)
    names = ("log_probability", "normalised_score", "tokens", "token_log_probabilities")
    return [_score(*row) for row in zip(*_columns(reply, len(texts), *names), strict=True)]


def predict(
    target: Target, inputs: Mapping[str, Column], signature: str, timeout: float, retries: Retries
) -> Operation[Columns]:
    """Any signature: columns in, columns out."""
    return (yield from ask(Call(target, signature, timeout, inputs), retries))


def status(target: Target, timeout: float, retries: Retries) -> Operation[list[VersionStatus]]:
    """The versions of the model, newest first."""
    reply = yield from ask(Call(target, "", timeout, wants_status=True), retries)
    return [VersionStatus(*row) for row in reply["versions"]]


def _checked(texts: Sequence[Text]) -> Sequence[Text]:
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"texts must be a list of texts, not one text: give [{texts[:20]!r}]")
    return texts


def _text(texts: Sequence[Text]) -> dict[str, Column]:
    return {"text": Column("string", list(texts))}


def _option_columns(options: SearchOptions | Sequence[SearchOptions], rows: int) -> dict[str, Column]:
    each = [options] * rows if isinstance(options, SearchOptions) else list(options)
    if len(each) != rows:
        raise ValueError(f"options must be one, or one for each text; got {len(each)} for {rows} texts")
    return {
        name: Column(dtype, [getattr(one, name) for one in each]) for name, dtype in _OPTION_TYPES.items()
    }


def _columns(reply: Columns, rows: int, *names: str) -> list[list[Any]]:
    for name in names:
        if name not in reply:
            raise UnexpectedReplyError(
                f"The reply has no output {name!r} but {sorted(reply)}: the model was not exported by"
                " `python -m serving export`, or the signature is another one."
            )
        if len(reply[name]) != rows:
            raise UnexpectedReplyError(f"Output {name!r} has {len(reply[name])} rows for {rows} texts.")
    return [reply[name] for name in names]


def _explanation(
    text: str, score: float, source: list[str], target: list[str], weights: list[list[float]], cut: bool
) -> Explanation:
    read, written = _unpadded(source), _unpadded(target)
    alignment = tuple(tuple(row[: len(read)]) for row in weights[: len(written)])
    return Explanation(text, float(score), read, written, alignment, bool(cut))


def _score(total: float, normalised: float, tokens: list[str], each: list[float]) -> Score:
    pieces = _unpadded(tokens)
    return Score(float(total), float(normalised), pieces, tuple(each[: len(pieces)]))


def _unpadded(tokens: list[str]) -> tuple[str, ...]:
    count = len(tokens)
    while count and not tokens[count - 1]:
        count -= 1
    return tuple(tokens[:count])
