"""Whether every variable that a loaded graph's signatures read has a value.

A SavedModel can load and still fail at its first request: its checkpoint restores other variables
than its functions read. Better to refuse it while the old version serves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from serving.server.status import failed_precondition

_HANDLE = "VarHandleOp"
_NAMES_SHOWN = 3


def check_variables(session: tf.compat.v1.Session, signatures: Mapping[str, SignatureDef]) -> None:
    """Refuses a graph whose signatures read variables without a value.

    Raises:
        ServingError: FAILED_PRECONDITION, naming some of them and the remedy.
    """
    graph = session.graph
    handles = sorted(_handles_behind(graph, _fetched(signatures)), key=lambda operation: operation.name)
    if not handles:
        return
    with graph.as_default():
        checks = [tf.raw_ops.VarIsInitializedOp(resource=operation.outputs[0]) for operation in handles]
    given = session.run(checks)
    empty = [_shared_name(op) for op, has_value in zip(handles, given, strict=True) if not has_value]
    if empty:
        shown = ", ".join(empty[:_NAMES_SHOWN]) + (" …" if len(empty) > _NAMES_SHOWN else "")
        raise failed_precondition(
            f"Could not find variable {shown}: {len(empty)} of {len(handles)} variables that the signatures"
            " read have no value after loading. That is what tf.saved_model.save writes for a module that"
            " holds a Keras 3 model. Export it with keras.export.ExportArchive (python -m serving export)"
            " instead."
        )


def _fetched(signatures: Mapping[str, SignatureDef]) -> set[str]:
    infos = (info for signature in signatures.values() for info in signature.outputs.values())
    return {info.name for info in infos if info.WhichOneof("encoding") == "name"}


def _handles_behind(graph: tf.Graph, names: Iterable[str]) -> set[Any]:
    """The variable handles that these tensors depend on."""
    todo = [graph.as_graph_element(name.split(":")[0]) for name in names if name]
    seen: set[Any] = set()
    while todo:
        operation = todo.pop()
        if operation in seen:
            continue
        seen.add(operation)
        todo.extend(tensor.op for tensor in operation.inputs)
        todo.extend(operation.control_inputs)
    return {operation for operation in seen if operation.type == _HANDLE}


def _shared_name(operation: Any) -> str:
    return operation.get_attr("shared_name").decode() or operation.name
