"""The client whose calls wait for their answer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from serving.client import classification, operations, translation
from serving.client.address import parse_address
from serving.client.batches import in_batches
from serving.client.operations import Retries, Text
from serving.client.results import (
    Classification,
    Explanation,
    Ranking,
    Reasons,
    Score,
    Translation,
    VersionStatus,
)
from serving.client.translation import Options
from serving.client.wire import Call, Column, Columns, Operation, Target, Wire

Result = TypeVar("Result")


class Client:
    """Asks one served model, over gRPC or REST by its address. Safe to share between threads.

    Args:
        address: `HOST:PORT`, `grpcs://HOST:PORT` (TLS) or `unix:PATH` for gRPC, `http://HOST:PORT` for REST.
        model: the model's name.
        version: a version number; None asks the newest.
        label: a version label, used without `version`.
        timeout: seconds a call may take, retries included.
        retries: when to ask again; only UNAVAILABLE is.
        wire: what carries calls, instead of the one that `address` means.

    Every method raises ClientError (see `errors.py`).
    """

    def __init__(
        self,
        address: str,
        *,
        model: str,
        version: int | None = None,
        label: str = "",
        timeout: float = 30.0,
        retries: Retries | None = None,
        wire: Wire | None = None,
    ) -> None:
        self.target = Target(model, version, label)
        self.timeout = timeout
        self.retries = retries or Retries()
        self._wire = wire or _wire_for(address)

    def translate(
        self, texts: Sequence[Text], *, options: Options = None, timeout: float | None = None
    ) -> list[Translation]:
        """One translation a text, in order. Bytes that are not UTF-8 may be sent as bytes.

        Args:
            texts: what to translate.
            options: wishes for all texts, or for each its own.
            timeout: seconds, instead of the client's.
        """
        wanted = timeout or self.timeout
        return self._run(translation.translate(self.target, texts, options, wanted, self.retries))

    def alternatives(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[list[Translation]]:
        """The n best translations a text, best first."""
        return self._run(translation.alternatives(self.target, texts, timeout or self.timeout, self.retries))

    def explain(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Explanation]:
        """One translation a text, with tokens and attention."""
        return self._run(translation.explain(self.target, texts, timeout or self.timeout, self.retries))

    def score(
        self, texts: Sequence[Text], translations: Sequence[Text], *, timeout: float | None = None
    ) -> list[Score]:
        """How probable the model finds each translation of its text."""
        wanted = timeout or self.timeout
        return self._run(translation.score(self.target, texts, translations, wanted, self.retries))

    def translate_stream(
        self, texts: Iterable[Text], *, batch_size: int = 32, in_flight: int = 2
    ) -> Iterator[Translation]:
        """Translations of any number of texts, in order, while they come.

        Args:
            texts: read as needed, never further than the batches in flight.
            batch_size: texts a request.
            in_flight: requests at the same time.
        """
        return self._stream(self.translate, texts, batch_size, in_flight)

    def classify(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Classification]:
        """One label a text, in order."""
        wanted = timeout or self.timeout
        return self._run(classification.classify(self.target, texts, wanted, self.retries))

    def probabilities(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Ranking]:
        """All classes a text, best first."""
        wanted = timeout or self.timeout
        return self._run(classification.probabilities(self.target, texts, wanted, self.retries))

    def explain_label(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Reasons]:
        """One label a text, with what each token adds to its log-odds."""
        wanted = timeout or self.timeout
        return self._run(classification.explain_label(self.target, texts, wanted, self.retries))

    def classify_stream(
        self, texts: Iterable[Text], *, batch_size: int = 32, in_flight: int = 2
    ) -> Iterator[Classification]:
        """Labels of any number of texts, in order, while they come; arguments as of `translate_stream`."""
        return self._stream(self.classify, texts, batch_size, in_flight)

    def predict(
        self,
        inputs: Mapping[str, Column],
        *,
        signature: str = "serving_default",
        timeout: float | None = None,
    ) -> Columns:
        """Any signature: named columns in, nested lists by output name out.

        Over REST the only output of a signature is called `output`.
        """
        wanted = timeout or self.timeout
        return self._run(operations.predict(self.target, inputs, signature, wanted, self.retries))

    def status(self, *, timeout: float | None = None) -> list[VersionStatus]:
        """The versions of the model and their states, newest first."""
        return self._run(operations.status(self.target, timeout or self.timeout, self.retries))

    def close(self) -> None:
        """Gives the connections back."""
        self._wire.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stream(
        self, method: Callable[[list[Text]], list[Result]], texts: Iterable[Text], size: int, in_flight: int
    ) -> Iterator[Result]:
        waiting: deque[Future[list[Result]]] = deque()
        with ThreadPoolExecutor(in_flight) as threads:
            for batch in in_batches(texts, size):
                waiting.append(threads.submit(method, batch))
                if len(waiting) >= in_flight:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()

    def _run(self, operation: Operation[Result]) -> Result:
        try:
            step = next(operation)
            while True:
                try:
                    reply = self._carry(step)
                except Exception as error:  # noqa: BLE001  the operation decides whether to go on
                    step = operation.throw(error)
                else:
                    step = operation.send(reply)
        except StopIteration as end:
            return end.value

    def _carry(self, step: Call | object) -> Columns:
        if isinstance(step, Call):
            return self._wire.call(step)
        time.sleep(step.seconds)  # type: ignore[attr-defined]
        return {}


def _wire_for(text: str) -> Wire:
    address = parse_address(text)
    if address.is_rest:
        from serving.client.rest_wire import RestWire

        return RestWire(address.target)
    from serving.client.grpc_wire import GrpcWire

    return GrpcWire(address.target, secure=address.is_secure)
