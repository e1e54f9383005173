"""The batching parameters, as files and flags give them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from serving.server.settings.messages import BatchingParameters as Proto
from serving.server.settings.text_proto import read_text_proto
from serving.server.status import invalid_argument

_KIND = "tensorflow.serving.BatchingParameters"


@dataclass(frozen=True)
class BatchingParameters:
    """How requests are put together.

    Attributes:
        max_batch_size: most rows of a batch, and of a request unless large ones are split.
        batch_timeout_s: how long a batch waits for more rows while a thread is idle.
        max_enqueued_batches: batches that may wait in one queue; more are refused as UNAVAILABLE.
        num_batch_threads: batches that run at the same time.
        allowed_batch_sizes: sizes that batches are filled up to; () means any.
        pad_variable_length_inputs: fills shorter inputs up with their own first element.
        split_large: lets requests be larger than a batch.
        max_execution_batch_size: most rows of a batch when large requests are split.
    """

    max_batch_size: int = 1000
    batch_timeout_s: float = 0.0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 0
    allowed_batch_sizes: tuple[int, ...] = ()
    pad_variable_length_inputs: bool = False
    split_large: bool = False
    max_execution_batch_size: int = 0

    def __post_init__(self) -> None:
        positive = {
            "max_batch_size": self.max_batch_size,
            "max_enqueued_batches": self.max_enqueued_batches,
        }
        for name, value in positive.items():
            if value < 1:
                raise invalid_argument(f"{name} must be positive; was {value}")
        if self.batch_timeout_s < 0:
            raise invalid_argument("batch_timeout_micros must be non-negative")
        _check_sizes(self)

    @property
    def execution_size(self) -> int:
        """Most rows that run at once."""
        if self.split_large and self.max_execution_batch_size:
            return self.max_execution_batch_size
        return self.max_batch_size

    @property
    def threads(self) -> int:
        """Batches that run at the same time, with the default resolved."""
        return self.num_batch_threads or os.cpu_count() or 1

    def padded_size(self, rows: int) -> int:
        """The allowed size that a batch of so many rows is filled up to."""
        return next((size for size in self.allowed_batch_sizes if size >= rows), rows)


def read_batching_file(path: str) -> BatchingParameters:
    """The parameters in a text protobuf.

    Raises:
        ServingError: it cannot be read, does not parse, or contradicts itself.
    """
    proto = read_text_proto(path, Proto(), _KIND)
    values: dict[str, Any] = {}
    for name in ("max_batch_size", "max_enqueued_batches", "num_batch_threads", "max_execution_batch_size"):
        if proto.HasField(name):
            values[name] = getattr(proto, name).value
    return BatchingParameters(
        batch_timeout_s=proto.batch_timeout_micros.value * 1e-6,
        allowed_batch_sizes=tuple(proto.allowed_batch_sizes),
        pad_variable_length_inputs=proto.pad_variable_length_inputs,
        split_large=proto.enable_large_batch_splitting.value,
        **values,
    )


def _check_sizes(parameters: BatchingParameters) -> None:
    sizes = parameters.allowed_batch_sizes
    if not sizes:
        return
    if any(low >= high for low, high in pairwise(sizes)) or sizes[0] < 1:
        raise invalid_argument("allowed_batch_sizes entries must be monotonically increasing")
    if sizes[-1] != parameters.execution_size:
        what = "max_execution_batch_size" if parameters.split_large else "max_batch_size"
        raise invalid_argument(
            f"Last entry in allowed_batch_sizes must match {what}; last entry was {sizes[-1]}; expected"
            f" {parameters.execution_size}"
        )
