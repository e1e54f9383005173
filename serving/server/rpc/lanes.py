"""Thread pools of the gRPC port: which methods share one, and what keeps a pool from being used up.

A gRPC call is begun by its headers and takes a thread from then on, whether or not its message ever
comes. So a lane has more threads than it answers requests at a time, and where too many calls wait
for their client, the oldest of them gives way.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.message import DecodeError

_SPARE = 8  # threads that end calls which gave way


class Lane:
    """The threads of some methods, which other methods cannot take.

    Args:
        name: of its threads.
        threads: requests that it answers at the same time; more wait for their turn.
        waiting: calls that may wait for their client; the oldest is cancelled when there are more.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads + waiting + _SPARE, name)
        self._turns = threading.Semaphore(threads)
        self._most_waiting = waiting
        # The oldest first. Without a lock: each single operation on a dictionary is atomic.
        self._waiting: dict[grpc.ServicerContext, None] = {}

    def unary(self, method: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
        """A method of one request and one reply, on this lane."""

        def answer(messages: Iterator[bytes], context: grpc.ServicerContext) -> Any:
            message = self._only_message(messages, context)
            with self._turns:
                if not context.is_active():
                    context.abort(grpc.StatusCode.CANCELLED, "The client left while its request waited.")
                return method.unary_unary(_request(method, message, context), context)

        answer.experimental_thread_pool = self._pool  # type: ignore[attr-defined]
        return grpc.stream_unary_rpc_method_handler(answer, None, method.response_serializer)

    def stream(self, method: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
        """A method of many requests and replies; its streams wait for their clients all the time."""

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
        """Waits for the threads."""
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
        """Counts the call among those that wait for their client; from now on it may be cancelled."""
        self._waiting[context] = None
        while len(self._waiting) > self._most_waiting:
            oldest = next(iter(list(self._waiting)))
            self._waiting.pop(oldest, None)
            oldest.cancel()


class LanedServer:
    """What `add_…_to_server` functions of generated code are given: puts each method on its lane.

    Args:
        server: where the methods go.
        lanes: lane by method name; "" for the methods that have none of their own.
    """

    def __init__(self, server: grpc.Server, lanes: dict[str, Lane]) -> None:
        self._server = server
        self._lanes = lanes

    def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
        """Registers the methods of a service."""
        self._server.add_generic_rpc_handlers([_LanedService(one, self._lanes) for one in handlers])

    def add_registered_method_handlers(self, service: str, methods: dict[str, Any]) -> None:
        """Passes over what newer generated code gives a second time."""


class _LanedService(grpc.GenericRpcHandler):
    def __init__(self, service: grpc.GenericRpcHandler, lanes: dict[str, Lane]) -> None:
        self._service = service
        self._lanes = lanes
        self._methods: dict[str, grpc.RpcMethodHandler] = {}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """The method that a call names; None if it is not of this service."""
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
        return method.request_deserializer(message)
    except DecodeError:
        context.abort(grpc.StatusCode.INTERNAL, "Exception deserializing request!")
        raise AssertionError("unreachable: abort raises") from None
