"""Classify, Regress and MultiInference on a loaded model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tensorflow_serving.apis import classification_pb2, inference_pb2, input_pb2, regression_pb2

from serving.server.inference import classify as classification
from serving.server.inference import regress as regression
from serving.server.inference.classify import Classify
from serving.server.inference.example_signature import check_method, find_signature, run_examples
from serving.server.inference.examples import serialized_examples
from serving.server.inference.predict import Runner
from serving.server.inference.regress import Regress
from serving.server.status import Code, ServingError, invalid_argument


@dataclass(frozen=True)
class ExampleMethods:
    """The methods that take examples.

    Attributes:
        check_method_names: whether a signature must say that it is of the method that is called.
    """

    check_method_names: bool = False

    def classify(
        self, model: Runner, signature_name: str, input: input_pb2.Input, timeout: float | None
    ) -> tuple[str, classification_pb2.ClassificationResult]:
        """The resolved signature name and one classification an example.

        Raises:
            ServingError: INVALID_ARGUMENT for a signature or an input that does not fit.
        """
        name, signature = find_signature(model, signature_name)
        if self.check_method_names:
            check_method(signature, classification.METHOD, "classification")
        task = Classify.of(signature)
        rows = serialized_examples(input)
        return name, task.result(len(rows), run_examples(model, task.feed, rows, task.fetches, timeout))

    def regress(
        self, model: Runner, signature_name: str, input: input_pb2.Input, timeout: float | None
    ) -> tuple[str, regression_pb2.RegressionResult]:
        """The resolved signature name and one number an example.

        Raises:
            ServingError: INVALID_ARGUMENT for a signature or an input that does not fit.
        """
        name, signature = find_signature(model, signature_name)
        if self.check_method_names:
            check_method(signature, regression.METHOD, "regression")
        task = Regress.of(signature)
        rows = serialized_examples(input)
        return name, task.result(len(rows), run_examples(model, task.feed, rows, task.fetches, timeout))

    def multi_inference(
        self, model: Runner, request: inference_pb2.MultiInferenceRequest, timeout: float | None
    ) -> list[inference_pb2.InferenceResult]:
        """All tasks of a request in one run of the graph, in their order; model specs hold names only.

        Raises:
            ServingError: INVALID_ARGUMENT, or UNIMPLEMENTED for a task of another method.
        """
        _check_tasks(request.tasks)
        plans = [(task, *_plan(model, task)) for task in request.tasks]
        feeds = {plan.feed for _, _, plan in plans}
        if len(feeds) > 1:
            raise invalid_argument("Input tensor must be the same for all Signatures.")
        rows = serialized_examples(request.input)
        fetches = list(dict.fromkeys(name for _, _, plan in plans for name in plan.fetches))
        arrays = run_examples(model, feeds.pop(), rows, fetches, timeout)
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


def _plan(model: Runner, task: inference_pb2.InferenceTask) -> tuple[str, Classify | Regress]:
    name, signature = find_signature(model, task.model_spec.signature_name)
    if task.method_name == classification.METHOD:
        return name, Classify.of(signature)
    if task.method_name == regression.METHOD:
        return name, Regress.of(signature)
    raise ServingError(Code.UNIMPLEMENTED, f"Unsupported signature method_name: {task.method_name}")


def _check_tasks(tasks: Sequence[inference_pb2.InferenceTask]) -> None:
    if not tasks:
        raise invalid_argument("Inference request has no tasks.")
    signatures: set[str] = set()
    for task in tasks:
        if not task.model_spec.name:
            raise invalid_argument("Found ModelSpec with an empty model name.")
        if task.model_spec.name != tasks[0].model_spec.name:
            raise invalid_argument(
                "All ModelSpecs in a MultiInferenceRequest must access the same model name."
            )
        if task.model_spec.signature_name in signatures:
            raise invalid_argument(f"Duplicate evaluation of signature: {task.model_spec.signature_name}")
        signatures.add(task.model_spec.signature_name)
