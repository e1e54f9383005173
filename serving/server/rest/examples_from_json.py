"""The JSON body of classify and regress → an `Input` of tf.Examples."""

from __future__ import annotations

from typing import Any

from tensorflow.core.example import example_pb2, feature_pb2
from tensorflow_serving.apis import input_pb2

from serving.server.rest.pretty_writer import debug_text
from serving.server.rest.tensors_from_json import decode_base64_object, is_base64_object, text_bytes
from serving.server.status import ServingError, invalid_argument

_INT64 = (-(2**63), 2**63 - 1)
_UINT64_MAX = 2**64 - 1
_LISTS = {"bytes": "bytes_list", "float": "float_list", "int64": "int64_list"}
_KINDS = {value: key for key, value in _LISTS.items()}


def read_examples(request: dict[str, Any]) -> input_pb2.Input:
    """The examples of a request, with its context if it has one.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    result = input_pb2.Input()
    target: Any = result.example_list
    if "context" in request:
        target = result.example_list_with_context
        target.context.CopyFrom(_example(request["context"]))
    if "examples" not in request:
        # Upstream says classify to those who regress as well.
        raise _wrong(request, "When method is classify, key 'examples' is expected and was not found")
    examples = request["examples"]
    if not isinstance(examples, list):
        raise _wrong(request, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise _wrong(request, "'examples' value is an empty array")
    target.examples.extend(_example(example) for example in examples)
    return result


def _example(value: Any) -> example_pb2.Example:
    if not isinstance(value, dict):
        raise invalid_argument(f"Example must be JSON object but got JSON {json_kind(value)}")
    example = example_pb2.Example()
    for name, content in value.items():
        feature = feature_pb2.Feature()
        for item in content if isinstance(content, list) else [content]:
            _add(feature, name, item)
        example.features.feature[_utf8(name)].CopyFrom(feature)
    return example


def _add(feature: feature_pb2.Feature, name: str, item: Any) -> None:
    kind, value = _typed(name, item)
    present = feature.WhichOneof("kind")
    if present is not None and present != _LISTS[kind]:
        raise invalid_argument(
            f"Unexpected element type in feature: {name} expecting type: {_KINDS[present]}"
        )
    if kind == "int64" and not _INT64[0] <= value <= _INT64[1]:
        raise invalid_argument(f"Feature: {name} has uint64_t element. Only int64_t is supported.")
    getattr(feature, _LISTS[kind]).value.append(value)


def _typed(name: str, item: Any) -> tuple[str, Any]:
    if isinstance(item, bool):
        return "int64", int(item)
    if isinstance(item, str):
        return "bytes", text_bytes(item)
    if is_base64_object(item):
        return "bytes", decode_base64_object(item)
    if isinstance(item, float) or (isinstance(item, int) and not _INT64[0] <= item <= _UINT64_MAX):
        return "float", float(item)
    if isinstance(item, int):
        return "int64", item
    raise invalid_argument(f"Feature: {name} has element with unexpected JSON type: {json_kind(item)}")


def json_kind(value: Any) -> str:
    """The name of a JSON value's type, as errors give it."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return str(value)
    kinds: dict[type, str] = {dict: "Object", list: "Array", str: "String"}
    return kinds.get(type(value), "Number")


def _utf8(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _wrong(request: dict[str, Any], what: str) -> ServingError:
    return invalid_argument(f"JSON Value: {debug_text(request)} {what}")
