"""Abstention of a classifier: no label for texts below a threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from seqapp.argument_checks import check_number
from serving.client.errors import RequestRefusedError

if TYPE_CHECKING:
    from serving.client.tasks.classification import Classification, Reasons

Labelled = TypeVar("Labelled", "Classification", "Reasons")


@dataclass(frozen=True)
class Thresholds:
    """What an answer must reach to keep its label; 0 keeps all.

    Source: Geifman and El-Yaniv 2017, "Selective classification for deep neural networks".

    Attributes:
        min_probability: 0 to 1.
        min_typicality: 0 to 1; only for exports with a fitted typicality.

    Raises:
        ConfigError: a number out of its range.
    """

    min_probability: float = 0.0
    min_typicality: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            check_number(name, value, 0, 1)

    def applied(self, answer: Labelled) -> Labelled:
        """The answer, its label "" if it is below a threshold.

        Raises:
            RequestRefusedError: a typicality is wanted, and the export has none.
        """
        if self.min_typicality and answer.typicality is None:
            raise RequestRefusedError(
                "min_typicality: the served model has no output 'typicality'; train and export it again with "
                "this version, with a linear model and at least 19 validation texts",
                code="INVALID_ARGUMENT",
            )
        reached = answer.probability >= self.min_probability
        if self.min_typicality:
            reached = reached and (answer.typicality or 0.0) >= self.min_typicality
        return answer if reached else replace(answer, label="")
