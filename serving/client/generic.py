"""Texts for a model of any task, by what its metadata says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from serving.client.errors import UnexpectedReplyError
from serving.client.metadata import DEFAULT_SIGNATURE, PREDICT, Metadata, Signature, TensorInfo
from serving.client.operations import Text
from serving.client.transport import Columns, InputTensor

_TEXT = "text"


def choose_signature(metadata: Metadata, name: str = "") -> str:
    """The signature of that name; without one `serving_default`, or the only one that answers Predict.

    Raises:
        ValueError: there is none, or it answers another method.
    """
    able = sorted(key for key, one in metadata.items() if one.method == PREDICT)
    if not name:
        if DEFAULT_SIGNATURE in able:
            return DEFAULT_SIGNATURE
        if len(able) == 1:
            return able[0]
        raise ValueError(f"the model has no {DEFAULT_SIGNATURE}; choose one with --signature: {_names(able)}")
    if name not in metadata:
        raise ValueError(f"the model has no signature {name!r}; it has {_names(able)}")
    if name not in able:
        method = metadata[name].method.rpartition("/")[2] or "no request"
        raise ValueError(
            f"signature {name!r} answers {method}, not predict; those that can be asked: {_names(able)}"
        )
    return name


def text_columns(name: str, signature: Signature, texts: Sequence[Text]) -> dict[str, InputTensor]:
    """A request of these texts, with the defaults of all inputs that have one.

    Raises:
        ValueError: it needs other inputs than a list of texts.
    """
    text = _text_input(name, signature)
    needed = [
        f"{key!r} ({info})" for key, info in signature.inputs.items() if key != text and not info.optional
    ]
    if needed:
        raise ValueError(
            f"signature {name!r} needs {', '.join(needed)} besides texts: ask it in Python with"
            " client.predict()"
        )
    defaults = {
        key: InputTensor(info.dtype, [info.default] * len(texts))
        for key, info in signature.inputs.items()
        if key != text and info.default is not None
    }
    return {text: InputTensor("string", list(texts)), **defaults}


def rows_of(signature: Signature, reply: Columns, count: int) -> list[dict[str, Any]]:
    """The outputs of each row.

    Raises:
        UnexpectedReplyError: an output does not have a row for each text.
    """
    columns: Mapping[str, Any] = reply
    if len(signature.outputs) == len(reply) == 1:  # REST does not name the only output
        columns = dict(zip(signature.outputs, reply.values(), strict=True))
    for name, column in columns.items():
        if not isinstance(column, list) or len(column) != count:
            raise UnexpectedReplyError(f"Output {name!r} does not have a row for each of {count} texts.")
    return [{name: columns[name][row] for name in sorted(columns)} for row in range(count)]


def _text_input(name: str, signature: Signature) -> str:
    strings = [key for key, info in signature.inputs.items() if info.dtype == "string"]
    if _TEXT in strings:
        found = _TEXT
    else:
        needed = [key for key in strings if not signature.inputs[key].optional] or strings
        if len(needed) != 1:
            which = f"several string inputs ({_names(needed)})" if needed else "no string input"
            raise ValueError(
                f"signature {name!r} has {which}, so that texts have no place: ask it in Python with"
                " client.predict()"
            )
        (found,) = needed
    if not _holds_a_list(signature.inputs[found]):
        info = signature.inputs[found]
        raise ValueError(f"input {found!r} of signature {name!r} is {info}, not a list of texts: string[?]")
    return found


def _holds_a_list(info: TensorInfo) -> bool:
    return info.shape is None or len(info.shape) == 1


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
