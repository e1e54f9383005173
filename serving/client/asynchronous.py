"""The client for an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
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
from serving.client.wire import AsyncWire, Call, Column, Columns, Operation, Target

Result = TypeVar("Result")


class AsyncClient:
    """`Client` with awaitable methods; the same arguments, results and errors.

    Make it inside of the event loop that uses it.
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
        wire: AsyncWire | None = None,
    ) -> None:
        self.target = Target(model, version, label)
        self.timeout = timeout
        self.retries = retries or Retries()
        self._wire = wire or _wire_for(address)

    async def translate(
        self, texts: Sequence[Text], *, options: Options = None, timeout: float | None = None
    ) -> list[Translation]:
        """One translation a text, in order.

        Args:
            texts: what to translate.
            options: wishes for all texts, or for each its own.
            timeout: seconds, instead of the client's.
        """
        wanted = timeout or self.timeout
        return await self._run(translation.translate(self.target, texts, options, wanted, self.retries))

    async def alternatives(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> list[list[Translation]]:
        """The n best translations a text, best first."""
        wanted = timeout or self.timeout
        return await self._run(translation.alternatives(self.target, texts, wanted, self.retries))

    async def explain(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Explanation]:
        """One translation a text, with tokens and attention."""
        wanted = timeout or self.timeout
        return await self._run(translation.explain(self.target, texts, wanted, self.retries))

    async def score(
        self, texts: Sequence[Text], translations: Sequence[Text], *, timeout: float | None = None
    ) -> list[Score]:
        """How probable the model finds each translation of its text."""
        wanted = timeout or self.timeout
        return await self._run(translation.score(self.target, texts, translations, wanted, self.retries))

    def translate_stream(
        self, texts: Iterable[Text], *, batch_size: int = 32, in_flight: int = 2
    ) -> AsyncIterator[Translation]:
        """Translations of any number of texts, in order, while they come."""
        return self._stream(self.translate, texts, batch_size, in_flight)

    async def classify(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Classification]:
        """One label a text, in order."""
        wanted = timeout or self.timeout
        return await self._run(classification.classify(self.target, texts, wanted, self.retries))

    async def probabilities(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Ranking]:
        """All classes a text, best first."""
        wanted = timeout or self.timeout
        return await self._run(classification.probabilities(self.target, texts, wanted, self.retries))

    async def explain_label(self, texts: Sequence[Text], *, timeout: float | None = None) -> list[Reasons]:
        """One label a text, with what each token adds to its log-odds."""
        wanted = timeout or self.timeout
        return await self._run(classification.explain_label(self.target, texts, wanted, self.retries))

    def classify_stream(
        self, texts: Iterable[Text], *, batch_size: int = 32, in_flight: int = 2
    ) -> AsyncIterator[Classification]:
        """Labels of any number of texts, in order, while they come."""
        return self._stream(self.classify, texts, batch_size, in_flight)

    async def predict(
        self,
        inputs: Mapping[str, Column],
        *,
        signature: str = "serving_default",
        timeout: float | None = None,
    ) -> Columns:
        """Any signature: named columns in, nested lists by output name out."""
        wanted = timeout or self.timeout
        return await self._run(operations.predict(self.target, inputs, signature, wanted, self.retries))

    async def status(self, *, timeout: float | None = None) -> list[VersionStatus]:
        """The versions of the model and their states, newest first."""
        return await self._run(operations.status(self.target, timeout or self.timeout, self.retries))

    async def close(self) -> None:
        """Gives the connections back."""
        await self._wire.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _stream(
        self,
        method: Callable[[list[Text]], Awaitable[list[Result]]],
        texts: Iterable[Text],
        size: int,
        in_flight: int,
    ) -> AsyncIterator[Result]:
        waiting: deque[asyncio.Future[list[Result]]] = deque()
        try:
            for batch in in_batches(texts, size):
                waiting.append(asyncio.ensure_future(method(batch)))
                if len(waiting) >= in_flight:
                    for result in await waiting.popleft():
                        yield result
            while waiting:
                for result in await waiting.popleft():
                    yield result
        finally:
            for task in waiting:
                task.cancel()

    async def _run(self, operation: Operation[Result]) -> Result:
        try:
            step = next(operation)
            while True:
                try:
                    reply = await self._carry(step)
                except Exception as error:  # noqa: BLE001  the operation decides whether to go on
                    step = operation.throw(error)
                else:
                    step = operation.send(reply)
        except StopIteration as end:
            return end.value

    async def _carry(self, step: Call | object) -> Columns:
        if isinstance(step, Call):
            return await self._wire.call(step)
        await asyncio.sleep(step.seconds)  # type: ignore[attr-defined]
        return {}


def _wire_for(text: str) -> AsyncWire:
    address = parse_address(text)
    if address.is_rest:
        from serving.client.rest_wire import AsyncRestWire

        return AsyncRestWire(address.target)
    from serving.client.grpc_wire import AsyncGrpcWire

    return AsyncGrpcWire(address.target, secure=address.is_secure)
