"""What a server says about its models, over both ports."""

import asyncio

import pytest

from serving.client import AsyncClient, Client, ModelNotFoundError, Signature, TensorInfo
from serving.client.messages import SignatureMap
from serving.client.metadata import PREDICT, from_json, from_message


@pytest.fixture(params=["grpc", "rest"])
def address(request, server):
    return server.grpc_address if request.param == "grpc" else f"http://{server.rest_address}"


def test_signatures_of_a_model(address):
    with Client(address, model="reverser") as client:
        found = client.metadata()
    assert found["serving_default"] == Signature(
        PREDICT,
        {"text": TensorInfo("string", (None,))},
        {"score": TensorInfo("float32", (None,)), "translation": TensorInfo("string", (None,))},
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
    signature.defaults["seed"].int64_val.append(0)
    inputs = {"text": TensorInfo("string", (None,)), "seed": TensorInfo("int64", (None,), optional=True)}
    assert from_message(message) == {"s": Signature(PREDICT, inputs, {})}
    shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    body = {
        "inputs": {
            "text": {"dtype": "DT_STRING", "tensor_shape": shape},
            "seed": {"dtype": "DT_INT64", "tensor_shape": shape},
        },
        "outputs": {},
        "method_name": PREDICT,
        "defaults": {"seed": {}},
    }
    assert from_json({"metadata": {"signature_def": {"signature_def": {"s": body}}}}) == {
        "s": Signature(PREDICT, inputs, {})
    }
