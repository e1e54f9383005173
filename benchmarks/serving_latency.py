"""``python -m benchmarks.serving_latency``: latency added by the server to a tiny model.

The model lower-cases strings, so that its own time is negligible. Alternating in one run: the session in this
process, gRPC with TensorFlow Serving's stubs, and REST with the standard library; then both through the
client of this project. One request at a time over a persistent connection.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.serving_batching import served
from seqapp.startup import import_tensorflow_quietly
from serving.client import Client
from serving.client.transport import InputTensor

_MODEL = "m"
_TEXT = "Click OK to save the document."


def save_tiny_model(version: Path) -> None:
    """Write a SavedModel whose signature lower-cases `text`."""
    import tensorflow as tf

    module = tf.Module()
    signature = [tf.TensorSpec([None], tf.string, "text")]
    module.lower = tf.function(lambda text: {"lower": tf.strings.lower(text)}, input_signature=signature)
    tf.saved_model.save(module, str(version), signatures={"serving_default": module.lower})


def in_session(version: Path) -> Callable[[], object]:
    """Request the model in this process."""
    import numpy as np

    from serving.server.inference.saved_model import SavedModelSession

    session = SavedModelSession(version)
    signature = session.signatures["serving_default"]
    texts = np.array([_TEXT.encode()], object)
    feeds, fetches = {signature.inputs["text"].name: texts}, [signature.outputs["lower"].name]
    return lambda: session.run(feeds, fetches, None)


def over_grpc(stack: ExitStack, address: str) -> Callable[[], object]:
    """Request with TensorFlow Serving's stubs."""
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    channel = stack.enter_context(grpc.insecure_channel(address))
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    request = predict_pb2.PredictRequest()
    request.model_spec.name = _MODEL
    request.inputs["text"].CopyFrom(tf.make_tensor_proto([_TEXT]))
    return lambda: stub.Predict(request, timeout=10)


def over_rest(stack: ExitStack, address: str) -> Callable[[], object]:
    """Request with the standard library's HTTP client."""
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    stack.callback(connection.close)
    body = json.dumps({"instances": [_TEXT]})

    def ask() -> bytes:
        connection.request("POST", f"/v1/models/{_MODEL}:predict", body)
        return connection.getresponse().read()

    return ask


def by_client(stack: ExitStack, address: str) -> Callable[[], object]:
    """Request with `serving.client`."""
    client = stack.enter_context(Client(address, model=_MODEL))
    return lambda: client.predict({"text": InputTensor("string", [_TEXT])})


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    import_tensorflow_quietly()
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory())) / _MODEL
        save_tiny_model(base / "1")
        grpc_address, rest_address = stack.enter_context(served(base, rest=True))
        ways = {
            "session": in_session(base / "1"),
            "gRPC": over_grpc(stack, grpc_address),
            "REST": over_rest(stack, rest_address),
            "gRPC, our client": by_client(stack, grpc_address),
            "REST, our client": by_client(stack, f"http://{rest_address}"),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(arguments.rounds + 1):
            for name, ask in ways.items():
                taken = _times(ask, arguments.requests)
                if turn:  # the first turn warms up
                    times[name] += taken
    return _report(times)


def _times(ask: Callable[[], object], count: int) -> list[float]:
    taken = []
    for _ in range(count):
        begun = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def _report(times: dict[str, list[float]]) -> int:
    alone = statistics.median(times["session"])
    print(f"{'':<20}{'p50 ms':>8}{'p99 ms':>8}{'added p50':>11}")
    found = {}
    for name, taken in times.items():
        taken.sort()
        median, late = statistics.median(taken), taken[int(0.99 * len(taken))]
        print(f"{name:<20}{median:>8.3f}{late:>8.3f}{median - alone:>11.3f}")
        found[name] = {
            "p50_ms": round(median, 3),
            "p99_ms": round(late, 3),
            "added_ms": round(median - alone, 3),
        }
    print(json.dumps(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving_latency",
        description="Measure the latency added by the server to a tiny model.",
    )
    parser.add_argument("--requests", type=int, default=300, help="requests per round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="number of rounds (default: %(default)s)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
