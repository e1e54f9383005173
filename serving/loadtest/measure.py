"""Asks a server from many clients at once and notes how long each answer took."""

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
    """What is asked.

    Attributes:
        address: as for Client.
        model: the model's name.
        texts: asked in turn.
        rows: texts a request.
        seconds: how long to measure, after a warm-up of a tenth of it.
        timeout: seconds a request may take.
    """

    address: str
    model: str
    texts: Sequence[str]
    rows: int = 1
    seconds: float = 10.0
    timeout: float = 30.0


@dataclass
class Measurement:
    """What came of it.

    Attributes:
        clients: how many asked at once.
        seconds: how long it took.
        sentences: texts answered.
        latencies: seconds of each answered request, sorted.
        errors: how many requests failed, by status code.
    """

    clients: int
    seconds: float = 0.0
    sentences: int = 0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def sentences_a_second(self) -> float:
        return self.sentences / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float | None:
        """The latency in milliseconds that this share of the requests stayed below; None without any."""
        if not self.latencies:
            return None
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]

    def summary(self) -> dict[str, float | int | dict[str, int] | None]:
        """The numbers as JSON carries them; a percentile of no request is None."""
        percentiles = {f"p{share}_ms": self.percentile(share / 100) for share in (50, 90, 99)}
        return {
            "clients": self.clients,
            "sentences_per_second": round(self.sentences_a_second, 2),
            **{name: None if value is None else round(value, 2) for name, value in percentiles.items()},
            "requests": len(self.latencies),
            "errors": dict(self.errors),
        }


def request_of(load: Load) -> Ask:
    """How the model is asked, by its metadata: by its task, or its text input by name.

    Raises:
        ClientError: nobody answers, or there is no such model.
        ValueError: the model cannot be asked with texts alone.
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


def measure(load: Load, clients: int, request: Ask) -> Measurement:
    """Measures with so many clients at once, each asking again as soon as it is answered."""
    return asyncio.run(_measure(load, clients, request))


async def _measure(load: Load, clients: int, request: Ask) -> Measurement:
    texts = itertools.cycle(load.texts)
    result = Measurement(clients)
    begin = time.monotonic() + load.seconds / 10
    end = begin + load.seconds
    never_again = RetryPolicy(attempts=1)

    async def ask(client: AsyncClient) -> None:
        while (begun := time.monotonic()) < end:
            batch = list(itertools.islice(texts, load.rows))
            try:
                await request(client, batch)
            except ClientError as error:
                result.errors[error.code] += 1
                await asyncio.sleep(0.01)
                continue
            now = time.monotonic()
            if begin <= now <= end:
                result.latencies.append(now - begun)
                result.sentences += load.rows

    async with AsyncClient(
        load.address, model=load.model, timeout=load.timeout, retries=never_again
    ) as client:
        await asyncio.gather(*(ask(client) for _ in range(clients)))
    result.seconds = load.seconds
    result.latencies.sort()
    return result
