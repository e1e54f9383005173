"""Checks the Kubernetes manifests: the schemas, what they say of one another, and how the pods are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving.deploy.report import Finding, UnreadableError, finding, read_yaml
from serving.deploy.schemas import schema_faults, versions

DEPLOYMENT = "kubernetes/deployment.yaml"
SERVICE = "kubernetes/service.yaml"
AUTOSCALER = "kubernetes/autoscaler.yaml"
BUDGET = "kubernetes/disruption-budget.yaml"
FILES = (DEPLOYMENT, SERVICE, AUTOSCALER, BUDGET)
HEALTHY = "/usr/local/bin/healthy.sh"

Manifest = dict[str, Any]


def read_deployment(folder: Path) -> Manifest:
    """The Deployment.

    Raises:
        UnreadableError: the file holds anything else, or no container.
    """
    manifest = read_yaml(folder, DEPLOYMENT)[0]
    try:
        manifest["spec"]["template"]["spec"]["containers"][0]["name"]
    except (KeyError, IndexError, TypeError) as error:
        raise UnreadableError(f"{DEPLOYMENT} has no container: {error!r} is missing.") from error
    return manifest


def pod_of(deployment: Manifest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pod's spec and its first container."""
    pod = deployment["spec"]["template"]["spec"]
    return pod, pod["containers"][0]


def check_manifests(folder: Path) -> list[Finding]:
    """Each file, then what they say of one another."""
    how = f"validated by the strict schemas of Kubernetes {' and '.join(versions())}"
    findings = []
    for file in FILES:
        try:
            faults = [fault for one in read_yaml(folder, file) for fault in schema_faults(file, one)]
        except UnreadableError as error:
            faults = [str(error)]
        findings.append(finding(file, how, faults))
    if any(one.faults for one in findings):
        return findings
    deployment = read_deployment(folder)
    rules = list(_pod_faults(deployment))
    for file in FILES[1:]:
        for manifest in read_yaml(folder, file):
            rules += _reference_faults(file, manifest, deployment)
    return [*findings, finding("kubernetes/", "validated by own rules: probes, user, references", rules)]


def _pod_faults(deployment: Manifest) -> Iterator[str]:
    pod, container = pod_of(deployment)
    if "replicas" in deployment["spec"]:
        yield f"{DEPLOYMENT} sets replicas: applying it would undo what the HorizontalPodAutoscaler has set."
    for probe in ("startupProbe", "readinessProbe"):
        command = container.get(probe, {}).get("exec", {}).get("command")
        if command != [HEALTHY]:
            yield (
                f"{DEPLOYMENT}: the {probe} must run {HEALTHY}, got {container.get(probe)}: only the body of"
                " the model's status tells whether it is AVAILABLE."
            )
    if "tcpSocket" not in container.get("livenessProbe", {}):
        yield f"{DEPLOYMENT}: the livenessProbe must be a tcpSocket: a busy server is not to be killed."
    context = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
    wanted = {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for key, value in wanted.items():
        if context.get(key) != value:
            yield f"{DEPLOYMENT}: securityContext.{key} is {context.get(key)!r}; expected {value!r}."
    if not context.get("runAsUser"):
        yield f"{DEPLOYMENT}: securityContext.runAsUser is missing or 0: give the user of the Dockerfile."
    for kind in ("requests", "limits"):
        missing = {"cpu", "memory"} - set(container.get("resources", {}).get(kind, {}))
        for key in sorted(missing):
            yield f"{DEPLOYMENT}: resources.{kind}.{key} is missing: the autoscaler counts in requests."


def _reference_faults(file: str, manifest: Manifest, deployment: Manifest) -> Iterator[str]:
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    kind, spec = manifest["kind"], manifest["spec"]
    name = f"{file}: {kind} {manifest['metadata']['name']}"
    if kind == "HorizontalPodAutoscaler":
        target = spec["scaleTargetRef"]
        for key in ("apiVersion", "kind"):
            if target.get(key) != deployment[key]:
                yield f"{name} scales {key} {target.get(key)!r}; expected {deployment[key]!r}."
        if target["name"] != deployment["metadata"]["name"]:
            yield f"{name} scales {target['name']!r}; the Deployment is {deployment['metadata']['name']!r}."
        if spec.get("minReplicas", 1) < 2:
            yield f"{name} goes down to one pod: with the disruption budget give minReplicas: 2 or more."
        return
    selector = spec["selector"].get("matchLabels") if kind == "PodDisruptionBudget" else spec["selector"]
    if not selector or not selector.items() <= labels.items():
        yield f"{name} selects {selector}; the pods are labelled {labels}."
    ports = {port["name"]: port["containerPort"] for port in pod_of(deployment)[1]["ports"]}
    for port in spec.get("ports", []):
        if ports.get(port.get("targetPort")) != port["port"]:
            yield f"{name} leads {port['port']} to {port.get('targetPort')!r}; the container has {ports}."
