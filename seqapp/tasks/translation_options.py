"""Options of a translation: served inputs, and their checked form in Python."""

from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from seqapp.argument_checks import check_counts, check_number
from seqapp.errors import ConfigError
from seqapp.signatures import Input

_LARGEST = 2**31 - 1

# The inputs of `translate_with_options` beside the text, with their neutral values.
OPTIONS = {
    "length_penalty": Input("float32", "0 to 5; below 0: the model's own", default=-1.0),
    "max_length": Input("int32", "ids per sentence, EOS included; 0: the model's own", default=0),
    "min_length": Input("int32", "ids per sentence, EOS included; 0: none", default=0),
    "temperature": Input("float32", "0: beam search; above 0: one sample", default=0.0, samples=(0.0, 0.7)),
    "seed": Input("int64", "random seed for sampling", default=0, samples=(0, 1, 2, 3, 4, 5, 6, 7)),
}


class OptionColumns(NamedTuple):
    """The inputs of `OPTIONS`: all [B], or all scalars."""

    length_penalty: tf.Tensor
    max_length: tf.Tensor
    min_length: tf.Tensor
    temperature: tf.Tensor
    seed: tf.Tensor


@dataclass(frozen=True)
class TranslationOptions:
    """How texts are searched for; the same for all texts of a call.

    Attributes:
        length_penalty: α of Wu et al. 2016, equation 14, 0 to 5; None for the run's own.
        max_length: longest translation of a sentence in tokens, EOS included; None for the model's own.
        min_length: shortest translation of a sentence in tokens, EOS included.
        temperature: 0 for beam search; above 0, up to 100, for one sample.
        seed: random seed of the sample.

    Raises:
        ConfigError: a value is out of its range.
    """

    length_penalty: float | None = None
    max_length: int | None = None
    min_length: int = 0
    temperature: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.length_penalty is not None:
            check_number("length_penalty", self.length_penalty, 0, 5)
        if self.max_length is not None:
            check_counts(max_length=self.max_length)
        check_number("temperature", self.temperature, 0, 100)
        for name, largest in (("min_length", _LARGEST), ("seed", 2**63 - 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise ConfigError(f"{name}: expected an integer, got {value!r}")
            check_number(name, value, 0, largest)

    def scalars(self) -> OptionColumns:
        """The options as tensors, as `translate_with_options` takes them for each row."""
        values = {
            "length_penalty": -1.0 if self.length_penalty is None else self.length_penalty,
            "max_length": min(self.max_length or 0, _LARGEST),
            "min_length": self.min_length,
            "temperature": self.temperature,
            "seed": self.seed,
        }
        return OptionColumns(
            **{name: tf.constant(value, OPTIONS[name].dtype) for name, value in values.items()}
        )
