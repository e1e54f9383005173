"""Checks the playground of the cluster: its schemas, and that it agrees with compose.yaml and the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving.deploy.compose import NAME as COMPOSE
from serving.deploy.compose import read_compose
from serving.deploy.manifests import SERVICE, pod_of
from serving.deploy.report import Finding, UnreadableError, finding, read_yaml
from serving.deploy.schemas import schema_faults, versions

FILE = "kubernetes/playground.yaml"
_SERVICE = "playground"


def check_playground(folder: Path) -> list[Finding]:
    """Deployment and Service, then what they and compose.yaml say of the same things."""
    how = (
        f"validated by the strict schemas of Kubernetes {' and '.join(versions())}, and by own rules: "
        "server, image, ports, user"
    )
    try:
        deployment, service = _manifests(folder)
        faults = [fault for one in (deployment, service) for fault in schema_faults(FILE, one)]
        faults = faults or [*_faults(folder, deployment, service)]
    except UnreadableError as error:
        faults = [str(error)]
    except (KeyError, IndexError, TypeError) as error:
        faults = [f"{FILE} or its part of {COMPOSE} is not described in full: {error!r} is missing."]
    return [finding(FILE, how, faults)]


def _manifests(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The Deployment and the Service."""
    documents = read_yaml(folder, FILE)
    kinds = [str(one.get("kind")) for one in documents]
    if kinds != ["Deployment", "Service"]:
        raise UnreadableError(f"{FILE} holds {', '.join(kinds)}; expected a Deployment and a Service.")
    return documents[0], documents[1]


def _faults(folder: Path, deployment: dict[str, Any], service: dict[str, Any]) -> Iterator[str]:
    pod, container = pod_of(deployment)
    composed = read_compose(folder)["services"][_SERVICE]
    if container["image"] != composed["image"]:
        yield f"{FILE} runs {container['image']}; {COMPOSE} builds {composed['image']}."
    given, wanted = _options(container["args"]), _options(composed["command"])
    for name in ("--host", "--port", "--model"):
        if given.get(name) != wanted.get(name):
            yield f"{FILE} gives {name}={given.get(name)}; {COMPOSE} {name}={wanted.get(name)}."
    servers = {
        f"{one['metadata']['name']}:{port['port']}"
        for one in read_yaml(folder, SERVICE)
        for port in one["spec"]["ports"]
        if port["name"] == "grpc"
    }
    if given.get("--grpc") not in servers:
        yield f"{FILE} gives --grpc={given.get('--grpc')}; {SERVICE} has {', '.join(sorted(servers))}."
    yield from _port_faults(deployment, service, given.get("--port", ""))
    user = str(composed["user"]).partition(":")[0]
    if str(pod["securityContext"].get("runAsUser")) != user:
        yield f"{FILE} runs as user {pod['securityContext'].get('runAsUser')}; {COMPOSE} as {user}."
    for key, value in (("readOnlyRootFilesystem", True), ("capabilities", {"drop": ["ALL"]})):
        if container["securityContext"].get(key) != value:
            yield f"{FILE}: securityContext.{key} is not {value!r}."


def _port_faults(deployment: dict[str, Any], service: dict[str, Any], number: str) -> Iterator[str]:
    _, container = pod_of(deployment)
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    if not service["spec"]["selector"].items() <= labels.items():
        yield f"{FILE}: the Service selects {service['spec']['selector']}; the pods are labelled {labels}."
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    for port in service["spec"]["ports"]:
        if ports.get(port["targetPort"]) != number or str(port["port"]) != number:
            yield f"{FILE}: the Service leads {port['port']} to {ports}; --port is {number}."
    headers = container["readinessProbe"]["httpGet"].get("httpHeaders") or []
    host = next((one["value"] for one in headers if one["name"] == "Host"), "")
    if host != f"localhost:{number}":
        yield f"{FILE}: the readinessProbe sends the Host {host!r}; expected 'localhost:{number}'."


def _options(arguments: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (str(one).partition("=") for one in arguments)}
