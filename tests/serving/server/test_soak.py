"""Tens of thousands of requests under swaps: none lost, none wrong, memory flat."""

import os
import threading
import time
from pathlib import Path

import pytest

from serving.client import Client
from serving.server.batching.parameters import BatchingParameters
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.serving import small_model

_CLIENTS = 32
_REQUESTS = 50_000
_VERSIONS = 20
_SWAP_S = 3.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


@pytest.mark.slow
def test_nothing_is_lost_and_memory_is_flat(tmp_path):
    # Saved beforehand: saving takes memory too, and is not what is measured.
    waiting = [small_model.save(tmp_path / "waiting", n, mark=f"{n}:") for n in range(1, _VERSIONS + 1)]
    base = tmp_path / "m"
    base.mkdir()
    waiting[0].rename(base / "1")
    options = ServerOptions(
        [ModelConfig("m", str(base))],
        grpc_port=0,
        rest_port=0,
        poll_wait_s=0.1,
        batching=BatchingParameters(max_batch_size=64, num_batch_threads=2, max_enqueued_batches=100),
    )
    done = [0] * _CLIENTS
    failures: list[str] = []

    def ask(index: int, address: str) -> None:
        with Client(address, model="m", timeout=60) as client:
            for number in range(_REQUESTS // _CLIENTS):
                text = client.translate([f"{index} {number}"])[0].text
                mark, _, rest = text.partition(":")
                if rest != f"{number} {index}" or not mark.isdigit():
                    failures.append(text)
                done[index] += 1

    with EmbeddedServer(options) as server:
        addresses = [server.grpc_address, f"http://{server.rest_address}"]
        clients = [threading.Thread(target=ask, args=(i, addresses[i % 2])) for i in range(_CLIENTS)]
        for thread in clients:
            thread.start()
        version, early = 1, 0
        while any(thread.is_alive() for thread in clients):
            time.sleep(_SWAP_S)
            if version < _VERSIONS:
                waiting[version].rename(base / str(version + 1))
                version += 1
            if not early and sum(done) > _REQUESTS // 4:
                early = resident_bytes()
        late = resident_bytes()
        served = server.metrics.counts()[":tensorflow:serving:request_count"]
    assert failures == []
    assert sum(done) == served == _REQUESTS // _CLIENTS * _CLIENTS
    assert version > 3
    assert late < early * 1.05, f"resident memory grew from {early} to {late} bytes over {version} versions"
