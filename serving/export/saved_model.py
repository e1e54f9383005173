"""Writes a task as one SavedModel: strings in, text out."""

from pathlib import Path

import keras
import tensorflow as tf

from seqapp.errors import ExportError
from seqapp.tasks.catalogue import Task
from serving.export.meta_graph import read_meta_graph
from serving.export.signatures import INPUTS, METHODS, SIGNATURES, input_specs


def write_saved_model(task: Task, directory: Path) -> None:
    """Writes the SavedModel of `task`.

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
    _name_methods(directory, METHODS.get(task.name, {}))
    _check_outputs(directory, published)


def _name_methods(directory: Path, methods: dict[str, str]) -> None:
    if not methods:
        return
    updater = tf.compat.v1.saved_model.signature_def_utils.MethodNameUpdater(str(directory))
    for signature, method in methods.items():
        updater.replace_method_name(signature_key=signature, method_name=method)
    updater.save()


def _check_outputs(directory: Path, published: dict[str, dict[str, str]]) -> None:
    signatures = read_meta_graph(directory).signature_def
    for name, outputs in published.items():
        found = set(signatures[name].outputs)
        if found != set(outputs):
            raise ExportError(
                f"signature {name}: expected outputs {sorted(outputs)}, the export has {sorted(found)}"
            )
