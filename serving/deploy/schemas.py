"""Kubernetes' own schemas, strict: a field that they do not know is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import kubernetes_validate
from kubernetes_validate.utils import SchemaNotFoundError, major_minor

# appProtocol kubernetes.io/h2c, seccompProfile and autoscaling/v2 are all older than this.
OLDEST = "1.27"


def versions() -> tuple[str, str]:
    """The oldest Kubernetes that the manifests are for, and the newest there are schemas of."""
    return OLDEST, major_minor(kubernetes_validate.latest_version())


def schema_faults(where: str, manifest: dict[str, Any]) -> Iterator[str]:
    """What the schemas of both versions do not take."""
    name = f"{where}: {manifest.get('kind')} {manifest.get('metadata', {}).get('name')}"
    for key in ("apiVersion", "kind", "metadata"):
        if not manifest.get(key):
            yield f"{where}: a manifest has no {key}."
            return
    for version in versions():
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            path = ".".join(str(part) for part in error.path) or "it"
            yield f"{name}, Kubernetes {version}: {path}: {error.message}."
        except SchemaNotFoundError:
            yield f"{name}: Kubernetes {version} has no {manifest['kind']} in {manifest['apiVersion']}."
