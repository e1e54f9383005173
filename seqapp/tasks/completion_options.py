"""Options of a completion: served inputs, and their checked form in Python."""

from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from seqapp.completion_options import check_completion_options
from seqapp.signatures import Input

_LARGEST = 2**31 - 1

# The inputs of `complete` beside the prompt, with their neutral values.
OPTIONS = {
    "max_length": Input(
        "int32", "tokens of the completion, EOS included; 0: the model's own", default=0, samples=(0, 0, 5)
    ),
    "temperature": Input(
        "float32", "0: greedy search; above 0: one sample", default=0.0, samples=(0.0, 0.7)
    ),
    "top_k": Input(
        "int32", "sampling: number of most probable tokens; 0: all", default=0, samples=(0, 5, 0, 0)
    ),
    "top_p": Input(
        "float32", "sampling: share of the most probable tokens; 0 or 1: all", default=1.0, samples=(1.0, 0.9)
    ),
    "repetition_penalty": Input(
        "float32",
        "1 to 10: exponent of the probability of tokens that occur already; 0 or 1: none",
        default=1.0,
        samples=(1.0, 1.0, 1.2),
    ),
    "seed": Input("int64", "random seed for sampling", default=0, samples=(0, 1, 2, 3, 4, 5, 6, 7)),
}


class OptionColumns(NamedTuple):
    """The inputs of `OPTIONS`: all [B], or all scalars."""

    max_length: tf.Tensor
    temperature: tf.Tensor
    top_k: tf.Tensor
    top_p: tf.Tensor
    repetition_penalty: tf.Tensor
    seed: tf.Tensor

    @classmethod
    def neutral(cls, rows: tf.Tensor) -> "OptionColumns":
        """The neutral value of each option, [rows]."""
        return cls(**{name: tf.fill([rows], tf.constant(o.default, o.dtype)) for name, o in OPTIONS.items()})


@dataclass(frozen=True)
class CompletionOptions:
    """Options of the completions of a call.

    Attributes:
        max_length: maximum length of a completion in tokens, EOS included; None for the model's own.
        temperature: 0 for greedy search; above 0, up to 100, for one sample.
        top_k: number of most probable tokens that a sample draws from; 0 for all.
        top_p: share of probability of the most probable tokens that a sample draws from; 1 for all.
        repetition_penalty: exponent, 1 to 10, of the probabilities of tokens that prompt or completion hold
            already; 1 for none.
        seed: random seed for sampling.

    Raises:
        ConfigError: a value is out of its range, or has no meaning with the temperature.
    """

    max_length: int | None = None
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_completion_options(**vars(self))

    def scalars(self) -> OptionColumns:
        """The options as tensors, as `complete` takes them for each row."""
        values = {**vars(self), "max_length": min(self.max_length or 0, _LARGEST)}
        return OptionColumns(**{name: tf.constant(values[name], o.dtype) for name, o in OPTIONS.items()})
