"""The `Input` of Classify and Regress as the strings that go into the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorflow_serving.apis import input_pb2

from serving.server.status import invalid_argument


def example_count(input: input_pb2.Input) -> int:
    """Number of examples in a request."""
    kind = input.WhichOneof("kind")
    return len(getattr(input, kind).examples) if kind is not None else 0


def serialized_examples(input: input_pb2.Input) -> np.ndarray[Any, Any]:
    """One serialized tf.Example a row; a context is merged in by concatenation.

    Raises:
        ServingError: INVALID_ARGUMENT "Input is empty."
    """
    kind = input.WhichOneof("kind")
    if kind is None:
        raise invalid_argument("Input is empty.")
    examples = getattr(input, kind)
    if not examples.examples:
        raise invalid_argument("Input is empty.")
    # Serialized messages that follow one another read as their merger.
    context = examples.context.SerializeToString() if kind == "example_list_with_context" else b""
    rows = np.empty(len(examples.examples), object)
    rows[:] = [context + example.SerializeToString() for example in examples.examples]
    return rows
