"""Decoder configurations: a union discriminated by ``kind``."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from seqapp.config.base import Config, Count, Fraction, Layers, Width, check_size
from seqapp.config.encoders import Cell


class AttentionDecoderConfig(Config):
    """Stacked recurrent layers that attend to every position of the memory."""

    kind: Literal["attention"] = "attention"
    cell: Cell = "lstm"
    units: Width = 256
    layers: Layers = 1
    residual: bool = False  # each layer above the first adds its input to its output
    score: Literal["dot", "general", "concat", "additive"] = "general"
    scaled: bool = True
    # "luong": attention after the step; "bahdanau": the context of the previous state enters the step.
    order: Literal["luong", "bahdanau"] = "luong"
    input_feeding: bool = False  # the attentional vector enters the next step; with order "luong" only
    dropout: Fraction = 0.2

    @model_validator(mode="after")
    def _size(self) -> Self:
        check_size(self.layers, self.units, self.units)
        if self.input_feeding and self.order == "bahdanau":
            raise ValueError(
                "input_feeding must be false with order 'bahdanau', where the context enters every step"
            )
        return self


class FixedContextDecoderConfig(Config):
    """Stacked recurrent layers that start from the encoder's final state, without attention."""

    kind: Literal["fixed_context"] = "fixed_context"
    cell: Cell = "lstm"
    units: Width = 256
    layers: Layers = 1
    residual: bool = False  # each layer above the first adds its input to its output
    context_every_step: bool = False  # the final state is also an input of every step (Cho et al. 2014)
    dropout: Fraction = 0.2

    @model_validator(mode="after")
    def _size(self) -> Self:
        check_size(self.layers, self.units, self.units)
        return self


class TransformerDecoderConfig(Config):
    """Transformer decoder (pre-LN): causal self-attention, cross-attention, feed-forward network."""

    kind: Literal["transformer"] = "transformer"
    units: Width = 256
    layers: Layers = 3
    heads: Count = 4
    feedforward_units: Annotated[int, Field(ge=1, le=2**16)] | None = None  # None for 4 · units
    positions: Literal["sinusoidal", "learned"] = "sinusoidal"
    # Learned positions; later positions share the last one.
    max_positions: Annotated[int, Field(ge=1, le=2**16)] = 256
    # Layer whose cross-attention is the alignment, 1 the lowest; None for the one below the top layer.
    alignment_layer: Count | None = None
    dropout: Fraction = 0.2

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.units % self.heads:
            raise ValueError(f"units must be a multiple of heads, got {self.units} and {self.heads}")
        if self.alignment_layer is not None and self.alignment_layer > self.layers:
            raise ValueError(
                f"alignment_layer must be at most layers, got {self.alignment_layer} of {self.layers}"
            )
        check_size(self.layers, self.units, self.feedforward_units or 4 * self.units)
        return self


def _attention_where_unnamed(values: Any) -> Any:
    # Runs written before there were several kinds of decoder name none.
    return {"kind": "attention", **values} if isinstance(values, dict) else values


DecoderConfig = Annotated[
    AttentionDecoderConfig | FixedContextDecoderConfig | TransformerDecoderConfig,
    Field(discriminator="kind"),
    BeforeValidator(_attention_where_unnamed),
]
