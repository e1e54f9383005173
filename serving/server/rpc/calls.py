"""What every gRPC method shares: deadlines, model specs, and errors as statuses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NoReturn

import grpc
from tensorflow_serving.apis import model_pb2

from serving.server.inference.cancellation import Cancellation, cancellable
from serving.server.inference.predict import Runner
from serving.server.lifecycle.manager import ModelManager
from serving.server.logs import log
from serving.server.status import Code, ServingError, as_serving_error, grpc_message, invalid_argument

_GRPC_CODES = {code.value[0]: code for code in grpc.StatusCode}
_FOR_EVER_S = 10_000_000.0

Method = Callable[[Any, Any, grpc.ServicerContext], Any]


def answers(method: Method) -> Method:
    """Turns what a method raises into a gRPC status, and lets it see that its client left."""

    @functools.wraps(method)
    def answer(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        cancellation = Cancellation()
        if not context.add_callback(cancellation.set):  # the call has ended already
            cancellation.set()
        try:
            with cancellable(cancellation):
                return method(self, request, context)
        except ServingError as error:
            abort(context, error)
        except Exception as error:  # noqa: BLE001  a fault of ours is a status too
            log.exception("gRPC %s failed", method.__name__)
            abort(context, as_serving_error(error))

    return answer


def abort(context: grpc.ServicerContext, error: ServingError) -> NoReturn:
    """Ends the call with the error's status."""
    context.abort(grpc_code(error.code), grpc_message(error.message))
    raise AssertionError("unreachable: abort raises")


def grpc_code(code: Code) -> grpc.StatusCode:
    """The gRPC status code object of `code`."""
    return _GRPC_CODES[int(code)]


def remaining(context: grpc.ServicerContext) -> float | None:
    """Seconds until the client's deadline; None if it has none."""
    left = context.time_remaining()
    return None if left is None or left > _FOR_EVER_S else left


def lease(models: ModelManager, request: Any) -> AbstractContextManager[tuple[Runner, int]]:
    """The model that the request's `model_spec` names.

    Raises:
        ServingError: INVALID_ARGUMENT without a model spec or name; as ModelManager.lease.
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    spec: model_pb2.ModelSpec = request.model_spec
    if not spec.name:
        raise invalid_argument("ModelSpec has no name specified.")
    version = spec.version.value if spec.HasField("version") else None
    label = spec.version_label if spec.HasField("version_label") else None
    return models.lease(spec.name, version, label)


def fill_spec(reply: Any, name: str, signature_name: str, version: int) -> None:
    """Says in the reply which model answered."""
    reply.model_spec.name = name
    reply.model_spec.signature_name = signature_name
    reply.model_spec.version.value = version
