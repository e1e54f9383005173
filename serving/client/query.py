"""`python -m serving query`: asks a served model and prints what it answers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from serving.client.errors import ClientError, RequestRefusedError
from serving.client.results import Explanation, Translation
from serving.client.synchronous import Client

_GRPC = "127.0.0.1:8500"
_REST = "127.0.0.1:8501"


def main(argv: list[str]) -> int:
    """Prints one translation a line; 1 if a server cannot be asked or the two ports differ."""
    arguments = _parser().parse_args(argv)
    texts = arguments.texts or [line.rstrip("\n") for line in sys.stdin]
    for_people = sys.stdout.isatty() and not arguments.alternatives
    try:
        answers = [_ask(address, arguments, texts, for_people) for address in _addresses(arguments)]
    except (ClientError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if len(answers) == 2 and _texts_of(answers[0]) != _texts_of(answers[1]):
        sys.stderr.write("gRPC and REST answer differently:\n")
        for port, answer in zip(("gRPC", "REST"), answers, strict=True):
            sys.stderr.write(f"  {port}: {_texts_of(answer)}\n")
        return 1
    _show(texts, answers[0], for_people)
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
    parser.add_argument("--alternatives", action="store_true", help="the n best translations with scores")
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


def _ask(address: str, arguments: argparse.Namespace, texts: Sequence[str], for_people: bool) -> list[Any]:
    with Client(
        address,
        model=arguments.model,
        version=arguments.version,
        label=arguments.label,
        timeout=arguments.timeout,
    ) as client:
        if arguments.alternatives:
            return client.alternatives(texts)
        if for_people:
            try:
                return client.explain(texts)
            except RequestRefusedError:
                pass  # a model without that signature still translates
        return client.translate(texts)


def _texts_of(answers: Sequence[Any]) -> list[Any]:
    return [[one.text for one in a] if isinstance(a, list) else a.text for a in answers]


def _show(texts: Sequence[str], answers: Sequence[Any], for_people: bool) -> None:
    if not for_people:
        for answer in answers:
            for one in answer if isinstance(answer, list) else [answer]:
                sys.stdout.write(_line(one, with_score=isinstance(answer, list)))
        return
    from rich.console import Console

    from serving.client.heat_map import print_heat_map

    console = Console(highlight=False, markup=False)
    for text, answer in zip(texts, answers, strict=True):
        console.print(text, style="dim")
        console.print(answer.text, style="bold")
        if isinstance(answer, Explanation):
            if answer.truncated:
                console.print("The text was cut at the length the model was trained for.", style="yellow")
            print_heat_map(console, answer)


def _line(one: Translation, *, with_score: bool) -> str:
    text = " ".join(one.text.splitlines())
    return f"{one.score:.4f}\t{text}\n" if with_score else f"{text}\n"
