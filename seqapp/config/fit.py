"""Training settings common to all tasks."""

from typing import Annotated, Literal

from pydantic import Field

from seqapp.config.base import Config, Count, Fraction


class FitConfig(Config):
    """Epochs, batches, optimizer, seed."""

    epochs: Count = 10
    # Least number of steps of all epochs together: with few rows an epoch passes over them several times.
    min_steps: Annotated[int, Field(ge=0, le=2**31)] = 0
    patience: Count | None = None  # epochs without a better validation score after which training ends
    max_examples: Count | None = None  # train on this many, drawn by the seed; None for all
    batch_tokens: Count = 512  # ids of a batch (of translation: target ids), padding included
    bucket_width: Count = 4
    learning_rate: Annotated[float, Field(gt=0.0, le=1e6)] = 2e-3
    final_learning_rate: Annotated[float, Field(ge=0.0, le=1e6)] = 2e-5
    warmup_fraction: Fraction = 0.04
    clip_norm: Annotated[float, Field(gt=0.0, le=1e6)] = 1.0
    label_smoothing: Fraction = 0.1
    # The weights at the end: the average of those after the best or the last so many epochs; 1 for the best.
    averaged_epochs: Annotated[int, Field(ge=1, le=64)] = 1
    average_of: Literal["best", "last"] = "best"
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    init_from: str = ""  # run directory whose vocabulary and weights training starts from; "" for new weights
