"""Sends requests from concurrent clients and records the latency of each reply."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from serving.client import AsyncClient, Client, ClientError
from serving.client.generic import choose_signature, text_columns
from serving.client.operations import RetryPolicy
from serving.client.tasks.registry import recognise

Ask = Callable[[AsyncClient, list[str]], Awaitable[object]]


@dataclass(frozen=True)
class Load:
    """Parameters of a load test.

    Attributes:
        address: HOST:PORT for gRPC, http://HOST:PORT for REST.
        model: the model's name.
        texts: sent in turn, from the start again after the last.
        batch_size: texts per request.
        duration: seconds to measure, after a warm-up of a tenth of it.
        timeout: seconds until a request counts as failed.
    """

    address: str
    model: str
    texts: Sequence[str]
    batch_size: int = 1
    duration: float = 10.0
    timeout: float = 30.0


@dataclass
class Measurement:
    """Results of a load test at one concurrency.

    Attributes:
        concurrency: number of requests in flight.
        duration: seconds measured.
        texts: number of texts with a reply.
        latencies: seconds until the reply of each successful request, sorted.
        errors: number of failed requests by status code.
    """

    concurrency: int
    duration: float = 0.0
    texts: int = 0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def texts_per_second(self) -> float:
        return self.texts / self.duration if self.duration else 0.0

    def percentile(self, share: float) -> float | None:
        """Returns the latency quantile in milliseconds; None if no request succeeded."""
        if not self.latencies:
            return None
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]

    def summary(self) -> dict[str, float | int | dict[str, int] | None]:
        """Returns the results for JSON; percentiles are None (null) if no request succeeded.

        ``clients`` and ``sentences_per_second`` are the former names of ``concurrency`` and
        ``texts_per_second``.
        """
        percentiles = {f"p{share}_ms": self.percentile(share / 100) for share in (50, 90, 99)}
        return {
            "concurrency": self.concurrency,
            "texts_per_second": round(self.texts_per_second, 2),
            "clients": self.concurrency,
            "sentences_per_second": round(self.texts_per_second, 2),
            **{name: None if value is None else round(value, 2) for name, value in percentiles.items()},
            "requests": len(self.latencies),
            "errors": dict(self.errors),
        }


def request_of(load: Load) -> Ask:
    """Chooses the request by the model's metadata: the method of its task, or its text input by name.

    Raises:
        ClientError: the server cannot be reached, or has no such model.
        ValueError: the model needs other inputs than texts.
    """
    with Client(load.address, model=load.model, timeout=load.timeout) as client:
        metadata = client.metadata()
    if task := recognise(metadata):
        answer = task.answer
        return lambda client, texts: client.run(answer, texts)
    name = choose_signature(metadata)
    signature = metadata[name]
    text_columns(name, signature, [])
    return lambda client, texts: client.predict(text_columns(name, signature, texts), signature=name)


def measure(load: Load, concurrency: int, request: Ask) -> Measurement:
    """Measures with `concurrency` requests in flight, a new one as soon as a reply arrives."""
    return asyncio.run(_measure(load, concurrency, request))


async def _measure(load: Load, concurrency: int, request: Ask) -> Measurement:
    texts = itertools.cycle(load.texts)
    result = Measurement(concurrency)
    begin = time.monotonic() + load.duration / 10
    end = begin + load.duration
    no_retries = RetryPolicy(attempts=1)

    async def ask(client: AsyncClient) -> None:
        while (begun := time.monotonic()) < end:
            batch = list(itertools.islice(texts, load.batch_size))
            try:
                await request(client, batch)
            except ClientError as error:
                result.errors[error.code] += 1
                await asyncio.sleep(0.01)
                continue
            now = time.monotonic()
            if begin <= now <= end:
                result.latencies.append(now - begun)
                result.texts += load.batch_size

    async with AsyncClient(
        load.address, model=load.model, timeout=load.timeout, retries=no_retries
    ) as client:
        await asyncio.gather(*(ask(client) for _ in range(concurrency)))
    result.duration = load.duration
    result.latencies.sort()
    return result
