"""Loopback servers that send what a test gives them, over plain sockets and over gRPC."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc


@contextmanager
def raw_server(send: Callable[[socket.socket], None]) -> Iterator[str]:
    """Calls `send` with each connection once its request has come, then closes it; yields the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, send))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, send: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # shut down
            return
        with connection:
            connection.settimeout(20)
            try:
                connection.recv(65536)
                send(connection)
                # Closing with bytes of the request unread would reset the connection and lose the reply.
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:  # the client hung up
                pass


def http_reply(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """A whole HTTP reply, after which the connection is closed."""
    lines = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return lines.encode() + body


@contextmanager
def grpc_server(reply: Callable[[], bytes], compression: grpc.Compression | None = None) -> Iterator[str]:
    """Answers every method with the bytes of `reply`; yields the address."""

    class Handler(grpc.GenericRpcHandler):
        def service(self, details):
            return grpc.unary_unary_rpc_method_handler(lambda request, context: reply())

    options = [("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(2), [Handler()], options=options, compression=compression)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
