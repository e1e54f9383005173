"""The recurrent decoder with Luong attention."""

import keras
from keras import ops

from seqapp.layers.lstm import LSTM
from seqapp.layers.luong_attention import LuongAttention


@keras.saving.register_keras_serializable("seqapp")
class AttentionDecoder(keras.layers.Layer):
    """A stack of LSTM layers whose top output attends to a memory.

    1. ``initial_state``: a projection of the encoder's carry starts every layer.
    2. h_t: the top layer's output at target position t.
    3. c_t: the context that `LuongAttention` finds for the query h_t.
    4. The attentional vector ``tanh(W_c [c_t; h_t] + b_c)``.

    There is no input feeding, so a whole target is one recurrence and one attention product
    (``call``); ``step`` runs the same cells and the same attention for one position.

    Source: Luong, Pham and Manning 2015, equation 5.

    Args:
        units: width of the states and of the attentional vector.
        layers: number of LSTM layers.
        score: score of the attention, see `LuongAttention`.
        scaled: scaled scores, see `LuongAttention`.
        dropout: rate in [0, 1), before each layer and on the attentional vector.
    """

    def __init__(
        self,
        units: int,
        layers: int = 1,
        score: str = "general",
        scaled: bool = False,
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.layers = layers
        self.score = score
        self.scaled = scaled
        self.dropout = dropout

    def build(self, input_shape, memory_shape, carry_shape) -> None:
        """Args: input_shape: [B, T, E]; memory_shape: [B, S, H]; carry_shape: [B, C]."""
        policy = {"dtype": self.dtype_policy}
        self.bridge = keras.layers.Dense(2 * self.layers * self.units, name="bridge", **policy)
        self.bridge.build(carry_shape)
        self.dropouts = [
            keras.layers.Dropout(self.dropout, name=f"dropout_{i}", **policy) for i in range(self.layers + 1)
        ]
        self.stack = [
            LSTM(
                self.units,
                return_sequences=True,
                return_state=True,
                use_cudnn=False,
                name=f"lstm_{i}",
                **policy,
            )
            for i in range(self.layers)
        ]
        for i, layer in enumerate(self.stack):
            layer.build((*input_shape[:2], self.units) if i else tuple(input_shape))
        self.attention = LuongAttention(self.units, self.score, self.scaled, name="attention", **policy)
        self.attention.build(memory_shape)
        self.combine = keras.layers.Dense(self.units, activation="tanh", name="combine", **policy)
        self.combine.build((*input_shape[:2], memory_shape[-1] + self.units))
        self.built = True

    def initial_state(self, carry):
        """State [(h, c), …] of every layer, each [B, units], from the encoder's carry [B, C]."""
        parts = ops.split(self.bridge(carry), 2 * self.layers, axis=-1)
        return [(ops.tanh(h), c) for h, c in zip(parts[::2], parts[1::2], strict=True)]

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
            state: [(h, c), …], each [N, units].
            constants: from `constants`, leading with B.

        Returns:
            attentional vectors [N, units] and the new state.
        """
        new_state = []
        for layer, (h, c) in zip(self.stack, state, strict=True):
            x, (h, c) = layer.cell(x, [h, c])
            new_state.append((h, c))
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
        }
