"""Reads compose.yaml by the Compose Specification, and checks what keeps the services to themselves."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import compose_spec

from serving.deploy.report import Finding, UnreadableError, finding, read

NAME = "compose.yaml"
SERVER = "server"
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
_SECONDS = 60


def read_compose(folder: Path) -> dict[str, Any]:
    """The file with the defaults of its variables filled in, as the compose-spec package reads it.

    Raises:
        UnreadableError: it does not parse, is not by the specification, or has no service `server`.
    """
    text = _VARIABLE.sub(_default, read(folder, NAME))
    try:
        compose = compose_spec.PyCompose.from_yaml(text).to_dict()
    except ValueError as error:
        raise UnreadableError(f"{NAME} is not by the Compose Specification: {error}.") from error
    if SERVER not in compose["services"]:
        raise UnreadableError(f"{NAME} has no service {SERVER!r}.")
    return compose


def check_compose(folder: Path) -> list[Finding]:
    """The specification, `docker compose` where that is, and rules of our own for each service."""
    how = "validated by the compose-spec package; there is no `docker compose` here"
    try:
        compose = read_compose(folder)
    except UnreadableError as error:
        return [finding(NAME, how, [str(error)])]
    faults: list[str] = []
    if _docker_compose_is_there():
        how = "validated by `docker compose config`"
        faults += _docker_faults(folder)
    for name, service in compose["services"].items():
        faults += _service_faults(folder, name, service)
    return [finding(NAME, how, faults)]


def _default(match: re.Match[str]) -> str:
    if match[2] is None:
        raise UnreadableError(f"{NAME} uses {match[0]} without a default: write ${{{match[1]}:-VALUE}}.")
    return match[2]


def _docker_faults(folder: Path) -> list[str]:
    command = ["docker", "compose", "--file", NAME, "config", "--quiet"]
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    return [f"{NAME}: {line}" for line in done.stderr.splitlines() if line] if done.returncode else []


def _docker_compose_is_there() -> bool:
    if not shutil.which("docker"):
        return False
    command = ["docker", "compose", "version"]
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    return done.returncode == 0


def _service_faults(folder: Path, name: str, service: dict[str, Any]) -> Iterator[str]:
    where = f"{NAME}: service {name}"
    image = str(service.get("image", ""))
    if not re.search(r":v?\d+\.\d+\.\d+$", image):
        yield f"{where} has the image {image!r}: expected a full version, NAME:X.Y.Z."
    user = str(service.get("user", "")).partition(":")[0]
    if not user.isdigit() or int(user) == 0:
        yield f"{where} runs as {user or 'root'!r}: give `user:` a number other than 0."
    wanted = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
    for key, value in wanted.items():
        if service.get(key) != value:
            yield f"{where} has {key}: {service.get(key)!r}; expected {value!r}."
    for key in ("cpus", "mem_limit", "pids_limit", "stop_grace_period"):
        if not service.get(key):
            yield f"{where} has no {key}: it could take all there is."
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"{where} publishes {port} to the network: begin it with ${{BIND_ADDRESS:-127.0.0.1}}:"
    for volume in service.get("volumes", []):
        yield from _volume_faults(folder, where, str(volume))
    if name == SERVER and not service.get("healthcheck", {}).get("test"):
        yield f"{where} has no healthcheck: Prometheus and `up --wait` wait for it."


def _volume_faults(folder: Path, where: str, volume: str) -> Iterator[str]:
    source, _, rest = volume.partition(":")
    if not source.startswith("."):
        return  # a named volume
    if not rest.endswith(":ro"):
        yield f"{where} mounts {source} writable: end it with :ro."
    # Models are made later; what is beside compose.yaml must be there.
    if source.startswith("./") and not (folder / source).exists():
        yield f"{where} mounts {source}: there is no such file beside {NAME}."
