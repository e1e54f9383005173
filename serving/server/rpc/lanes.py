"""Thread pools of the gRPC port: one per group of methods, protected against exhaustion.

gRPC for Python occupies a thread from a call's headers on, even if its message never arrives. So a
lane has more threads than requests that it runs concurrently, and when too many calls wait for their
client, the oldest is cancelled.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from serving.server.rpc.calls import abort
from serving.server.rpc.field_count import check_field_count
from serving.server.status import ServingError

_SPARE = 8  # threads for calls that are being cancelled


class Lane:
    """A thread pool for some methods.

    Args:
        name: prefix of thread names.
        threads: requests that run concurrently; further ones are queued.
        waiting: maximum number of calls that wait for their client; one more cancels the oldest.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads + waiting + _SPARE, name)
        self._turns = threading.Semaphore(threads)
        self._most_waiting = waiting
        # Oldest first. No lock: single dictionary operations are atomic.
        self._waiting: dict[grpc.ServicerContext, None] = {}

    def unary(self, method: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
        """Returns a unary-unary method that runs on this lane."""

        def answer(messages: Iterator[bytes], context: grpc.ServicerContext) -> Any:
            message = self._only_message(messages, context)
            with self._turns:
                if not context.is_active():
                    context.abort(grpc.StatusCode.CANCELLED, "The client left while its request waited.")
                return method.unary_unary(_request(method, message, context), context)

        answer.experimental_thread_pool = self._pool  # type: ignore[attr-defined]
        return grpc.stream_unary_rpc_method_handler(answer, None, method.response_serializer)

    def stream(self, method: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
        """Returns a stream-stream method on this lane; an open stream counts as waiting throughout."""

        def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
            self._begin_to_wait(context)
            try:
                yield from method.stream_stream(requests, context)
            finally:
                self._waiting.pop(context, None)

        answer.experimental_thread_pool = self._pool  # type: ignore[attr-defined]
        return grpc.stream_stream_rpc_method_handler(
            answer, method.request_deserializer, method.response_serializer
        )

    def join(self) -> None:
        """Waits until all threads have finished."""
        self._pool.shutdown()

    def _only_message(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        self._begin_to_wait(context)
        try:
            for message in messages:
                return message
        finally:
            self._waiting.pop(context, None)
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "The method requires exactly one request message.")
        raise AssertionError("unreachable: abort raises")

    def _begin_to_wait(self, context: grpc.ServicerContext) -> None:
        """Registers a call that waits for its client; from now on it may be cancelled."""
        self._waiting[context] = None
        while len(self._waiting) > self._most_waiting:
            oldest = next(iter(list(self._waiting)))
            self._waiting.pop(oldest, None)
            oldest.cancel()


class LanedServer:
    """A stand-in for `grpc.Server` in generated `add_…_to_server` functions; assigns lanes to methods.

    Args:
        server: the server that the methods are registered with.
        lanes: lane by method name; "" is the default.
    """

    def __init__(self, server: grpc.Server, lanes: dict[str, Lane]) -> None:
        self._server = server
        self._lanes = lanes

    def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
        """Registers the methods of a service."""
        self._server.add_generic_rpc_handlers([_LanedService(one, self._lanes) for one in handlers])

    def add_registered_method_handlers(self, service: str, methods: dict[str, Any]) -> None:
        """Ignores the methods, which generated code also registers as generic handlers."""


class _LanedService(grpc.GenericRpcHandler):
    def __init__(self, service: grpc.GenericRpcHandler, lanes: dict[str, Lane]) -> None:
        self._service = service
        self._lanes = lanes
        self._methods: dict[str, grpc.RpcMethodHandler] = {}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Returns the method that a call names, or None if another service has it."""
        if details.method not in self._methods:
            method = self._service.service(details)
            if method is None:
                return None
            self._methods[details.method] = self._on_lane(details.method.rpartition("/")[2], method)
        return self._methods[details.method]

    def _on_lane(self, name: str, method: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
        lane = self._lanes.get(name, self._lanes[""])
        if method.request_streaming and method.response_streaming:
            return lane.stream(method)
        return method if method.response_streaming else lane.unary(method)


def _request(method: grpc.RpcMethodHandler, message: bytes, context: grpc.ServicerContext) -> Any:
    try:
        kind = method.request_deserializer.__self__  # generated code registers MESSAGE_CLASS.FromString
        check_field_count(message, kind.DESCRIPTOR)
        return method.request_deserializer(message)
    except ServingError as error:
        abort(context, error)
    except DecodeError:
        context.abort(grpc.StatusCode.INTERNAL, "Exception deserializing request!")
        raise AssertionError("unreachable: abort raises") from None
