"""The step function of a model that a search calls."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

# step(tokens int32 [N], state, constants) -> logits float [N, V], state
Step = Callable[[tf.Tensor, Any, Any], tuple[tf.Tensor, Any]]
