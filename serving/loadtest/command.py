"""`python -m serving loadtest`: a table over the number of clients, and one line of JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from serving.client import ClientError
from serving.loadtest.measure import Load, Measurement, measure

DEFAULT_TEXTS = (
    "Click OK to save the document.",
    "Choose the font size for the selected text.",
    "The file could not be opened because it is in use by another program.",
    "Inserts a table with the number of rows and columns that you enter.",
)
_HEAD = f"{'clients':>8}{'sentences/s':>13}{'p50 ms':>10}{'p90 ms':>10}{'p99 ms':>10}{'errors':>8}"


def main(argv: list[str]) -> int:
    """Measures; 1 if any request failed or nobody answers."""
    arguments = _parser().parse_args(argv)
    texts = DEFAULT_TEXTS if arguments.texts is None else _lines(arguments.texts)
    load = Load(
        arguments.address, arguments.model, texts, arguments.rows, arguments.seconds, task=arguments.task
    )
    sys.stdout.write(f"{load.address}, model {load.model}, {load.rows} texts a request\n{_HEAD}\n")
    results: list[Measurement] = []
    for clients in arguments.clients:
        try:
            result = measure(load, clients)
        except (ClientError, ValueError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
        results.append(result)
        sys.stdout.write(_row(result) + "\n")
        sys.stdout.flush()
    if arguments.picture:
        from serving.loadtest.picture import save_curve

        save_curve(results, arguments.picture)
    sys.stdout.write(json.dumps([result.summary() for result in results]) + "\n")
    return 1 if any(result.errors for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serving loadtest", description=__doc__)
    parser.add_argument("--model", required=True, help="the model's name on the server")
    parser.add_argument("--task", choices=("translation", "classification"), default="translation")
    parser.add_argument(
        "--address", default="127.0.0.1:8500", help="HOST:PORT for gRPC, http://HOST:PORT for REST"
    )
    parser.add_argument("--clients", type=_positive, nargs="+", default=[1, 8, 32], metavar="N")
    parser.add_argument("--rows", type=_positive, default=1, help="texts a request")
    parser.add_argument("--seconds", type=float, default=10.0, help="a measurement's length")
    parser.add_argument("--texts", type=Path, help="a file of texts, one a line")
    parser.add_argument("--picture", type=Path, help="where to save the curve, as PNG or SVG")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line]


def _row(result: Measurement) -> str:
    latencies = "".join(f"{result.percentile(share):>10.1f}" for share in (0.5, 0.9, 0.99))
    errors = sum(result.errors.values())
    return f"{result.clients:>8}{result.sentences_a_second:>13.1f}{latencies}{errors:>8}"
