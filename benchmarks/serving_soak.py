"""``python -m benchmarks.serving_soak``: soak test with many clients while versions change.

Both ports, with batching. The outputs of each version contain its number, which reveals lost replies, replies
to another client, and replies of a version older than one seen before; memory is measured after a quarter of
the requests and at the end.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqapp.startup import import_tensorflow_quietly
from serving.client import Client

_PAGE = os.sysconf("SC_PAGE_SIZE")


def soak(
    folder: Path, requests: int = 50_000, clients: int = 32, versions: int = 20, swap_seconds: float = 3.0
) -> dict[str, Any]:
    """Serves a model from `folder`, a new version every few seconds, and asks it.

    Returns:
        ``requests`` that were sent, ``served`` by the server's own count, ``wrong`` answers (some of
        them), ``versions`` that took over, ``seconds``, ``memory_growth``: the share by which resident
        memory grew after the first quarter.
    """
    from serving.server.batching.parameters import BatchingParameters
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions

    # Saved beforehand: saving takes memory too, and is not what is measured.
    waiting = [_save(folder / "waiting" / str(number), number) for number in range(1, versions + 1)]
    base = folder / "m"
    base.mkdir()
    waiting[0].rename(base / "1")
    options = ServerOptions(
        [ModelConfig("m", str(base))],
        grpc_port=0,
        rest_port=0,
        poll_wait_s=0.1,
        batching=BatchingParameters(max_batch_size=64, num_batch_threads=2, max_enqueued_batches=100),
    )
    done, wrong = [0] * clients, []

    def ask(index: int, address: str) -> None:
        newest = 1
        with Client(address, model="m", timeout=60) as client:
            for number in range(requests // clients):
                text = client.translate([f"{index} {number}"])[0].text
                mark, _, rest = text.partition(":")
                if rest != f"{index} {number}" or not mark.isdigit() or not newest <= int(mark) <= versions:
                    wrong.append(text)
                else:
                    newest = int(mark)
                done[index] += 1

    began = time.monotonic()
    with EmbeddedServer(options) as server:
        addresses = [server.grpc_address, f"http://{server.rest_address}"]
        threads = [threading.Thread(target=ask, args=(i, addresses[i % 2])) for i in range(clients)]
        for thread in threads:
            thread.start()
        version, early = 1, 0
        while any(thread.is_alive() for thread in threads):
            time.sleep(swap_seconds)
            if version < versions:
                waiting[version].rename(base / str(version + 1))
                version += 1
            if not early and sum(done) > requests // 4:
                early = _resident_bytes()
        late = _resident_bytes()
        served = server.metrics.counts()[":tensorflow:serving:request_count"]
    return {
        "requests": sum(done),
        "served": int(served),
        "wrong": wrong[:5],
        "versions": version,
        "seconds": round(time.monotonic() - began, 1),
        "memory_growth": round(late / early - 1, 4) if early else 0.0,
    }


def _save(directory: Path, mark: int) -> Path:
    """A model that gives back its text, with its number before it."""
    import tensorflow as tf

    class Echo(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def translate(self, text):
            score = tf.cast(tf.strings.length(text), tf.float32)
            return {"translation": tf.strings.join([f"{mark}:", text]), "score": score}

    module = Echo()
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.translate})
    return directory


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving_soak",
        description="Run many clients while versions change; count lost and wrong replies.",
    )
    parser.add_argument(
        "--requests", type=int, default=50_000, help="number of requests (default: %(default)s)"
    )
    parser.add_argument("--clients", type=int, default=32, help="concurrent clients (default: %(default)s)")
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    with tempfile.TemporaryDirectory() as folder:
        found = soak(Path(folder), arguments.requests, arguments.clients)
    print(
        f"{found['requests']:,} requests in {found['seconds']:.0f} s under {found['versions']} versions: "
        f"{found['requests'] - found['served']} lost, {len(found['wrong'])} wrong, "
        f"memory {found['memory_growth']:+.1%}"
    )
    print(json.dumps({"benchmark": "serving_soak", **found}, ensure_ascii=False))
    return 0 if found["requests"] == found["served"] and not found["wrong"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
