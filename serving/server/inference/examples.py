"""The `Input` of Classify and Regress as the strings that go into the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorflow_serving.apis import input_pb2

from serving.server.inference.row_limit import check_rows
from serving.server.status import invalid_argument


def example_count(input: input_pb2.Input) -> int:
    """How many examples a request holds."""
    kind = input.WhichOneof("kind")
    return len(getattr(input, kind).examples) if kind is not None else 0


def serialized_examples(
    input: input_pb2.Input, *, max_rows: int = 0, max_bytes: int = 0
) -> np.ndarray[Any, Any]:
    """One serialized tf.Example a row; a context is merged in by concatenation.

    Args:
        input: the examples.
        max_rows: most examples; 0 is no bound.
        max_bytes: most bytes of a context once it is in every example; 0 or less is no bound.

    Raises:
        ServingError: INVALID_ARGUMENT "Input is empty.", or for what is beyond a bound.
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
            f"The context of {len(context)} bytes in each of {count} examples is more than"
            f" --max_request_bytes={max_bytes}: send fewer examples in a request."
        )
    rows = np.empty(count, object)
    rows[:] = [context + example.SerializeToString() for example in examples.examples]
    return rows
