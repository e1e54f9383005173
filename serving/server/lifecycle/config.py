"""What the server is asked to serve: one configuration a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from serving.server.lifecycle.policy import LatestVersions, VersionPolicy
from serving.server.status import invalid_argument

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True)
class ModelConfig:
    """One model.

    Attributes:
        name: what requests call it.
        base_path: the absolute folder of its version directories.
        policy: which versions are served.
        labels: names for versions.
        platform: `tensorflow`.
    """

    name: str
    base_path: str
    policy: VersionPolicy = field(default_factory=LatestVersions)
    labels: Mapping[str, int] = field(default_factory=dict)
    platform: str = "tensorflow"


def check_models(models: Iterable[ModelConfig]) -> dict[str, ModelConfig]:
    """The models by name.

    Raises:
        ServingError: INVALID_ARGUMENT for a name given twice, a base path that is not absolute, or
            a platform other than tensorflow.
    """
    by_name: dict[str, ModelConfig] = {}
    for model in models:
        if model.name in by_name:
            raise invalid_argument(f"Illegal to list model {model.name} multiple times in config list")
        if not model.platform:
            raise invalid_argument(f"Model {model.name} has no model_platform: give 'tensorflow'.")
        if model.platform != "tensorflow":
            raise invalid_argument(
                f"Model {model.name} has model_platform {model.platform!r}; this server runs 'tensorflow'."
            )
        check_base_path(model.name, model.base_path)
        by_name[model.name] = model
    return by_name


def check_base_path(name: str, base_path: str) -> None:
    """Refuses a base path that is neither absolute nor a URI, naming the one that was meant."""
    if Path(base_path).is_absolute() or _URI.match(base_path):
        return
    meant = f"; did you mean {Path(base_path).absolute()} ?" if base_path else "; give --model_base_path"
    raise invalid_argument(
        f"Expected model {name} to have an absolute path or URI; got base_path()={base_path}{meant}"
    )
