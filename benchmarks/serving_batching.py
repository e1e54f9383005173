"""``python -m benchmarks.serving_batching``: gain of batching with many concurrent clients.

One export is run in several ways, alternating in one run, so that other load on the machine affects all:
served without batching, served with each file of batching parameters, and in this process with full batches.
Servers and clients run in separate processes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from seqapp.errors import ExportError
from seqapp.startup import import_tensorflow_quietly
from serving.export.batching import DEFAULT_BATCHING
from serving.export.compatibility import newest_version
from serving.loadtest.command import DEFAULT_TEXTS
from serving.server.batching.parameters import read_batching_file
from serving.server.ports import bind_tcp
from serving.server.status import ServingError


class Round(NamedTuple):
    """One turn of every way.

    Fields:
        in_process: sentences/s of the model in this process.
        off: what the load test found without batching.
        on: the same for each file of parameters, by its name.
    """

    in_process: float
    off: dict[str, Any]
    on: dict[str, dict[str, Any]]


@contextmanager
def served(base: Path, *flags: str, rest: bool = False) -> Iterator[tuple[str, str]]:
    """A server of the model in `base`, called `m`, as a process; its gRPC and REST addresses."""
    port, rest_port = _free_port(), _free_port() if rest else 0
    command = [sys.executable, "-m", "serving", "serve", f"--port={port}", f"--rest_api_port={rest_port}"]
    command += ["--model_name=m", f"--model_base_path={base.resolve()}", *flags]
    ready = "Exporting HTTP/REST API" if rest else "Running gRPC ModelServer"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line)
            if ready in line:
                break
        else:
            raise SystemExit(f"the server did not start: {' '.join(command)}\n{''.join(told)}")
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
    command += ["--concurrency", str(clients), "--duration", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the load test failed:\n{done.stdout}{done.stderr}")
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


def results(rounds: Sequence[Round]) -> dict[str, Any]:
    """Medians over the rounds; ratios are those of the turns of one round.

    Returns:
        ``in_process`` sentences/s, ``off`` and for each file below ``on`` sentences/s, ``p50_ms``,
        ``p99_ms`` and ``p99_over_p50``; for the files also ``over_off`` and ``over_in_process``.
    """
    files = {}
    for name in rounds[0].on:
        rates = [row.on[name]["sentences_per_second"] for row in rounds]
        over_off = [rate / row.off["sentences_per_second"] for rate, row in zip(rates, rounds, strict=True)]
        over_process = [rate / row.in_process for rate, row in zip(rates, rounds, strict=True)]
        files[name] = _medians([row.on[name] for row in rounds]) | {
            "over_off": statistics.median(over_off),
            "over_in_process": statistics.median(over_process),
        }
    return {
        "in_process": statistics.median(row.in_process for row in rounds),
        "off": _medians([row.off for row in rounds]),
        "on": files,
    }


def _medians(measured: Sequence[dict[str, Any]]) -> dict[str, float]:
    found = {
        name: statistics.median(one[name] for one in measured)
        for name in ("sentences_per_second", "p50_ms", "p99_ms")
    }
    return found | {"p99_over_p50": statistics.median(one["p99_ms"] / one["p50_ms"] for one in measured)}


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    files = _named(arguments.parameters)
    try:
        sizes = [read_batching_file(str(file)).max_batch_size for file in files.values()]
        version = newest_version(arguments.model)
    except (ServingError, ExportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    import_tensorflow_quietly()
    clients, seconds = arguments.clients, arguments.seconds
    with ExitStack() as stack:
        off, _ = stack.enter_context(served(arguments.model))
        on = {}
        for name, file in files.items():
            flags = ("--enable_batching", f"--batching_parameters_file={file}")
            on[name], _ = stack.enter_context(served(arguments.model, *flags))
        # As many rows as the first server may put together, so that the two can be compared.
        model = InProcess(version, sizes[0])
        model.sentences_a_second(1.0)
        rounds = [
            Round(
                model.sentences_a_second(seconds),
                asked(off, clients, seconds),
                {name: asked(address, clients, seconds) for name, address in on.items()},
            )
            for _ in range(arguments.rounds)
        ]
    return _report(results(rounds), sizes[0], clients)


def _named(files: Sequence[Path]) -> dict[str, Path]:
    """The files by their names, or by their paths where two have one name."""
    by_name = {file.name: file for file in files}
    return by_name if len(by_name) == len(files) else {str(file): file for file in files}


def _report(found: dict[str, Any], rows: int, clients: int) -> int:
    width = max(map(len, (*found["on"], "in-process"))) + len("on, ")
    print(f"{clients} clients, one text a request; in-process: {rows} rows a batch")
    heads = ("sentences/s", "p50 ms", "p99 ms", "p99/p50", "on/off", "on/in-process")
    print(" " * width + "".join(f"{head:>{len(head) + 3}}" for head in heads))
    print(f"{'in-process':<{width}}{found['in_process']:>14.1f}")
    print(f"{'off':<{width}}{_row(found['off'])}")
    for name, one in found["on"].items():
        print(f"{f'on, {name}':<{width}}{_row(one)}{one['over_off']:>9.2f}{one['over_in_process']:>16.2f}")
    print(json.dumps(_rounded(found)))
    return 0


def _row(one: dict[str, float]) -> str:
    return (
        f"{one['sentences_per_second']:>14.1f}{one['p50_ms']:>9.1f}{one['p99_ms']:>9.1f}"
        f"{one['p99_over_p50']:>10.2f}"
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 3)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving_batching",
        description="Measure the gain of batching with many concurrent clients.",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=Path("models/translation"),
        help="directory of model versions (default: %(default)s)",
    )
    parser.add_argument(
        "--parameters",
        type=Path,
        nargs="+",
        default=[DEFAULT_BATCHING],
        metavar="FILE",
        help="BatchingParameters as text protobuf, one server per file (default: those of the exports)",
    )
    parser.add_argument("--clients", type=int, default=32, help="concurrent clients (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0, help="seconds per round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds (default: %(default)s)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
