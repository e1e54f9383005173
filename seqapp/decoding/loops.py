"""What the search loops share."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

# step(tokens int32 [N], state, constants) -> logits float32 [N, V], state
Step = Callable[[tf.Tensor, Any, Any], tuple[tf.Tensor, Any]]


def loop_invariants(variables: Any) -> Any:
    """Shape invariants of a search loop: the leading axis of every tensor stays open."""

    def invariant(leaf):
        if isinstance(leaf, tf.TensorArray):
            return tf.TensorShape(None)
        return tf.TensorShape([None] * min(1, leaf.shape.rank)).concatenate(leaf.shape[1:])

    return tf.nest.map_structure(invariant, variables)
