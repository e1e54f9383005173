"""A loaded model with a limit on rows per request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorflow.core.protobuf import meta_graph_pb2

from serving.server.inference.row_limit import check_rows
from serving.server.lifecycle.version import Closeable

Array = np.ndarray[Any, Any]


class RowLimitedModel:
    """Wraps a loaded model and refuses runs of too many rows, whichever port and method they come from.

    Args:
        model: the wrapped model.
        most: maximum size of an input's first dimension; 0 for no limit.
    """

    def __init__(self, model: Closeable, most: int) -> None:
        self._model = model
        self._most = most

    @property
    def signatures(self) -> Mapping[str, meta_graph_pb2.SignatureDef]:
        return self._model.signatures

    def run(self, feeds: Mapping[str, Array], fetches: Sequence[str], timeout: float | None) -> list[Array]:
        """Same as the wrapped model's `run`.

        Raises:
            ServingError: INVALID_ARGUMENT for too many rows; otherwise as the wrapped model's `run`.
        """
        for array in feeds.values():
            check_rows(array.shape[0] if array.ndim else 1, self._most)
        return self._model.run(feeds, fetches, timeout)

    def close(self) -> None:
        """Closes the model."""
        self._model.close()
