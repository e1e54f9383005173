"""Calls over REST with httpx2; needs neither TensorFlow nor protobuf."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import httpx2

from serving.client.errors import (
    ClientError,
    UnexpectedReplyError,
    code_of_http,
    error_for,
    nobody_answers,
    too_late,
)
from serving.client.metadata import VersionStatus, from_json
from serving.client.wire import Call, Columns


class RestWire:
    """A synchronous wire over HTTP with kept-alive connections."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = httpx2.Client(base_url=address, trust_env=False)

    def call(self, call: Call) -> Columns:
        try:
            reply = self._http.request(**_request(call))
        except httpx2.HTTPError as error:
            raise _failure(self.address, call, error) from error
        return _columns(self.address, call, reply)

    def close(self) -> None:
        self._http.close()


class AsyncRestWire:
    """The same on an event loop."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = httpx2.AsyncClient(base_url=address, trust_env=False)

    async def call(self, call: Call) -> Columns:
        try:
            reply = await self._http.request(**_request(call))
        except httpx2.HTTPError as error:
            raise _failure(self.address, call, error) from error
        return _columns(self.address, call, reply)

    async def close(self) -> None:
        await self._http.aclose()


def _request(call: Call) -> dict[str, Any]:
    path = f"/v1/models/{quote(call.target.model, safe='')}"
    if call.target.version is not None:
        path += f"/versions/{call.target.version}"
    elif call.target.label:
        path += f"/labels/{quote(call.target.label, safe='')}"
    if call.kind != "predict":
        url = path + "/metadata" if call.kind == "metadata" else path
        return {"method": "GET", "url": url, "timeout": call.timeout}
    columns = {name: [_json_value(v) for v in column.values] for name, column in call.inputs.items()}
    body = json.dumps({"signature_name": call.signature, "inputs": columns}, ensure_ascii=False)
    return {
        "method": "POST",
        "url": path + ":predict",
        "content": body.encode("utf-8", "surrogatepass"),
        "headers": {"content-type": "application/json"},
        "timeout": call.timeout,
    }


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode("ascii")}
    return value


def _columns(address: str, call: Call, reply: httpx2.Response) -> Columns:
    text = reply.content.decode("utf-8", "replace")
    if reply.status_code != 200:
        raise error_for(code_of_http(reply.status_code), _error_text(text), address)
    try:
        body = json.loads(text)
        if call.kind == "status":
            return {"versions": [_version(entry) for entry in body["model_version_status"]]}
        if call.kind == "metadata":
            return {"signatures": from_json(body)}
        outputs = body["outputs"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnexpectedReplyError(
            f"{address} does not answer as TensorFlow Serving does: {text[:200]!r}", address=address
        ) from error
    return outputs if isinstance(outputs, dict) else {"output": outputs}


def _version(entry: dict[str, Any]) -> VersionStatus:
    return VersionStatus(int(entry["version"]), entry["state"], entry["status"]["error_message"])


def _error_text(text: str) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return text[:200] or "an empty reply"


def _failure(address: str, call: Call, error: httpx2.HTTPError) -> ClientError:
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
        return nobody_answers(address, str(error) or type(error).__name__)
    if isinstance(error, httpx2.TimeoutException):
        return too_late(address, call.timeout)
    return nobody_answers(address, f"the connection broke: {error or type(error).__name__}")
