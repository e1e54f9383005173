"""The recurrent encoder."""

import keras
from keras import ops

from seqapp.errors import ConfigError
from seqapp.layers.lstm import LSTM


@keras.saving.register_keras_serializable("seqapp")
class RecurrentEncoder(keras.layers.Layer):
    """A stack of LSTM layers, one or both directions.

    1. Each layer reads the output of the layer below it, with dropout before it.
    2. ``memory`` is the output of the top layer at every position.
    3. ``carry`` is the last state of the top layer, ``[h; c]`` of every direction: the summary that
       starts a decoder or feeds a classifier. Padding on the right does not reach it.

    Source: Hochreiter and Schmidhuber 1997; Schuster and Paliwal 1997 for both directions.

    Args:
        units: width of the memory; with `bidirectional` half of it for each direction.
        layers: number of layers.
        bidirectional: read in both directions and concatenate.
        dropout: rate in [0, 1), before each layer.
    """

    def __init__(
        self, units: int, layers: int = 1, bidirectional: bool = True, dropout: float = 0.0, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        if bidirectional and units % 2:
            raise ConfigError(f"units: expected an even number when bidirectional, got {units}")
        self.units = units
        self.layers = layers
        self.bidirectional = bidirectional
        self.dropout = dropout

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
        # A trace with cuDNN kernels in it could not be served without a GPU.
        lstm = LSTM(
            self.units // 2 if self.bidirectional else self.units,
            return_sequences=True,
            return_state=True,
            use_cudnn=False,
            dtype=self.dtype_policy,
            name=f"lstm_{index}",
        )
        if not self.bidirectional:
            return lstm
        return keras.layers.Bidirectional(lstm, dtype=self.dtype_policy, name=f"bidirectional_{index}")

    def call(self, x, mask, training=False):
        """Args:
            x: [B, S, E].
            mask: bool [B, S], True where a position counts; padding on the right.

        Returns:
            memory [B, S, units] and carry [B, 2 · units].
        """
        states = []
        for dropout, layer in zip(self.dropouts, self.stack, strict=True):
            x, *states = layer(dropout(x, training=training), mask=mask, training=training)
        return x, ops.concatenate(states, axis=-1)

    def compute_output_spec(self, x, mask, training=False):
        memory = keras.KerasTensor((*x.shape[:2], self.units), self.compute_dtype)
        return memory, keras.KerasTensor((x.shape[0], 2 * self.units), self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "bidirectional": self.bidirectional,
            "dropout": self.dropout,
        }
