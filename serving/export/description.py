"""What lies beside an export, for people and programs: ``assets.extra/seqapp.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tensorflow_text
from pydantic import BaseModel

import seqapp
from seqapp.features import Feature
from seqapp.signatures import Signature
from seqapp.tasks.base import Task
from serving.export.preflight import Preflight
from serving.stray_entries import inner_file

# TensorFlow Serving carries this folder along and does not read it, but for the warm-up requests.
EXTRA = "assets.extra"
DESCRIPTION_FILE = "seqapp.json"
_LARGEST = 16 * 2**20  # bytes; a classifier of 1,000 labels has some ten thousand


@dataclass(frozen=True)
class Description:
    """An export, as it describes itself.

    Attributes:
        task: name of the task.
        features: what an example of it holds.
        settings: its configuration.
        signatures: name → declaration, ``serving_default`` first; empty in exports of earlier versions.
        minimum_server: the oldest TensorFlow Serving release that has all ops.
        versions: package → version that wrote it.
        labels: class names; empty for other tasks, and in exports of earlier versions.
        quantization: "int8" for 8-bit products, "" for none.
    """

    task: str
    features: tuple[Feature, ...]
    settings: Mapping[str, Any]
    signatures: Mapping[str, Signature]
    minimum_server: str
    versions: Mapping[str, str]
    labels: tuple[str, ...] = ()
    quantization: str = ""


def write_description(directory: Path, task: Task, preflight: Preflight, quantization: str = "") -> None:
    """Writes task, features, settings, signatures, versions and what servers need beside a SavedModel."""
    description = {
        "task": task.name,
        "features": [
            {"name": feature.name, "kind": type(feature).__name__, "meaning": feature.meaning}
            for feature in task.features
        ],
        "settings": task.config.model_dump(mode="json"),
        "labels": list(getattr(getattr(task, "labels", None), "names", ())),
        "signatures": {one.name: one.as_json() for one in task.signatures()},
        "minimum_server": preflight.minimum_server,
        "processor": preflight.processor,
        "quantization": quantization,
        "versions": {
            "seqapp": seqapp.__version__,
            "tensorflow": tf.__version__,
            "tensorflow_text": tensorflow_text.__version__,
            "keras": keras.__version__,
        },
    }
    (directory / EXTRA).mkdir(exist_ok=True)
    text = json.dumps(description, ensure_ascii=False, indent=2)
    (directory / EXTRA / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def read_description(directory: Path) -> Description | None:
    """The description of a version; None where there is none, as of a model of other origin.

    It may come from anybody: types are checked, and a link out of `directory` is not followed.
    """
    path = inner_file(directory, EXTRA, DESCRIPTION_FILE)
    if path is None or path.stat().st_size > _LARGEST:
        return None
    try:
        read = _DescriptionJson.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return None
    return Description(
        task=read.task,
        features=tuple(map(_feature, read.features)),
        settings=read.settings,
        signatures=_signatures(read.signatures),
        minimum_server=read.minimum_server,
        versions=read.versions,
        labels=tuple(read.labels),
        quantization=read.quantization,
    )


class _FeatureJson(BaseModel):
    name: str
    kind: str
    meaning: str


class _DescriptionJson(BaseModel):
    task: str
    features: list[_FeatureJson] = []
    settings: dict[str, Any]
    signatures: dict[str, Any]
    minimum_server: str
    versions: dict[str, str]
    labels: list[str] = []
    quantization: str = ""


def _feature(values: _FeatureJson) -> Feature:
    kinds = {kind.__name__: kind for kind in Feature.__subclasses__()}
    return kinds.get(values.kind, Feature)(values.name, values.meaning)


def _signatures(values: Mapping[str, Any]) -> dict[str, Signature]:
    try:
        return {name: Signature.from_json(name, declared) for name, declared in values.items()}
    except ValueError:  # of an earlier version
        return {}
