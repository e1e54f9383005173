"""Decoder configurations: a union discriminated by ``kind``."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from seqapp.config.base import Config, Count
from seqapp.config.layer_fields import (
    Dropout,
    FeedforwardUnits,
    Heads,
    Layers,
    MaxPositions,
    Positions,
    RecurrentCell,
    Residual,
    Units,
    check_heads,
    check_size,
)


class AttentionDecoderConfig(Config):
    """Stacked recurrent layers that attend to every position of the memory."""

    kind: Literal["attention"] = Field(default="attention", description="kind of decoder")
    cell: RecurrentCell = "lstm"
    units: Units = 256
    layers: Layers = 1
    residual: Residual = False
    score: Literal["dot", "general", "concat", "additive"] = Field(
        default="general", description="function that scores a position of the memory"
    )
    scaled: bool = Field(default=True, description="divide scores by the square root of units")
    order: Literal["luong", "bahdanau"] = Field(
        default="luong",
        description="luong: attention after the step; bahdanau: the context of the previous state enters "
        "the step",
    )
    input_feeding: bool = Field(
        default=False, description="the attentional vector enters the next step; with order luong only"
    )
    dropout: Dropout = 0.2

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

    kind: Literal["fixed_context"] = Field(default="fixed_context", description="kind of decoder")
    cell: RecurrentCell = "lstm"
    units: Units = 256
    layers: Layers = 1
    residual: Residual = False
    context_every_step: bool = Field(
        default=False, description="the final state is also an input of every step (Cho et al. 2014)"
    )
    dropout: Dropout = 0.2

    @model_validator(mode="after")
    def _size(self) -> Self:
        check_size(self.layers, self.units, self.units)
        return self


class TransformerDecoderConfig(Config):
    """Transformer decoder (pre-LN): causal self-attention, cross-attention, feed-forward network."""

    kind: Literal["transformer"] = Field(default="transformer", description="kind of decoder")
    units: Units = 256
    layers: Layers = 3
    heads: Heads = 4
    feedforward_units: FeedforwardUnits = None
    positions: Positions = "sinusoidal"
    max_positions: MaxPositions = 256
    alignment_layer: Count | None = Field(
        default=None,
        description="layer whose cross-attention is the alignment, 1 the lowest; null for the one below the "
        "top layer",
    )
    dropout: Dropout = 0.2

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        check_heads(self.units, self.heads)
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
