"""Regress: serialized examples in, one number each out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from tensorflow_serving.apis import regression_pb2

from serving.server.inference.example_signature import SignatureDef, input_name, shape_text, type_text
from serving.server.status import invalid_argument

Array = np.ndarray[Any, Any]
METHOD = "tensorflow/serving/regress"
_OUTPUTS = "outputs"


@dataclass(frozen=True)
class Regress:
    """What a regression signature runs.

    Attributes:
        feed: the tensor that serialized examples go into.
        output: the tensor of numbers, float [n] or [n, 1].
    """

    feed: str
    output: str

    @classmethod
    def of(cls, signature: SignatureDef) -> Regress:
        """Reads a signature.

        Raises:
            ServingError: INVALID_ARGUMENT if it is not of this form.
        """
        feed = input_name(signature, "regression")
        if len(signature.outputs) != 1:
            raise invalid_argument("Expected one output Tensor.")
        if _OUTPUTS not in signature.outputs:
            raise invalid_argument(f"No regression outputs found in SignatureDef: {signature}")
        return cls(feed, signature.outputs[_OUTPUTS].name)

    @property
    def fetches(self) -> list[str]:
        return [self.output]

    def result(self, rows: int, arrays: Mapping[str, Array]) -> regression_pb2.RegressionResult:
        """The reply's regressions, one for each of `rows` examples.

        Raises:
            ServingError: INVALID_ARGUMENT for an output of another type or shape.
        """
        array = arrays[self.output]
        if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] != 1):
            raise invalid_argument(
                "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got"
                f" {shape_text(array)}"
            )
        if array.shape[0] != rows:
            raise invalid_argument(
                f"Input batch size did not match output batch size: {rows} vs. {array.shape[0]}"
            )
        if array.dtype != np.float32:
            raise invalid_argument(f"Expected output Tensor of DT_FLOAT.  Got: {type_text(array)}")
        result = regression_pb2.RegressionResult()
        for value in array.ravel().tolist():
            result.regressions.add(value=value)
        return result
