"""A loaded model that refuses requests of too many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorflow.core.protobuf import meta_graph_pb2

from serving.server.inference.row_limit import check_rows
from serving.server.lifecycle.version import Closeable

Array = np.ndarray[Any, Any]


class RowLimitedModel:
    """Wraps a loaded model: runs of more rows are refused, over whichever port and method they came.

    Args:
        model: what runs the others.
        most: most rows of a run; the first dimension of an input counts them.
    """

    def __init__(self, model: Closeable, most: int) -> None:
        self._model = model
        self._most = most

    @property
    def signatures(self) -> Mapping[str, meta_graph_pb2.SignatureDef]:
        return self._model.signatures

    def run(self, feeds: Mapping[str, Array], fetches: Sequence[str], timeout: float | None) -> list[Array]:
        """As the model's own `run`.

        Raises:
            ServingError: INVALID_ARGUMENT for too many rows; as the model's own `run`.
        """
        for array in feeds.values():
            check_rows(array.shape[0] if array.ndim else 1, self._most)
        return self._model.run(feeds, fetches, timeout)

    def close(self) -> None:
        """Closes the model."""
        self._model.close()
