"""Abstention of a served classifier: no label for texts below a threshold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from serving.client.errors import RequestRefusedError

if TYPE_CHECKING:
    from seqapp.abstention import Thresholds
    from serving.client.tasks.classification import Classification, Reasons

Labelled = TypeVar("Labelled", "Classification", "Reasons")


def abstaining(answer: Labelled, thresholds: Thresholds) -> Labelled:
    """The answer, its label "" if it is below a threshold.

    Raises:
        RequestRefusedError: a typicality is wanted, and the export has none.
    """
    if thresholds.min_typicality and answer.typicality is None:
        raise RequestRefusedError(
            "min_typicality: the served model has no output 'typicality'; train and export it again with "
            "this version, with a linear model and at least 19 validation texts",
            code="INVALID_ARGUMENT",
        )
    return answer if thresholds.reached(answer.probability, answer.typicality) else replace(answer, label="")
