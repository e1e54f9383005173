"""``python -m benchmarks.serving_batching``: what batching brings, under many clients at once.

Three ways of asking the same export, turn by turn in one run, so that whatever else the machine does
meets all of them: the server without batching, the server with it, and the same model in this process
with full batches. The servers are processes of their own; so are the clients.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from seqapp.startup import import_tensorflow_quietly
from serving.loadtest.command import DEFAULT_TEXTS
from serving.server.ports import bind_tcp

_PARAMETERS = """\
max_batch_size {{ value: {rows} }}
batch_timeout_micros {{ value: {wait} }}
max_enqueued_batches {{ value: 100 }}
num_batch_threads {{ value: {threads} }}
"""


@contextmanager
def served(base: Path, *flags: str, rest: bool = False) -> Iterator[tuple[str, str]]:
    """A server of the model in `base`, called `m`, as a process; its gRPC and REST addresses."""
    port, rest_port = _free_port(), _free_port() if rest else 0
    command = [sys.executable, "-m", "serving", "serve", f"--port={port}", f"--rest_api_port={rest_port}"]
    command += ["--model_name=m", f"--model_base_path={base.resolve()}", *flags]
    ready = "Exporting HTTP/REST API" if rest else "Running gRPC ModelServer"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if ready in line:
                break
        else:
            raise SystemExit("the server did not start: " + " ".join(command))
        try:
            yield f"127.0.0.1:{port}", f"127.0.0.1:{rest_port}"
        finally:
            process.terminate()


def _free_port() -> int:
    with bind_tcp("127.0.0.1", 0, flag="port") as free:
        return free.getsockname()[1]


def asked(address: str, clients: int, seconds: float) -> dict[str, Any]:
    """One measurement of `python -m serving loadtest`."""
    command = [sys.executable, "-m", "serving", "loadtest", "--model", "m", "--address", address]
    command += ["--clients", str(clients), "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])[0]


class InProcess:
    """The model in this process, asked in full batches."""

    def __init__(self, version: Path, rows: int) -> None:
        import numpy as np

        from serving.server.inference.saved_model import SavedModelSession

        self._session = SavedModelSession(version)
        signature = self._session.signatures["serving_default"]
        texts = np.empty(rows, object)
        texts[:] = [DEFAULT_TEXTS[i % len(DEFAULT_TEXTS)].encode() for i in range(rows)]
        self._feeds = {signature.inputs["text"].name: texts}
        self._fetches = [signature.outputs[name].name for name in ("translation", "score")]
        self._rows = rows

    def sentences_a_second(self, seconds: float) -> float:
        begun, count = time.monotonic(), 0
        while (took := time.monotonic() - begun) < seconds:
            self._session.run(self._feeds, self._fetches, None)
            count += self._rows
        return count / took


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    import_tensorflow_quietly()
    versions = (path for path in arguments.model.iterdir() if path.name.isdigit())
    newest = max(versions, key=lambda path: int(path.name))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        parameters = folder / "batching.config"
        parameters.write_text(
            _PARAMETERS.format(rows=arguments.rows, wait=arguments.wait_micros, threads=arguments.threads)
        )
        off, _ = stack.enter_context(served(arguments.model))
        on, _ = stack.enter_context(
            served(arguments.model, "--enable_batching", f"--batching_parameters_file={parameters}")
        )
        model = InProcess(newest, arguments.rows)
        model.sentences_a_second(1.0)
        rounds = []
        for _ in range(arguments.rounds):
            alone = model.sentences_a_second(arguments.seconds)
            rounds.append((alone, asked(off, arguments.clients, arguments.seconds),
                           asked(on, arguments.clients, arguments.seconds)))  # fmt: skip
    return _report(rounds, arguments)


def _report(rounds: list[tuple[float, dict[str, Any], dict[str, Any]]], arguments: argparse.Namespace) -> int:
    alone = statistics.median(row[0] for row in rounds)
    print(f"{'':<28}{'sentences/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    print(f"{f'in-process, {arguments.rows} rows':<28}{alone:>12.1f}")
    found: dict[str, float] = {"in_process": alone}
    for name, index in (("off", 1), ("on", 2)):
        rate, p50, p99 = (
            statistics.median(row[index][key] for row in rounds)  # type: ignore[index]
            for key in ("sentences_per_second", "p50_ms", "p99_ms")
        )
        print(f"{f'batching {name}, {arguments.clients} clients':<28}{rate:>12.1f}{p50:>10.1f}{p99:>10.1f}")
        found |= {name: rate, f"{name}_p99_over_p50": p99 / p50}
    found["on_over_off"] = statistics.median(
        row[2]["sentences_per_second"] / row[1]["sentences_per_second"] for row in rounds
    )
    found["on_over_in_process"] = statistics.median(row[2]["sentences_per_second"] / row[0] for row in rounds)
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving_batching", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/translation"), help="a model's base path")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--rows", type=int, default=32, help="max_batch_size")
    parser.add_argument("--threads", type=int, default=1, help="num_batch_threads")
    parser.add_argument("--wait-micros", type=int, default=0, help="batch_timeout_micros")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
