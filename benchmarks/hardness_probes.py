"""The list of probes of `benchmarks.hardness`: what is sent, and which answers are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import hardness_grpc as rpc
from benchmarks import hardness_rest as rest
from benchmarks.hardness_server import MODEL, Target

_STATUS = f"/v1/models/{MODEL}"


@dataclass(frozen=True)
class Probe:
    """One thing that a client may do.

    Attributes:
        port: `gRPC` or `REST`.
        name: what is sent.
        send: does it; returns the answer in a word.
        right: the answers that are right.
        own: whether only a server of our own may get it: it reconfigures, or needs short time limits.
    """

    port: str
    name: str
    send: Callable[[Target], str]
    right: tuple[str, ...]
    own: bool = False


def probes() -> list[Probe]:
    """All probes, the ones that change the server's models last."""
    return [*_grpc_claims(), *_grpc_calls(), *_rest_bodies(), *_rest_text(), *_rest_clients(), *_reloads()]


def _grpc_claims() -> list[Probe]:
    refused = ("INVALID_ARGUMENT",)

    def claim(name: str, sizes: list[int], dtype: int = rpc.STRING, **values: object) -> Probe:
        return Probe("gRPC", name, lambda target: rpc.claim(target, sizes, dtype, **values), refused)

    return [
        claim("2^30 strings in one byte of raw content", [2**30], tensor_content=b"\0"),
        claim("33 million rows by one repeated value", [33_000_000], string_val=[b"a"]),
        claim("100,000 rows by one repeated value", [100_000], string_val=[b"a"]),
        claim("2^62 x 4 values", [2**62, 4], string_val=[b"a"]),
        claim("2^40 x 0 values", [2**40, 0]),
        claim("a negative size", [-5], string_val=[b"a"]),
        claim("300 dimensions", [1] * 300, string_val=[b"a"]),
        claim("an unknown dtype", [1], 999),
        claim("a variant", [1], rpc.VARIANT),
        claim("another dtype", [2**28], rpc.FLOAT, float_val=[1.0]),
    ]


def _grpc_calls() -> list[Probe]:
    return [
        Probe("gRPC", "a text of 5 MB", rpc.one_long_text, ("OK",)),
        Probe("gRPC", "a message of 70 MB", rpc.too_large, ("RESOURCE_EXHAUSTED",)),
        Probe("gRPC", "bytes that are no message", rpc.garbage, ("INTERNAL", "INVALID_ARGUMENT", *_GARBAGE)),
        Probe("gRPC", "20 unknown models with names of 2 MB", rpc.names_without_end, ("NOT_FOUND",)),
        Probe("gRPC", "version 2^63 - 1", lambda t: rpc.specific_version(t, 2**63 - 1), ("NOT_FOUND",)),
        Probe("gRPC", "texts of another rank among good ones", rpc.mixed_ranks, _RANK),
        Probe("gRPC", "500 deadlines of 1 ms", rpc.rapid_deadlines, ("OK",)),
        Probe("gRPC", "100 long runs, cancelled", rpc.cancelled, ("OK",)),
        Probe("gRPC", "100 calls without a message", rpc.idle_calls, ("OK",)),
        Probe("gRPC", "100 idle reflection streams", rpc.idle_streams, ("OK",)),
        Probe("gRPC", "100 connections of junk", rpc.junk_connections, ("OK",)),
    ]


_GARBAGE = ("INTERNAL/INVALID_ARGUMENT", "INTERNAL/UNKNOWN", "UNKNOWN")
_RANK = ("OK", "INVALID_ARGUMENT", "FAILED_PRECONDITION")


def _rest_bodies() -> list[Probe]:
    def many(name: str, piece: bytes, *right: str) -> Probe:
        return Probe("REST", f"8 MB of {name}", lambda target: rest.many(target, piece), right or ("400",))

    return [
        Probe("REST", "120 KB of nested objects", rest.deep_object, ("400",)),
        Probe("REST", "1 MB of brackets", rest.deep_brackets, ("400",)),
        Probe("REST", "4 MB that an error could echo", rest.long_echo, ("400",)),
        Probe("REST", "7 MB in one key", rest.long_key, ("400",)),
        many("empty lists", b"[],"),
        many("numbers of 299 digits", b"9" * 299 + b","),
        many("single digits", b"1,"),
        many("empty objects", b"{},"),
        many("rows", b'"a",'),
        many("named rows", b'{"text":"a"},'),
        Probe("REST", "4 x 8 MB of empty lists at once", lambda t: rest.many_at_once(t, b"[],"), ("400",)),
        Probe("REST", "a text of 5 MB", rest.one_long_text, ("200",)),
        Probe("REST", "a body of 70 MB", rest.too_large, ("413",)),
        Probe("REST", "20 MB in chunks", rest.too_large_chunked, ("413",)),
        Probe("REST", "256 MB in gzip", rest.gzip_bomb, ("413",)),
    ]


def _rest_text() -> list[Probe]:
    body = b'{"instances":["a b"]}'

    def post(name: str, sent: bytes, right: str, *headers: str, path: str = f"{_STATUS}:predict") -> Probe:
        return Probe("REST", name, lambda t: rest.post(t, sent, *headers, path=path), (right,))

    foreign = "Host: evil.example"
    return [
        post("a signature name that is not UTF-8", b'{"signature_name":"\xff","instances":["a"]}', "400"),
        post("a version of 5,000 digits", body, "400", path=f"{_STATUS}/versions/{'9' * 5000}:predict"),
        post("control characters in a model's name", body, "404", path="/v1/models/a%0aE%1b[2J:predict"),
        post("a name of 30 KB", body, "404", path=f"/v1/models/{'n' * 30_000}:predict"),
        post("numbers that are no double", b'{"instances":[1e999]}', "400"),
        post("a lone surrogate", b'{"instances":["\\ud800"]}', "400"),
        post("a body that is no gzip", body, "400", "Content-Encoding: gzip"),
        post("a page of another origin", body, "403", "Origin: https://evil.example"),
        post("curl -d", body, "200", "Content-Type: application/x-www-form-urlencoded"),
        Probe("REST", "a name that was rebound", lambda t: rest.post(t, body, host=foreign), ("403",)),
        Probe("REST", "both lengths, with a smuggled request", rest.both_lengths, ("1 reply",)),
    ]


def _rest_clients() -> list[Probe]:
    head = f"POST {_STATUS}:predict HTTP/1.1\r\nHost: localhost\r\n".encode()
    stalled = head + b"Content-Length: 100\r\n\r\n{"
    return [
        Probe("REST", "bodies that are cut off", rest.bodies_cut_off, ("0 ran",), own=True),
        Probe("REST", "100 silent connections", lambda t: rest.silent(t, b""), ("closed",), own=True),
        Probe("REST", "100 half headers", lambda t: rest.silent(t, head), ("408",), own=True),
        Probe("REST", "100 half bodies", lambda t: rest.silent(t, stalled), ("408",), own=True),
        Probe("REST", "400 idle connections, 200 allowed", rest.crowd, ("200",), own=True),
        Probe("REST", "300 requests in a pipeline", rest.pipelined, ("200",)),
        Probe("REST", "100 clients that hang up", rest.hang_ups, ("200",)),
        Probe("REST", "the status behind 100 slow runs", rest.status_behind_runs, ("200",), own=True),
        Probe("REST", "the metrics after all these names", rest.metrics_page, ("200",), own=True),
    ]


def _reloads() -> list[Probe]:
    def bad_path(name: str, path: str) -> Probe:
        return Probe("gRPC", name, lambda t: rpc.reload_of_a_bad_path(t, path), ("OK/OK",), own=True)

    return [
        Probe("gRPC", "70 reloads that nobody waits for", rpc.reloads_left_alone, ("OK/OK",), own=True),
        bad_path("a NUL in a base path", "/a\0b"),
        bad_path("a base path of 5,000 characters", "/" + "a" * 5000),
    ]
