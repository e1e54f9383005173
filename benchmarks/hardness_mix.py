"""Good and bad requests mixed, for `benchmarks.hardness`: none may be lost or answered wrongly."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import hardness_grpc as rpc
from benchmarks import hardness_rest as rest
from benchmarks.hardness_server import ECHO, MODEL, Target
from serving.client import Client, ClientError, InputTensor
from serving.client.operations import RetryPolicy

_BAD_SHARE = 0.75
_MAX_SHOWN = 5


@dataclass
class Mixed:
    """What became of the requests.

    Attributes:
        good: good requests with the correct answer.
        refused: bad requests that were answered.
        lost: the others, some of them in words.
        lost_count: how many they are.
    """

    good: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    lost_count: int = 0


def mixed_load(target: Target, requests: int, clients: int, seed: int) -> Mixed:
    """Sends `requests`, three quarters of them bad, from `clients` threads over both ports."""
    found, lock = Mixed(), threading.Lock()

    def note(kind: str, answer: str, right: bool) -> None:
        with lock:
            if not right:
                found.lost_count += 1
                found.lost[_MAX_SHOWN:] = []
                found.lost.append(f"{kind}: {answer}")
            elif kind == "good":
                found.good += 1
            else:
                found.refused += 1

    def send(index: int) -> None:
        draw = random.Random(seed + index)
        address = target.grpc if index % 2 else f"http://{target.rest}"
        with Client(address, model=MODEL, timeout=60, retries=RetryPolicy(attempts=1)) as client:
            for number in range(requests // clients):
                if draw.random() < _BAD_SHARE:
                    name, bad, right = draw.choice(_BAD)
                    answer = _answer(lambda bad=bad: bad(target))
                    note(name, answer, answer in right)
                else:
                    answer = _good(client, f"{index} {number}")
                    note("good", answer, answer == "right")

    threads = [threading.Thread(target=send, args=(index,)) for index in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _good(client: Client, text: str) -> str:
    """`right` for one row, which the toy model must give back as it is."""
    try:
        outputs = client.predict({"text": InputTensor("string", [text])})
    except ClientError as error:
        return str(error)[:200]
    rows = {len(column) for column in outputs.values()}
    echoes = outputs.get(ECHO, [text])
    return "right" if rows == {1} and echoes == [text] else "wrong"


def _answer(send: Callable[[], str]) -> str:
    try:
        return send()
    except OSError as error:
        return f"{type(error).__name__}: {error}"


def _body(body: bytes, *headers: str, path: str = f"/v1/models/{MODEL}:predict") -> Callable[[Target], str]:
    return lambda target: rest.post(target, body, *headers, path=path)


def _claim(sizes: list[int], dtype: int = rpc.STRING, **values: object) -> Callable[[Target], str]:
    return lambda target: rpc.claim(target, sizes, dtype, **values)


def _hang_up(target: Target) -> str:
    with target.rest_socket() as connection:
        connection.sendall(rest.request(b'{"instances":["a b"]}'))
    return "left"


def _cut_off(target: Target) -> str:
    with target.rest_socket() as connection:
        connection.sendall(rest.request(b'{"instances":["a b"]}' + b" " * 500)[:-100])
    return "left"


_REFUSED = ("INVALID_ARGUMENT",)
_ROW = rpc.tensor(rpc.STRING, [1], string_val=[b"a"])
_BAD: list[tuple[str, Callable[[Target], str], tuple[str, ...]]] = [
    ("no JSON", _body(b"{nonsense"), ("400",)),
    ("a number", _body(b'{"instances":[1]}'), ("400",)),
    ("no rows", _body(b'{"instances":[]}'), ("400",)),
    ("deep", _body(b'{"instances":' + b'{"a":' * 500 + b"1" + b"}" * 501), ("400",)),
    ("not UTF-8", _body(b'{"signature_name":"\xff","instances":["a"]}'), ("400",)),
    ("another model", _body(b'{"instances":["a"]}', path="/v1/models/none:predict"), ("404",)),
    ("another path", _body(b"", path="/v1/nothing"), ("400",)),
    ("another origin", _body(b'{"instances":["a"]}', "Origin: http://evil.example"), ("403",)),
    ("both lengths", rest.both_lengths, ("1 reply",)),
    ("hang up", _hang_up, ("left",)),
    ("cut off", _cut_off, ("left",)),
    ("2^30 strings", _claim([2**30], tensor_content=b"\0"), _REFUSED),
    ("33 million rows", _claim([33_000_000], string_val=[b"a"]), _REFUSED),
    ("negative", _claim([-1], string_val=[b"a"]), _REFUSED),
    ("another dtype", _claim([1], rpc.FLOAT, float_val=[1.0]), _REFUSED),
    ("no model", lambda target: rpc.predict(target, _ROW, "none"), ("NOT_FOUND",)),
    ("another input", lambda target: rpc.predict(target, _ROW, alias="z"), _REFUSED),
]
