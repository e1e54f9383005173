"""The `Input` of Classify and Regress as the strings that go into the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorflow_serving.apis import input_pb2

from serving.server.inference.row_limit import check_rows
from serving.server.status import invalid_argument


def example_count(input: input_pb2.Input) -> int:
    """Returns the number of examples of a request."""
    kind = input.WhichOneof("kind")
    return len(getattr(input, kind).examples) if kind is not None else 0


def serialized_examples(
    input: input_pb2.Input, *, max_rows: int = 0, max_bytes: int = 0
) -> np.ndarray[Any, Any]:
    """Returns one serialized tf.Example per row; a context is merged in by concatenation.

    Args:
        input: the examples.
        max_rows: maximum number of examples; 0 for no limit.
        max_bytes: maximum bytes of the context times the number of examples; 0 or less for no limit.

    Raises:
        ServingError: INVALID_ARGUMENT "Input is empty.", or for what exceeds a limit.
    """
    kind = input.WhichOneof("kind")
    if kind is None:
        raise invalid_argument("Input is empty.")
    examples = getattr(input, kind)
    if not examples.examples:
        raise invalid_argument("Input is empty.")
    count = len(examples.examples)
    check_rows(count, max_rows)
    # Serialized messages that follow one another read as their merger.
    context = examples.context.SerializeToString() if kind == "example_list_with_context" else b""
    if 0 < max_bytes < len(context) * count:
        raise invalid_argument(
            f"The context of {len(context)} bytes, merged into each of {count} examples, exceeds"
            f" --max_request_bytes={max_bytes}: send fewer examples per request."
        )
    rows = np.empty(count, object)
    rows[:] = [context + example.SerializeToString() for example in examples.examples]
    return rows
