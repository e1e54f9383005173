"""The recurrent encoder."""

import keras
from keras import ops

from seqapp.argument_checks import check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.cells import CELLS, check_cell, make_recurrent


@keras.saving.register_keras_serializable("seqapp")
class RecurrentEncoder(keras.layers.Layer):
    """Stacked recurrent layers, one or both directions; an encoder, see `make_encoder`.

    1. Each layer reads the output of the layer below it, with dropout before it.
    2. ``memory`` is the output of the top layer at every position.
    3. ``final_state`` is the last state of the top layer, one for each direction: of an LSTM
       ``((h, c), (h, c))``. Padding on the right does not reach it.
    4. ``summary``: all of the final state, concatenated.

    Source: Hochreiter and Schmidhuber 1997; Schuster and Paliwal 1997 for both directions.

    Args:
        units: width of the memory; with `bidirectional` half of it for each direction.
        layers: number of layers.
        bidirectional: read in both directions and concatenate.
        dropout: rate in [0, 1), before each layer.
        cell: one of `CELLS`.

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

    @property
    def state_units(self) -> tuple[tuple[int, ...], ...]:
        """Widths of the leaves of the final state."""
        directions = 2 if self.bidirectional else 1
        return (CELLS[self.cell].state_units(self.units // directions),) * directions

    @property
    def summary_units(self) -> int:
        """Width of the summary."""
        return sum(keras.tree.flatten(self.state_units))

    def build(self, input_shape) -> None:
        """Args: input_shape: [B, S, E]."""
        self.dropouts = [
            keras.layers.Dropout(self.dropout, dtype=self.dtype_policy, name=f"dropout_{i}")
            for i in range(self.layers)
        ]
        self.stack = [self._layer(i) for i in range(self.layers)]
        shape = tuple(input_shape)
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

    def call(self, x, mask, training=False):
        """Args:
            x: [B, S, E].
            mask: bool [B, S], True where a position counts; padding on the right.

        Returns:
            memory [B, S, units], final state (leaves [B, width]), summary [B, C].
        """
        states = []
        for dropout, layer in zip(self.dropouts, self.stack, strict=True):
            x, *states = layer(dropout(x, training=training), mask=mask, training=training)
        final_state = keras.tree.pack_sequence_as(self.state_units, states)
        return x, final_state, ops.concatenate(states, axis=-1)

    def compute_output_spec(self, x, mask, training=False):
        def leaf(units):
            return keras.KerasTensor((x.shape[0], units), self.compute_dtype)

        memory = keras.KerasTensor((*x.shape[:2], self.units), self.compute_dtype)
        return memory, keras.tree.map_structure(leaf, self.state_units), leaf(self.summary_units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "bidirectional": self.bidirectional,
            "dropout": self.dropout,
            "cell": self.cell,
        }
