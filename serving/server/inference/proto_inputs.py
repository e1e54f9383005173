"""The inputs of a PredictRequest as arrays, decoded lazily."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from tensorflow_serving.apis import predict_pb2

from serving.server.inference.row_limit import check_rows
from serving.server.inference.tensor_proto import decode
from serving.server.status import ServingError, invalid_argument

Array = np.ndarray[Any, Any]


class ProtoInputs(Mapping[str, Array]):
    """Arrays by alias.

    As in TensorFlow Serving, names are compared with the signature before any tensor is decoded, so
    unknown inputs cost nothing.

    Args:
        request: the request that holds the tensors.
        max_rows: maximum rows of a tensor, checked before it is decoded; 0 for no limit.
    """

    def __init__(self, request: predict_pb2.PredictRequest, max_rows: int = 0) -> None:
        self._inputs = request.inputs
        self._max_rows = max_rows

    def __getitem__(self, alias: str) -> Array:
        """Decodes one tensor.

        Raises:
            KeyError: the request has no such input.
            ServingError: INVALID_ARGUMENT for too many rows, or an invalid tensor.
        """
        if alias not in self._inputs:
            raise KeyError(alias)
        proto = self._inputs[alias]
        check_rows(_rows(proto), self._max_rows)
        try:
            return decode(proto)
        except ServingError as error:
            raise invalid_argument(f"tensor parsing error: {alias}: {error.message}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._inputs)

    def __len__(self) -> int:
        return len(self._inputs)

    @property
    def rows(self) -> int:
        """Rows of the request: the first dimension of its first tensor; a scalar counts as one."""
        first = next(iter(self._inputs.values()), None)
        return 0 if first is None else max(0, _rows(first))


def _rows(proto: Any) -> int:
    return int(proto.tensor_shape.dim[0].size) if proto.tensor_shape.dim else 1
