"""Bounds of the REST port: slow, silent, cut-off and lost clients, connections, errors."""

import contextlib
import json
import resource
import socket
import threading
import time

import pytest

from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from serving.server.rest.limits import RestLimits, connection_limit
from serving.server.rest.tensors_to_json import write_error

HEAD = b"POST /v1/models/m:predict HTTP/1.1\r\nHost: localhost\r\n"
ONE = json.dumps({"instances": ["a b"]}).encode()
BUSY = json.dumps({"signature_name": "busy", "inputs": [150_000]}).encode()


def post(body, *headers):
    lines = [b"Content-Length: %d" % len(body), *headers]
    return HEAD + b"\r\n".join(lines) + b"\r\n\r\n" + body


@contextlib.contextmanager
def running(base, *, rest_threads=8, rest_timeout_s=20.0, **limits):
    options = ServerOptions(
        [ModelConfig("m", str(base))],
        grpc_port=0,
        rest_port=0,
        rest_threads=rest_threads,
        rest_timeout_s=rest_timeout_s,
        rest_limits=RestLimits(**limits),
        drain_seconds=5,
    )
    with EmbeddedServer(options) as server:
        yield server


def connect(server):
    host, port = server.rest_address.split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def read_all(connection):
    """Until the server closes; fails by timeout if it does not."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def exchange(server, sent):
    with connect(server) as connection:
        connection.sendall(sent)
        return read_all(connection)


def counts(server):
    return {status: number for (_, status), number in server.metrics.requests.counts().items()}


def wait_until(done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_headers_that_never_end_are_given_up(reverser):
    with running(reverser, header_timeout_s=0.3) as server:
        assert exchange(server, b"") == b""
        assert exchange(server, HEAD).startswith(b"HTTP/1.1 408 ")
        with connect(server) as connection:  # after an answer as well
            connection.sendall(post(ONE))
            answer = b""
            while b"b a" not in answer:  # head and body may come apart
                piece = connection.recv(65536)
                assert piece
                answer += piece
            connection.sendall(HEAD)
            assert read_all(connection).startswith(b"HTTP/1.1 408 ")


def test_a_header_byte_by_byte_does_not_begin_its_time_anew(reverser):
    with running(reverser, header_timeout_s=0.5) as server, connect(server) as connection:
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            for byte in HEAD * 2:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - begun < 2


@pytest.mark.slow
def test_a_body_that_stalls_is_given_up(reverser):
    with running(reverser, body_timeout_s=0.3) as server:
        reply = exchange(server, HEAD + b"Content-Length: 100\r\n\r\n{")
        assert reply.startswith(b"HTTP/1.1 408 ")
        assert b"--rest_api_body_timeout_in_ms" in reply


def test_a_long_body_may_take_longer_than_the_timeout_while_it_comes(reverser):
    with running(reverser, body_timeout_s=0.5) as server, connect(server) as connection:
        body = b" " * 100_000 + ONE
        connection.sendall(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 20_000):
            connection.sendall(body[start : start + 20_000])
            time.sleep(0.15)
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_was_cut_off_is_not_run(reverser):
    with running(reverser) as server:
        for _ in range(5):
            with connect(server) as connection:
                connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\n" + ONE)
        for _ in range(5):
            with connect(server) as connection:
                connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(ONE), ONE))
        assert b"200 OK" in exchange(server, post(ONE, b"Connection: close"))
        time.sleep(0.2)
        assert counts(server) == {"OK": 1}


def test_both_lengths_end_the_connection(reverser):
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(ONE), ONE)
    smuggled = b"GET /v1/models/m HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with running(reverser) as server:
        reply = exchange(
            server, HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked + smuggled
        )
        assert reply.count(b"HTTP/1.1 ") == 1
        assert b"connection: close" in reply


def test_one_connection_too_many_takes_the_place_of_the_idlest(reverser):
    with running(reverser, max_connections=4) as server, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connect(server)) for _ in range(4)]
        time.sleep(0.1)
        idle[0].sendall(HEAD)  # the second is the idlest now
        time.sleep(0.1)
        assert b"200 OK" in exchange(server, post(ONE, b"Connection: close"))
        assert idle[1].recv(1) == b""


def test_where_all_connections_are_busy_one_more_is_refused(reverser):
    with running(reverser, max_connections=2) as server, contextlib.ExitStack() as stack:
        busy = [stack.enter_context(connect(server)) for _ in range(2)]
        for connection in busy:
            connection.sendall(post(BUSY, b"Connection: close"))
        time.sleep(0.2)
        refused = exchange(server, b"GET /v1/models/m HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head, _, body = refused.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert "in use" in json.loads(body)["error"]
        assert all(b"200 OK" in read_all(connection) for connection in busy)


def test_no_more_connections_than_half_of_the_descriptors(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda which: (212, 4096))
    assert connection_limit(1000) == 106
    assert connection_limit(50) == 50


def test_status_does_not_wait_behind_models(reverser):
    with running(reverser, rest_threads=1, rest_timeout_s=3) as server, contextlib.ExitStack() as stack:
        forever = json.dumps({"signature_name": "busy", "inputs": [2**31 - 1]}).encode()
        for _ in range(3):
            stack.enter_context(connect(server)).sendall(post(forever))
        time.sleep(0.2)
        begun = time.monotonic()
        for path in (b"", b"/metadata"):
            reply = exchange(
                server,
                b"GET /v1/models/m" + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            )
            assert b"200 OK" in reply
        assert time.monotonic() - begun < 1


def test_requests_of_clients_that_hang_up_are_not_run(reverser):
    with running(reverser, rest_threads=1) as server:
        with connect(server) as first:
            first.sendall(post(BUSY, b"Connection: close"))
            time.sleep(0.1)
            lost = [connect(server) for _ in range(10)]
            for connection in lost:
                connection.sendall(post(ONE))
            time.sleep(0.1)
            for connection in lost:
                connection.close()
            assert b"200 OK" in read_all(first)
        assert b"200 OK" in exchange(server, post(ONE, b"Connection: close"))
        assert counts(server) == {"OK": 2}


@pytest.mark.parametrize("piece", [b"[],", b"9" * 299 + b",", b"1,", b'{"text":"a"},'])
def test_large_bodies_do_not_stop_the_process(reverser, piece):
    body = b'{"instances":[' + piece * (2**23 // len(piece) - 8) + piece[:-1] + b"]}"
    with running(reverser) as server:
        large = threading.Thread(target=exchange, args=(server, post(body, b"Connection: close")))
        large.start()
        worst = 0.0
        while large.is_alive():
            begun = time.monotonic()
            assert b"200 OK" in exchange(server, post(ONE, b"Connection: close"))
            worst = max(worst, time.monotonic() - begun)
        assert worst < 2  # a second, and a margin for a busy machine


@pytest.mark.parametrize("text", ["\x01" * 5000, "가" * 5000, "\udcff" * 5000, '"' * 5000])
def test_an_error_is_at_most_2_kb_with_its_escapes(text):
    body = write_error(text)
    assert len(body.encode("utf-8", "surrogateescape")) <= 2048
    assert body.endswith('...TRUNCATED"\n}')
