"""The transformer decoder."""


import keras
import tensorflow as tf
from keras import ops

from seqapp.argument_checks import check_choice, check_counts
from seqapp.errors import ConfigError
from seqapp.layers.attention_heads import check_heads
from seqapp.layers.decoder_calls import DecoderCalls
from seqapp.layers.positions import LearnedPositions, SinusoidalPositions
from seqapp.layers.quantized_dtype import quantized_dtype
from seqapp.layers.transformer_decoder_layer import TransformerDecoderLayer
from seqapp.layers.transformer_encoder import POSITIONS
from seqapp.layers.transformer_encoder_layer import EPSILON


@keras.saving.register_keras_serializable("seqapp")
class TransformerDecoder(DecoderCalls):
    """Transformer decoder, a stack of self-attention and cross-attention; a decoder, see `make_decoder`.

    1. ``x · √E``, projected to `units` where E differs, plus positions, dropout.
    2. Each `TransformerDecoderLayer` reads the output of the one below it and attends to the memory.
    3. The vectors are the normalised output of the top layer.

    The state is a key/value cache of a fixed number of steps and the position of each hypothesis; of the
    encoder's final state only the number of rows is used. The constants are the keys and values of the
    memory in each layer, computed once and not copied per hypothesis.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.1. The alignment, the mean over the
    heads of one layer's cross-attention: Garg et al. 2019, "Jointly Learning to Align and Translate with
    Transformer Models", section 4.1, where the layer below the top one aligns best.

    Args:
        units: width of the layers and of the vectors; a multiple of `heads`.
        layers: number of layers.
        heads: attention heads of each layer.
        feedforward_units: width inside the feed-forward networks; None for ``4 · units``.
        positions: ``sinusoidal``, for any length, or ``learned``.
        max_length: number of learned positions; longer targets repeat the last one.
        alignment_layer: the layer whose cross-attention is returned, 1 the lowest; None for the one below
            the top layer.
        dropout: rate in [0, 1), on the input and inside the layers.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, `positions` is unknown, or a size, rate or layer is
            out of its range.

    Example:
        >>> decoder = TransformerDecoder(256, layers=3, heads=4)
        >>> vectors, weights = decoder(x, memory=memory, memory_mask=mask)      # [B, T, 256], [B, T, S]
    """

    _starts_from_state = False

    def __init__(
        self,
        units: int,
        layers: int = 1,
        heads: int = 4,
        feedforward_units: int | None = None,
        positions: str = "sinusoidal",
        max_length: int = 256,
        alignment_layer: int | None = None,
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_heads(units, heads, dropout)
        check_counts(layers=layers, max_length=max_length)
        if feedforward_units is not None:
            check_counts(feedforward_units=feedforward_units)
        check_choice("positions", positions, POSITIONS)
        if alignment_layer is not None and alignment_layer not in range(1, layers + 1):
            raise ConfigError(f"alignment_layer: expected 1 to {layers} or None, got {alignment_layer!r}")
        self.units = units
        self.layers = layers
        self.heads = heads
        self.feedforward_units = feedforward_units
        self.positions = positions
        self.max_length = max_length
        self.alignment_layer = alignment_layer
        self.dropout = dropout
        self._make_sublayers()

    def _make_sublayers(self) -> None:
        policy = {"dtype": self.dtype_policy}
        self.projection = keras.layers.Dense(self.units, name="projection", **policy)
        if self.positions == "learned":
            self.position = LearnedPositions(self.max_length, name="position", **policy)
        else:
            self.position = SinusoidalPositions(name="position", **policy)
        self.input_dropout = keras.layers.Dropout(self.dropout, name="input_dropout", **policy)
        self.stack = [
            TransformerDecoderLayer(
                self.units,
                self.heads,
                self.feedforward_units,
                dropout=self.dropout,
                name=f"layer_{i}",
                **policy,
            )
            for i in range(self.layers)
        ]
        self.norm = keras.layers.LayerNormalization(epsilon=EPSILON, name="norm", **policy)

    def build(
        self, x_shape=None, state_shape=None, constants_shape=None, final_state_shape=None, memory_shape=None
    ) -> None:
        """Builds what the given shapes determine; the rest is built by the first call that uses it.

        Args:
            x_shape: [B, T, E].
            state_shape: without meaning here.
            constants_shape: without meaning here.
            final_state_shape: without meaning here.
            memory_shape: [B, S, H].
        """
        if x_shape is not None and x_shape[-1] != self.units:
            self.projection.build((None, None, x_shape[-1]))
        shape = (None, None, self.units)
        self.position.build(shape)
        for layer in self.stack:
            layer.build(shape, memory_shape)
        self.norm.build(shape)
        self.built = True

    @property
    def aligned_index(self) -> int:
        """Index in ``stack`` of the layer whose cross-attention is the alignment."""
        return max(self.layers - 2, 0) if self.alignment_layer is None else self.alignment_layer - 1

    def attention_weights(self, x, constants):
        """The attention weights of each layer under teacher forcing, the lowest first.

        Args:
            x: [B, T, E], embedded target inputs.
            constants: from `constants`.

        Returns:
            of self-attention a float32 [B, heads, T, T] per layer, of cross-attention a float32
            [B, heads, T, S] per layer.
        """
        _, of_self, of_memory = self._run(self._embedded(ops.cast(x, self.compute_dtype)), constants, False)
        return of_self, of_memory

    def _initial_state(self, final_state, steps):
        """An empty cache, for teacher forcing only without `steps`.

        Returns:
            ``position`` int32 [B], and a list of ``keys`` and one of ``values`` of the layers, each
            [B, heads, steps, units / heads].
        """
        rows = ops.shape(keras.tree.flatten(final_state)[0])[0]
        steps = 0 if steps is None else steps
        caches = [layer.self_attention.empty_cache(rows, steps) for layer in self.stack]
        return _state(tf.zeros([rows], tf.int32), caches)

    def _constants(self, memory, mask):
        """Lists of ``keys`` and of ``values`` of the layers, and ``mask`` bool [B, S] where there is one.

        Keys and values are [B, heads, S, units / heads].
        """
        memory = ops.cast(memory, self.compute_dtype)
        keys, values = zip(*(layer.project(memory) for layer in self.stack), strict=True)
        constants = {"keys": list(keys), "values": list(values)}
        return constants if mask is None else {**constants, "mask": ops.cast(mask, "bool")}

    def _teacher_forcing(self, x, state, constants, training):
        vectors, _, of_memory = self._run(self._embedded(x, training=training), constants, training)
        return vectors, self._alignment(of_memory)

    def _embedded(self, x, start=None, training=False):
        """[B, T, E] as the lowest layer reads it, [B, T, units]; `start` as in `SinusoidalPositions`."""
        # Embeddings start small; without the factor the positions would outweigh them.
        x = x * x.shape[-1] ** 0.5
        if x.shape[-1] != self.units:
            x = self.projection(x)
        return self.input_dropout(self.position(x, start=start), training=training)

    def _run(self, x, constants, training):
        of_self, of_memory = [], []
        for layer, keys, values in zip(self.stack, constants["keys"], constants["values"], strict=True):
            x, *weights = layer(
                x, keys=keys, values=values, memory_mask=constants.get("mask"), training=training
            )
            of_self.append(weights[0])
            of_memory.append(weights[1])
        return self.norm(x), of_self, of_memory

    def _step(self, x, state, constants):
        if state is None or state["keys"][0].shape[2] == 0:
            raise ValueError("state: expected that of initial_state(final_state, steps) with room for steps")
        rows, position = ops.shape(constants["keys"][0])[0], state["position"]
        x = self._embedded(x[:, tf.newaxis], position)
        # A row's hypotheses side by side, as queries to its keys and values.
        x = ops.reshape(x, (rows, -1, self.units))
        of_memory, caches = [], []
        layers = zip(
            self.stack,
            zip(state["keys"], state["values"], strict=True),
            constants["keys"],
            constants["values"],
            strict=True,
        )
        for layer, cache, keys, values in layers:
            x, _, weights, cache = layer(
                x,
                keys=keys,
                values=values,
                memory_mask=constants.get("mask"),
                cache=cache,
                position=position,
            )
            of_memory.append(weights)
            caches.append(cache)
        weights = self._alignment(of_memory)
        vectors = ops.reshape(self.norm(x), (-1, self.units))
        return vectors, ops.reshape(weights, (-1, ops.shape(weights)[-1])), _state(position + 1, caches)

    def _alignment(self, of_memory):
        """The mean over the heads of the alignment layer's weights, [B, T, S]."""
        return ops.mean(of_memory[self.aligned_index], axis=1)

    def compute_output_shape(
        self, x_shape=None, state_shape=None, constants_shape=None, final_state_shape=None, memory_shape=None
    ):
        """Shapes of vectors and attention weights."""
        length = memory_shape[1] if memory_shape is not None else constants_shape["keys"][0][2]
        return (*x_shape[:2], self.units), (*x_shape[:2], length)

    def get_config(self):
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "units": self.units,
            "layers": self.layers,
            "heads": self.heads,
            "feedforward_units": self.feedforward_units,
            "positions": self.positions,
            "max_length": self.max_length,
            "alignment_layer": self.alignment_layer,
            "dropout": self.dropout,
        }


def _state(position, caches):
    keys, values = zip(*caches, strict=True)
    return {"position": position, "keys": list(keys), "values": list(values)}
