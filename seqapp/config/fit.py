"""Training settings common to all tasks."""

from typing import Annotated, Literal

from pydantic import Field

from seqapp.config.base import Config, Count, Fraction

Rate = Annotated[float, Field(ge=0.0, le=1e6)]


class FitConfig(Config):
    """Epochs, batches, optimizer, seed."""

    epochs: Count = Field(default=10, description="largest number of epochs")
    min_steps: Annotated[int, Field(ge=0, le=2**31)] = Field(
        default=0,
        description="least number of steps of all epochs together; if there are few rows, an epoch passes "
        "over them several times",
    )
    patience: Count | None = Field(
        default=None,
        description="epochs without a better validation score after which training ends; null for no limit",
    )
    minutes: Annotated[float, Field(gt=0.0, le=1e6)] | None = Field(
        default=None,
        description="longest training time, validation included; the learning rate decays within it; null "
        "for no limit",
    )
    max_examples: Count | None = Field(
        default=None, description="train on so many rows, drawn by the seed; null for all"
    )
    batch_tokens: Count = Field(default=512, description="tokens per batch, padding included")
    bucket_width: Count = Field(default=4, description="step of the lengths that texts are padded to")
    accumulated_batches: Annotated[int, Field(ge=1, le=2**16)] = Field(
        default=1, description="batches whose gradients are averaged for one optimizer step"
    )
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = Field(
        default="float32", description="number format that training computes in; weights are float32"
    )
    schedule: Literal["cosine", "linear", "inverse_sqrt", "constant"] = Field(
        default="cosine", description="learning rate after the warm-up"
    )
    learning_rate: Annotated[float, Field(gt=0.0, le=1e6)] = Field(
        default=2e-3, description="peak learning rate, at the end of the warm-up"
    )
    final_learning_rate: Rate = Field(
        default=2e-5, description="learning rate of the last step, of schedules cosine and linear"
    )
    warmup_fraction: Fraction = Field(
        default=0.04, description="share of the steps in which the learning rate rises linearly"
    )
    weight_decay: Annotated[float, Field(ge=0.0, le=1.0)] = Field(
        default=0.0,
        description="decoupled weight decay (AdamW), times the learning rate; kernels only, not biases, "
        "normalisation and embeddings",
    )
    clip_norm: Annotated[float, Field(gt=0.0, le=1e6)] = Field(
        default=1.0, description="largest norm of all gradients together; larger ones are scaled down"
    )
    averaged_epochs: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1, description="average of the weights after so many epochs; 1 keeps the best epoch"
    )
    average_of: Literal["best", "last"] = Field(default="best", description="which epochs are averaged")
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = Field(
        default=1, description="random seed of initial weights, order of the rows, dropout and sampling"
    )
    init_from: str = Field(
        default="", description="run whose vocabulary and weights training starts from; empty for new weights"
    )
