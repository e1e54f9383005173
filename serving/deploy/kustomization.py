"""Checks kustomization.yaml: by building it where kubectl is, otherwise by what it names."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from serving.deploy.manifests import FILES, pod_of
from serving.deploy.report import Finding, UnreadableError, finding, read_yaml_file
from serving.deploy.schemas import schema_faults

NAME = "kustomization.yaml"
_FIELDS = {"apiVersion", "kind", "resources", "configMapGenerator", "images", "namespace", "patches"}
_SECONDS = 60


def config_map_files(folder: Path) -> dict[str, list[str]]:
    """For each ConfigMap that is generated the files in it.

    Raises:
        UnreadableError: the file does not have that form.
    """
    maps = read_yaml_file(folder, NAME).get("configMapGenerator") or []
    try:
        return {one["name"]: [str(file) for file in one["files"]] for one in maps}
    except (KeyError, TypeError) as error:
        raise UnreadableError(f"{NAME}: a configMapGenerator needs a name and files: {error!r}.") from error


def check_kustomization(folder: Path) -> list[Finding]:
    """What it names exists, and what it builds is whole."""
    how = "only parsed: what it names was looked for; there is no kubectl here to build it"
    try:
        faults = list(_faults(folder, read_yaml_file(folder, NAME)))
    except UnreadableError as error:
        return [finding(NAME, how, [str(error)])]
    kubectl = shutil.which("kubectl")
    if kubectl:
        how = "validated by `kubectl kustomize`, and what it builds by the schemas"
        if not faults:
            faults += _built_faults(folder, kubectl)
    return [finding(NAME, how, faults)]


def _faults(folder: Path, kustomization: dict[str, Any]) -> Iterator[str]:
    for field in sorted(set(kustomization) - _FIELDS):
        yield f"{NAME} has the unknown field {field!r}: known here are {', '.join(sorted(_FIELDS))}."
    resources = kustomization.get("resources") or []
    for missing in [file for file in FILES if file not in resources]:
        yield f"{NAME} does not name {missing} among its resources."
    files = [file for files in config_map_files(folder).values() for file in files]
    for file in [*resources, *files]:
        if not (folder / file).is_file():
            yield f"{NAME} names {file}: there is no such file."
    for image in kustomization.get("images") or []:
        if str(image.get("newTag", "latest")) == "latest" and "digest" not in image:
            yield f"{NAME}: image {image.get('name')} has no newTag: name the version of its model."


def _built_faults(folder: Path, kubectl: str) -> Iterator[str]:
    done = subprocess.run(  # noqa: S603
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        yield f"{NAME}: {' '.join(done.stderr.split())}"
        return
    built = [one for one in yaml.safe_load_all(done.stdout) if one]
    for manifest in built:
        yield from schema_faults(f"{NAME}, built", manifest)
    maps = {one["metadata"]["name"] for one in built if one["kind"] == "ConfigMap"}
    for deployment in (one for one in built if one["kind"] == "Deployment"):
        pod, container = pod_of(deployment)
        for volume in pod.get("volumes", []):
            name = volume.get("configMap", {}).get("name")
            if name is not None and name not in maps:
                yield f"{NAME}, built: the pods mount the ConfigMap {name}, which is not built."
        if ":" not in container["image"].rpartition("/")[2]:
            yield f"{NAME}, built: the image {container['image']} has no tag: give it one under images."
