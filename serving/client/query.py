"""`python -m serving query`: sends texts to a served model and prints the replies."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from seqapp.abstention import Thresholds
from seqapp.errors import DataError
from seqapp.text.lines import decode_lines
from serving.arguments import CommandParser, renamed_options
from serving.client.errors import ClientError, ModelNotFoundError, reading_reply
from serving.client.printable import excerpt, printable
from serving.client.query_answers import Wanted, answers_of, truncation_note
from serving.client.synchronous import Client
from serving.client.tasks.task import QueryView

_GRPC = "127.0.0.1:8500"
_REST = "127.0.0.1:8501"
_RENAMED = {"--version": "--model-version", "--label": "--version-label"}


def main(argv: list[str]) -> int:
    """Prints one reply per line, in a terminal with the attributions of the model.

    Returns:
        0; 1 if a request fails or the replies of the two ports differ; 2 for input that is not text.
    """
    arguments = _parser().parse_args(renamed_options(argv, _RENAMED))
    try:
        texts = arguments.texts or decode_lines(sys.stdin.buffer.read(), "standard input")
    except DataError as error:
        return _complain(error, 2)
    for_people = sys.stdout.isatty()
    wanted = Wanted(texts, arguments.signature, arguments.alternatives, for_people, _thresholds(arguments))
    try:
        answers = [_ask(address, arguments, wanted) for address in _addresses(arguments)]
        view, results = answers[0]
        with reading_reply():
            lines = [line for result in results for line in view.lines(result)]
            agree = all(_agree(view, results, others) for _, others in answers[1:])
    except ModelNotFoundError as error:
        return _complain(error, 1, "give a name (make: NAME=), version or label that the server has")
    except (ClientError, ValueError) as error:
        return _complain(error, 1)
    if not agree:
        _tell_difference(view, results, answers[1][1])
        return 1
    if for_people and view.draw and (view.draws_alternatives or not arguments.alternatives):
        _draw(view.draw, texts, results)
    else:
        # Only a terminal obeys control characters; a file gets what the model said.
        sys.stdout.writelines(map(_printable_line, lines) if for_people else map(_encodable, lines))
    if note := truncation_note(list(map(view.truncated, results)), "text" if arguments.texts else "line"):
        sys.stderr.write(f"{note}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="python -m serving query",
        description="Send texts to a served model and print its replies. Without --grpc and --rest the"
        " request goes to both ports of a local server, and the replies must agree.",
    )
    parser.add_argument("--model", required=True, metavar="NAME", help="name of the model on the server")
    parser.add_argument(
        "--grpc", metavar="HOST:PORT", help=f"send the request over gRPC only (default: {_GRPC} and REST)"
    )
    parser.add_argument(
        "--rest", metavar="HOST:PORT", help=f"send the request over REST only (default: {_REST} and gRPC)"
    )
    parser.add_argument(
        "--model-version", type=int, metavar="N", help="version of the model (default: the newest)"
    )
    parser.add_argument(
        "--version-label", default="", metavar="LABEL", help="label of a version, instead of its number"
    )
    parser.add_argument(
        "--alternatives",
        action="store_true",
        help="print the n best translations with scores, all labels with probabilities, or the likeliest next"
        " or masked tokens",
    )
    parser.add_argument(
        "--signature",
        default="",
        metavar="NAME",
        help="send the texts to this signature and print its outputs, one JSON object per text",
    )
    parser.add_argument(
        "--min-probability",
        type=_share,
        default=0.0,
        metavar="P",
        help="print no label below this probability, 0 to 1; classifiers only",
    )
    parser.add_argument(
        "--min-typicality",
        type=_share,
        default=0.0,
        metavar="P",
        help="print no label below this typicality, 0 to 1, such as 0.05; classifiers only",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="time limit for the reply (default: %(default)g)",
    )
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="texts to send (default: the lines of standard input)"
    )
    return parser


def _thresholds(arguments: argparse.Namespace) -> Thresholds | None:
    found = Thresholds(arguments.min_probability, arguments.min_typicality)
    return None if found == Thresholds() else found


def _share(text: str) -> float:
    with suppress(ValueError):
        if 0 <= float(text) <= 1:
            return float(text)
    raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")


def _addresses(arguments: argparse.Namespace) -> list[str]:
    if not arguments.grpc and not arguments.rest:
        return [_GRPC, f"http://{_REST}"]
    rest = arguments.rest
    if rest and "://" not in rest:
        rest = f"http://{rest}"
    return [address for address in (arguments.grpc, rest) if address]


def _ask(address: str, arguments: argparse.Namespace, wanted: Wanted) -> tuple[QueryView, list[Any]]:
    with Client(
        address,
        model=arguments.model,
        version=arguments.model_version,
        label=arguments.version_label,
        timeout=arguments.timeout,
    ) as client:
        return answers_of(client, wanted)


def _agree(view: QueryView, ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    return len(ours) == len(theirs) and all(map(view.same, ours, theirs))


def _tell_difference(view: QueryView, *answers: Sequence[Any]) -> None:
    sys.stderr.write("error: the replies over gRPC and REST differ:\n")
    for port, each in zip(("gRPC", "REST"), answers, strict=True):
        lines = [line.rstrip("\n") for answer in each for line in view.lines(answer)]
        sys.stderr.write(f"  {port}: {excerpt(' | '.join(lines), 150)}\n")


def _draw(draw: Callable[[Any, str, Any], None], texts: Sequence[str], results: Sequence[Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    for text, result in zip(texts, results, strict=True):
        draw(console, text, result)


def _printable_line(line: str) -> str:
    return "\t".join(map(printable, line.removesuffix("\n").split("\t"))) + "\n"


def _encodable(line: str) -> str:
    # JSON can hold lone surrogates, which no encoding can.
    return line.encode("utf-8", "replace").decode("utf-8")


def _complain(error: Exception, code: int, remedy: str = "") -> int:
    sys.stderr.write("; ".join(filter(None, [f"error: {excerpt(str(error))}", remedy])) + "\n")
    return code
