"""Checks the Job of a training by several workers: its schemas, and that its parts lead to each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving.deploy.report import Finding, UnreadableError, finding, read_yaml
from serving.deploy.schemas import schema_faults, versions

FILE = "kubernetes/training-job.yaml"


def check_training_job(folder: Path) -> list[Finding]:
    """Service and Job, then what they say of one another."""
    how = (
        f"validated by the strict schemas of Kubernetes {' and '.join(versions())}, and by own rules: number "
        "of workers, names, port"
    )
    try:
        service, job = _manifests(folder)
        faults = [fault for one in (service, job) for fault in schema_faults(FILE, one)]
        return [finding(FILE, how, faults or [*_number_faults(job), *_name_faults(service, job)])]
    except UnreadableError as error:
        return [finding(FILE, how, [str(error)])]


def _manifests(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The Service and the Job."""
    documents = read_yaml(folder, FILE)
    kinds = [str(one.get("kind")) for one in documents]
    if kinds != ["Service", "Job"]:
        raise UnreadableError(f"{FILE} holds {', '.join(kinds)}; expected a Service and a Job.")
    return documents[0], documents[1]


def _number_faults(job: dict[str, Any]) -> Iterator[str]:
    spec = job["spec"]
    if spec.get("completionMode") != "Indexed":
        yield f"{FILE}: completionMode is {spec.get('completionMode')!r}; expected Indexed, for the ranks."
    environment = {one["name"]: one.get("value") for one in _container(job).get("env", [])}
    numbers = {
        "completions": str(spec.get("completions")),
        "parallelism": str(spec.get("parallelism")),
        "WORKERS": environment.get("WORKERS"),
    }
    if len(set(numbers.values())) > 1:
        yield f"{FILE}: {numbers}: the three numbers must be equal: all workers run at the same time."


def _name_faults(service: dict[str, Any], job: dict[str, Any]) -> Iterator[str]:
    template, name = job["spec"]["template"], service["metadata"]["name"]
    labels = template["metadata"].get("labels", {})
    if service["spec"].get("clusterIP") != "None" or not service["spec"].get("publishNotReadyAddresses"):
        yield f"{FILE}: the Service needs clusterIP: None and publishNotReadyAddresses: true for pod names."
    if not service["spec"]["selector"].items() <= labels.items():
        yield f"{FILE}: the Service selects {service['spec']['selector']}; the pods are labelled {labels}."
    if template["spec"].get("subdomain") != name:
        yield f"{FILE}: subdomain is {template['spec'].get('subdomain')!r}; the Service is {name!r}."
    ports = {port["containerPort"] for port in _container(job).get("ports", [])}
    script = " ".join(_container(job).get("command", []))
    for port in service["spec"]["ports"]:
        host = f"{job['metadata']['name']}-$index.{name}:{port['port']}"
        if host not in script or port["port"] not in ports:
            yield f"{FILE}: expected {host} in the command and its port among {sorted(ports)}."


def _container(job: dict[str, Any]) -> dict[str, Any]:
    return job["spec"]["template"]["spec"]["containers"][0]
