"""Reads what a SavedModel is, without loading it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqapp.errors import ExportError
from seqapp.signatures import Signature
from serving.export.description import EXTRA, read_description
from serving.export.meta_graph import read_meta_graph
from serving.export.preflight import check_operations
from serving.export.publish import versions
from serving.export.warmup import WARMUP_FILE
from serving.stray_entries import stray_entry


@dataclass(frozen=True)
class Contents:
    """A SavedModel, looked at from outside.

    Fields:
        directory: the version's directory.
        signatures: name → ``inputs`` and ``outputs``, each name → ``float32[?, 4]``.
        operations: kinds of ops, sorted; empty when `refusal` says why they cannot be served.
        minimum_server: the oldest release that has them all; "" when `refusal` says why there is none.
        processor: what the ops need of a server's processor; "" where any will do.
        refusal: why no stock server can run it; "" when one can.
        bytes: size of each part: graph, variables, assets, all.
        written_with: TensorFlow version in the graph, and those of the description if there is one.
        meanings: name → ``inputs`` and ``outputs``, each name → what it means; empty for a model that does
            not say.
        task: the seqapp task, "" for a model of other origin.
        warmup: whether it carries warm-up requests.
        quantization: "int8" for 8-bit products, "" for none.
    """

    directory: Path
    signatures: dict[str, dict[str, dict[str, str]]]
    operations: list[str]
    minimum_server: str
    refusal: str
    bytes: dict[str, int]
    written_with: dict[str, str]
    meanings: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    task: str = ""
    warmup: bool = False
    other_versions: list[int] = field(default_factory=list)
    processor: str = ""
    quantization: str = ""


def read_contents(model: Path) -> Contents:
    """Looks at a version directory, or at the newest version below `model`.

    Raises:
        ExportError: there is no SavedModel, it cannot be read, or a link leads out of its directory.
    """
    directory, numbers = _version_of(model)
    if fault := stray_entry(directory):
        raise ExportError(f"model: {fault}; expected an export whose files are all in its own folder")
    meta_graph = read_meta_graph(directory)
    operations, minimum, processor, refusal = [], "", "", ""
    try:
        preflight = check_operations(directory)
        operations, minimum = preflight.operations, preflight.minimum_server
        processor = preflight.processor
    except ExportError as error:
        refusal = str(error)
    description = read_description(directory)
    written = {"tensorflow": meta_graph.meta_info_def.tensorflow_version}
    return Contents(
        directory=directory,
        signatures={
            name: {"inputs": _columns(signature.inputs), "outputs": _columns(signature.outputs)}
            for name, signature in sorted(meta_graph.signature_def.items())
            if not name.startswith("__")
        },
        operations=operations,
        minimum_server=minimum,
        refusal=refusal,
        bytes=_sizes(directory),
        written_with=written | dict(description.versions if description else {}),
        meanings=_meanings(description.signatures) if description else {},
        task=description.task if description else "",
        warmup=(directory / EXTRA / WARMUP_FILE).is_file(),
        other_versions=[number for number in numbers if str(number) != directory.name],
        processor=processor,
        quantization=description.quantization if description else "",
    )


def _version_of(model: Path) -> tuple[Path, list[int]]:
    if (model / "saved_model.pb").is_file():
        return model, []
    numbers = versions(model) if model.is_dir() else []
    if not numbers:
        remedy = (
            "`seqapp inspect-data FILE` prints statistics of training data"
            if model.is_file()
            else "`python -m serving export --run DIR --model models/NAME` writes one"
        )
        raise ExportError(
            "model: expected a SavedModel, or a directory of its versions such as models/NAME, got "
            f"{model}; {remedy}"
        )
    return model / str(numbers[-1]), numbers


def _meanings(signatures: Mapping[str, Signature]) -> dict[str, dict[str, dict[str, str]]]:
    return {
        name: {
            "inputs": {column: about.meaning for column, about in declared.inputs.items()},
            "outputs": {column: about.meaning for column, about in declared.outputs.items()},
        }
        for name, declared in signatures.items()
    }


def _columns(tensors: Any) -> dict[str, str]:
    import tensorflow as tf

    def dtype(number: int) -> str:
        try:
            return tf.as_dtype(number).name
        except TypeError:  # a number that this TensorFlow does not have
            return f"type {number}"

    return {name: f"{dtype(info.dtype)}{_shape(info.tensor_shape)}" for name, info in sorted(tensors.items())}


def _shape(shape: Any) -> str:
    if shape.unknown_rank:
        return "[…]"
    return "[" + ", ".join("?" if axis.size < 0 else str(axis.size) for axis in shape.dim) + "]"


def _sizes(directory: Path) -> dict[str, int]:
    def of(path: Path) -> int:
        files = path.rglob("*") if path.is_dir() else [path]
        return sum(file.stat().st_size for file in files if file.is_file())

    parts = {"graph": "saved_model.pb", "variables": "variables", "assets": "assets"}
    return {**{name: of(directory / part) for name, part in parts.items()}, "all": of(directory)}
