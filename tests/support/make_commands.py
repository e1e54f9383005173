"""`make TARGET NAME=VALUE …`, and a server that it starts."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from serving.client import ClientError
from tests.support.make_environment import own_environment

ROOT = Path(__file__).parents[2]
SECONDS = 1200


def make_command(target: str, variables: Mapping[str, str]) -> list[str]:
    """The words of the command."""
    return ["make", target, *(f"{name}={value}" for name, value in variables.items())]


def make(target: str, variables: Mapping[str, str]) -> str:
    """What the command prints; it must succeed."""
    done = subprocess.run(
        make_command(target, variables),
        cwd=ROOT,
        env=own_environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@contextmanager
def serving(variables: Mapping[str, str], ask: Callable[[str], object]) -> Iterator[str]:
    """`make serve`, once `ask(REST address)` gets its answer; ended by its own process group."""
    process = subprocess.Popen(
        make_command("serve", variables),
        cwd=ROOT,
        env=own_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{variables['REST_PORT']}"
    end = time.monotonic() + 120
    try:
        while True:
            try:
                ask(address)
                break
            except ClientError:
                assert time.monotonic() < end
                assert process.poll() is None
                time.sleep(0.5)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
