"""Probes of the REST port for `benchmarks.hardness`: each returns what the server answered, in a word."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterable

from benchmarks.hardness_server import MODEL, Target

_PATH = f"/v1/models/{MODEL}:predict"
_METRICS = "/monitoring/prometheus/metrics"
_HOST = "Host: localhost"
_MIB = 1024 * 1024
_SILENT_SECONDS = 15.0
LONGEST_ERROR = 2048


def exchange(target: Target, *pieces: bytes, timeout: float = 30.0) -> bytes:
    """What comes back on one connection until the server closes it."""
    with target.rest_socket(timeout) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused while it is sent
            for piece in pieces:
                connection.sendall(piece)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Until the end of the stream; `(timeout)` stands for an end that does not come."""
    received = []
    try:
        while piece := connection.recv(65536):
            received.append(piece)
    except TimeoutError:
        received.append(b"(timeout)")
    except ConnectionResetError:
        pass
    return b"".join(received)


def request(body: bytes, *headers: str, method: str = "POST", path: str = _PATH, host: str = _HOST) -> bytes:
    """One request that closes its connection."""
    lines = [f"{method} {path} HTTP/1.1", host, "Connection: close", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body


def outcome(reply: bytes) -> str:
    """The status of the reply; `closed` without one, `long error` for one over 2 KB."""
    head, _, body = reply.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 "):
        return "timeout" if b"(timeout)" in reply else "closed"
    status = head[9:12].decode()
    return "long error" if status != "200" and len(body) > LONGEST_ERROR else status


def post(target: Target, body: bytes, *headers: str, path: str = _PATH, host: str = _HOST) -> str:
    """Sends one body; its status."""
    return outcome(exchange(target, request(body, *headers, path=path, host=host)))


def good(target: Target) -> str:
    """One good request."""
    return post(target, b'{"instances":["a b"]}')


def deep_object(target: Target) -> str:
    depth = 20_000
    return post(target, b'{"instances":' + b'{"a":' * depth + b"1" + b"}" * (depth + 1))


def deep_brackets(target: Target) -> str:
    return post(target, b'{"instances":' + b"[" * _MIB)


def long_echo(target: Target) -> str:
    return post(target, b'{"instances":{"a":[' + b"1," * (2 * _MIB) + b"1]}}")


def long_key(target: Target) -> str:
    return post(target, b'{"instances":[{"' + b"\x7f\\u0001" * _MIB + b'":1}]}')


def many(target: Target, piece: bytes) -> str:
    return post(target, b'{"instances":[' + piece * ((8 * _MIB - 64) // len(piece) - 1) + piece[:-1] + b"]}")


def many_at_once(target: Target, piece: bytes, connections: int = 4) -> str:
    body = request(b'{"instances":[' + piece * ((8 * _MIB - 64) // len(piece) - 1) + piece[:-1] + b"]}")
    return _all(_parallel(target, [body] * connections))


def too_large(target: Target) -> str:
    return post(target, b" " * (70 * _MIB))


def too_large_chunked(target: Target) -> str:
    head = f"POST {_PATH} HTTP/1.1\r\n{_HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"%x\r\n%b\r\n" % (_MIB, b" " * _MIB)
    return outcome(exchange(target, head, *[chunk] * 20))


def gzip_bomb(target: Target) -> str:
    return post(target, gzip.compress(b" " * (256 * _MIB), compresslevel=1), "Content-Encoding: gzip")


def one_long_text(target: Target) -> str:
    return post(target, b'{"instances":["' + b"word " * _MIB + b'"]}')


def bodies_cut_off(target: Target) -> str:
    """5 bodies that end before their length, for a model that is not there: NOT_FOUND if they were run."""
    before = _not_found(target)
    for _ in range(5):
        with target.rest_socket() as connection:
            head = f"POST /v1/models/none:predict HTTP/1.1\r\n{_HOST}\r\nContent-Length: 5000\r\n\r\n"
            connection.sendall(head.encode() + b'{"instances":["a b"]}')
    time.sleep(0.3)
    return f"{_not_found(target) - before} ran"


def both_lengths(target: Target) -> str:
    chunked = b'15\r\n{"instances":["a b"]}\r\n0\r\n\r\n'
    head = f"POST {_PATH} HTTP/1.1\r\n{_HOST}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    smuggled = f"GET /v1/models/{MODEL} HTTP/1.1\r\n{_HOST}\r\n\r\n".encode()
    replies = exchange(target, head.encode() + chunked + smuggled).count(b"HTTP/1.1 ")
    return f"{replies} reply"


def silent(target: Target, sent: bytes, connections: int = 100) -> str:
    """Connections that stop after `sent`; how the server ends them within its 2 seconds."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(target.rest_socket()) for _ in range(connections)]
        for connection in opened:
            connection.sendall(sent)
        end, answers = time.monotonic() + _SILENT_SECONDS, []
        for connection in opened:
            connection.settimeout(max(0.01, end - time.monotonic()))
            answers.append(outcome(read_all(connection)))
        return _all(answers)


def crowd(target: Target, connections: int = 400) -> str:
    """More idle connections than are allowed; a good request among them."""
    with contextlib.ExitStack() as stack:
        for _ in range(connections):
            stack.enter_context(target.rest_socket())
        return good(target)


def pipelined(target: Target, requests: int = 300) -> str:
    one = f"GET /v1/models/{MODEL} HTTP/1.1\r\n{_HOST}\r\n\r\n".encode()
    last = request(b"", method="GET", path=f"/v1/models/{MODEL}")
    replies = exchange(target, one * requests + last).count(b"HTTP/1.1 200 ")
    return "200" if replies == requests + 1 else f"{replies} replies"


def hang_ups(target: Target, clients: int = 100) -> str:
    """Clients that leave while their rows wait; a good request right after them."""
    body = request(json.dumps({"instances": ["a b"] * 50}).encode())
    opened = [target.rest_socket() for _ in range(clients)]
    for connection in opened:
        connection.sendall(body)
    time.sleep(0.1)
    for connection in opened:
        connection.close()
    return good(target)


def status_behind_runs(target: Target, runs: int = 100) -> str:
    """The status while more slow predictions wait than there are threads; must come within a second."""
    slow = request(b'{"signature_name":"busy","inputs":[60000]}')
    with contextlib.ExitStack() as stack:
        for _ in range(runs):
            stack.enter_context(target.rest_socket()).sendall(slow)
        begun = time.monotonic()
        reply = outcome(exchange(target, request(b"", method="GET", path=f"/v1/models/{MODEL}")))
        return reply if time.monotonic() - begun < 1 else "late"


def metrics_page(target: Target) -> str:
    """The metrics after names without end; must stay below 1 MB."""
    reply = exchange(target, request(b"", method="GET", path=_METRICS))
    return outcome(reply) if len(reply) < _MIB else "long"


def _not_found(target: Target) -> int:
    page = exchange(target, request(b"", method="GET", path=_METRICS)).decode("utf-8", "replace")
    lines = [line for line in page.splitlines() if "request_count{" in line and '"NOT_FOUND"' in line]
    return sum(int(float(line.split()[-1])) for line in lines)


def _parallel(target: Target, requests: list[bytes]) -> Iterable[str]:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda one=one: found.append(outcome(exchange(target, one, timeout=60))))
        for one in requests
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _all(answers: Iterable[str]) -> str:
    return "/".join(sorted(set(answers)))
