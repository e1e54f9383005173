"""Answers one REST request: bytes in, status, headers and bytes out."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tensorflow_serving.apis import model_pb2

from serving.server.inference.example_methods import ExampleMethods
from serving.server.inference.examples import example_count
from serving.server.inference.metadata import signature_map
from serving.server.inference.predict import DEFAULT_SIGNATURE, Runner, batch_rows, predict
from serving.server.lifecycle.manager import ModelManager
from serving.server.lifecycle.status_reply import model_status
from serving.server.logs import log
from serving.server.metrics.recorder import Recorder, RequestRecord
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.rest.examples_from_json import read_examples
from serving.server.rest.json_reader import read_object
from serving.server.rest.pretty_writer import debug_text
from serving.server.rest.results_to_json import (
    write_classifications,
    write_metadata,
    write_regressions,
    write_status,
)
from serving.server.rest.routes import Route, UnreadableVersionError, find_route, is_api_path
from serving.server.rest.tensors_from_json import TensorInfos, read_inputs, read_instances
from serving.server.rest.tensors_to_json import write_error, write_outputs, write_predictions
from serving.server.status import ServingError, as_serving_error, http_status, invalid_argument

_JSON = "application/json"
_MAX_INFLATED = 100 * 1024 * 1024
_NOT_FOUND_PAGE = (
    b"<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n</BODY></HTML>\n"
)


@dataclass(frozen=True)
class Reply:
    """What goes back: HTTP status, body, headers."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class RestHandler:
    """The REST API of the models of a manager.

    Args:
        models: what is served.
        timeout: seconds that a run may take.
        cors: whether replies let pages of other origins read them.
        examples: answers classify and regress.
        recorder: notes requests.
        metrics_path: where `metrics` are shown; "" does not show them.
        metrics: what is shown there.
    """

    def __init__(
        self,
        models: ModelManager,
        *,
        timeout: float = 30.0,
        cors: bool = False,
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
        self._cors = cors
        self._verbs: dict[str, Callable[[Route, bytes], str]] = {
            "predict": self._predict,
            "classify": self._classify,
            "regress": self._regress,
            "status": self._status,
            "metadata": self._metadata,
        }

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answers; never raises.

        Args:
            method: the HTTP method.
            target: path and query as sent.
            headers: by lower-case name.
            body: as sent, perhaps compressed.
        """
        if self._metrics_path and target.partition("?")[0] == self._metrics_path:
            return self._metrics_page(target)
        if not is_api_path(target):
            page = {"content-type": "text/html", "connection": "close"}
            return Reply(404, _NOT_FOUND_PAGE, page)
        if method == "OPTIONS":
            origin = headers.get("origin", "")
            known = "http://" in origin or "https://" in origin
            return Reply(200 if known else 400, b"", self._headers())
        try:
            status, text = 200, self._answer(method, target, _inflated(headers, body))
        except UnreadableVersionError:
            return Reply(400, b"", self._headers())
        except ServingError as error:
            status, text = http_status(error.code), write_error(error.message)
        except Exception as error:  # noqa: BLE001  one bad request must not end the connection's thread
            log.exception("REST request %s %s failed", method, target)
            failure = as_serving_error(error)
            status, text = http_status(failure.code), write_error(failure.message)
        return Reply(status, text.encode("utf-8", "surrogateescape"), self._headers())

    def _metrics_page(self, target: str) -> Reply:
        headers = {"content-type": "text/plain"}
        if target != self._metrics_path:
            wrong = f"Unexpected path: {target}. Should be {self._metrics_path}"
            return Reply(400, wrong.encode(), headers)
        return Reply(200, self._metrics.text().encode(), headers)

    def _answer(self, method: str, target: str, body: bytes) -> str:
        route = find_route(method, target)
        return self._verbs[route.verb](route, body)

    def _predict(self, route: Route, body: bytes) -> str:
        request = read_object(body)
        signature_name = signature_name_of(request)
        with self._recorder.request("REST", "predict", route.name, signature_name) as record:
            return self._predicted(route, request, signature_name, record)

    def _predicted(
        self, route: Route, request: dict[str, object], signature_name: str, record: RequestRecord
    ) -> str:
        with self._lease(route) as (model, record.version):
            signature = model.signatures.get(signature_name or DEFAULT_SIGNATURE)
            if signature is None:
                raise invalid_argument(
                    f'Serving signature name: "{signature_name or DEFAULT_SIGNATURE}"'
                    " not found in signature def"
                )
            inputs, by_row = _read_tensors(request, signature.inputs, signature.defaults, signature_name)
            record.rows = batch_rows(inputs)
            with record.run():
                checked = self._examples.check_method_names
                answer = predict(model, signature_name, inputs, timeout=self._timeout, check_method=checked)
        dtypes = {alias: info.dtype for alias, info in signature.outputs.items()}
        return (write_predictions if by_row else write_outputs)(answer.outputs, dtypes)

    def _classify(self, route: Route, body: bytes) -> str:
        request = read_object(body)
        signature_name, examples = signature_name_of(request), read_examples(request)
        with (
            self._recorder.request("REST", "classify", route.name, signature_name) as record,
            self._lease(route) as (model, record.version),
            record.run(),
        ):
            record.rows = example_count(examples)
            _, result = self._examples.classify(model, signature_name, examples, self._timeout)
        return write_classifications(result)

    def _regress(self, route: Route, body: bytes) -> str:
        request = read_object(body)
        signature_name, examples = signature_name_of(request), read_examples(request)
        with (
            self._recorder.request("REST", "regress", route.name, signature_name) as record,
            self._lease(route) as (model, record.version),
            record.run(),
        ):
            record.rows = example_count(examples)
            _, result = self._examples.regress(model, signature_name, examples, self._timeout)
        return write_regressions(result)

    def _status(self, route: Route, body: bytes) -> str:
        return write_status(model_status(self._models, route.name, route.version))

    def _metadata(self, route: Route, body: bytes) -> str:
        with self._lease(route) as (model, version):
            spec = model_pb2.ModelSpec(name=route.name)
            spec.version.value = version
            return write_metadata(spec, signature_map(model))

    def _lease(self, route: Route) -> AbstractContextManager[tuple[Runner, int]]:
        return self._models.lease(route.name, route.version, route.label)

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": _JSON}
        if self._cors:
            headers["access-control-allow-origin"] = "*"
            headers["access-control-allow-methods"] = "POST, GET"
            headers["access-control-allow-headers"] = "Content-Type"
        return headers


def signature_name_of(request: dict[str, object]) -> str:
    """The request's `signature_name`, "" if it has none.

    Raises:
        ServingError: INVALID_ARGUMENT if it is not a string.
    """
    name = request.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid_argument(
            f"JSON Value: {debug_text(request)} not formatted correctly."
            " 'signature_name' key must be a string value."
        )
    return name


def _read_tensors(
    request: dict[str, object], inputs: TensorInfos, optional: Container[str], signature: str
) -> tuple[dict, bool]:
    if not inputs:
        raise invalid_argument(f"Failed to get input map for signature: {signature or 'DEFAULT'}")
    if "instances" in request:
        instances = request["instances"]
        if "inputs" in request:
            both = "expecting only one of 'inputs' or 'instances' keys to exist "
            raise _wrong(request, f"Not formatted correctly {both}")
        if not isinstance(instances, list):
            raise _wrong(request, "Excepting 'instances' to be an list/array")
        if not instances:
            raise _wrong(request, "No values in 'instances' array")
        return read_instances(instances, inputs, optional), True
    if "inputs" not in request:
        raise invalid_argument("Missing 'inputs' or 'instances' key")
    return read_inputs(request["inputs"], inputs, optional), False


def _wrong(request: dict[str, object], what: str) -> ServingError:
    return invalid_argument(f"JSON Value: {debug_text(request)} {what}")


def _inflated(headers: Mapping[str, str], body: bytes) -> bytes:
    """The body, decompressed if it says gzip; what cannot be decompressed counts as empty."""
    if "gzip" not in headers.get("content-encoding", ""):
        return body
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(body, _MAX_INFLATED)
    except zlib.error:
        return b""
    return plain if inflater.eof else b""
