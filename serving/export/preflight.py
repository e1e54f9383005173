"""Checks that a stock server can run every op of an export."""

from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from seqapp.errors import ExportError
from serving.export.saved_model import read_meta_graph

# TF Text ops that the stock servers link (all of 2.12 and later).
TEXT_OPS = frozenset(
    {
        "SentencepieceOp",
        "SentencepieceTokenizeOp",
        "SentencepieceTokenizeWithOffsetsOp",
        "SentencepieceDetokenizeOp",
        "SentencepieceIdToStringOp",
        "SentencepieceStringToIdOp",
        "SentencepieceVocabSizeOp",
    }
)
# Their code lives in the exporting Python process, or on a GPU.
_PYTHON_OPS = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc"})


def check_operations(directory: Path) -> list[str]:
    """The names of all ops in a SavedModel, sorted.

    Raises:
        ExportError: an op runs Python, needs a GPU or XLA, or is neither TensorFlow's nor one of TF
            Text's that stock servers have; named with the function it stands in.
    """
    names, faults = set(), []
    for function, node in _nodes(directory):
        names.add(node.op)
        fault = _fault(node)
        if fault:
            faults.append(f"{node.op} in {function}: {fault}")
    if faults:
        raise ExportError(
            "the export holds ops that a stock server cannot run: " + "; ".join(sorted(set(faults)))
        )
    return sorted(names)


def _nodes(directory: Path) -> Iterator[tuple[str, tf.compat.v1.NodeDef]]:
    graph = read_meta_graph(directory).graph_def
    library = {function.signature.name: function for function in graph.library.function}
    for node in graph.node:
        yield "the main graph", _named(node, library)
    for name, function in library.items():
        if function.attr["_XlaMustCompile"].b:
            raise ExportError(
                f"the function {name} is compiled by XLA, which stock servers switch off; "
                "remove jit_compile=True"
            )
        for node in function.node_def:
            yield f"function {name}", _named(node, library)


def _named(node, library):
    # A call of a function of the graph's own library is no op.
    if node.op in library:
        call = tf.compat.v1.NodeDef()
        call.CopyFrom(node)
        call.op = "PartitionedCall"
        return call
    return node


def _fault(node) -> str:
    if node.op in _PYTHON_OPS:
        return "runs Python code, which a server does not have; use TensorFlow ops"
    if "cudnn" in node.op.lower():
        return "needs a GPU; trace the layer with use_cudnn=False"
    if node.attr["_XlaMustCompile"].b:
        return "is compiled by XLA, which stock servers switch off; remove jit_compile=True"
    if node.op not in TEXT_OPS and not hasattr(tf.raw_ops, node.op):
        return "is not an op of TensorFlow, nor one of TF Text's that stock servers have"
    return ""
