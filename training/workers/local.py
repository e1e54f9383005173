"""Workers on one machine: processes of the same command, each on cores of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, NamedTuple

from seqapp.interrupts import EXIT_CODE
from seqapp.text.printable import printable_lines
from training.workers.cluster import VARIABLE, Cluster, write_cluster

PARENT = "SEQAPP_PARENT"  # environment variable of a local worker: the process that started it
_PATIENCE = 5.0  # seconds until what does not end is killed
_INTERVAL = 0.05


class _Worker(NamedTuple):
    rank: int
    process: subprocess.Popen[bytes]
    errors: IO[bytes] | None


def run_workers(count: int, arguments: Sequence[str]) -> int:
    """Run a command of ``python -m training`` in `count` processes, wait, and return the exit code.

    Rank 0 has this process's output. If a worker ends with an error, the others are ended, and one sentence
    on standard error says why. SIGINT and SIGTERM are passed on.

    Args:
        count: number of workers.
        arguments: the command and its options.
    """
    workers: list[_Worker] = []
    with ExitStack() as files, _signals_passed_on(workers):
        for rank, cluster in enumerate(free_clusters(count)):
            # Rank 0's errors are shown as they come, those of the others if they are the reason of the end.
            errors = files.enter_context(tempfile.TemporaryFile()) if rank else None
            with pinned(cores_of(rank, count)) as cores:
                workers.append(_Worker(rank, _started(cluster, arguments, cores, errors), errors))
        failed = _first_failed(workers)
        if failed is None:
            return 0
        _end(workers)
        _report(failed)
        return _exit_code(failed)


def cores_of(rank: int, count: int) -> list[int]:
    """Return the cores of a worker; all workers have equally many, and several share one if there are few."""
    cores = own_cores()
    share = max(1, len(cores) // count)
    first = rank * share % len(cores)
    return cores[first : first + share]


def own_cores() -> list[int]:
    """Return the numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@contextmanager
def pinned(cores: list[int]) -> Iterator[list[int]]:
    """Pin this thread, and the processes that it starts, to `cores`."""
    if not hasattr(os, "sched_setaffinity"):
        yield cores
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield cores
    finally:
        os.sched_setaffinity(0, before)


def free_clusters(count: int) -> list[Cluster]:
    """Return the cluster as each worker has it, on free ports of the loopback interface."""
    with ExitStack() as sockets:
        bound = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in bound:
            one.bind(("127.0.0.1", 0))
        addresses = tuple(f"127.0.0.1:{one.getsockname()[1]}" for one in bound)
    return [Cluster(addresses, rank) for rank in range(count)]


def _started(
    cluster: Cluster, arguments: Sequence[str], cores: list[int], errors: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    threads = str(len(cores))
    environment = {
        **os.environ,
        VARIABLE: write_cluster(cluster),
        PARENT: str(os.getpid()),
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "training", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if cluster.rank else None,
        stderr=errors,
        # Ctrl-C on a terminal reaches the parent alone, which passes it on once.
        process_group=0,
    )


@contextmanager
def _signals_passed_on(workers: list[_Worker]) -> Iterator[None]:
    """Pass SIGINT and SIGTERM on, and end this process with the workers."""

    def pass_on(number: int, frame: object) -> None:
        for worker in workers:
            with contextlib.suppress(OSError):
                worker.process.send_signal(number)
        _wait(workers)
        _end(workers)
        raise SystemExit(EXIT_CODE if number == signal.SIGINT else 128 + number)

    numbers = [
        number
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN
    ]
    before = [signal.signal(number, pass_on) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _first_failed(workers: list[_Worker]) -> _Worker | None:
    """Wait for all workers; return the first one that ends with an error."""
    while True:
        codes = [worker.process.poll() for worker in workers]
        for worker, code in zip(workers, codes, strict=True):
            if code:
                # An error of all is best told by rank 0, which may end a moment later.
                _wait(workers, 1.0)
                return next((one for one in workers if one.process.poll()), worker) if code > 0 else worker
        if None not in codes:
            return None
        time.sleep(_INTERVAL)


def _wait(workers: list[_Worker], seconds: float = _PATIENCE) -> None:
    """Wait some seconds for all workers to end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(worker.process.poll() is None for worker in workers):
        time.sleep(_INTERVAL)


def _end(workers: list[_Worker]) -> None:
    for end in (subprocess.Popen.terminate, subprocess.Popen.kill):
        for worker in workers:
            if worker.process.poll() is None:
                end(worker.process)
        _wait(workers)


def _report(failed: _Worker) -> None:
    """Print why a worker has ended, unless it has printed that itself."""
    code = failed.process.returncode
    if code < 0:
        reason = (
            f"worker {failed.rank} was ended by signal {-code} ({signal.Signals(-code).name}), so the others "
            "are ended too; the same command goes on from the last checkpoint"
        )
    elif failed.errors is not None:
        failed.errors.seek(0)
        lines = failed.errors.read().decode("utf-8", "replace").strip().splitlines() or [f"exit code {code}"]
        errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        reason = f"worker {failed.rank}: {(errors or lines)[-1]}"
    else:
        return
    sys.stderr.write(f"error: {printable_lines(reason)}\n")


def _exit_code(failed: _Worker) -> int:
    code = failed.process.returncode
    return code if code > 0 else 128 - code


def end_with_parent() -> None:
    """In a local worker: end when the process that started it has ended, however that was."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
