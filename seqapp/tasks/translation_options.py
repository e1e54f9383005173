"""Options of one translation call, checked."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from seqapp.argument_checks import check_counts, check_number
from seqapp.errors import ConfigError

_LARGEST = 2**31 - 1


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

    def scalars(self) -> tuple[tf.Tensor, ...]:
        """Length penalty, longest, shortest, temperature and seed, as `translate_with_options` takes them."""
        values: tuple[tuple[Any, tf.DType], ...] = (
            (-1.0 if self.length_penalty is None else self.length_penalty, tf.float32),
            (min(self.max_length or 0, _LARGEST), tf.int32),
            (self.min_length, tf.int32),
            (self.temperature, tf.float32),
            (self.seed, tf.int64),
        )
        return tuple(tf.constant(value, dtype) for value, dtype in values)
