"""Signatures of an exported model: inputs, outputs and method, declared once, at the function.

Every input is one column, [B]; the first axis of every output is B. An option has a default, which
an export carries in ``SignatureDef.defaults`` as a tensor of shape [1]: a request of one row may omit
it, a request of several rows needs a value for each.
"""

import functools
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import AliasChoices, BaseModel, Field

PREDICT = "tensorflow/serving/predict"
CLASSIFY = "tensorflow/serving/classify"


@dataclass(frozen=True)
class Input:
    """A column of a request.

    Attributes:
        dtype: its type.
        meaning: for people.
        feature: the feature of an example that it carries, "" for an option.
        default: value of an option that a request omits; None for a required input.
        samples: values that show the option at work, taken in turn by parity checks and warm-up.
        example: its strings are serialized `tf.Example`s with the feature's name as key.
    """

    dtype: str
    meaning: str
    feature: str = ""
    default: float | str | None = None
    samples: tuple[float | str, ...] = ()
    example: bool = False


@dataclass(frozen=True)
class Output:
    """A column of an answer.

    Attributes:
        dtype: its type.
        axes: letters of its shape, ``B`` first.
        meaning: for people.
    """

    dtype: str
    axes: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.dtype}[{self.axes}]"


@dataclass(frozen=True)
class Signature:
    """A served function.

    Attributes:
        name: its key in the SavedModel.
        inputs: columns that it takes, in the order of the function's arguments.
        outputs: columns that it answers with.
        answer: the output that a person reads.
        method: the call of TensorFlow Serving that it is for.
        function: what computes it; None in a declaration that is not bound to a task.
    """

    name: str
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    answer: str
    method: str = PREDICT
    function: Callable[..., Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The declaration, without its function, as values that JSON carries."""
        return {
            "method": self.method,
            "answer": self.answer,
            "inputs": {name: asdict(column) for name, column in self.inputs.items()},
            "outputs": {name: asdict(column) for name, column in self.outputs.items()},
        }

    @classmethod
    def from_json(cls, name: str, values: Mapping[str, Any]) -> "Signature":
        """Reads what `as_json` gave. Raises ValueError for anything else."""
        if not isinstance(values, Mapping):
            raise ValueError(f"expected a declaration of signature {name!r}, got {type(values).__name__}")
        read = _SignatureJson.model_validate(dict(values))
        inputs = {column: Input(**about.model_dump()) for column, about in read.inputs.items()}
        return cls(name, inputs, read.outputs, read.answer, read.method)


class _InputJson(BaseModel):
    dtype: str
    meaning: str
    feature: str = ""
    # ``neutral`` is the key's name in exports of 0.1.
    default: int | float | str | None = Field(None, validation_alias=AliasChoices("default", "neutral"))
    samples: tuple[int | float | str, ...]
    example: bool = False


class _SignatureJson(BaseModel):
    method: str
    answer: str
    inputs: dict[str, _InputJson]
    outputs: dict[str, Output]


def signature(
    name: str,
    inputs: Mapping[str, Input],
    outputs: Mapping[str, Output],
    answer: str,
    method: str = PREDICT,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares a method of a task as a served function; its arguments are the inputs, in order."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        declared = Signature(name, dict(inputs), dict(outputs), answer, method)
        function.declared = declared  # type: ignore[attr-defined]
        return function

    return declare


def declared_signatures(owner: type) -> list[Signature]:
    """The signatures that a class declares, ``serving_default`` first, the others as they stand there."""
    found = []
    for attribute in _in_order(owner):
        declared = getattr(attribute, "declared", None)
        if isinstance(declared, Signature):
            found.append(declared)
    return sorted(found, key=lambda one: one.name != "serving_default")


def bound_signatures(owner: Any) -> list[Signature]:
    """`declared_signatures` of an object's class, each with the object's own method."""
    methods = {
        attribute.declared.name: functools.partial(attribute, owner)
        for attribute in _in_order(type(owner))
        if isinstance(getattr(attribute, "declared", None), Signature)
    }
    return [
        Signature(one.name, one.inputs, one.outputs, one.answer, one.method, methods[one.name])
        for one in declared_signatures(type(owner))
    ]


def without_outputs(signatures: Sequence[Signature], names: Container[str]) -> list[Signature]:
    """The signatures without the outputs of these names, which a model without some asset lacks."""
    return [
        replace(one, outputs={name: about for name, about in one.outputs.items() if name not in names})
        for one in signatures
    ]


def sample_columns(
    inputs: Mapping[str, Input], features: Mapping[str, Sequence[bytes]]
) -> dict[str, list[Any]]:
    """A request that carries these features and shows every option at work; strings as UTF-8.

    Args:
        inputs: of a signature.
        features: name → values, all equally many.

    Raises:
        KeyError: an input carries a feature that is not there.
    """
    rows = len(next(iter(features.values())))
    columns: dict[str, list[Any]] = {}
    for name, column in inputs.items():
        if column.feature:
            columns[name] = list(features[column.feature])
        else:
            values = column.samples or (column.default,)
            encoded = [value.encode() if isinstance(value, str) else value for value in values]
            columns[name] = [encoded[row % len(encoded)] for row in range(rows)]
    return columns


def _in_order(owner: type) -> list[Any]:
    """Attributes of a class as they were defined, inherited ones first, overridden ones once."""
    found: dict[str, Any] = {}
    for base in reversed(owner.__mro__):
        found.update(vars(base))
    return list(found.values())
