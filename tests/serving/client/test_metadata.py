"""What a server says about its models, over both ports."""

import asyncio

import pytest

from serving.client import AsyncClient, Client, ModelNotFoundError, Signature, TensorInfo
from serving.client.messages import SignatureMap
from serving.client.metadata import PREDICT, from_json, from_message
from serving.client.tensors import from_tensor


@pytest.fixture(params=["grpc", "rest"])
def address(request, server):
    return server.grpc_address if request.param == "grpc" else f"http://{server.rest_address}"


def test_signatures_of_a_model(address):
    with Client(address, model="reverser") as client:
        found = client.metadata()
    assert found["serving_default"] == Signature(
        PREDICT,
        {"text": TensorInfo("string", (None,))},
        {
            "score": TensorInfo("float32", (None,)),
            "translation": TensorInfo("string", (None,)),
            "truncated": TensorInfo("bool", (None,)),
        },
    )
    assert str(found["explain"].outputs["alignment"]) == "float32[?, ?, ?]"


def test_methods_and_unknown_ranks(address):
    with Client(address, model="echo") as client:
        found = client.metadata()
    assert found["classify"].method == "tensorflow/serving/classify"
    assert found["half"].inputs == {"x": TensorInfo("float16", None)}
    assert str(found["half"].inputs["x"]) == "float16[…]"


def test_the_asynchronous_client_says_the_same(address):
    async def ask():
        async with AsyncClient(address, model="echo") as client:
            return await client.metadata()

    with Client(address, model="echo") as client:
        assert client.metadata() == asyncio.run(ask())


def test_an_unknown_model(address):
    with Client(address, model="nobody") as client, pytest.raises(ModelNotFoundError, match="nobody"):
        client.metadata()


def test_inputs_with_a_default_are_optional():
    message = SignatureMap()
    signature = message.signature_def["s"]
    signature.method_name = PREDICT
    for name in ("text", "seed"):
        signature.inputs[name].dtype = 7 if name == "text" else 9
        signature.inputs[name].tensor_shape.dim.add().size = -1
    signature.defaults["seed"].int64_val.append(5)
    signature.defaults["seed"].dtype = 9
    inputs = {"text": TensorInfo("string", (None,)), "seed": TensorInfo("int64", (None,), True, 5)}
    assert from_message(message, from_tensor) == {"s": Signature(PREDICT, inputs, {})}
    shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    body = {
        "inputs": {
            "text": {"dtype": "DT_STRING", "tensor_shape": shape},
            "seed": {"dtype": "DT_INT64", "tensor_shape": shape},
        },
        "outputs": {},
        "method_name": PREDICT,
        "defaults": {"seed": {"dtype": "DT_INT64", "int64_val": ["5"]}},
    }
    assert from_json({"metadata": {"signature_def": {"signature_def": {"s": body}}}}) == {
        "s": Signature(PREDICT, inputs, {})
    }


@pytest.mark.parametrize(
    ("tensor", "default"),
    [
        ({"dtype": "DT_FLOAT", "float_val": [-1]}, -1.0),
        ({"dtype": "DT_INT32", "int_val": [0]}, 0),
        ({"dtype": "DT_BOOL", "bool_val": [False]}, False),
        ({"dtype": "DT_STRING", "string_val": ["7KCA"]}, "저"),
        ({"dtype": "DT_INT32", "int_val": [0, 1]}, None),
        ({"dtype": "DT_COMPLEX64", "scomplex_val": [0, 1]}, None),
    ],
)
def test_defaults_of_the_rest_port(tensor, default):
    info = {"dtype": tensor["dtype"], "tensor_shape": {}}
    body = {"inputs": {"x": info}, "outputs": {}, "method_name": "", "defaults": {"x": tensor}}
    found = from_json({"metadata": {"signature_def": {"signature_def": {"s": body}}}})["s"].inputs["x"]
    assert found.optional
    assert (found.default, type(found.default)) == (default, type(default))
