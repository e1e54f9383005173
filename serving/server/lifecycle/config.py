"""Model configurations: one per served model."""

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


def check_models(
    models: Iterable[ModelConfig], before: Mapping[str, ModelConfig] | None = None
) -> dict[str, ModelConfig]:
    """The models by name.

    Args:
        models: the new configuration.
        before: what is served already; the platform of a model may not change.

    Raises:
        ServingError: INVALID_ARGUMENT for a name given twice, a base path that is not absolute or no
            path at all, or a platform other than tensorflow.
    """
    by_name: dict[str, ModelConfig] = {}
    for model in models:
        if model.name in by_name:
            raise invalid_argument(f"Illegal to list model {model.name} multiple times in config list")
        check_base_path(model.name, model.base_path)
        by_name[model.name] = model
    for model in by_name.values():
        _check_platform(model, (before or {}).get(model.name))
    return by_name


def _check_platform(model: ModelConfig, before: ModelConfig | None) -> None:
    if not model.platform:
        raise invalid_argument(
            "Illegal setting neither ModelServerConfig::model_type (deprecated) nor"
            f" ModelServerConfig::model_platform: give model {model.name} model_platform 'tensorflow'."
        )
    if before is not None and model.platform != before.platform:
        raise invalid_argument(
            f"Illegal to change a model's platform. For model {model.name} platform was {before.platform}"
            f" and new platform requested is {model.platform}"
        )
    if model.platform != "tensorflow":
        raise invalid_argument(
            f"Model {model.name} requests unsupported platform {model.platform}: give 'tensorflow'."
        )


def check_base_path(name: str, base_path: str) -> None:
    """Refuses a base path that is neither absolute nor a URI, naming the one that was meant."""
    if "\0" in base_path:
        raise invalid_argument(f"Model {name} has a base_path with a NUL in it, which no path has.")
    if Path(base_path).is_absolute() or _URI.match(base_path):
        return
    meant = f"; did you mean {Path(base_path).absolute()} ?" if base_path else "; give --model_base_path"
    raise invalid_argument(
        f"Expected model {name} to have an absolute path or URI; got base_path()={base_path}{meant}"
    )
