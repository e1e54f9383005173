"""Asks a server from many clients at once and notes how long each answer took."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from serving.client import AsyncClient, ClientError
from serving.client.operations import Retries


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
        task: `translation` or `classification`, what the model does.
    """

    address: str
    model: str
    texts: Sequence[str]
    rows: int = 1
    seconds: float = 10.0
    timeout: float = 30.0
    task: str = "translation"


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

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests stayed below."""
        if not self.latencies:
            return float("nan")
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]

    def summary(self) -> dict[str, float | int | dict[str, int]]:
        """The numbers as JSON carries them."""
        return {
            "clients": self.clients,
            "sentences_per_second": round(self.sentences_a_second, 2),
            "p50_ms": round(self.percentile(0.50), 2),
            "p90_ms": round(self.percentile(0.90), 2),
            "p99_ms": round(self.percentile(0.99), 2),
            "requests": len(self.latencies),
            "errors": dict(self.errors),
        }


def measure(load: Load, clients: int) -> Measurement:
    """Measures with so many clients at once, each asking again as soon as it is answered."""
    return asyncio.run(_measure(load, clients))


async def _measure(load: Load, clients: int) -> Measurement:
    texts = itertools.cycle(load.texts)
    result = Measurement(clients)
    begin = time.monotonic() + load.seconds / 10
    end = begin + load.seconds
    never_again = Retries(attempts=1)

    async def ask(client: AsyncClient) -> None:
        while (begun := time.monotonic()) < end:
            batch = list(itertools.islice(texts, load.rows))
            try:
                await (client.classify(batch) if load.task == "classification" else client.translate(batch))
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
