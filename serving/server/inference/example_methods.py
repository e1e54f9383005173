"""Classify, Regress and MultiInference on a loaded model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tensorflow_serving.apis import classification_pb2, inference_pb2, input_pb2, regression_pb2

from serving.server.inference import classify as classification
from serving.server.inference import regress as regression
from serving.server.inference.classify import Classify
from serving.server.inference.example_signature import (
    SignatureDef,
    check_method,
    find_signature,
    run_examples,
)
from serving.server.inference.examples import serialized_examples
from serving.server.inference.predict import DEFAULT_SIGNATURE, Runner
from serving.server.inference.regress import Regress
from serving.server.status import Code, ServingError, invalid_argument


@dataclass(frozen=True)
class ExampleMethods:
    """The methods that take examples.

    Attributes:
        check_method_names: whether a signature's method_name must match the method that is called.
        max_rows: maximum number of examples per request; 0 for no limit.
        max_bytes: maximum bytes of the context times the number of examples; 0 or less for no limit.
    """

    check_method_names: bool = False
    max_rows: int = 0
    max_bytes: int = 0

    def classify(
        self, model: Runner, signature_name: str, input: input_pb2.Input, timeout: float | None
    ) -> tuple[str, classification_pb2.ClassificationResult]:
        """Returns the resolved signature name and one classification per example.

        Raises:
            ServingError: INVALID_ARGUMENT for a signature or an input that does not fit.
        """
        name, signature = find_signature(model, signature_name)
        task = self._classify(signature)
        rows = self._rows(input)
        return name, task.result(len(rows), run_examples(model, [task.feed], rows, task.fetches, timeout))

    def regress(
        self, model: Runner, signature_name: str, input: input_pb2.Input, timeout: float | None
    ) -> tuple[str, regression_pb2.RegressionResult]:
        """Returns the resolved signature name and one number per example.

        Raises:
            ServingError: INVALID_ARGUMENT for a signature or an input that does not fit.
        """
        name, signature = find_signature(model, signature_name)
        task = self._regress(signature)
        rows = self._rows(input)
        return name, task.result(len(rows), run_examples(model, [task.feed], rows, task.fetches, timeout))

    def multi_inference(
        self, model: Runner, request: inference_pb2.MultiInferenceRequest, timeout: float | None
    ) -> list[inference_pb2.InferenceResult]:
        """All tasks of a request in one run of the graph, in their order; model specs hold names only.

        The examples go into the input tensors of all signatures, which may differ.

        Raises:
            ServingError: INVALID_ARGUMENT, or UNIMPLEMENTED for a task of another method.
        """
        plans = self._plans(model, request.tasks)
        rows = self._rows(request.input)
        feeds = sorted({plan.feed for _, _, plan in plans})
        fetches = sorted({name for _, _, plan in plans for name in plan.fetches})
        arrays = run_examples(model, feeds, rows, fetches, timeout)
        results = []
        for task, name, plan in plans:
            result = inference_pb2.InferenceResult()
            result.model_spec.name = task.model_spec.name
            result.model_spec.signature_name = name
            if isinstance(plan, Classify):
                result.classification_result.CopyFrom(plan.result(len(rows), arrays))
            else:
                result.regression_result.CopyFrom(plan.result(len(rows), arrays))
            results.append(result)
        return results

    def _rows(self, input: input_pb2.Input) -> np.ndarray[Any, Any]:
        return serialized_examples(input, max_rows=self.max_rows, max_bytes=self.max_bytes)

    def _plans(
        self, model: Runner, tasks: Sequence[inference_pb2.InferenceTask]
    ) -> list[tuple[inference_pb2.InferenceTask, str, Classify | Regress]]:
        """Returns each task with its signature's name and its plan; raises for the first invalid task."""
        if not tasks:
            raise invalid_argument("Inference request has no tasks.")
        plans: dict[str, tuple[inference_pb2.InferenceTask, str, Classify | Regress]] = {}
        for task in tasks:
            _check_model(task, tasks[0])
            name = task.model_spec.signature_name or DEFAULT_SIGNATURE
            if name in plans:
                raise invalid_argument(f"Duplicate evaluation of signature: {name}")
            signature = model.signatures.get(name)
            if signature is None:
                raise invalid_argument(f"Requested signature not found in model graph: {name}")
            plans[name] = (task, name, self._plan(signature, task.method_name))
        return list(plans.values())

    def _plan(self, signature: SignatureDef, method: str) -> Classify | Regress:
        if method == classification.METHOD:
            return self._classify(signature)
        if method == regression.METHOD:
            return self._regress(signature)
        raise ServingError(Code.UNIMPLEMENTED, f"Unsupported signature method_name: {method}")

    def _classify(self, signature: SignatureDef) -> Classify:
        if self.check_method_names:
            check_method(signature, classification.METHOD, "classification")
        return Classify.of(signature)

    def _regress(self, signature: SignatureDef) -> Regress:
        if self.check_method_names:
            check_method(signature, regression.METHOD, "regression")
        return Regress.of(signature)


def _check_model(task: inference_pb2.InferenceTask, first: inference_pb2.InferenceTask) -> None:
    if not task.model_spec.name:
        raise invalid_argument("Found ModelSpec with an empty model name.")
    if task.model_spec.name != first.model_spec.name:
        raise invalid_argument("All ModelSpecs in a MultiInferenceRequest must access the same model name.")
