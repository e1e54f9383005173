"""Property-based: any reply ends in results of the documented types or in a ClientError."""

import asyncio
import json
from contextlib import ExitStack, suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serving.client import AsyncClient, Classification, Client, ClientError, Translation, UnexpectedReplyError
from serving.client.messages import MetadataResponse, PredictResponse, SignatureMap, StatusResponse
from serving.client.metadata import from_json
from serving.client.operations import RetryPolicy
from serving.client.printable import printable
from tests.serving.client.hostile_servers import grpc_server, http_reply, raw_server

_FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_TASK_CALLS = ("translate", "alternatives", "explain", "classify", "probabilities", "explain_label")
_NAMES = [
    *("translation", "translations", "score", "scores", "truncated", "confidence"),
    *("label", "labels", "probability", "probabilities"),
    *("tokens", "begin", "end", "weights", "source_tokens", "target_tokens", "alignment"),
]
_ONCE = {"retries": RetryPolicy(attempts=1), "timeout": 10, "max_reply_bytes": 2**22}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just(10**400),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=4), v, max_size=3),
    max_leaves=8,
)
_rows = st.lists(_json, min_size=1, max_size=1)
_outputs = st.fixed_dictionaries({}, optional=dict.fromkeys(_NAMES, _rows | _json))
_dims = st.lists(st.fixed_dictionaries({"size": _json}), max_size=3)
_info = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(["DT_STRING", "DT_FLOAT"]) | _json,
        "tensor_shape": st.fixed_dictionaries({"dim": _dims}) | _json,
    },
)
_infos = st.dictionaries(st.sampled_from(["text", *_NAMES[:3]]), _info | _json, max_size=3) | _json
_signature = st.fixed_dictionaries(
    {}, optional={"inputs": _infos, "outputs": _infos, "defaults": _infos, "method_name": _json}
)
_signatures = st.dictionaries(st.sampled_from(["serving_default", "\x1b"]), _signature | _json, max_size=2)


def check(client, method, arguments):
    """Calls the method; asserts that it ends in a result of its type or in a ClientError."""
    try:
        results = getattr(client, method)(*arguments)
    except ClientError as error:
        message = str(error)
    else:
        check_types(method, results)
        message = ""
    assert printable(message) == message


def check_types(method, results):
    if method == "translate":
        assert all(type(one) is Translation and type(one.text) is str for one in results)
    if method == "classify":
        assert all(type(one) is Classification and type(one.label) is str for one in results)


@pytest.fixture(scope="module")
def sent():
    """What both servers send next."""
    return {"body": b"", "message": b""}


@pytest.fixture(scope="module")
def clients(sent):
    """A client of a REST and one of a gRPC server that send this."""
    with ExitStack() as stack:
        rest = stack.enter_context(
            raw_server(lambda connection: connection.sendall(http_reply(sent["body"], sent["status"])))
        )
        grpc_address = stack.enter_context(grpc_server(lambda: sent["message"]))
        yield [
            stack.enter_context(Client(address, model="m", **_ONCE)) for address in (rest, grpc_address)
        ]


def ask_rest(clients, sent, body, status, *methods):
    sent |= {"body": body, "status": status}
    for method in methods:
        check(clients[0], method, [["a"]] if method in _TASK_CALLS else [])


@_FEW
@given(_outputs | _json)
def test_outputs_over_rest(clients, sent, outputs):
    body = json.dumps({"outputs": outputs}).encode()
    ask_rest(clients, sent, body, "200 OK", *_TASK_CALLS)


@_FEW
@given(_json | st.fixed_dictionaries({"model_version_status": st.lists(_json, max_size=2)}))
def test_status_and_metadata_over_rest(clients, sent, body):
    ask_rest(clients, sent, json.dumps(body).encode(), "200 OK", "status", "metadata")


@_FEW
@given(_signatures)
def test_signatures_over_rest(clients, sent, signatures):
    body = json.dumps({"metadata": {"signature_def": {"signature_def": signatures}}}).encode()
    ask_rest(clients, sent, body, "200 OK", "metadata", "translate")


@_FEW
@given(st.binary(max_size=60), st.integers(200, 999))
@example(b"[" * 100_000, 200)
@example(b'{"error": ' + b"[" * 100_000, 400)
@example(b'{"outputs": ' + b"9" * 5000 + b"}", 200)
@example(b'{"error": "\\u001b[2J\\ud800"}', 400)
@example(b"[]", 500)
@example(b"\xff\xfe", 302)
def test_any_body_and_status(clients, sent, body, status):
    ask_rest(clients, sent, body, f"{status} X", "translate", "metadata", "status")


@settings(_FEW, max_examples=10)
@given(st.binary(max_size=200))
def test_any_bytes_instead_of_http(data):
    async def run():
        async with AsyncClient(address, model="m", **_ONCE) as client:
            return await client.translate(["a"])

    with raw_server(lambda connection: connection.sendall(data)) as address:
        with Client(address, model="m", **_ONCE) as client, pytest.raises(ClientError):
            client.translate(["a"])
        with pytest.raises(ClientError):
            asyncio.run(run())


_tensor = st.builds(
    dict,
    dtype=st.sampled_from([1, 2, 3, 7, 9, 10, 0, 5, 21, -1, 2**31 - 1]),
    shape=st.lists(st.sampled_from([0, 1, 2, 3, -1, 2**62]), max_size=4),
    content=st.just(b"") | st.binary(max_size=12),
    floats=st.lists(st.floats(width=32), max_size=2),
    numbers=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=2),
    texts=st.lists(st.binary(max_size=4), max_size=2),
)


def fill(tensor, parts):
    tensor.dtype = parts["dtype"]
    for size in parts["shape"]:
        tensor.tensor_shape.dim.add().size = size
    tensor.tensor_content = parts["content"]
    tensor.float_val.extend(parts["floats"])
    tensor.int_val.extend(parts["numbers"])
    tensor.int64_val.extend(parts["numbers"])
    tensor.string_val.extend(parts["texts"])


def ask_grpc(clients, sent, message, *methods):
    sent["message"] = message
    for method in methods:
        check(clients[1], method, [["a"]] if method in _TASK_CALLS else [])


@_FEW
@given(st.dictionaries(st.sampled_from(_NAMES), _tensor, max_size=4))
@example(
    {"label": {"dtype": 7, "shape": [1], "content": b"\xff" * 9, "floats": [], "numbers": [], "texts": []}},
)
def test_tensors_over_grpc(clients, sent, tensors):
    reply = PredictResponse()
    for name, parts in tensors.items():
        fill(reply.outputs[name], parts)
    ask_grpc(clients, sent, reply.SerializeToString(), *_TASK_CALLS)


@_FEW
@given(_tensor, st.integers(-5, 30))
def test_signatures_over_grpc(clients, sent, parts, dtype):
    signatures = SignatureMap()
    signature = signatures.signature_def["serving_default"]
    signature.inputs["text"].dtype = dtype
    fill(signature.defaults["text"], parts)
    reply = MetadataResponse()
    reply.metadata["signature_def"].value = signatures.SerializeToString()
    ask_grpc(clients, sent, reply.SerializeToString(), "metadata")


@_FEW
@given(st.binary(max_size=60))
def test_any_bytes_over_grpc(clients, sent, data):
    ask_grpc(clients, sent, data, "translate", "metadata", "status")
    reply = MetadataResponse()
    reply.metadata["signature_def"].value = data
    ask_grpc(clients, sent, reply.SerializeToString(), "metadata")


def test_unknown_states_over_grpc(clients, sent):
    reply = StatusResponse()
    reply.model_version_status.add(version=3, state=77)
    sent["message"] = reply.SerializeToString()
    (version,) = clients[1].status()
    assert (version.version, version.state) == (3, "UNKNOWN")


def test_a_result_of_the_wrong_type_is_named(clients, sent):
    sent |= {"body": b'{"outputs": {"translation": [5], "score": [0]}}', "status": "200 OK"}
    with pytest.raises(UnexpectedReplyError, match="'translation'"):
        clients[0].translate(["a"])


@_FEW
@given(_json)
def test_reading_signatures_raises_what_it_documents(body):
    with suppress(KeyError, TypeError, ValueError, AttributeError, OverflowError):
        from_json(body)
