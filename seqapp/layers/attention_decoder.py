"""The recurrent decoder with attention."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from seqapp.argument_checks import check_choice
from seqapp.errors import ConfigError
from seqapp.layers.attention_loop import decode_in_loop
from seqapp.layers.luong_attention import LuongAttention, build_by_call, read_score, score_config
from seqapp.layers.quantized_dtype import quantized_dtype
from seqapp.layers.recurrent_decoder import RecurrentDecoder

ORDERS = ("luong", "bahdanau")


@keras.saving.register_keras_serializable("seqapp")
class AttentionDecoder(RecurrentDecoder):
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
        super().__init__(units, layers, residual, dropout, cell, **kwargs)
        check_choice("order", order, ORDERS)
        if input_feeding and order == "bahdanau":
            raise ConfigError(
                "input_feeding: expected False with order 'bahdanau', where the context enters every step"
            )
        if attention is not None and (score != "general" or scaled):
            raise ConfigError("attention: expected none beside score or scaled; give one or the other")
        self.scaled = scaled
        self.order = order
        self.input_feeding = input_feeding
        self._context_units = 0
        policy = {"dtype": self.dtype_policy}
        self._own_attention = attention is None
        self.attention = _read_layer(attention) or LuongAttention(
            units, read_score(score), scaled, name="attention", **policy
        )
        self.combine = keras.layers.Dense(units, activation="tanh", name="combine", **policy)

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

    def _initial_state(self, final_state, steps):
        """A list of each layer's parts, [B, units] each.

        With input feeding the last entry is the previous attentional vector alone, zeros at the start.
        """
        cells = self._initial_cells(final_state)
        return [*cells, (ops.zeros_like(cells[0][0]),)] if self.input_feeding else cells

    def _constants(self, memory, mask):
        """``memory``, ``keys`` [B, S, units], and ``mask`` bool [B, S] where there is one."""
        memory = ops.cast(memory, self.compute_dtype)
        project = getattr(self.attention, "project", None)
        keys = memory if project is None else project(memory)
        constants = {"memory": memory, "keys": keys}
        return constants if mask is None else {**constants, "mask": ops.cast(mask, "bool")}

    def _step(self, x, state, constants):
        self._build_sublayers(x.shape[-1], constants["memory"].shape)
        return self.advance(x, state, constants)

    def _teacher_forcing(self, x, state, constants, training):
        self._build_sublayers(x.shape[-1], constants["memory"].shape)
        if self.order == "bahdanau" or self.input_feeding:
            vector, weights = decode_in_loop(self, x, state, constants, training)
        else:
            h = self._run_layers(x, state, training)
            context, weights = self._attend(h, constants)
            vector = self._combine(context, h)
        return self.dropouts[-1](vector, training=training), weights

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

    def _attend_by_hypothesis(self, query, constants):
        """Contexts [N, C] and weights [N, S] of queries [N, units], N = B · K."""
        rows = ops.shape(constants["memory"])[0]
        found = self._attend(ops.reshape(query, (rows, -1, self.units)), constants)
        return tuple(ops.reshape(part, (-1, part.shape[-1] or ops.shape(part)[-1])) for part in found)

    def _attend(self, query, constants):
        return self.attention(query, constants["memory"], keys=constants["keys"], mask=constants.get("mask"))

    def _combine(self, context, h):
        return self.combine(ops.concatenate([context, h], axis=-1))

    def compute_output_shape(
        self, x_shape=None, state_shape=None, constants_shape=None, final_state_shape=None, memory_shape=None
    ):
        """Shapes of vectors and attention weights."""
        memory_shape = memory_shape or constants_shape["memory"]
        return (*x_shape[:2], self.units), (*x_shape[:2], memory_shape[1])

    def get_config(self):
        attention = None if self._own_attention else keras.saving.serialize_keras_object(self.attention)
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "score": score_config(self.score),
            "scaled": self.scaled,
            "attention": attention,
            "order": self.order,
            "input_feeding": self.input_feeding,
        }


def _read_layer(layer: Any) -> Any:
    layer = keras.saving.deserialize_keras_object(layer) if isinstance(layer, dict) else layer
    if layer is not None and not isinstance(layer, keras.layers.Layer):
        raise ConfigError(f"attention: expected a Keras layer or None, got {layer!r}")
    return layer
