"""What decoders of stacked recurrent layers have in common."""

import keras

from seqapp.argument_checks import check_counts, check_rates
from seqapp.layers.bridge import Bridge
from seqapp.layers.cells import CELLS, check_cell, make_recurrent
from seqapp.layers.decoder_calls import DecoderCalls


class RecurrentDecoder(DecoderCalls):
    """Base of decoders whose recurrent layers start from projections of the encoder's final state.

    Args:
        units: width of the states and of the vectors.
        layers: number of recurrent layers.
        residual: each layer above the first adds its input to its output.
        dropout: rate in [0, 1), on the input of each layer and on the vectors.
        cell: one of `CELLS`.

    Raises:
        ConfigError: the cell is unknown, or a size or rate is out of its range.
    """

    def __init__(
        self, units: int, layers: int, residual: bool, dropout: float, cell: str, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units, layers=layers)
        check_rates(dropout=dropout)
        check_cell(cell)
        self.units = units
        self.layers = layers
        self.residual = residual
        self.dropout = dropout
        self.cell = cell
        policy = {"dtype": self.dtype_policy}
        self.bridge = Bridge(CELLS[cell].state_units(units) * layers, name="bridge", **policy)
        self.dropouts = [
            keras.layers.Dropout(dropout, name=f"dropout_{i}", **policy) for i in range(layers + 1)
        ]
        self.stack = [make_recurrent(cell, units, name=f"{cell}_{i}", **policy) for i in range(layers)]

    def _initial_cells(self, final_state):
        """The first state of each layer, a tuple of parts [B, units]."""
        parts = self.bridge(final_state)
        each = len(parts) // self.layers
        start = CELLS[self.cell].initial_state
        return [start(parts[i * each : (i + 1) * each]) for i in range(self.layers)]

    def _run_layers(self, x, cells, training):
        """Outputs of the top layer at all positions, [B, T, units]."""
        for i, (dropout, layer, initial) in enumerate(zip(self.dropouts, self.stack, cells, strict=False)):
            h, *_ = layer(dropout(x, training=training), initial_state=list(initial), training=training)
            x = x + h if i and self.residual else h
        return x

    def _run_cells(self, x, cells, dropout_masks=None):
        """Output of the top layer [N, units] at one position, and the new state of each layer.

        Each layer's input is multiplied by its dropout mask, if given.
        """
        new_cells = []
        for i, (layer, of_layer) in enumerate(zip(self.stack, cells, strict=True)):
            dropped = x if dropout_masks is None else x * dropout_masks[i]
            h, of_layer = layer.cell(dropped, list(of_layer))
            new_cells.append(tuple(of_layer))
            x = x + h if i and self.residual else h
        return x, new_cells

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "residual": self.residual,
            "dropout": self.dropout,
            "cell": self.cell,
        }
