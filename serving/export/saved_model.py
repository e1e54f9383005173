"""Writes a task as one SavedModel: strings in, text out."""

import json
from pathlib import Path

import keras
import tensorflow as tf
import tensorflow_text

import seqapp
from seqapp.errors import ExportError
from seqapp.tasks.translation import TranslationTask
from serving.export.signatures import INPUTS, SIGNATURES, input_specs

# TensorFlow Serving carries this folder along and does not read it.
EXTRA = "assets.extra"
DESCRIPTION_FILE = "seqapp.json"


def write_saved_model(task: TranslationTask, directory: Path) -> None:
    """Writes the SavedModel of `task`, with a description of it in ``assets.extra``.

    `keras.export.ExportArchive` is used because a module saved by `tf.saved_model.save` with a Keras 3
    model inside keeps variables under two names, and a graph session then misses one of them.

    Args:
        task: a trained task.
        directory: a new directory.

    Raises:
        ExportError: the task's signatures are not the published ones.
    """
    functions = task.signatures()
    published, inputs = SIGNATURES[task.name], INPUTS[task.name]
    if set(functions) != set(published):
        raise ExportError(f"signatures: expected {sorted(published)}, the task has {sorted(functions)}")
    archive = keras.export.ExportArchive()
    archive.track(task.model)
    archive.track(task.subwords.tokenizer)
    for name, function in functions.items():
        archive.add_endpoint(name, function, input_signature=input_specs(inputs[name]))
    archive.write_out(str(directory), verbose=False)
    _check_outputs(directory, published)
    description = {
        "task": task.name,
        "settings": task.config.model_dump(mode="json"),
        "inputs": {
            name: {column: about._asdict() for column, about in columns.items()}
            for name, columns in inputs.items()
        },
        "signatures": published,
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


def read_meta_graph(directory: Path):
    """The ``MetaGraphDef`` tagged for serving of a SavedModel directory."""
    from tensorflow.python.saved_model import loader_impl

    for meta_graph in loader_impl.parse_saved_model(str(directory)).meta_graphs:
        if "serve" in meta_graph.meta_info_def.tags:
            return meta_graph
    raise ExportError(f"model: {directory} holds no graph tagged 'serve'")


def _check_outputs(directory: Path, published: dict[str, dict[str, str]]) -> None:
    signatures = read_meta_graph(directory).signature_def
    for name, outputs in published.items():
        found = set(signatures[name].outputs)
        if found != set(outputs):
            raise ExportError(
                f"signature {name}: expected outputs {sorted(outputs)}, the export has {sorted(found)}"
            )
