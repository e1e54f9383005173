"""What lies beside an export, for people and programs: ``assets.extra/seqapp.json``."""

import json
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tensorflow_text

import seqapp
from seqapp.tasks.catalogue import Task
from serving.export.preflight import Preflight
from serving.export.signatures import INPUTS, SIGNATURES

# TensorFlow Serving carries this folder along and does not read it, but for the warm-up requests.
EXTRA = "assets.extra"
DESCRIPTION_FILE = "seqapp.json"


def write_description(directory: Path, task: Task, preflight: Preflight) -> None:
    """Writes task, settings, signatures, versions and the minimum server beside a SavedModel."""
    inputs = INPUTS[task.name]
    description = {
        "task": task.name,
        "settings": task.config.model_dump(mode="json"),
        "inputs": {
            name: {column: about._asdict() for column, about in columns.items()}
            for name, columns in inputs.items()
        },
        "signatures": SIGNATURES[task.name],
        "minimum_server": preflight.minimum_server,
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


def read_description(directory: Path) -> dict[str, Any] | None:
    """The description of a version; None where there is none, as of a model of other origin."""
    try:
        return json.loads((directory / EXTRA / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
