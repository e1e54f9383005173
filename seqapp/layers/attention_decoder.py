"""The recurrent decoder with Luong attention."""

import keras
from keras import ops

from seqapp.argument_checks import check_choice, check_counts, check_rates
from seqapp.layers.bridge import Bridge
from seqapp.layers.cells import CELLS, check_cell, make_recurrent
from seqapp.layers.luong_attention import SCORES, LuongAttention


@keras.saving.register_keras_serializable("seqapp")
class AttentionDecoder(keras.layers.Layer):
    """Stacked recurrent layers whose top output attends to a memory; a decoder, see `make_decoder`.

    1. ``initial_state``: a projection of the encoder's final state starts every layer.
    2. h_t: the top layer's output at target position t.
    3. c_t: the context that `LuongAttention` finds for the query h_t.
    4. The attentional vector ``tanh(W_c [c_t; h_t] + b_c)``.

    There is no input feeding, so a whole target is one recurrence and one attention product
    (``call``); ``step`` runs the same cells and the same attention for one position.

    Source: Luong, Pham and Manning 2015, equation 5.

    Args:
        units: width of the states and of the attentional vector.
        layers: number of recurrent layers.
        score: score of the attention, see `LuongAttention`.
        scaled: scaled scores, see `LuongAttention`.
        dropout: rate in [0, 1), before each layer and on the attentional vector.
        cell: one of `CELLS`.

    Raises:
        ConfigError: the score or the cell is unknown, or a size or rate is out of its range.
    """

    def __init__(
        self,
        units: int,
        layers: int = 1,
        score: str = "general",
        scaled: bool = False,
        dropout: float = 0.0,
        cell: str = "lstm",
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units, layers=layers)
        check_choice("score", score, SCORES)
        check_rates(dropout=dropout)
        check_cell(cell)
        self.units = units
        self.layers = layers
        self.score = score
        self.scaled = scaled
        self.dropout = dropout
        self.cell = cell

    def build(self, input_shape, memory_shape, state_units) -> None:
        """Args: input_shape: [B, T, E]; memory_shape: [B, S, H]; state_units: of the encoder."""
        policy = {"dtype": self.dtype_policy}
        self.bridge = Bridge(CELLS[self.cell].state_units(self.units) * self.layers, name="bridge", **policy)
        self.bridge.build(state_units)
        self.dropouts = [
            keras.layers.Dropout(self.dropout, name=f"dropout_{i}", **policy) for i in range(self.layers + 1)
        ]
        self.stack = [
            make_recurrent(self.cell, self.units, name=f"{self.cell}_{i}", **policy)
            for i in range(self.layers)
        ]
        for i, layer in enumerate(self.stack):
            layer.build((*input_shape[:2], self.units) if i else tuple(input_shape))
        self.attention = LuongAttention(self.units, self.score, self.scaled, name="attention", **policy)
        self.attention.build(memory_shape)
        self.combine = keras.layers.Dense(self.units, activation="tanh", name="combine", **policy)
        self.combine.build((*input_shape[:2], memory_shape[-1] + self.units))
        self.built = True

    def initial_state(self, final_state):
        """States of all layers, a list of what the cell has ([B, units] each), from the encoder's last."""
        parts = self.bridge(final_state)
        each = len(parts) // self.layers
        start = CELLS[self.cell].initial_state
        return [start(parts[i * each : (i + 1) * each]) for i in range(self.layers)]

    def constants(self, memory, mask):
        """What does not change while decoding: memory [B, S, H], keys [B, S, units], mask bool [B, S]."""
        return {"memory": memory, "keys": self.attention.project(memory), "mask": mask}

    def call(self, x, state, constants, training=False):
        """All target positions at once (teacher forcing).

        Args:
            x: [B, T, E], embedded target inputs.
            state: from `initial_state`.
            constants: from `constants`.

        Returns:
            attentional vectors [B, T, units] and attention weights float32 [B, T, S].
        """
        for dropout, layer, initial in zip(self.dropouts, self.stack, state, strict=False):
            x, *_ = layer(dropout(x, training=training), initial_state=list(initial), training=training)
        vector, weights = self._attend(x, constants)
        return self.dropouts[-1](vector, training=training), weights

    def step(self, x, state, constants):
        """One target position, without dropout, for K hypotheses of each row.

        Args:
            x: [N, E] with N = B · K, embedded previous tokens.
            state: as of `initial_state`, leaves [N, units].
            constants: from `constants`, leading with B.

        Returns:
            attentional vectors [N, units] and the new state.
        """
        new_state = []
        for layer, of_layer in zip(self.stack, state, strict=True):
            x, of_layer = layer.cell(x, list(of_layer))
            new_state.append(tuple(of_layer))
        rows = ops.shape(constants["memory"])[0]
        vector, _ = self._attend(ops.reshape(x, (rows, -1, self.units)), constants)
        return ops.reshape(vector, (-1, self.units)), new_state

    def _attend(self, query, constants):
        context, weights = self.attention(query, constants["memory"], constants["keys"], constants["mask"])
        return self.combine(ops.concatenate([context, query], axis=-1)), weights

    def compute_output_spec(self, x, state, constants, training=False):
        weights = keras.KerasTensor((*x.shape[:2], constants["memory"].shape[1]), "float32")
        return keras.KerasTensor((*x.shape[:2], self.units), self.compute_dtype), weights

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "score": self.score,
            "scaled": self.scaled,
            "dropout": self.dropout,
            "cell": self.cell,
        }
