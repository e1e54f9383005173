"""`python -m serving.deploy image` and `… up`: build a container image, start the services."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seqapp.interrupts import end_on_interrupt
from serving.arguments import CommandParser
from serving.deploy.engine import DeployError
from serving.error_line import write_error
from serving.server.status import ServingError

_FOLDER = Path(__file__).parent
_WORK = Path(".cache/deploy")


def main(argv: Sequence[str] | None = None) -> int:
    """Builds the image or starts the services. Returns 0; 2 with one sentence if that fails."""
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
        write_error(error)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="python -m serving.deploy",
        description="Build a container image of a model, or start its services.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    about = "Build a container image of TensorFlow Serving and the newest version of a model."
    image = commands.add_parser("image", help=about, description=about)
    image.add_argument("--tag", default="", help="tag of the image (default: seqapp-NAME:VERSION)")
    about = "Start TensorFlow Serving and Prometheus with docker compose."
    up = commands.add_parser("up", help=about, description=about)
    for command in (image, up):
        command.add_argument("--model", type=Path, required=True, metavar="DIR", help="directory of versions")
        command.add_argument(
            "--name", default="translation", help="name of the model in requests (default: %(default)s)"
        )
    return parser


if __name__ == "__main__":
    end_on_interrupt()
    raise SystemExit(main())
