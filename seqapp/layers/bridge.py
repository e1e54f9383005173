"""From an encoder's final state to a decoder's first one."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from seqapp.argument_checks import check_counts
from seqapp.errors import ConfigError
from seqapp.layers.quantized_dtype import quantized_dtype


@keras.saving.register_keras_serializable("seqapp")
class Bridge(keras.layers.Layer):
    """A linear projection of all that a final state holds, split into parts of given widths.

    It is what lets any encoder start any decoder: neither needs to know the other's cell.

    Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation", appendix A.1.2.

    Args:
        part_units: widths of the parts.

    Raises:
        ConfigError: there is no part, or a width is below 1.
    """

    def __init__(self, part_units: Sequence[int], **kwargs) -> None:
        super().__init__(**kwargs)
        if not isinstance(part_units, list | tuple) or not part_units:
            raise ConfigError(f"part_units: expected a list of at least one width, got {part_units!r}")
        for units in part_units:
            check_counts(part_units=units)
        self.part_units = list(part_units)
        self.projection = keras.layers.Dense(sum(self.part_units), dtype=self.dtype_policy, name="projection")

    def build(self, final_state_shape: Any) -> None:
        """Args: final_state_shape: a nest of the shapes [B, width] of the final state's leaves."""
        self.projection.build((None, sum(shape[-1] for shape in flat_shapes(final_state_shape))))
        self.built = True

    def call(self, final_state):
        """Parts [B, part_units[i]] of a final state, a nest with leaves [B, …]."""
        leaves = [ops.cast(leaf, self.compute_dtype) for leaf in keras.tree.flatten(final_state)]
        # Not the split of Keras, which cannot split into one part: the state of a GRU's only layer.
        return tf.split(self.projection(ops.concatenate(leaves, axis=-1)), self.part_units, axis=-1)

    def compute_output_shape(self, final_state_shape):
        """A list of the parts' shapes."""
        return [(flat_shapes(final_state_shape)[0][0], units) for units in self.part_units]

    def get_config(self):
        return {**super().get_config(), **quantized_dtype(self), "part_units": self.part_units}


def flat_shapes(shapes: Any) -> list[tuple]:
    """The shapes in a nest of shapes, in the order in which `keras.tree.flatten` gives the tensors."""
    found: list[tuple] = []
    keras.tree.map_shape_structure(found.append, shapes)
    return found
