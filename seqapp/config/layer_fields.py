"""Fields that the settings of encoders and decoders share, and checks of several of them together."""

from typing import Annotated, Literal

from pydantic import Field

from seqapp.config.base import Count, Fraction, Tokens

_MOST_WEIGHTS = 2**25

# Upper bounds: see `seqapp.config.base`.
Width = Annotated[int, Field(ge=1, le=8192)]  # of vectors
Layers = Annotated[int, Field(ge=1, le=64, description="number of layers")]
Units = Annotated[Width, Field(description="width of the layers")]
Dropout = Annotated[Fraction, Field(description="dropout rate")]

# Recurrent layers.
Cell = Literal["lstm", "gru", "simple_rnn"]
RecurrentCell = Annotated[Cell, Field(description="recurrent cell")]
Residual = Annotated[bool, Field(description="each layer above the first adds its input to its output")]

# Transformer layers.
Heads = Annotated[Count, Field(description="attention heads per layer")]
FeedforwardUnits = Annotated[
    Annotated[int, Field(ge=1, le=2**16)] | None,
    Field(description="width of the feed-forward networks; null for 4 · units"),
]
Positions = Annotated[Literal["sinusoidal", "learned"], Field(description="position embeddings")]
ContextTokens = Annotated[
    Tokens,
    Field(
        description="tokens that a token attends to in each layer, itself included; older ones leave the "
        "context"
    ),
]
MaxPositions = Annotated[
    int,
    Field(ge=1, le=2**16, description="rows of learned positions; later positions share the last one"),
]


def check_heads(units: int, heads: int) -> None:
    """Raises ValueError unless attention heads divide the width of the layers."""
    if units % heads:
        raise ValueError(f"units must be a multiple of heads, got {units} and {heads}")


def check_rotary_heads(units: int, heads: int) -> None:
    """Raises ValueError unless each attention head has an even width, whose halves rotary positions pair."""
    check_heads(units, heads)
    if units // heads % 2:
        raise ValueError(
            f"units must be an even multiple of heads for rotary positions, got {units} and {heads}"
        )


def check_size(layers: int, units: int, others: int) -> None:
    """Raises ValueError for a network whose weight matrices would not fit into memory."""
    if layers * units * max(units, others) > _MOST_WEIGHTS:
        raise ValueError(
            f"layers · units · (units or feedforward_units) must be at most {_MOST_WEIGHTS:,}, got {layers}, "
            f"{units} and {others}"
        )
