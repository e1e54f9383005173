"""`python -m serving.deploy image` and `… up`; what cannot be done is one sentence and exit code 2."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seqapp.interrupts import end_on_interrupt
from serving.deploy.engine import DeployError
from serving.server.status import ServingError

_FOLDER = Path(__file__).parent
_WORK = Path(".cache/deploy")


def main(argv: Sequence[str] | None = None) -> int:
    """Builds or starts what `argv` says; 0, or 2 where that cannot be done."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.command == "image":
            from serving.deploy.image import build_image

            tag = build_image(_FOLDER, arguments.model, arguments.name, arguments.tag)
            sys.stdout.write(f"{tag}\n")
        else:
            from serving.deploy.up import start_services

            start_services(_FOLDER, arguments.model, arguments.name, _WORK)
            sys.stdout.write("gRPC 8500, REST 8501, Prometheus 9090\n")
    except (DeployError, ServingError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serving.deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    image = commands.add_parser("image", help="container image of the stock server and a model")
    image.add_argument("--tag", default="", help="of the image; seqapp-NAME:VERSION if not given")
    up = commands.add_parser("up", help="server and Prometheus by docker compose")
    for command in (image, up):
        command.add_argument("--model", type=Path, required=True, help="folder of its version directories")
        command.add_argument("--name", default="translation", help="what requests call it")
    return parser


if __name__ == "__main__":
    end_on_interrupt()
    raise SystemExit(main())
