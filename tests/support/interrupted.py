"""Commands that get a real SIGINT."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.support.make_environment import own_environment

ROOT = Path(__file__).parents[2]
SECONDS = 6  # two are promised of an idle machine; this one may be busy
_BY_HANDLER = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.Handlers[sys.argv[1]])
os.execvp(sys.argv[2], sys.argv[2:])
"""


def with_handler(*command: str, handler: signal.Handlers = signal.SIG_DFL) -> list[str]:
    """A command that begins with SIGINT at its default; a background job would hand down that it is ignored.

    Not by `preexec_fn`: that forks, which gRPC, where this process has it loaded, does not survive.
    """
    return [sys.executable, "-I", "-c", _BY_HANDLER, handler.name, *command]


class Stopped(NamedTuple):
    """How a command ended, and what it had written."""

    code: int
    output: str
    error: str


def interrupted(*command: str, line: str = "", after: float = 0.0) -> Stopped:
    """Runs a command and interrupts its process group as a terminal does.

    Args:
        command: words; those after `python -m` if the first one is no program.
        line: wait for a line of standard output that begins so.
        after: seconds to wait then.
    """
    words = command if command[0] == "make" else (sys.executable, "-m", *command)
    with subprocess.Popen(
        with_handler(*words),
        cwd=ROOT,
        env=own_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        start_new_session=True,
    ) as process:
        try:
            seen = _until(process, line) if line else ""
            time.sleep(after)
            assert process.poll() is None, f"ended too early: {process.communicate()}"
            os.killpg(process.pid, signal.SIGINT)
            began = time.monotonic()
            output, error = process.communicate(timeout=60)
            assert time.monotonic() - began < SECONDS
            return Stopped(process.returncode, seen + output, error)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _until(process: subprocess.Popen, beginning: str) -> str:
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith(beginning):
            return "".join(seen)
    raise AssertionError(f"no line begins with {beginning!r}: {seen} {process.stderr.read()}")
