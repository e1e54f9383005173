"""Servers that are slow, boundless or malformed: calls end in time, in little memory, in a ClientError."""

import asyncio
import gzip
import itertools
import time
import tracemalloc

import grpc
import pytest

from serving.client import (
    AsyncClient,
    Client,
    ClientError,
    DeadlineError,
    OverloadedError,
    UnavailableError,
    UnexpectedReplyError,
)
from serving.client.messages import PredictResponse
from tests.serving.client.hostile_servers import grpc_server, http_reply, raw_server

_MIB = 2**20
_BOMB = gzip.compress(bytes(64 * _MIB))
_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def call(address, **options):
    with Client(address, model="m", **options) as client:
        return client.translate(["a"])


def call_async(address, **options):
    async def run():
        async with AsyncClient(address, model="m", **options) as client:
            return await client.translate(["a"])

    return asyncio.run(run())


def status(address, **options):
    with Client(address, model="m", **options) as client:
        return client.status()


def status_async(address, **options):
    async def run():
        async with AsyncClient(address, model="m", **options) as client:
            return await client.status()

    return asyncio.run(run())


both = pytest.mark.parametrize("ask", [call, call_async])


def drip(data):
    def send(connection):
        for byte in itertools.cycle(data):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return send


@both
@pytest.mark.parametrize(
    "send",
    [
        drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000),
        lambda connection: (connection.sendall(_HEAD), drip(b"1\r\n \r\n")(connection)),
        lambda connection: time.sleep(1),
    ],
    ids=["header", "body", "silence"],
)
def test_the_timeout_is_total(ask, send):
    with raw_server(send) as address:
        begin = time.monotonic()
        with pytest.raises(DeadlineError):
            ask(address, timeout=0.6)
        assert time.monotonic() - begin < 1.2


@both
def test_a_connection_that_breaks_is_retried_within_the_deadline(ask):
    with raw_server(lambda connection: time.sleep(0.2)) as address:
        begin = time.monotonic()
        with pytest.raises((UnavailableError, DeadlineError)):
            ask(address, timeout=0.5)
        assert time.monotonic() - begin < 1.0


@pytest.mark.parametrize("ask", [status, status_async])
@pytest.mark.parametrize(
    ("data", "connections", "kind"),
    [
        (b"", 3, UnavailableError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", 3, UnavailableError),
        (http_reply(b"{}", "503 Busy"), 3, UnavailableError),
        (b"SSH-2.0\r\n\r\n", 1, UnexpectedReplyError),
        (http_reply(b"{}"), 1, UnexpectedReplyError),
        (http_reply(b"{}", "429 Many"), 1, OverloadedError),
    ],
)
def test_what_is_retried(ask, data, connections, kind):
    seen = []

    def send(connection):
        seen.append(connection)
        connection.sendall(data)

    with raw_server(send) as address, pytest.raises(kind):
        ask(address, timeout=20)
    assert len(seen) == connections


def endless(connection):
    connection.sendall(_HEAD)
    while True:
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def claimed(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")


def bomb(connection):
    assert len(_BOMB) < _MIB
    connection.sendall(http_reply(_BOMB, headers="Content-Encoding: gzip\r\n"))


@both
@pytest.mark.parametrize("send", [endless, claimed, bomb])
def test_a_reply_is_bounded(ask, send):
    with raw_server(send) as address:
        tracemalloc.start()
        with pytest.raises(OverloadedError, match="max_reply_bytes"):
            ask(address, max_reply_bytes=2 * _MIB, timeout=20)
        assert tracemalloc.get_traced_memory()[1] < 12 * _MIB
        tracemalloc.stop()


@both
@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_reply_over_grpc_is_bounded(ask, compression):
    with (
        grpc_server(lambda: bytes(8 * _MIB), compression) as address,
        pytest.raises(OverloadedError, match="max_reply_bytes"),
    ):
        ask(address, max_reply_bytes=_MIB)


@pytest.mark.parametrize("size", [0, -1, 2**31])
def test_the_bound_is_checked(size):
    with pytest.raises(ValueError, match="max_reply_bytes must be from 1 to 2147483647"):
        Client("127.0.0.1:1", model="m", max_reply_bytes=size)


@both
@pytest.mark.parametrize(
    "headers",
    ["Content-Encoding: gzip\r\n", "Content-Encoding: br\r\n", "Content-Encoding: gzip, gzip\r\n"],
)
def test_damaged_or_unknown_encodings(ask, headers):
    reply = http_reply(b'{"outputs": 1}', headers=headers)
    with (
        raw_server(lambda connection: connection.sendall(reply)) as address,
        pytest.raises(UnexpectedReplyError, match="cannot be read"),
    ):
        ask(address)


@pytest.mark.parametrize(
    "data",
    [gzip.compress(b"{}" * 999)[:-9], gzip.compress(b"{}") + b"x"],
    ids=["cut off", "followed by more"],
)
def test_incomplete_gzip(data):
    reply = http_reply(data, headers="Content-Encoding: gzip\r\n")
    with (
        raw_server(lambda connection: connection.sendall(reply)) as address,
        pytest.raises(UnexpectedReplyError, match="compressed data"),
    ):
        call(address)


def test_gzip_is_read():
    body = gzip.compress(b'{"outputs": {"translation": ["' + b"b" * 3 * _MIB + b'"], "score": [-1]}}')
    reply = http_reply(body, headers="Content-Encoding: gzip\r\n")
    with raw_server(lambda connection: connection.sendall(reply)) as address:
        assert len(call(address)[0].text) == 3 * _MIB


def test_after_an_unreadable_reply_nothing_more_is_sent():
    seen = []

    def send(connection):
        seen.append(connection)
        connection.sendall(http_reply(b" "))

    with raw_server(send) as address, pytest.raises(UnexpectedReplyError) as caught:
        call(address)
    assert caught.value.address == address
    assert len(seen) == 1


@both
@pytest.mark.parametrize("shape", [[2**40, 0], [30_000_000, 0], [2**62, 2**62], [-1, -1], [1] * 300])
def test_shapes_that_no_values_cover(ask, shape):
    reply = PredictResponse()
    tensor = reply.outputs["translation"]
    tensor.dtype = 7
    for size in shape:
        tensor.tensor_shape.dim.add().size = size
    if 0 not in shape:
        tensor.string_val.append(b"a")
    with grpc_server(reply.SerializeToString) as address:
        tracemalloc.start()
        with pytest.raises(UnexpectedReplyError):
            ask(address)
        assert tracemalloc.get_traced_memory()[1] < 8 * _MIB
        tracemalloc.stop()


@both
@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        ("302 Found", "Location: http://evil/\x1b[2J\r\n", "HTTP 302, a redirect"),
        ("302 Found", "Location: http://127.0.0.2/x\r\n", "HTTP 302, a redirect to 'http://127.0.0.2/x'"),
        ("999 Odd", "", "HTTP 999"),
        ("418 Teapot", "", "HTTP 418"),
    ],
)
def test_the_error_names_the_status(ask, status, headers, expected):
    reply = http_reply(b"", status, headers)
    with (
        raw_server(lambda connection: connection.sendall(reply)) as address,
        pytest.raises(ClientError) as caught,
    ):
        ask(address)
    if "\x1b" in headers:
        assert "\x1b" not in str(caught.value)
    else:
        assert expected in str(caught.value)


def test_no_content():
    reply = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    with (
        raw_server(lambda connection: connection.sendall(reply)) as address,
        pytest.raises(UnexpectedReplyError, match="HTTP 204"),
    ):
        call(address)
