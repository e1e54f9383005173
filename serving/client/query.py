"""`python -m serving query`: asks a served model and prints what it answers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from serving.client.classification_view import LABELS
from serving.client.errors import ClientError, RequestRefusedError
from serving.client.query_view import QueryView
from serving.client.synchronous import Client
from serving.client.translation_view import TRANSLATIONS

_GRPC = "127.0.0.1:8500"
_REST = "127.0.0.1:8501"
_VIEWS = {"translation": TRANSLATIONS, "classification": LABELS}


def main(argv: list[str]) -> int:
    """Prints one answer a line, in a terminal what the model looked at too.

    Returns:
        0; 1 if a server cannot be asked, or if the two ports differ.
    """
    arguments = _parser().parse_args(argv)
    texts = arguments.texts or [line.rstrip("\n") for line in sys.stdin]
    view = _VIEWS[arguments.task]
    for_people = sys.stdout.isatty() and (view.draws_alternatives or not arguments.alternatives)
    try:
        answers = [_ask(address, arguments, view, texts, for_people) for address in _addresses(arguments)]
    except (ClientError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if len(answers) == 2 and not all(map(view.same, *answers)):
        sys.stderr.write("gRPC and REST answer differently:\n")
        for port, each in zip(("gRPC", "REST"), answers, strict=True):
            sys.stderr.write(f"  {port}: {[line for answer in each for line in view.lines(answer)]}\n")
        return 1
    _show(view, texts, answers[0], for_people)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving query",
        description="Asks a served model. Without an address both ports of a local server are asked,"
        " and must agree.",
    )
    parser.add_argument("--model", required=True, help="the model's name on the server")
    parser.add_argument("--grpc", metavar="HOST:PORT", help=f"ask over gRPC only (default {_GRPC} and REST)")
    parser.add_argument("--rest", metavar="HOST:PORT", help=f"ask over REST only (default {_REST} and gRPC)")
    parser.add_argument("--version", type=int, help="a version number; the newest if not given")
    parser.add_argument("--label", default="", help="a version label")
    parser.add_argument("--task", choices=_VIEWS, default="translation", help="default %(default)s")
    parser.add_argument(
        "--alternatives",
        action="store_true",
        help="the n best translations with scores, or all labels with probabilities",
    )
    parser.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS", help="default 30")
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="texts; lines of standard input if none")
    return parser


def _addresses(arguments: argparse.Namespace) -> list[str]:
    if not arguments.grpc and not arguments.rest:
        return [_GRPC, f"http://{_REST}"]
    rest = arguments.rest
    if rest and "://" not in rest:
        rest = f"http://{rest}"
    return [address for address in (arguments.grpc, rest) if address]


def _ask(
    address: str, arguments: argparse.Namespace, view: QueryView, texts: Sequence[str], for_people: bool
) -> list[Any]:
    with Client(
        address,
        model=arguments.model,
        version=arguments.version,
        label=arguments.label,
        timeout=arguments.timeout,
    ) as client:
        try:
            if arguments.alternatives:
                return view.alternatives(client, texts)
            if for_people:
                return view.explained(client, texts)
        except RequestRefusedError:
            # A model without that signature still answers; one of another task is known by its answer.
            answers = view.plain(client, texts)
            if arguments.alternatives:
                raise
            return answers
        return view.plain(client, texts)


def _show(view: QueryView, texts: Sequence[str], answers: Sequence[Any], for_people: bool) -> None:
    if not for_people:
        for answer in answers:
            sys.stdout.writelines(view.lines(answer))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    for text, answer in zip(texts, answers, strict=True):
        view.draw(console, text, answer)
