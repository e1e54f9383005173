"""`python -m serving loadtest`: a table over the number of clients, and one line of JSON."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

from seqapp.errors import DataError
from seqapp.text.lines import decode_lines
from serving.client import ClientError
from serving.client.printable import excerpt
from serving.loadtest.measure import Load, Measurement, measure, request_of

DEFAULT_TEXTS = (
    "Click OK to save the document.",
    "Choose the font size for the selected text.",
    "The file could not be opened because it is in use by another program.",
    "Inserts a table with the number of rows and columns that you enter.",
)
_HEAD = f"{'clients':>8}{'sentences/s':>13}{'p50 ms':>10}{'p90 ms':>10}{'p99 ms':>10}{'errors':>8}"


def main(argv: list[str]) -> int:
    """Measures; 1 if any request failed or nobody answers, 2 for a file that holds no texts."""
    arguments = _parser().parse_args(argv)
    try:
        texts = DEFAULT_TEXTS if arguments.texts is None else _texts(arguments.texts)
    except DataError as error:
        return _complain(error, 2)
    load = Load(arguments.address, arguments.model, texts, arguments.rows, arguments.seconds)
    try:
        request = request_of(load)
        sys.stdout.write(f"{load.address}, model {load.model}, {load.rows} texts per request\n{_HEAD}\n")
        results = []
        for clients in arguments.clients:
            results.append(measure(load, clients, request))
            sys.stdout.write(_row(results[-1]) + "\n")
            sys.stdout.flush()
    except (ClientError, ValueError) as error:
        return _complain(error, 1)
    if arguments.picture:
        from serving.loadtest.picture import save_curve

        save_curve(results, arguments.picture)
    summaries = [result.summary() for result in results]
    sys.stdout.write(json.dumps(summaries, allow_nan=False) + "\n")
    return 1 if any(result.errors for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving loadtest",
        description="Measures throughput and latency of a served model: a table over the number of clients,"
        " and one line of JSON.",
    )
    parser.add_argument("--model", required=True, help="the model's name on the server")
    parser.add_argument(
        "--address",
        default="127.0.0.1:8500",
        help="HOST:PORT for gRPC, http://HOST:PORT for REST (default: %(default)s)",
    )
    parser.add_argument(
        "--clients",
        type=_positive,
        nargs="+",
        default=[1, 8, 32],
        metavar="N",
        help="numbers of clients that ask at a time (default: 1 8 32)",
    )
    parser.add_argument("--rows", type=_positive, default=1, help="texts per request (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=_duration, default=10.0, help="length of each measurement (default: %(default)g)"
    )
    parser.add_argument("--texts", type=Path, help="a file of texts, one per line, instead of four built in")
    parser.add_argument("--picture", type=Path, help="where to save the curve, as PNG or SVG")
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


def _row(result: Measurement) -> str:
    times = [result.percentile(share) for share in (0.5, 0.9, 0.99)]
    latencies = "".join(f"{'-' if time is None else f'{time:.1f}':>10}" for time in times)
    errors = sum(result.errors.values())
    return f"{result.clients:>8}{result.sentences_a_second:>13.1f}{latencies}{errors:>8}"


def _complain(error: Exception, code: int) -> int:
    sys.stderr.write(f"{excerpt(str(error))}\n")
    return code
