"""The recurrent encoder."""

import keras
from keras import ops

from seqapp.argument_checks import check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.cells import CELLS, check_cell, make_recurrent


@keras.saving.register_keras_serializable("seqapp")
class RecurrentEncoder(keras.layers.Layer):
    """Stacked recurrent layers, one or both directions; an encoder, see `make_encoder`.

    1. Each layer reads the output of the layer below it, with dropout before it; with `residual` each
       layer above the first adds its input, before dropout, to its output.
    2. ``memory`` is the output of the top layer at every position.
    3. ``final_state`` is the last state of the top layer, one per direction: of an LSTM
       ``((h, c), (h, c))``, of the other cells ``((h,), (h,))``. Padding on the right does not reach it.
    4. ``summary``: all of the final state, concatenated.

    Keras's masks go in and out: the memory has the mask of the input.

    Source: Schuster and Paliwal 1997 for both directions; Wu et al. 2016 (GNMT), section 3.1, for residual
    connections between recurrent layers.

    Args:
        units: width of the memory; with `bidirectional` half of it for each direction.
        layers: number of layers.
        bidirectional: read in both directions and concatenate.
        dropout: rate in [0, 1), before each layer.
        cell: one of `CELLS`.
        residual: residual connections around the layers above the first.

    Raises:
        ConfigError: `units` cannot be halved, the cell is unknown, or a size or rate is out of its range.
    """

    def __init__(
        self,
        units: int,
        layers: int = 1,
        bidirectional: bool = True,
        dropout: float = 0.0,
        cell: str = "lstm",
        residual: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units, layers=layers)
        check_rates(dropout=dropout)
        check_cell(cell)
        if bidirectional and units % 2:
            raise ConfigError(f"units: expected an even number when bidirectional, got {units}")
        self.units = units
        self.layers = layers
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.cell = cell
        self.residual = residual
        self.supports_masking = True
        self.input_spec = keras.InputSpec(ndim=3)
        self.dropouts = [
            keras.layers.Dropout(dropout, dtype=self.dtype_policy, name=f"dropout_{i}") for i in range(layers)
        ]
        self.stack = [self._layer(i) for i in range(layers)]

    @property
    def state_units(self) -> tuple[tuple[int, ...], ...]:
        """Widths of the leaves of the final state."""
        directions = 2 if self.bidirectional else 1
        return (CELLS[self.cell].state_units(self.units // directions),) * directions

    @property
    def summary_units(self) -> int:
        """Width of the summary."""
        return sum(keras.tree.flatten(self.state_units))

    def build(self, x_shape) -> None:
        """Args: x_shape: [B, S, E]."""
        shape = tuple(x_shape)
        for layer in self.stack:
            layer.build(shape)
            shape = (*shape[:2], self.units)
        self.built = True

    def _layer(self, index: int):
        units = self.units // 2 if self.bidirectional else self.units
        layer = make_recurrent(self.cell, units, dtype=self.dtype_policy, name=f"{self.cell}_{index}")
        if not self.bidirectional:
            return layer
        return keras.layers.Bidirectional(layer, dtype=self.dtype_policy, name=f"bidirectional_{index}")

    def call(self, x, mask=None, training=False):
        """Args:
            x: [B, S, E].
            mask: bool or 0/1 [B, S], True where a position counts; padding on the right. By default the
                Keras mask of `x`, if any.

        Returns:
            memory [B, S, units], final state (leaves [B, width]), summary [B, C].
        """
        states = []
        x = ops.cast(x, self.compute_dtype)
        for i, (dropout, layer) in enumerate(zip(self.dropouts, self.stack, strict=True)):
            y, *states = layer(dropout(x, training=training), mask=mask, training=training)
            x = x + y if self.residual and i else y
        final_state = keras.tree.pack_sequence_as(self.state_units, states)
        return x, final_state, ops.concatenate(states, axis=-1)

    def compute_mask(self, x, mask=None):
        """The mask of the input for the memory, none for final state and summary."""
        return mask, keras.tree.map_structure(lambda _: None, self.state_units), None

    def compute_output_shape(self, x_shape):
        """Shapes of memory, final state and summary."""

        def of(units):
            return x_shape[0], units

        memory = (*x_shape[:2], self.units)
        return memory, keras.tree.map_structure(of, self.state_units), of(self.summary_units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "bidirectional": self.bidirectional,
            "dropout": self.dropout,
            "cell": self.cell,
            "residual": self.residual,
        }
