"""Writes a task as one SavedModel: strings in, text out."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from seqapp.errors import ExportError
from seqapp.signatures import PREDICT, Input, Signature
from seqapp.tasks.base import Task
from serving.export.meta_graph import read_meta_graph


def write_saved_model(task: Task, directory: Path) -> None:
    """Writes the SavedModel of `task`, with its signatures and their methods.

    `keras.export.ExportArchive` is used because a module saved by `tf.saved_model.save` with a Keras 3
    model inside keeps variables under two names, and a graph session then misses one of them. It finds
    the variables that a signature's function reads, those of a `tf.Module` too.

    Args:
        task: a trained task.
        directory: a new directory.

    Raises:
        ExportError: a function's outputs are not those that its signature declares.
    """
    signatures = task.signatures()
    archive = keras.export.ExportArchive()
    # Of a module the archive takes the resources only. Of a layer it would save all variables once more:
    # those that a signature reads it has already.
    holder = tf.Module()
    holder.parts = [task.model, *(part for asset in task.assets().values() for part in asset.tracked())]
    archive.track(holder)
    for one in signatures:
        archive.add_endpoint(one.name, _traced_once(one), input_signature=input_specs(one))
    archive.write_out(str(directory), verbose=False)
    _name_methods(directory, signatures)
    check_signatures(directory, signatures)


def input_specs(signature: Signature) -> list[tf.TensorSpec]:
    """Returns the inputs of a signature as an export declares them: required ones first, then options."""
    return [
        tf.TensorSpec([None], signature.inputs[name].dtype, name=name) for name in _argument_order(signature)
    ]


def endpoint_function(signature: Signature) -> Callable[..., Any]:
    """Returns the signature's function with its inputs as named arguments, options with their defaults.

    From defaults that are tensors `tf.saved_model.save` fills ``SignatureDef.defaults``
    (tensorflow/python/saved_model/signature_serialization.py).
    """
    names = _argument_order(signature)

    def serve(*columns: tf.Tensor) -> Any:
        by_name = dict(zip(names, columns, strict=True))
        return signature.function(*(by_name[name] for name in signature.inputs))  # type: ignore[misc]

    serve.__signature__ = inspect.Signature([_parameter(signature, name) for name in names])  # type: ignore[attr-defined]
    return serve


def _traced_once(signature: Signature) -> Callable[..., Any]:
    """`endpoint_function`, as a call of the graph that is traced here.

    The archive traces a function to find its variables, and `tf.saved_model.save` traces it once more, since
    TensorFlow keys traces by the context (make_function_context in tensorflow/python/eager/
    polymorphic_function/function_context.py). A search takes seconds to trace, a call of its graph none.
    """
    serve = endpoint_function(signature)
    traced = tf.function(serve, input_signature=input_specs(signature), autograph=False)
    graph = traced.get_concrete_function()

    def call(*columns: tf.Tensor) -> Any:
        return graph(*columns)

    call.__signature__ = serve.__signature__  # type: ignore[attr-defined]
    return call


def _argument_order(signature: Signature) -> list[str]:
    # Python allows no argument without a default after one that has one; sorting is stable.
    return sorted(signature.inputs, key=lambda name: signature.inputs[name].default is not None)


def _parameter(signature: Signature, name: str) -> inspect.Parameter:
    column = signature.inputs[name]
    default = inspect.Parameter.empty if column.default is None else _default_tensor(column)
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _default_tensor(column: Input) -> tf.Tensor:
    return tf.constant([column.default], column.dtype)


def check_signatures(directory: Path, signatures: Sequence[Signature]) -> None:
    """Compares a SavedModel with the declarations: names, types, first axis, defaults, method.

    Raises:
        ExportError: the first signature that is not as declared.
    """
    written = read_meta_graph(directory).signature_def
    for one in signatures:
        found = written[one.name]
        if set(found.outputs) != set(one.outputs):
            raise ExportError(
                f"signature {one.name}: expected outputs {sorted(one.outputs)}, the export has "
                f"{sorted(found.outputs)}"
            )
        for name, column in one.outputs.items():
            fault = _fault(found.outputs[name], column.dtype, len(column.axes.split(",")))
            if fault:
                raise ExportError(f"signature {one.name}: expected {name} to be {column}, {fault}")
        _check_defaults(one, found.defaults)
        if found.method_name != one.method:
            raise ExportError(
                f"signature {one.name}: expected method {one.method}, the export has {found.method_name}"
            )


def _check_defaults(signature: Signature, written: Mapping[str, Any]) -> None:
    found = {name: tf.make_ndarray(tensor).tolist() for name, tensor in written.items()}
    # As a tensor of the input's type: 0.1 is another number in float32.
    expected = {
        name: _default_tensor(column).numpy().tolist()
        for name, column in signature.inputs.items()
        if column.default is not None
    }
    if found != expected:
        raise ExportError(
            f"signature {signature.name}: expected defaults {expected}, the export has {found}"
        )


def _name_methods(directory: Path, signatures: Sequence[Signature]) -> None:
    others = [one for one in signatures if one.method != PREDICT]
    if not others:
        return
    updater = tf.compat.v1.saved_model.signature_def_utils.MethodNameUpdater(str(directory))
    for one in others:
        updater.replace_method_name(signature_key=one.name, method_name=one.method)
    updater.save()


def _fault(tensor: Any, dtype: str, rank: int) -> str:
    """What is not as declared with the TensorInfo of an output; "" if nothing is."""
    found = tf.as_dtype(tensor.dtype).name
    if found != dtype:
        return f"the export has {found}"
    shape = tensor.tensor_shape
    if shape.unknown_rank:
        return ""
    if len(shape.dim) != rank:
        return f"the export has {len(shape.dim)} axes"
    return "" if shape.dim[0].size < 0 else f"its first axis is always {shape.dim[0].size}"
