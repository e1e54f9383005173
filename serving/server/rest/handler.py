"""Handles one REST request: bytes in; status, headers and bytes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field

from tensorflow_serving.apis import input_pb2, model_pb2

from serving.server.inference.cancellation import Cancellation, cancellable, current
from serving.server.inference.example_methods import ExampleMethods
from serving.server.inference.examples import example_count
from serving.server.inference.metadata import signature_map
from serving.server.inference.predict import DEFAULT_SIGNATURE, Runner, batch_rows, predict
from serving.server.inference.row_limit import check_rows
from serving.server.lifecycle.manager import ModelManager
from serving.server.lifecycle.status_reply import model_status
from serving.server.logs import log
from serving.server.metrics.recorder import Recorder
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.rest.access import AccessPolicy
from serving.server.rest.bodies import LargeBodyTurn, inflated
from serving.server.rest.examples_from_json import read_examples
from serving.server.rest.json_reader import read_object
from serving.server.rest.limits import RestLimits
from serving.server.rest.predict_request import read_tensors, signature_name_of
from serving.server.rest.results_to_json import (
    write_classifications,
    write_metadata,
    write_regressions,
    write_status,
)
from serving.server.rest.routes import Route, UnreadableVersionError, find_route, is_api_path
from serving.server.rest.tensors_to_json import write_error, write_outputs, write_predictions
from serving.server.status import (
    ServingError,
    as_serving_error,
    http_status,
    invalid_argument,
    rest_message,
)

_JSON = "application/json"
_LARGE_BODY_BYTES = 256 * 1024
_NOT_FOUND_PAGE = (
    b"<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n</BODY></HTML>\n"
)


@dataclass(frozen=True)
class Reply:
    """HTTP status, body and headers of a reply."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class RestHandler:
    """The REST API of the models of a manager.

    Args:
        models: what is served.
        timeout: seconds that a run may take; None for no limit.
        access: which hosts and origins are served.
        limits: of which the size of a decompressed body counts here.
        examples: answers classify and regress.
        recorder: notes requests.
        metrics_path: where `metrics` are shown; "" does not show them.
        metrics: what is shown there.
    """

    def __init__(
        self,
        models: ModelManager,
        *,
        timeout: float | None = 30.0,
        access: AccessPolicy | None = None,
        limits: RestLimits | None = None,
        examples: ExampleMethods | None = None,
        recorder: Recorder | None = None,
        metrics_path: str = "",
        metrics: ServerMetrics | None = None,
    ) -> None:
        self._metrics = metrics or ServerMetrics()
        self._metrics_path = metrics_path
        self._recorder = recorder or Recorder(self._metrics)
        self._examples = examples or ExampleMethods()
        self._models = models
        self._timeout = timeout
        self._access = access or AccessPolicy()
        self._limits = limits or RestLimits()
        self._reading_large = LargeBodyTurn()
        self._verbs: dict[str, Callable[[Route, bytes], str]] = {
            "predict": self._predict,
            "classify": self._classify,
            "regress": self._regress,
            "status": self._status,
            "metadata": self._metadata,
        }

    def handle(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        cancellation: Cancellation | None = None,
    ) -> Reply:
        """The reply to a request; never raises.

        Args:
            method: the HTTP method.
            target: path and query as sent.
            headers: by lower-case name.
            body: as sent, perhaps compressed.
            cancellation: set when the client hangs up, so that the model need not run.
        """
        cors = self._access.cors_headers(headers)
        refusal = self._access.refusal(method, headers)
        if refusal:
            return Reply(403, write_error(refusal).encode("utf-8", "replace"), {"content-type": _JSON})
        if self._metrics_path and target.partition("?")[0] == self._metrics_path:
            return self._metrics_page(target)
        if not is_api_path(target):
            page = {"content-type": "text/html", "connection": "close"}
            return Reply(404, _NOT_FOUND_PAGE, page)
        if method == "OPTIONS":
            origin = headers.get("origin", "")
            is_web = "http://" in origin or "https://" in origin
            return Reply(200 if is_web else 400, b"", {"content-type": _JSON, **cors})
        with cancellable(cancellation or Cancellation()):
            reply = self._api_reply(method, target, headers, body)
        reply.headers.update(cors)
        return reply

    def _api_reply(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            plain = inflated(headers, body, self._limits.max_body_bytes)
            if plain is None:
                return too_large(self._limits)
            status, text = 200, self._answer(method, target, plain)
        except UnreadableVersionError:
            return Reply(400, b"", {"content-type": _JSON})
        except ServingError as error:
            status, text = http_status(error.code), write_error(error.message)
        except Exception as error:  # noqa: BLE001  one bad request must not end the connection's thread
            log.exception("REST request %s %s failed", method, target)
            failure = as_serving_error(error)
            status, text = http_status(failure.code), write_error(failure.message)
        return Reply(status, text.encode("utf-8", "surrogateescape"), {"content-type": _JSON})

    def _metrics_page(self, target: str) -> Reply:
        headers = {"content-type": "text/plain"}
        if target != self._metrics_path:
            wrong = f"Unexpected path: {target}. Should be {self._metrics_path}"
            return Reply(400, rest_message(wrong).encode(), headers)
        return Reply(200, self._metrics.text().encode(), headers)

    def _answer(self, method: str, target: str, body: bytes) -> str:
        route = find_route(method, target)
        return self._verbs[route.verb](route, body)

    def _predict(self, route: Route, body: bytes) -> str:
        with ExitStack() as large:
            large.enter_context(self._turn(body))
            request = read_object(body)
            signature_name = signature_name_of(request)
            with (
                self._recorder.request("REST", "predict", route.name, signature_name) as record,
                self._lease(route) as (model, record.version),
            ):
                signature = model.signatures.get(signature_name or DEFAULT_SIGNATURE)
                if signature is None:
                    raise invalid_argument(
                        f'Serving signature name: "{signature_name or DEFAULT_SIGNATURE}"'
                        " not found in signature def"
                    )
                if isinstance(instances := request.get("instances"), list):
                    check_rows(len(instances), self._examples.max_rows)
                inputs, by_row = read_tensors(
                    request, signature.inputs, signature.defaults, signature_name
                )
                del request, instances
                large.close()
                record.rows = batch_rows(inputs)
                with record.run():
                    answer = predict(
                        model,
                        signature_name,
                        inputs,
                        timeout=self._timeout,
                        check_method=self._examples.check_method_names,
                    )
            dtypes = {alias: info.dtype for alias, info in signature.outputs.items()}
            return (write_predictions if by_row else write_outputs)(answer.outputs, dtypes)

    def _classify(self, route: Route, body: bytes) -> str:
        signature_name, examples = self._read_examples(body)
        with (
            self._recorder.request("REST", "classify", route.name, signature_name) as record,
            self._lease(route) as (model, record.version),
            record.run(),
        ):
            record.rows = example_count(examples)
            _, result = self._examples.classify(model, signature_name, examples, self._timeout)
        return write_classifications(result)

    def _regress(self, route: Route, body: bytes) -> str:
        signature_name, examples = self._read_examples(body)
        with (
            self._recorder.request("REST", "regress", route.name, signature_name) as record,
            self._lease(route) as (model, record.version),
            record.run(),
        ):
            record.rows = example_count(examples)
            _, result = self._examples.regress(model, signature_name, examples, self._timeout)
        return write_regressions(result)

    def _read_examples(self, body: bytes) -> tuple[str, input_pb2.Input]:
        with self._turn(body):
            request = read_object(body)
            return signature_name_of(request), read_examples(request)

    @contextmanager
    def _turn(self, body: bytes) -> Iterator[None]:
        """Waits until a large body may be read; a small one need not wait."""
        with self._reading_large if len(body) > _LARGE_BODY_BYTES else nullcontext():
            current().check()
            yield

    def _status(self, route: Route, body: bytes) -> str:
        return write_status(model_status(self._models, route.name, route.version))

    def _metadata(self, route: Route, body: bytes) -> str:
        with self._lease(route) as (model, version):
            spec = model_pb2.ModelSpec(name=route.name)
            spec.version.value = version
            return write_metadata(spec, signature_map(model))

    def _lease(self, route: Route) -> AbstractContextManager[tuple[Runner, int]]:
        return self._models.lease(route.name, route.version, route.label)


def too_large(limits: RestLimits) -> Reply:
    """The 413 for a body longer than allowed; it closes the connection."""
    message = (
        f"The request body is larger than {limits.max_body_bytes} bytes; send fewer rows per request,"
        f" or start the server with a larger --{limits.max_body_flag}."
    )
    return Reply(413, write_error(message).encode(), {"content-type": _JSON, "connection": "close"})
