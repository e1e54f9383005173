"""Abstention of a classifier: the thresholds below which it gives no label, in Python and by the client."""

from dataclasses import dataclass

from seqapp.argument_checks import check_number


@dataclass(frozen=True)
class Thresholds:
    """What an answer must reach to keep its label; 0 keeps all.

    Source: Geifman and El-Yaniv 2017, "Selective classification for deep neural networks".

    Attributes:
        min_probability: 0 to 1.
        min_typicality: 0 to 1; only for models with a fitted typicality.

    Raises:
        ConfigError: a number out of its range.
    """

    min_probability: float = 0.0
    min_typicality: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            check_number(name, value, 0, 1)

    def reached(self, probability: float, typicality: float | None) -> bool:
        """Whether an answer keeps its label; a text without a typicality has one of 0."""
        return probability >= self.min_probability and (typicality or 0.0) >= self.min_typicality
