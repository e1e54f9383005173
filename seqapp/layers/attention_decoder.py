"""The recurrent decoder with Luong attention."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from seqapp.argument_checks import check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.bridge import Bridge
from seqapp.layers.call_modes import CallModes
from seqapp.layers.cells import CELLS, check_cell, make_recurrent
from seqapp.layers.luong_attention import LuongAttention, build_by_call, read_score, score_config
from seqapp.layers.quantized_dtype import quantized_dtype


@keras.saving.register_keras_serializable("seqapp")
class AttentionDecoder(CallModes):
    """Stacked recurrent layers whose top output attends to a memory; a decoder, see `make_decoder`.

    1. ``initial_state``: a projection of the encoder's final state starts every layer.
    2. h_t: the top layer's output at target position t.
    3. c_t: the context that the attention finds for the query h_t.
    4. The attentional vector ``tanh(W_c [c_t; h_t] + b_c)``.

    There is no input feeding, so a whole target is one recurrence and one attention product (teacher
    forcing); ``step`` runs the same cells and the same attention for one position. ``initial_state``,
    ``constants`` and ``step`` are calls of this layer, so a functional model keeps them.

    Source: Luong, Pham and Manning 2015, equation 5.

    Args:
        units: width of the states and of the attentional vector.
        layers: number of recurrent layers.
        score: score of the attention, see `LuongAttention`.
        scaled: scaled scores, see `LuongAttention`.
        dropout: rate in [0, 1), before each layer and on the attentional vector.
        cell: one of `CELLS`.
        attention: another layer in the place of `LuongAttention`, called as that:
            ``attention(query, memory, keys=…, mask=…) -> context [B, T, C], weights [B, T, S]``. Its
            ``project(memory)``, where it has one, gives the keys, which else are the memory. It should set
            ``supports_masking``, or Keras warns of the mask.

    Raises:
        ConfigError: the score or the cell is unknown, a size or rate is out of its range, or the
            attention is no layer or given together with a score.

    Example:
        >>> decoder = AttentionDecoder(units=8)
        >>> vectors, weights = decoder(x, final_state=state, memory=memory, memory_mask=mask)
    """

    def __init__(
        self,
        units: int,
        layers: int = 1,
        score: str | Callable[..., Any] = "general",
        scaled: bool = False,
        dropout: float = 0.0,
        cell: str = "lstm",
        attention: keras.layers.Layer | dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units, layers=layers)
        check_rates(dropout=dropout)
        check_cell(cell)
        if attention is not None and (score != "general" or scaled):
            raise ConfigError("attention: expected none beside score or scaled; give one or the other")
        self.units = units
        self.layers = layers
        self.scaled = scaled
        self.dropout = dropout
        self.cell = cell
        self.supports_masking = True
        self._shapes: dict[str, Any] = {}
        self._make_sublayers(read_score(score), _read_layer(attention))

    def _make_sublayers(self, score: Any, attention: Any) -> None:
        policy = {"dtype": self.dtype_policy}
        self.bridge = Bridge(CELLS[self.cell].state_units(self.units) * self.layers, name="bridge", **policy)
        self.dropouts = [
            keras.layers.Dropout(self.dropout, name=f"dropout_{i}", **policy) for i in range(self.layers + 1)
        ]
        self.stack = [
            make_recurrent(self.cell, self.units, name=f"{self.cell}_{i}", **policy)
            for i in range(self.layers)
        ]
        self._own_attention = attention is None
        self.attention = attention or LuongAttention(
            self.units, score, self.scaled, name="attention", **policy
        )
        self.combine = keras.layers.Dense(self.units, activation="tanh", name="combine", **policy)

    @property
    def score(self) -> Any:
        """Score of the attention that the decoder made itself."""
        return self.attention.score if self._own_attention else "general"

    def build(
        self, x_shape=None, state_shape=None, constants_shape=None, final_state_shape=None, memory_shape=None
    ) -> None:
        """Builds what the given shapes determine; the rest is built by the first call that uses it.

        Args:
            x_shape: [B, T, E].
            state_shape: as `initial_state` gives it; without meaning here.
            constants_shape: as `constants` gives it.
            final_state_shape: a nest of [B, width].
            memory_shape: [B, S, H].
        """
        if final_state_shape is not None:
            self.bridge.build(final_state_shape)
        if memory_shape is None and constants_shape is not None:
            memory_shape = constants_shape["memory"]
        if memory_shape is not None:
            query_shape = (None, None, self.units)
            context, _ = build_by_call(self.attention, query_shape, memory_shape)
            self.combine.build((*query_shape[:2], context.shape[-1] + self.units))
        if x_shape is not None:
            for i, layer in enumerate(self.stack):
                layer.build((x_shape[0], None, self.units if i else x_shape[-1]))
        self.built = True

    def get_build_config(self):
        # All shapes so far: a saved layer is built whole, though no single call may have had all of them.
        return {"shapes_dict": dict(self._shapes)} if self._shapes else None

    def _remember_shapes(self, **tensors: Any) -> None:
        for name, value in tensors.items():
            if value is not None:
                self._shapes[f"{name}_shape"] = keras.tree.map_structure(lambda x: tuple(x.shape), value)

    def initial_state(self, final_state, steps=None):
        """States of all layers, a list of what the cell has ([B, units] each), from the encoder's last."""
        return self(final_state=final_state)

    def constants(self, memory, mask=None):
        """What does not change while decoding.

        Args:
            memory: [B, S, H].
            mask: bool or 0/1 [B, S]; by default the Keras mask of the memory, if any.

        Returns:
            ``memory``, ``keys`` [B, S, units], and ``mask`` bool [B, S] where there is one.
        """
        mask = getattr(memory, "_keras_mask", None) if mask is None else mask
        return self(memory=memory, memory_mask=mask)

    def step(self, x, state, constants):
        """One target position, without dropout, for K hypotheses of each row.

        Args:
            x: [N, E] with N = B · K, embedded previous tokens.
            state: as of `initial_state`, leaves [N, units].
            constants: from `constants`, leading with B.

        Returns:
            attentional vectors [N, units], attention weights float32 [N, S], and the new state.
        """
        return self(x, state, constants)

    def call(
        self,
        x=None,
        state=None,
        constants=None,
        final_state=None,
        memory=None,
        memory_mask=None,
        training=False,
    ):
        """All target positions at once (teacher forcing), or what one of the other methods gives.

        Args:
            x: [B, T, E], embedded target inputs; [N, E] for one position, see `step`. Without it the
                result is that of `initial_state`, or of `constants` where a memory is given.
            state: from `initial_state`; by default it is computed from `final_state`.
            constants: from `constants`; by default they are computed from `memory` and `memory_mask`.
            final_state: nest of [B, width], of an encoder.
            memory: [B, S, H], of an encoder.
            memory_mask: bool or 0/1 [B, S]; Keras gives the mask of the memory here.

        Returns:
            attentional vectors [B, T, units] and attention weights float32 [B, T, S].
        """
        self._remember_shapes(x=x, final_state=final_state, memory=memory)
        if state is None and final_state is not None:
            state = self._initial_state(final_state)
        if constants is None and memory is not None:
            constants = self._constants(memory, memory_mask)
        if x is None and (state is not None or constants is not None):
            return state if constants is None else constants
        missing = [
            name
            for name, value in {"x": x, "state": state, "constants": constants}.items()
            if value is None
        ]
        if missing:
            raise ValueError(
                "AttentionDecoder: expected x with a state or final_state and with constants or a memory; "
                f"without {', '.join(missing)}"
            )
        x = ops.cast(x, self.compute_dtype)
        if len(x.shape) == 2:
            return self._step(x, state, constants)
        return self._teacher_forcing(x, state, constants, training)

    def _initial_state(self, final_state):
        parts = self.bridge(final_state)
        each = len(parts) // self.layers
        start = CELLS[self.cell].initial_state
        return [start(parts[i * each : (i + 1) * each]) for i in range(self.layers)]

    def _constants(self, memory, mask):
        memory = ops.cast(memory, self.compute_dtype)
        project = getattr(self.attention, "project", None)
        keys = memory if project is None else project(memory)
        constants = {"memory": memory, "keys": keys}
        return constants if mask is None else {**constants, "mask": ops.cast(mask, "bool")}

    def _teacher_forcing(self, x, state, constants, training):
        for dropout, layer, initial in zip(self.dropouts, self.stack, state, strict=False):
            x, *_ = layer(dropout(x, training=training), initial_state=list(initial), training=training)
        vector, weights = self._attend(x, constants)
        return self.dropouts[-1](vector, training=training), weights

    def _step(self, x, state, constants):
        new_state = []
        for layer, of_layer in zip(self.stack, state, strict=True):
            x, of_layer = layer.cell(x, list(of_layer))
            new_state.append(tuple(of_layer))
        rows = ops.shape(constants["memory"])[0]
        vector, weights = self._attend(ops.reshape(x, (rows, -1, self.units)), constants)
        weights = ops.reshape(weights, (-1, ops.shape(weights)[-1]))
        return ops.reshape(vector, (-1, self.units)), weights, new_state

    def _attend(self, query, constants):
        context, weights = self.attention(
            query, constants["memory"], keys=constants["keys"], mask=constants.get("mask")
        )
        return self.combine(ops.concatenate([context, query], axis=-1)), weights

    def compute_mask(self, x=None, mask=None):
        """The Keras mask of the target inputs for the vectors."""
        return None if x is None else (getattr(x, "_keras_mask", None), None)

    def compute_output_shape(
        self, x_shape=None, state_shape=None, constants_shape=None, final_state_shape=None, memory_shape=None
    ):
        """Shapes of vectors and attention weights."""
        memory_shape = memory_shape or constants_shape["memory"]
        return (*x_shape[:2], self.units), (*x_shape[:2], memory_shape[1])

    def compute_output_spec(self, *args, **kwargs):
        # Traces the call: what it returns depends on what is given.
        return keras.Operation.compute_output_spec(self, *args, **kwargs)

    def get_config(self):
        attention = None if self._own_attention else keras.saving.serialize_keras_object(self.attention)
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "units": self.units,
            "layers": self.layers,
            "score": score_config(self.score),
            "scaled": self.scaled,
            "dropout": self.dropout,
            "cell": self.cell,
            "attention": attention,
        }


def _read_layer(layer: Any) -> Any:
    layer = keras.saving.deserialize_keras_object(layer) if isinstance(layer, dict) else layer
    if layer is not None and not isinstance(layer, keras.layers.Layer):
        raise ConfigError(f"attention: expected a Keras layer or None, got {layer!r}")
    return layer
