"""The recurrent decoder with attention."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from seqapp.argument_checks import check_choice, check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.attention_loop import decode_in_loop
from seqapp.layers.bridge import Bridge
from seqapp.layers.call_modes import CallModes
from seqapp.layers.cells import CELLS, check_cell, make_recurrent
from seqapp.layers.luong_attention import LuongAttention, build_by_call, read_score, score_config
from seqapp.layers.quantized_dtype import quantized_dtype

ORDERS = ("luong", "bahdanau")


@keras.saving.register_keras_serializable("seqapp")
class AttentionDecoder(CallModes):
    """Stacked recurrent layers with attention; a decoder, see `make_decoder`.

    `initial_state` projects the encoder's final state to the first state of every layer. Then, at each
    target position t, with ``a(q)`` the context that the attention finds for the query q:

    | order | recurrence | context |
    |---|---|---|
    | ``luong`` | ``h_t = f(x_t, h_{t-1})`` | ``c_t = a(h_t)`` |
    | ``luong`` with `input_feeding` | ``h_t = f([x_t; v_{t-1}], h_{t-1})``, v_0 = 0 | ``c_t = a(h_t)`` |
    | ``bahdanau`` | ``h_t = f([x_t; c_t], h_{t-1})`` | ``c_t = a(h_{t-1})`` |

    h_t is the output of the top layer, as a query of Bahdanau's order the h of its state. The attentional
    vector, the output, is ``v_t = tanh(W_c [c_t; h_t] + b_c)`` in all of them.

    Luong's order without input feeding runs a whole target (teacher forcing) as one recurrence and one
    attention product. The other two run a loop, in training with gathered gradients, see
    `decode_in_loop`. ``step`` runs the same cells and the same attention for one position.
    ``initial_state``, ``constants`` and ``step`` are calls of this layer, so a functional model keeps them.

    Source: Luong, Pham and Manning 2015, equation 5, and section 3.3 for input feeding. Bahdanau, Cho and
    Bengio 2015, appendix A.2.2, for the other order; the paper's readout differs: a maxout layer of
    h_{t-1}, the embedding of the previous token and c_t.

    Args:
        units: width of the states and of the attentional vector.
        layers: number of recurrent layers.
        score: score of the attention, see `LuongAttention`.
        scaled: scaled scores, see `LuongAttention`.
        dropout: rate in [0, 1), on the input of each layer (what is fed included) and on the output.
        cell: one of `CELLS`.
        attention: another layer in the place of `LuongAttention`, called as that:
            ``attention(query, memory, keys=…, mask=…) -> context [B, T, C], weights [B, T, S]``. Its
            ``project(memory)``, where it has one, gives the keys, which else are the memory. It should set
            ``supports_masking``, or Keras warns of the mask.
        order: ``luong`` or ``bahdanau``.
        input_feeding: the attentional vector is also an input of the next position; in Luong's order.
        residual: each layer above the first adds its input to its output.

    Raises:
        ConfigError: the score, the cell or the order is unknown, a size or rate is out of its range, the
            attention is no layer or given together with a score, or input feeding is set in Bahdanau's
            order.

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
        order: str = "luong",
        input_feeding: bool = False,
        residual: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units, layers=layers)
        check_rates(dropout=dropout)
        check_cell(cell)
        check_choice("order", order, ORDERS)
        if input_feeding and order == "bahdanau":
            raise ConfigError(
                "input_feeding: expected False with order 'bahdanau', where the context enters every step"
            )
        if attention is not None and (score != "general" or scaled):
            raise ConfigError("attention: expected none beside score or scaled; give one or the other")
        self.units = units
        self.layers = layers
        self.scaled = scaled
        self.dropout = dropout
        self.cell = cell
        self.order = order
        self.input_feeding = input_feeding
        self.residual = residual
        self.supports_masking = True
        self._shapes: dict[str, Any] = {}
        self._context_units = 0
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
        self._build_sublayers(x_shape and x_shape[-1], memory_shape)
        self.built = True

    def _build_sublayers(self, width: int | None, memory_shape: Any) -> None:
        """Builds what follows from the width of x and from the memory, where given, and is not yet built."""
        if memory_shape is not None and not self.combine.built:
            query_shape = (None, None, self.units)
            context, _ = build_by_call(self.attention, query_shape, memory_shape)
            self._context_units = context.shape[-1]
            self.combine.build((*query_shape[:2], self._context_units + self.units))
        if width is None or (self.order == "bahdanau" and not self.combine.built):
            return
        for i, layer in enumerate(self.stack):
            if not layer.built:
                layer.build((None, None, self.units if i else self.input_units(width)))

    def input_units(self, width: int) -> int:
        """Width of the bottom layer's input, of x of `width`; in Bahdanau's order once a memory was given."""
        if self.order == "bahdanau":
            return width + self._context_units
        return width + self.units if self.input_feeding else width

    def get_build_config(self):
        # All shapes so far: a saved layer is built whole, though no single call may have had all of them.
        return {"shapes_dict": dict(self._shapes)} if self._shapes else None

    def _remember_shapes(self, **tensors: Any) -> None:
        for name, value in tensors.items():
            if value is not None:
                self._shapes[f"{name}_shape"] = keras.tree.map_structure(lambda x: tuple(x.shape), value)

    def initial_state(self, final_state, steps=None):
        """First state, from the encoder's final state: a list of each layer's parts, [B, units] each.

        With input feeding the last entry is the previous attentional vector alone, zeros at the start.
        """
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
        self._build_sublayers(x.shape[-1], constants["memory"].shape)
        if len(x.shape) == 2:
            return self.advance(x, state, constants)
        return self._teacher_forcing(x, state, constants, training)

    def _initial_state(self, final_state):
        parts = self.bridge(final_state)
        each = len(parts) // self.layers
        start = CELLS[self.cell].initial_state
        state = [start(parts[i * each : (i + 1) * each]) for i in range(self.layers)]
        return [*state, (ops.zeros_like(parts[0]),)] if self.input_feeding else state

    def _constants(self, memory, mask):
        memory = ops.cast(memory, self.compute_dtype)
        project = getattr(self.attention, "project", None)
        keys = memory if project is None else project(memory)
        constants = {"memory": memory, "keys": keys}
        return constants if mask is None else {**constants, "mask": ops.cast(mask, "bool")}

    def _teacher_forcing(self, x, state, constants, training):
        if self.order == "bahdanau" or self.input_feeding:
            vector, weights = decode_in_loop(self, x, state, constants, training)
        else:
            h = self._run_layers(x, state, training)
            context, weights = self._attend(h, constants)
            vector = self._combine(context, h)
        return self.dropouts[-1](vector, training=training), weights

    def _run_layers(self, x, state, training):
        """Outputs of the top layer at all positions, [B, T, units]."""
        for i, (dropout, layer, initial) in enumerate(zip(self.dropouts, self.stack, state, strict=False)):
            h, *_ = layer(dropout(x, training=training), initial_state=list(initial), training=training)
            x = x + h if i and self.residual else h
        return x

    def advance(self, x, state, constants, dropout_masks=None):
        """One position, see `step`; each layer's input is multiplied by its dropout mask, if given."""
        cells = state[: self.layers]
        if self.order == "bahdanau":
            context, weights = self._attend_by_hypothesis(cells[-1][0], constants)
            x = ops.concatenate([x, context], axis=-1)
        elif self.input_feeding:
            x = ops.concatenate([x, state[-1][0]], axis=-1)
        h, cells = self._run_cells(x, cells, dropout_masks)
        if self.order == "luong":
            context, weights = self._attend_by_hypothesis(h, constants)
        vector = self._combine(context, h)
        return vector, weights, [*cells, (vector,)] if self.input_feeding else cells

    def _run_cells(self, x, states, dropout_masks):
        """Output of the top layer [N, units], and the new states."""
        new_states = []
        for i, (layer, of_layer) in enumerate(zip(self.stack, states, strict=True)):
            dropped = x if dropout_masks is None else x * dropout_masks[i]
            h, of_layer = layer.cell(dropped, list(of_layer))
            new_states.append(tuple(of_layer))
            x = x + h if i and self.residual else h
        return x, new_states

    def _attend_by_hypothesis(self, query, constants):
        """Contexts [N, C] and weights [N, S] of queries [N, units], N = B · K."""
        rows = ops.shape(constants["memory"])[0]
        found = self._attend(ops.reshape(query, (rows, -1, self.units)), constants)
        return tuple(ops.reshape(part, (-1, part.shape[-1] or ops.shape(part)[-1])) for part in found)

    def _attend(self, query, constants):
        return self.attention(query, constants["memory"], keys=constants["keys"], mask=constants.get("mask"))

    def _combine(self, context, h):
        return self.combine(ops.concatenate([context, h], axis=-1))

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
            "order": self.order,
            "input_feeding": self.input_feeding,
            "residual": self.residual,
        }


def _read_layer(layer: Any) -> Any:
    layer = keras.saving.deserialize_keras_object(layer) if isinstance(layer, dict) else layer
    if layer is not None and not isinstance(layer, keras.layers.Layer):
        raise ConfigError(f"attention: expected a Keras layer or None, got {layer!r}")
    return layer
