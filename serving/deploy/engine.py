"""The docker client, and whether there is an engine behind it."""

from __future__ import annotations

import shutil
import subprocess

_SECONDS = 30


class DeployError(Exception):
    """What was asked for cannot be done here; its message says why and what to do."""


def require_engine() -> str:
    """The docker client.

    Raises:
        DeployError: there is none, or no engine answers it.
    """
    docker = shutil.which("docker")
    if not docker:
        raise DeployError("there is no `docker` on the PATH: install Docker, or do this where it is.")
    try:
        done = _run(docker, "version", "--format", "{{.Server.Version}}")
    except subprocess.TimeoutExpired as error:
        raise DeployError(
            f"the Docker engine did not answer within {_SECONDS} s: restart it, or name one by DOCKER_HOST."
        ) from error
    if done.returncode:
        told = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[0]
        raise DeployError(
            f"no Docker engine answers ({told.rstrip('.')}): start one, or name one by DOCKER_HOST."
        )
    return docker


def require_compose() -> str:
    """The docker client, with an engine and the compose plugin.

    Raises:
        DeployError: as `require_engine`, or there is no plugin.
    """
    docker = require_engine()
    if _run(docker, "compose", "version").returncode:
        raise DeployError(
            "`docker compose` is not there: install Docker's compose plugin, version 2 or later."
        )
    return docker


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
