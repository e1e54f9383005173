"""`python -m serving playground`: serves a web page that talks to a model server."""

from __future__ import annotations

import argparse
import signal
import sys
from queue import SimpleQueue

from serving.arguments import CommandParser
from serving.client.address import parse_address
from serving.playground.access import BrowserAccess
from serving.playground.application import make_application
from serving.playground.guard import Application
from serving.playground.served_models import USUAL_NAMES, ServedModels
from serving.server.ports import PortInUseError
from serving.server.rest.http_port import HttpPort
from serving.server.rest.limits import RestLimits

_GRPC = "127.0.0.1:8500"
_HOST, _PORT = "127.0.0.1", 8502
_DRAIN_SECONDS = 1.0
_LARGEST_PORT = 65535
_LIMITS = RestLimits(max_connections=100)


def main(argv: list[str]) -> int:
    """Serves the page until a signal.

    Returns:
        0 then; 1 if the port is taken; 2 for wrong arguments.
    """
    options = parser()
    arguments = options.parse_args(argv)
    address = arguments.grpc or _with_scheme(arguments.rest)
    try:
        parse_address(address)
    except ValueError as error:
        options.error(f"--{'grpc' if arguments.grpc else 'rest'}: {error}")
    if any(not name for name in arguments.model):
        options.error("--model: expected the name of a model, got ''")
    ending: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda received, _: ending.put(received))
    models = ServedModels(address, arguments.model, arguments.timeout)
    access = BrowserAccess(arguments.host, arguments.port, arguments.allowed_host)
    try:
        port = open_port(make_application(models, access), arguments.host, arguments.port)
    except PortInUseError as error:
        sys.stderr.write(f"error: {str(error).replace('--bind_address=ADDRESS', '--host ADDRESS')}\n")
        return 1
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    sys.stdout.write(f"playground of {address}: http://{host}:{port.port}/ (Ctrl-C stops it)\n")
    sys.stdout.flush()
    ending.get()
    port.stop()
    return 0


def open_port(application: Application, host: str, number: int) -> HttpPort:
    """Serves the application on a thread, until `stop` of the port.

    Raises:
        PortInUseError: another process has the port.
    """
    port = HttpPort(application, host, number, _DRAIN_SECONDS, _LIMITS, flag="port", lifespan="on")
    port.start()
    return port


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = CommandParser(
        prog="python -m serving playground",
        description="Serve a web page that sends texts to a model server and shows its replies. The page"
        " reads from the server's metadata which tasks there are.",
        example="--grpc 127.0.0.1:8500 --model translation",
    )
    server = options.add_mutually_exclusive_group()
    server.add_argument("--grpc", metavar="HOST:PORT", help=f"gRPC port of the server (default: {_GRPC})")
    server.add_argument("--rest", metavar="HOST:PORT", help="REST port of the server, instead of gRPC")
    options.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME",
        help="model to offer; may be repeated (default: those of "
        f"{', '.join(USUAL_NAMES)} that the server has)",
    )
    options.add_argument(
        "--host", default=_HOST, metavar="ADDRESS", help="address to listen on (default: %(default)s)"
    )
    options.add_argument(
        "--port", type=_port, default=_PORT, metavar="N", help="port to listen on (default: %(default)s)"
    )
    options.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="further host name under which browsers reach the page, as behind a proxy; may be repeated",
    )
    options.add_argument(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="time limit for a reply of the server (default: %(default)g)",
    )
    return options


def _with_scheme(rest: str | None) -> str:
    if not rest:
        return _GRPC
    return rest if "://" in rest else f"http://{rest}"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= _LARGEST_PORT):
        raise argparse.ArgumentTypeError(f"expected a port, 1 to {_LARGEST_PORT}, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"expected seconds above 0, got {text!r}")
    return seconds
