"""Options that the served signature lacks, or that the request lacks."""

import pytest

from serving.client import Client, InputTensor, RequestRefusedError, SearchOptions, Translation
from serving.client.fitted_request import fitted_inputs
from serving.client.metadata import Signature, TensorInfo
from serving.client.transport import Call, ModelSpec
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.serving.small_model import EarlierWordReverser, save

TEXT = InputTensor("string", ["a", "b"])
SIGNATURE = Signature(
    "",
    {
        "text": TensorInfo("string", (None,)),
        "seed": TensorInfo("int64", (None,), optional=True, default=7),
        "mask": TensorInfo("bool", (None,), optional=True),  # a default of several values
    },
    {},
)


def fitted(inputs, **neutral):
    return fitted_inputs(Call(ModelSpec("m"), "any", 1.0, inputs), SIGNATURE, neutral)


def test_missing_options_get_the_default_in_every_row():
    assert fitted({"text": TEXT}) == {"text": TEXT, "seed": InputTensor("int64", [7, 7])}
    given = {"text": TEXT, "seed": InputTensor("int64", [1, 2])}
    assert fitted(given) == given


def test_options_that_the_model_lacks_are_left_out_if_neutral():
    given = {"text": TEXT, "seed": InputTensor("int64", [1, 2]), "top_k": InputTensor("int32", [0, 0])}
    assert list(fitted(given, top_k=0)) == ["text", "seed"]
    with pytest.raises(RequestRefusedError, match="'any' of model 'm' has no option 'top_k': export the"):
        fitted(given | {"top_k": InputTensor("int32", [0, 3])}, top_k=0)


def test_other_unknown_inputs_are_left_to_the_server():
    assert "words" in fitted({"text": TEXT, "words": TEXT}, top_k=0)


@pytest.fixture(scope="module")
def earlier_server(tmp_path_factory):
    """Of a model that has the first five options only."""
    base = tmp_path_factory.mktemp("earlier") / "reverser"
    save(base, kind=EarlierWordReverser)
    options = ServerOptions([ModelConfig("reverser", str(base))], grpc_port=0, rest_port=0)
    with EmbeddedServer(options) as running:
        yield running


@pytest.fixture(params=["grpc", "rest"])
def client(request, earlier_server):
    over_grpc = request.param == "grpc"
    address = earlier_server.grpc_address if over_grpc else f"http://{earlier_server.rest_address}"
    with Client(address, model="reverser") as one:
        yield one


def test_an_earlier_export_gets_the_options_that_it_has(client):
    found = client.translate(["a b", "c d"], options=SearchOptions(max_length=1, seed=7))
    assert found == [Translation("b", 6.0), Translation("d", 6.0)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("prefix", "x"), ("top_k", 3), ("top_p", 0.5), ("no_repeat_ngram", 2), ("coverage_penalty", 0.1)],
)
def test_an_earlier_export_lacks_later_options(client, name, value):
    one = SearchOptions(temperature=1.0 if name.startswith("top") else 0.0, **{name: value})
    # REST servers ignore inputs that the signature lacks.
    message = f"'translate_with_options' of model 'reverser' has no option '{name}': export the model again"
    with pytest.raises(RequestRefusedError, match=message):
        client.translate(["a", "b"], options=[SearchOptions(), one])
