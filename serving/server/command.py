"""`python -m serving serve`: starts a server from flags and stops it on SIGTERM or Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from importlib.metadata import version
from queue import Empty, SimpleQueue

from seqapp import __version__
from seqapp.startup import import_tensorflow_quietly
from serving.server.engine import STOCK, become, check_engine, stock_command
from serving.server.flags import FlagError, Flags, parse_flags, usage
from serving.server.lifecycle.config import check_models
from serving.server.logs import log, log_to_stderr
from serving.server.options import ServerOptions
from serving.server.ports import PortInUseError, check_free
from serving.server.status import ServingError

_FAILED = 255
_SWITCH_S = 0.0005  # a thread that comes back from the model gets Python's lock sooner: some 5 % under load


def main(argv: list[str]) -> int:
    """Serves until a signal; returns 0 then, 255 if the server could not start."""
    log_to_stderr()
    try:
        flags = parse_flags(argv)
        check_engine(flags.text("engine"))
        if flags.text("engine") == STOCK:
            return become(stock_command(argv, flags))
    except FlagError as error:
        log.error("%s", error)
        return _FAILED
    if flags.wants_help:
        sys.stderr.write(usage() + "\n")
        return _FAILED
    if flags.on("version"):
        sys.stdout.write(f"Embedded ModelServer: {__version__}\n")
        sys.stdout.write(f"TensorFlow Library: {version('tensorflow')}\n")
        return 0
    for argument in flags.unknown:
        log.warning("unknown argument: %s (flags are --name=value; --help lists them)", argument)
    if flags.idle():
        log.info("Accepted without effect in this server: %s", " ".join(f"--{name}" for name in flags.idle()))
    if not flags.text("model_base_path") and not flags.text("model_config_file"):
        log.error("Nothing to serve: give --model_base_path=/ABSOLUTE/PATH or --model_config_file=FILE.")
        return _FAILED
    return _serve(flags)


def _serve(flags: Flags) -> int:
    sys.setswitchinterval(_SWITCH_S)
    # Not an Event: a second signal may come while the main thread holds its lock; set() would wait for ever.
    ending: SimpleQueue[int] = SimpleQueue()
    signal.signal(signal.SIGTERM, lambda number, _: ending.put(number))
    try:
        options = ServerOptions.from_flags(flags)
        check_models(options.models)
        check_free(options.host, options.grpc_port, flag="port")
        check_free(options.host, options.rest_port, flag="rest_api_port")
        # TensorFlow is imported here, seconds later than wrong flags are told.
        import_tensorflow_quietly()
        from serving.server.embedded import EmbeddedServer

        # Until here Ctrl-C ends the process at once: nothing is served yet.
        signal.signal(signal.SIGINT, lambda number, _: ending.put(number))
        server = EmbeddedServer(options)
    except (ServingError, PortInUseError) as error:
        log.error("Failed to start server. Error: %s", error)
        return _FAILED
    starter = _Starter(server.start)
    starter.start()
    try:
        told = False
        while starter.is_alive() and not told:
            told = _told(ending, 0.05)
        if starter.error is not None:
            log.error("Failed to start server. Error: %s", starter.error)
            return _FAILED
        if not told:
            ending.get()
        log.info("Stopping: requests in progress are answered, new ones refused.")
        return 0
    finally:
        server.stop()


def _told(ending: SimpleQueue[int], seconds: float) -> bool:
    """Whether a signal to end comes within so many seconds."""
    try:
        ending.get(timeout=seconds)
    except Empty:
        return False
    return True


class _Starter(threading.Thread):
    """Starts the server on a thread, so that a signal ends even one that waits for its models."""

    def __init__(self, start: object) -> None:
        super().__init__(name="start", daemon=True)
        self._start_server = start
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._start_server()  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001  handed to the main thread
            self.error = error
