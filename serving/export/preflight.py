"""Checks that a stock server can run every op of an export, and says which is the oldest that can.

A server that lacks an op loads the model all the same and fails at the first request: better to know
before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqapp.errors import ExportError
from serving.export.meta_graph import read_meta_graph
from serving.export.processor import required_processor
from serving.export.server_ops import SERVERS, first_server, is_released, minimum_server

_PYTHON_OPS = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc"})
_CALL = "PartitionedCall"


@dataclass(frozen=True)
class Preflight:
    """What an export needs of a server.

    Fields:
        operations: names of all ops, sorted.
        minimum_server: the oldest TensorFlow Serving release (of those that are checked) with all of them.
        processor: what they need of the server's processor; "" where any will do.
    """

    operations: list[str]
    minimum_server: str
    processor: str = ""


def check_operations(directory: Path) -> Preflight:
    """Looks at every op of a SavedModel's graph and functions.

    Raises:
        ExportError: an op runs Python, needs a GPU or XLA, or no server has it; all such ops are named,
            with the function they stand in.
    """
    names, faults = set(), set()
    for function, node in _nodes(directory):
        names.add(node.op)
        fault = _fault(node)
        if fault:
            faults.add(f"{node.op} in {function}: {fault}")
    if faults:
        raise ExportError("the export holds ops that a stock server cannot run: " + "; ".join(sorted(faults)))
    return Preflight(sorted(names), minimum_server(sorted(names)), required_processor(names))


def _nodes(directory: Path) -> Iterator[tuple[str, Any]]:
    graph = read_meta_graph(directory).graph_def
    library = {function.signature.name for function in graph.library.function}
    for node in graph.node:
        yield "the main graph", _renamed_call(node, library)
    for function in graph.library.function:
        name = function.signature.name
        if function.attr["_XlaMustCompile"].b:
            raise ExportError(
                f"the function {name} is compiled by XLA, which stock servers switch off; "
                "remove jit_compile=True"
            )
        for node in function.node_def:
            yield f"function {name}", _renamed_call(node, library)


def _renamed_call(node: Any, library: set[str]) -> Any:
    # An op that bears the name of a function of the graph's own is a call of it.
    if node.op not in library:
        return node
    call = type(node)()
    call.CopyFrom(node)
    call.op = _CALL
    return call


def _fault(node: Any) -> str:
    if node.op in _PYTHON_OPS:
        return "runs Python code, which a server does not have; use TensorFlow ops"
    if "cudnn" in node.op.lower():
        return "needs a GPU; trace the layer with use_cudnn=False"
    if node.attr["_XlaMustCompile"].b:
        return "is compiled by XLA, which stock servers switch off; remove jit_compile=True"
    first = first_server(node.op)
    if first is None:
        return "is an op of neither TensorFlow nor TF Text, which are all that stock servers have"
    if not is_released(first):
        return f"needs TensorFlow {first}; the newest server is {SERVERS[-1]}"
    return ""
