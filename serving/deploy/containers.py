"""The server's container as the Dockerfile, compose.yaml and the Deployment each describe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import compose_spec

from serving.deploy import compose, dockerfile, manifests
from serving.deploy.kustomization import config_map_files
from serving.deploy.report import UnreadableError


@dataclass(frozen=True)
class Container:
    """One description.

    Attributes:
        file: where it stands.
        image: what it runs, or is made from.
        flags: what the server is given.
        environment: of the process.
        mounted: for each path that is put into it where that comes from.
        ports: that it listens on.
        user: its number.
        cpus: cores that it may use; None says nothing.
        grace_s: seconds from SIGTERM to SIGKILL; None says nothing.
    """

    file: str
    image: str
    flags: tuple[str, ...]
    environment: dict[str, str]
    mounted: dict[str, str]
    ports: frozenset[int]
    user: str
    cpus: float | None = None
    grace_s: float | None = None


def read_containers(folder: Path) -> list[Container]:
    """All three.

    Raises:
        UnreadableError: a file cannot be read, or lacks what describes a container.
    """
    try:
        return [_of_dockerfile(folder), _of_compose(folder), _of_deployment(folder)]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableError(f"The containers are not described in full: {error!r}.") from error


def _of_dockerfile(folder: Path) -> Container:
    described = dockerfile.read_dockerfile(folder)
    return Container(
        dockerfile.NAME,
        described.images[-1],
        tuple(described.command),
        described.environment,
        described.copies,
        frozenset(described.ports),
        described.user.partition(":")[0],
    )


def _of_compose(folder: Path) -> Container:
    service = compose.read_compose(folder)["services"][compose.SERVER]
    mounted = {}
    for volume in service["volumes"]:
        source, target, *_ = volume.split(":")
        mounted[target] = source
    return Container(
        compose.NAME,
        service["image"],
        tuple(service["command"]),
        {name: str(value) for name, value in service["environment"].items()},
        mounted,
        frozenset(int(str(port).rpartition(":")[2]) for port in service["ports"]),
        str(service["user"]).partition(":")[0],
        float(service["cpus"]),
        compose_spec.parse_duration(service["stop_grace_period"]),
    )


def _of_deployment(folder: Path) -> Container:
    pod, container = manifests.pod_of(manifests.read_deployment(folder))
    return Container(
        manifests.DEPLOYMENT,
        container["image"],
        tuple(container["args"]),
        {one["name"]: str(one["value"]) for one in container["env"]},
        _mounted(folder, pod, container),
        frozenset(port["containerPort"] for port in container["ports"]),
        str(pod["securityContext"]["runAsUser"]),
        _cores(container["resources"]["limits"]["cpu"]),
        float(pod["terminationGracePeriodSeconds"]),
    )


def _mounted(folder: Path, pod: dict[str, Any], container: dict[str, Any]) -> dict[str, str]:
    """The files of ConfigMaps, and what the image that it runs has in it already."""
    mounted = {
        target: source
        for target, source in dockerfile.read_dockerfile(folder).copies.items()
        if not target.startswith("/config/")  # hidden below the ConfigMap
    }
    maps = config_map_files(folder)
    volumes = {volume["name"]: volume.get("configMap", {}).get("name") for volume in pod["volumes"]}
    for mount in container["volumeMounts"]:
        for file in maps.get(volumes.get(mount["name"]) or "", []):
            mounted[f"{mount['mountPath']}/{Path(file).name}"] = file
    return mounted


def _cores(text: Any) -> float:
    text = str(text)
    return float(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)
