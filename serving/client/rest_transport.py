"""Calls over REST with httpx2; needs neither TensorFlow nor protobuf."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx2

from serving.client.deadline_transport import Deadline, DeadlineTransport
from serving.client.errors import (
    ClientError,
    UnexpectedReplyError,
    error_for_http,
    nobody_answers,
    reading_reply,
    too_large,
    too_late,
)
from serving.client.metadata import VersionStatus, from_json
from serving.client.reply_size import MAX_REPLY_BYTES, ReplyBody
from serving.client.transport import Call, Columns

_HEADERS = {"accept-encoding": "gzip"}
# How httpcore2 and h11 call the end of a connection before or within a reply.
_CONNECTION_ENDED = ("Server disconnected", "peer closed connection")


class RestTransport:
    """A synchronous transport over HTTP with kept-alive connections.

    A call's timeout covers its connection, request and reply; only the look-up of a host name has the
    time limit of the system's resolver.
    """

    def __init__(self, address: str, *, max_reply_bytes: int = MAX_REPLY_BYTES) -> None:
        self.address = address
        self._max_bytes = max_reply_bytes
        self._deadline = Deadline()
        transport = DeadlineTransport(self._deadline)
        self._http = httpx2.Client(base_url=address, trust_env=False, transport=transport, headers=_HEADERS)

    def call(self, call: Call) -> Columns:
        request = _request(call)
        deadline = self._deadline.within(call.timeout)
        with _client_errors(self.address, call), deadline, self._http.stream(**request) as reply:
            body = _body_of(self.address, reply, self._max_bytes)
            for chunk in reply.iter_raw():
                body.add(chunk)
        return _columns(self.address, call, reply, body)

    def close(self) -> None:
        self._http.close()


class AsyncRestTransport:
    """The same on an event loop."""

    def __init__(self, address: str, *, max_reply_bytes: int = MAX_REPLY_BYTES) -> None:
        self.address = address
        self._max_bytes = max_reply_bytes
        self._http = httpx2.AsyncClient(base_url=address, trust_env=False, headers=_HEADERS)

    async def call(self, call: Call) -> Columns:
        request = _request(call)
        with _client_errors(self.address, call):
            async with asyncio.timeout(call.timeout), self._http.stream(**request) as reply:
                body = _body_of(self.address, reply, self._max_bytes)
                async for chunk in reply.aiter_raw():
                    body.add(chunk)
        return _columns(self.address, call, reply, body)

    async def close(self) -> None:
        await self._http.aclose()


def _body_of(address: str, reply: httpx2.Response, max_bytes: int) -> ReplyBody:
    claimed = reply.headers.get("content-length", "")
    if claimed.isascii() and claimed.isdigit() and int(claimed[:20]) > max_bytes:
        raise too_large(address, max_bytes)
    return ReplyBody(address, reply.headers.get("content-encoding", ""), max_bytes)


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


def _columns(address: str, call: Call, reply: httpx2.Response, body: ReplyBody) -> Columns:
    with reading_reply(address):
        # Stripped here, since json looks for the first value with a regular expression, ten times slower.
        text = body.content().decode("utf-8", "replace").strip(" \t\r\n")
        if reply.status_code != 200:
            location = reply.headers.get("location", "")
            raise error_for_http(reply.status_code, _error_text(text), address, location)
        try:
            outputs = _outputs(call, json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnexpectedReplyError(
                f"{address} does not answer as TensorFlow Serving does: {text[:200]!r}", address=address
            ) from error
        return outputs if isinstance(outputs, dict) else {"output": outputs}


def _outputs(call: Call, body: Any) -> Any:
    if call.kind == "status":
        return {"versions": [_version(entry) for entry in body["model_version_status"]]}
    if call.kind == "metadata":
        return {"signatures": from_json(body)}
    return body["outputs"]


def _version(entry: dict[str, Any]) -> VersionStatus:
    return VersionStatus(int(entry["version"]), str(entry["state"]), str(entry["status"]["error_message"]))


def _error_text(text: str) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return text[:200]


@contextmanager
def _client_errors(address: str, call: Call) -> Iterator[None]:
    try:
        yield
    except httpx2.HTTPError as error:
        raise _failure(address, call, error) from error
    except TimeoutError as error:
        raise too_late(address, call.timeout) from error


def _failure(address: str, call: Call, error: httpx2.HTTPError) -> ClientError:
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
        return nobody_answers(address, str(error) or type(error).__name__)
    if isinstance(error, httpx2.TimeoutException):
        return too_late(address, call.timeout)
    if isinstance(error, httpx2.RemoteProtocolError) and not str(error).startswith(_CONNECTION_ENDED):
        return UnexpectedReplyError(
            f"{address} does not answer in HTTP, or not to the end: {str(error)[:200]!r}", address=address
        )
    return nobody_answers(address, f"the connection broke: {error or type(error).__name__}")
