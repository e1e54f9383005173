"""The recurrent decoder without attention."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from seqapp.layers.bridge import flat_shapes
from seqapp.layers.masks import masked_softmax
from seqapp.layers.quantized_dtype import quantized_dtype
from seqapp.layers.recurrent_decoder import RecurrentDecoder


@keras.saving.register_keras_serializable("seqapp")
class FixedContextDecoder(RecurrentDecoder):
    """Stacked recurrent layers that start from a fixed context vector; a decoder, see `make_decoder`.

    1. ``initial_state``: a projection of the encoder's final state starts every layer.
    2. With ``context_every_step``, the final state itself, all leaves concatenated, is also part of the
       lowest layer's input at every step; the state carries it.
    3. The vectors are the outputs of the top layer.

    There is no attention: the weights are uniform over the valid source positions and contribute nothing to
    the vectors. A whole target is one recurrence (teacher forcing); ``step`` runs the same cells for one
    position.

    Source: Sutskever, Vinyals and Le 2014, "Sequence to Sequence Learning with Neural Networks"; Cho et al.
    2014, "Learning Phrase Representations using RNN Encoder-Decoder", for the context at every step.

    Args:
        units: width of the states and of the vectors.
        layers: number of recurrent layers.
        residual: each layer above the first adds its input to its output.
        context_every_step: the final state is also an input of every step.
        dropout: rate in [0, 1), before each layer and on the vectors.
        cell: one of `CELLS`.

    Raises:
        ConfigError: the cell is unknown, or a size or rate is out of its range.

    Example:
        >>> decoder = FixedContextDecoder(units=8)
        >>> vectors, weights = decoder(x, final_state=state, memory=memory, memory_mask=mask)
    """

    def __init__(
        self,
        units: int,
        layers: int = 1,
        residual: bool = False,
        context_every_step: bool = False,
        dropout: float = 0.0,
        cell: str = "lstm",
        **kwargs,
    ) -> None:
        super().__init__(units, layers, residual, dropout, cell, **kwargs)
        self.context_every_step = context_every_step

    def build(
        self, x_shape=None, state_shape=None, constants_shape=None, final_state_shape=None, memory_shape=None
    ) -> None:
        """Builds what the given shapes determine; the rest is built by the first call that uses it.

        Args:
            x_shape: [B, T, E].
            state_shape: as `initial_state` gives it.
            constants_shape: as `constants` gives it; without meaning here.
            final_state_shape: a nest of [B, width].
            memory_shape: [B, S, H]; without meaning here.
        """
        context = 0
        if final_state_shape is not None:
            self.bridge.build(final_state_shape)
            context = sum(shape[-1] for shape in flat_shapes(final_state_shape))
        elif state_shape is not None and self.context_every_step:
            context = state_shape["context"][-1]
        if x_shape is not None and (context or not self.context_every_step):
            width = x_shape[-1] + (context if self.context_every_step else 0)
            for i, layer in enumerate(self.stack):
                layer.build((x_shape[0], None, self.units if i else width))
        self.built = True

    def _initial_state(self, final_state, steps):
        """``cells``, each layer's parts [B, units], and ``context`` [B, C] where it enters every step."""
        state: dict[str, Any] = {"cells": self._initial_cells(final_state)}
        if self.context_every_step:
            leaves = [ops.cast(leaf, self.compute_dtype) for leaf in keras.tree.flatten(final_state)]
            state["context"] = ops.concatenate(leaves, axis=-1)
        return state

    def _constants(self, memory, mask):
        """``weights`` float32 [B, S]: 1 / (number of valid positions) there, 0 at padding."""
        scores = ops.zeros((ops.shape(memory)[0], 1, ops.shape(memory)[1]), "float32")
        return {"weights": masked_softmax(scores, mask)[:, 0]}

    def _teacher_forcing(self, x, state, constants, training):
        length = ops.shape(x)[1]
        if self.context_every_step:
            context = ops.expand_dims(state["context"], 1)
            x = ops.concatenate([x, tf.repeat(context, length, axis=1)], axis=-1)
        x = self._run_layers(x, state["cells"], training)
        weights = tf.repeat(ops.expand_dims(constants["weights"], 1), length, axis=1)
        return self.dropouts[-1](x, training=training), weights

    def _step(self, x, state, constants):
        if self.context_every_step:
            x = ops.concatenate([x, state["context"]], axis=-1)
        x, cells = self._run_cells(x, state["cells"])
        weights = constants["weights"]
        hypotheses = ops.shape(x)[0] // ops.maximum(ops.shape(weights)[0], 1)
        return x, tf.repeat(weights, hypotheses, axis=0), {**state, "cells": cells}

    def compute_output_shape(
        self, x_shape=None, state_shape=None, constants_shape=None, final_state_shape=None, memory_shape=None
    ):
        """Shapes of vectors and weights."""
        positions = memory_shape[1] if memory_shape else constants_shape["weights"][1]
        return (*x_shape[:2], self.units), (*x_shape[:2], positions)

    def get_config(self):
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "context_every_step": self.context_every_step,
        }
