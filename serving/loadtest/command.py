"""`python -m serving loadtest`: a table with a row per concurrency, and one line of JSON."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

from seqapp.errors import DataError
from seqapp.text.lines import decode_lines
from serving.arguments import CommandParser, renamed_options
from serving.client import ClientError
from serving.client.printable import excerpt
from serving.loadtest.measure import Load, Measurement, measure, request_of

DEFAULT_TEXTS = (
    "Click OK to save the document.",
    "Choose the font size for the selected text.",
    "The file could not be opened because it is in use by another program.",
    "Inserts a table with the number of rows and columns that you enter.",
)
_HEAD = f"{'concurrency':>11}{'texts/s':>13}{'p50 ms':>10}{'p90 ms':>10}{'p99 ms':>10}{'errors':>8}"


_RENAMED = {
    "--clients": "--concurrency",
    "--rows": "--batch-size",
    "--seconds": "--duration",
    "--picture": "--plot",
}


def main(argv: list[str]) -> int:
    """Prints the measurements.

    Returns:
        0; 1 if the server cannot be reached or a request failed; 2 for a file without texts.
    """
    arguments = _parser().parse_args(renamed_options(argv, _RENAMED))
    try:
        texts = DEFAULT_TEXTS if arguments.texts is None else _texts(arguments.texts)
    except DataError as error:
        return _complain(error, 2)
    load = Load(arguments.address, arguments.model, texts, arguments.batch_size, arguments.duration)
    try:
        request = request_of(load)
        sys.stdout.write(f"{load.address}, model {load.model}, {load.batch_size} texts per request\n")
        sys.stdout.write(f"{_HEAD}\n")
        results = []
        for concurrency in arguments.concurrency:
            results.append(measure(load, concurrency, request))
            sys.stdout.write(_row(results[-1]) + "\n")
            sys.stdout.flush()
    except (ClientError, ValueError) as error:
        return _complain(error, 1)
    summaries = [result.summary() for result in results]
    sys.stdout.write(json.dumps(summaries, allow_nan=False) + "\n")
    if arguments.plot and (fault := _plot_fault(results, arguments.plot)):
        return _complain(fault, 1)
    return 1 if any(result.errors for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="python -m serving loadtest",
        description="Measure throughput and latency of a served model: print a table with a row per"
        " concurrency, then the same as one line of JSON.",
    )
    parser.add_argument("--model", required=True, metavar="NAME", help="name of the model on the server")
    parser.add_argument(
        "--address",
        default="127.0.0.1:8500",
        help="HOST:PORT for gRPC, http://HOST:PORT for REST (default: %(default)s)",
    )
    parser.add_argument(
        "--concurrency",
        type=_positive,
        nargs="+",
        default=[1, 8, 32],
        metavar="N",
        help="requests in flight, one measurement for each number (default: 1 8 32)",
    )
    parser.add_argument(
        "--batch-size",
        type=_positive,
        default=1,
        metavar="N",
        help="texts per request (default: %(default)s)",
    )
    parser.add_argument(
        "--duration",
        type=_duration,
        default=10.0,
        metavar="SECONDS",
        help="length of each measurement (default: %(default)g)",
    )
    parser.add_argument(
        "--texts", type=Path, metavar="FILE", help="texts to send, one per line (default: four sentences)"
    )
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="write the curves to FILE (.png, .svg or .pdf)"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


def _duration(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return seconds


def _texts(path: Path) -> list[str]:
    try:
        texts = [line for line in decode_lines(path.read_bytes(), str(path)) if line]
    except OSError as error:
        raise DataError(f"{path}: expected a file of texts, one per line: {error.strerror}") from error
    if not texts:
        raise DataError(f"{path}: expected texts, one per line, got none")
    return texts


def _plot_fault(results: list[Measurement], path: Path) -> Exception | None:
    """Writes the plot. Returns why it cannot be written: its directory, its suffix, no matplotlib."""
    try:
        from serving.loadtest.plot import save_curve

        save_curve(results, path)
    except (OSError, ValueError, ImportError) as error:
        return DataError(f"--plot {path}: {error}; give a .png, .svg or .pdf file that can be written")
    return None


def _row(result: Measurement) -> str:
    times = [result.percentile(share) for share in (0.5, 0.9, 0.99)]
    latencies = "".join(f"{'-' if time is None else f'{time:.1f}':>10}" for time in times)
    errors = sum(result.errors.values())
    return f"{result.concurrency:>11}{result.texts_per_second:>13.1f}{latencies}{errors:>8}"


def _complain(error: Exception, code: int) -> int:
    sys.stderr.write(f"error: {excerpt(str(error))}\n")
    return code
