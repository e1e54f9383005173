"""Luong attention."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from seqapp.argument_checks import check_counts
from seqapp.errors import ConfigError
from seqapp.layers.call_modes import CallModes
from seqapp.layers.masks import masked_softmax, softmax_dtype
from seqapp.layers.quantized_dtype import quantized_dtype


def _product(query, keys, score_vector=None):
    """``q · k_s`` [B, T, S] of queries [B, T, D] and keys [B, S, D]."""
    return ops.matmul(query, ops.transpose(ops.cast(keys, query.dtype), (0, 2, 1)))


def tanh_score(query, keys, score_vector):
    """``v · tanh(q + k_s)`` [B, T, S] of queries [B, T, D], keys [B, S, D] and the score vector v [D]."""
    both = ops.tanh(ops.expand_dims(query, 2) + ops.expand_dims(ops.cast(keys, query.dtype), 1))
    return ops.matmul(both, ops.expand_dims(ops.cast(score_vector, query.dtype), -1))[..., 0]


# The scores by name, as functions of projected queries, projected memory and score vector.
SCORES = {"dot": _product, "general": _product, "concat": tanh_score, "additive": tanh_score}


@keras.saving.register_keras_serializable("seqapp")
class LuongAttention(CallModes):
    """Attention with a multiplicative or additive score.

    | score | of a query q and a position m_s of the memory | keys k_s |
    |---|---|---|
    | ``dot`` | ``q · m_s`` | ``m_s`` |
    | ``general`` | ``q · W_a m_s`` | ``W_a m_s`` |
    | ``concat`` | ``v · tanh(W_a [q; m_s])`` | the memory's half of W_a times ``m_s`` |
    | ``additive`` | ``v · tanh(W q + U m_s)`` | ``U m_s`` |

    Weights ``a_s`` are the softmax of the scores over the valid positions; the context is ``Σ a_s m_s``.
    ``concat`` and ``additive`` are the same function of their weights; they differ in one matrix or two,
    and thereby in the range of the initial weights.

    The keys do not change from query to query: `project` computes them once per memory, and a call
    takes them as ``keys``. `project` is this layer called without a query, so a functional model
    keeps it.

    A mask of the memory that Keras carries (`keras.layers.Embedding` with ``mask_zero``) is taken
    where no ``mask`` is given; the context has the Keras mask of the query.

    Source: Luong, Pham and Manning 2015, "Effective Approaches to Attention-based Neural Machine
    Translation", equations 7 and 8; ``additive``: Bahdanau, Cho and Bengio 2015, "Neural Machine
    Translation by Jointly Learning to Align and Translate", appendix A.1.2. ``scaled`` divides the
    scores by √units (Vaswani et al. 2017).

    Args:
        units: width of the queries, and of W_a, W, U and v.
        score: one of `SCORES` (``dot``: the memory must be as wide as the queries), or a callable
            ``score(query [B, T, units], memory [B, S, H]) -> [B, T, S]``: a Keras layer, or a function
            that `keras.saving.register_keras_serializable` registers so that a saved model loads.
        scaled: divide the scores by the square root of `units`.

    Raises:
        ConfigError: a size below 1, an unknown score, or a query or memory of another shape.

    Example:
        >>> attention = LuongAttention(units=5)
        >>> context, weights = attention(query, memory, mask=mask)   # query [B, T, 5], memory [B, S, H]
        >>> keys = attention.project(memory)                         # once, for many queries
        >>> context, weights = attention(query, memory, keys, mask)
    """

    def __init__(
        self, units: int, score: str | Callable[..., Any] = "general", scaled: bool = False, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units)
        self.units = units
        self.score = read_score(score)
        self.scaled = scaled
        self.supports_masking = True
        self._memory_shape = None
        self.key_projection = self.query_projection = None
        self.concat_kernel = self.score_vector = None
        if self.score in ("general", "additive"):
            self.key_projection = self._projection("key_projection")
        if self.score == "additive":
            self.query_projection = self._projection("query_projection")

    def _projection(self, name: str) -> Any:
        return keras.layers.Dense(self.units, use_bias=False, dtype=self.dtype_policy, name=name)

    def build(self, query_shape=None, memory_shape=None) -> None:
        """Args: query_shape: [B, T, units], None without a query; memory_shape: [B, S, H]."""
        query_shape = query_shape or (None, None, self.units)
        self._memory_shape = memory_shape
        for name, shape in {"query": query_shape, "memory": memory_shape}.items():
            if len(shape) != 3:
                raise ConfigError(f"{name}: expected a shape [rows, positions, width], got {tuple(shape)}")
        if query_shape[-1] != self.units:
            raise ConfigError(f"query: expected a width of units ({self.units}), got {query_shape[-1]}")
        if self.score == "dot" and memory_shape[-1] != self.units:
            raise ConfigError(
                f"memory: the dot score needs it as wide as the queries ({self.units}), "
                f"got {memory_shape[-1]}; use score='general'"
            )
        if self.key_projection is not None:
            self.key_projection.build(memory_shape)
        if self.query_projection is not None:
            self.query_projection.build(query_shape)
        if self.score == "concat":
            shape = (self.units + memory_shape[-1], self.units)
            self.concat_kernel = self.add_weight(name="concat_kernel", shape=shape)
        if self.has_score_vector:
            self.score_vector = self.add_weight(name="score_vector", shape=(self.units,))
        if isinstance(self.score, keras.layers.Layer) and not self.score.built:
            build_by_call(self.score, query_shape, memory_shape)
        self.built = True

    def get_build_config(self):
        # Keras would keep the only shape of a build without a query as the first argument.
        return self._memory_shape and {"shapes_dict": {"memory_shape": self._memory_shape}}

    @property
    def has_score_vector(self) -> bool:
        """Whether the score is ``v · tanh(query + key)``."""
        return not callable(self.score) and SCORES[self.score] is tanh_score

    @property
    def query_kernel(self):
        """Matrix [units, units] that multiplies the queries; None where they are compared as they are."""
        if self.concat_kernel is not None:
            return self.concat_kernel[: self.units]
        return None if self.query_projection is None else self.query_projection.kernel

    def project(self, memory):
        """Keys of a memory [B, S, H], the same for every query: [B, S, units].

        Of ``dot`` and of a callable score they are the memory itself.
        """
        return self(None, memory)

    def call(self, query, memory, keys=None, mask=None, memory_mask=None):
        """Args:
            query: [B, T, units]; None for the keys of the memory alone.
            memory: [B, S, H].
            keys: [B, S, units], from `project`; computed here by default.
            mask: bool or 0/1, [B, S] or [B, T, S], True where the memory counts; by default `memory_mask`.
            memory_mask: [B, S]; Keras gives the mask of the memory here.

        Returns:
            context [B, T, H] and weights float32 (float64 in double precision) [B, T, S].
        """
        memory = ops.cast(memory, self.compute_dtype)
        if query is None:
            return self._keys(memory)
        query = ops.cast(query, self.compute_dtype)
        scores = self._scores(query, self._keys(memory) if keys is None else keys)
        if self.scaled:
            scores = scores * (self.units**-0.5)
        weights = masked_softmax(scores, memory_mask if mask is None else mask)
        return ops.matmul(ops.cast(weights, memory.dtype), memory), weights

    def _keys(self, memory):
        if self.concat_kernel is not None:
            return ops.matmul(memory, self.concat_kernel[self.units :])
        return memory if self.key_projection is None else self.key_projection(memory)

    def _scores(self, query, keys):
        if callable(self.score):
            return self.score(query, keys)
        if self.concat_kernel is not None:
            query = ops.matmul(query, self.query_kernel)
        elif self.query_projection is not None:
            query = self.query_projection(query)
        return SCORES[self.score](query, keys, self.score_vector)

    def compute_mask(self, query, mask=None):
        """The Keras mask of the query for the context, none for the weights; of keys alone the memory's."""
        return mask if query is None else (getattr(query, "_keras_mask", None), None)

    def compute_output_shape(self, query_shape=None, memory_shape=None):
        """Shapes of context and weights; of the keys without a query."""
        if query_shape is None:
            keeps_width = callable(self.score) or self.score == "dot"
            return (*memory_shape[:2], memory_shape[-1] if keeps_width else self.units)
        return (*query_shape[:2], memory_shape[-1]), (*query_shape[:2], memory_shape[1])

    def compute_output_spec(self, query, memory, keys=None, mask=None, memory_mask=None):
        if query is None:
            return keras.KerasTensor(self.compute_output_shape(None, memory.shape), self.compute_dtype)
        context, weights = self.compute_output_shape(query.shape, memory.shape)
        return (
            keras.KerasTensor(context, self.compute_dtype),
            keras.KerasTensor(weights, softmax_dtype(self.compute_dtype)),
        )

    def get_config(self):
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "units": self.units,
            "score": score_config(self.score),
            "scaled": self.scaled,
        }


def read_score(score: Any) -> Any:
    """A score as `LuongAttention` takes it, from itself or from its serialised form."""
    if isinstance(score, dict):
        score = keras.saving.deserialize_keras_object(score)
    if callable(score) or (isinstance(score, str) and score in SCORES):
        return score
    raise ConfigError(f"score: expected one of {', '.join(SCORES)}, or a callable, got {score!r}")


def score_config(score: Any) -> Any:
    """The score as a configuration holds it."""
    return score if isinstance(score, str) else keras.saving.serialize_keras_object(score)


def build_by_call(layer: Any, *shapes: tuple[int | None, ...]) -> Any:
    """Creates the weights of any layer by a symbolic call with inputs of the given shapes; its outputs."""
    return layer(*(keras.KerasTensor(shape, layer.compute_dtype) for shape in shapes))
