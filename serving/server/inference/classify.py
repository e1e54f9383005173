"""Classify: serialized examples in, labelled scores out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from tensorflow_serving.apis import classification_pb2

from serving.server.inference.example_signature import SignatureDef, input_name, shape_text, type_text
from serving.server.status import invalid_argument

Array = np.ndarray[Any, Any]
METHOD = "tensorflow/serving/classify"
_CLASSES, _SCORES = "classes", "scores"


@dataclass(frozen=True)
class Classify:
    """What a classification signature runs.

    Attributes:
        feed: the tensor that serialized examples go into.
        classes: the tensor of labels, string [n, k]; "" without.
        scores: the tensor of scores, float [n, k]; "" without.
    """

    feed: str
    classes: str
    scores: str

    @classmethod
    def of(cls, signature: SignatureDef) -> Classify:
        """Reads a signature.

        Raises:
            ServingError: INVALID_ARGUMENT if it is not of this form.
        """
        feed = input_name(signature, "classification")
        if len(signature.outputs) not in (1, 2):
            raise invalid_argument(f"Expected one or two output Tensors, found {len(signature.outputs)}")
        names = {alias: signature.outputs[alias].name for alias in signature.outputs}
        if _CLASSES not in names and _SCORES not in names:
            raise invalid_argument(
                "Expected classification signature outputs to contain at least one of"
                f' "{_CLASSES}" or "{_SCORES}". Signature was: {signature}'
            )
        return cls(feed, names.get(_CLASSES, ""), names.get(_SCORES, ""))

    @property
    def fetches(self) -> list[str]:
        return [name for name in (self.classes, self.scores) if name]

    def result(self, rows: int, arrays: Mapping[str, Array]) -> classification_pb2.ClassificationResult:
        """The reply's classifications, one for each of `rows` examples.

        Raises:
            ServingError: INVALID_ARGUMENT for outputs of another type or shape.
        """
        classes = self._checked(arrays.get(self.classes), rows, "classes", "DT_STRING")
        scores = self._checked(arrays.get(self.scores), rows, "scores", "DT_FLOAT")
        if classes is not None and scores is not None and classes.shape[1] != scores.shape[1]:
            raise invalid_argument(
                f"Tensors class and score should match in dim_size(1). Got {classes.shape[1]}"
                f" vs. {scores.shape[1]}"
            )
        result = classification_pb2.ClassificationResult()
        for row in range(rows):
            entry = result.classifications.add()
            labels = repeat(b"") if classes is None else classes[row]
            values = repeat(0.0) if scores is None else scores[row].tolist()
            for label, value in _pairs(labels, values):
                entry.classes.add(label=label, score=value)
        return result

    def _checked(self, array: Array | None, rows: int, what: str, kind: str) -> Array | None:
        if array is None:
            return None
        if array.ndim != 2:
            raise invalid_argument(
                f"Expected Tensor shape: [batch_size num_classes] but got {shape_text(array)}"
            )
        if type_text(array) != kind:
            raise invalid_argument(f"Expected {what} Tensor of {kind}. Got: {type_text(array)}")
        if array.shape[0] != rows:
            raise invalid_argument(f"Expected {what} output batch size of {rows}. Got: {array.shape[0]}")
        return array


def _pairs(labels: Any, values: Any) -> list[tuple[str, float]]:
    return [(label.decode("utf-8", "replace"), value) for label, value in zip(labels, values, strict=False)]
