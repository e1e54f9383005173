"""Calls over gRPC with messages of our own; needs no TensorFlow."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio

from serving.client.errors import (
    ClientError,
    error_for,
    nobody_answers,
    reading_reply,
    too_large,
    too_late,
)
from serving.client.messages import (
    MetadataRequest,
    MetadataResponse,
    PredictRequest,
    PredictResponse,
    SignatureMap,
    StatusRequest,
    StatusResponse,
)
from serving.client.metadata import VersionStatus, from_message
from serving.client.reply_size import MAX_REPLY_BYTES
from serving.client.tensors import from_tensor, from_tensors, to_tensor
from serving.client.transport import Call, Columns

# kind of call: (method, request, reply)
_METHODS = {
    "predict": ("PredictionService/Predict", PredictRequest, PredictResponse),
    "status": ("ModelService/GetModelStatus", StatusRequest, StatusResponse),
    "metadata": ("PredictionService/GetModelMetadata", MetadataRequest, MetadataResponse),
}
_SIGNATURES = "signature_def"  # the only field of the metadata
# How gRPC calls a reply beyond its bound; a server words the refusal of a request in another way.
_TOO_LARGE = ("CLIENT: Received message larger", "Decompressed message larger")
_STATES = {0: "UNKNOWN", 10: "START", 20: "LOADING", 30: "AVAILABLE", 40: "UNLOADING", 50: "END"}


class GrpcTransport:
    """A synchronous transport over one channel.

    Certificates are checked against gRPC's own roots, or the file that the environment variable
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH names.
    """

    def __init__(
        self, address: str, *, secure: bool = False, max_reply_bytes: int = MAX_REPLY_BYTES
    ) -> None:
        self.address = address
        self._max_bytes = max_reply_bytes
        options = _options(max_reply_bytes)
        if secure:
            self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(), options=options)
        else:
            self._channel = grpc.insecure_channel(address, options=options)
        self._methods = _methods(self._channel)

    def call(self, call: Call) -> Columns:
        try:
            reply = self._methods[call.kind](_request(call), timeout=call.timeout)
        except grpc.RpcError as error:
            raise _failure(self.address, call, error, self._max_bytes) from error
        return _columns(self.address, call, reply)

    def close(self) -> None:
        self._channel.close()


class AsyncGrpcTransport:
    """The same on an event loop; made inside of it."""

    def __init__(
        self, address: str, *, secure: bool = False, max_reply_bytes: int = MAX_REPLY_BYTES
    ) -> None:
        self.address = address
        self._max_bytes = max_reply_bytes
        options = _options(max_reply_bytes)
        if secure:
            credentials = grpc.ssl_channel_credentials()
            self._channel = grpc.aio.secure_channel(address, credentials, options=options)
        else:
            self._channel = grpc.aio.insecure_channel(address, options=options)
        self._methods = _methods(self._channel)

    async def call(self, call: Call) -> Columns:
        try:
            reply = await self._methods[call.kind](_request(call), timeout=call.timeout)
        except grpc.RpcError as error:
            raise _failure(self.address, call, error, self._max_bytes) from error
        return _columns(self.address, call, reply)

    async def close(self) -> None:
        await self._channel.close()


def _options(max_reply_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", max_reply_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.enable_http_proxy", 0),
        # gRPC's own bound is two minutes, in which a server that is back would not be found.
        ("grpc.max_reconnect_backoff_ms", 5000),
    ]


def _methods(channel: Any) -> dict[str, Any]:
    """The method to call, by the kind of call. Its replies are bytes: gRPC would log what it cannot parse."""
    return {
        kind: channel.unary_unary(
            f"/tensorflow.serving.{method}",
            request_serializer=request.SerializeToString,
            response_deserializer=None,
        )
        for kind, (method, request, _) in _METHODS.items()
    }


def _request(call: Call) -> Any:
    request = _METHODS[call.kind][1]()
    spec = request.model_spec
    spec.name = call.target.model
    if call.target.version is not None:
        spec.version.value = call.target.version
    elif call.target.label:
        spec.version_label = call.target.label
    if call.kind == "metadata":
        request.metadata_field.append(_SIGNATURES)
    if call.kind == "predict":
        spec.signature_name = call.signature
        for name, column in call.inputs.items():
            request.inputs[name].CopyFrom(to_tensor(column))
    return request


def _columns(address: str, call: Call, data: bytes) -> Columns:
    with reading_reply(address):
        return _outputs(call, _METHODS[call.kind][2].FromString(data))


def _outputs(call: Call, reply: Any) -> Columns:
    if call.kind == "status":
        versions = [
            VersionStatus(entry.version, _STATES.get(entry.state, "UNKNOWN"), entry.status.error_message)
            for entry in reply.model_version_status
        ]
        return {"versions": versions}
    if call.kind == "metadata":
        signatures = SignatureMap.FromString(reply.metadata[_SIGNATURES].value)
        return {"signatures": from_message(signatures, from_tensor)}
    return from_tensors(reply.outputs)


def _failure(address: str, call: Call, error: grpc.RpcError, max_bytes: int) -> ClientError:
    code, details = error.code(), error.details() or ""
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return too_late(address, call.timeout)
    if code is grpc.StatusCode.UNAVAILABLE and _is_connection(details):
        return nobody_answers(address, details)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and any(text in details for text in _TOO_LARGE):
        return too_large(address, max_bytes)
    return error_for(code.name if code else "UNKNOWN", details, address)


def _is_connection(details: str) -> bool:
    text = details.lower()
    return any(word in text for word in ("connect", "socket", "resolution", "dns", "refused", "transport"))
