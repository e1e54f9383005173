"""Every preset of translation with a network of its own: from a user's file to served answers."""

import numpy as np
import pytest
from typer.testing import CliRunner

from serving.client import Client, SearchOptions
from serving.client.transport import InputTensor
from serving.export.export_run import export_run
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.end_to_end.test_reversing_digits import digits
from training.commands import application
from training.tasks.translation.presets import PRESETS

pytestmark = pytest.mark.slow
NAMES = ("fixed", "gru", "bahdanau", "transformer", "hybrid")
WITH_TRANSFORMERS = {
    "transformer": {"encoder_attention", "decoder_attention", "cross_attention"},
    "hybrid": {"encoder_attention"},
}
SIGNATURES = {"serving_default", "alternatives", "explain", "translate_with_options", "score"}
TEXTS = ["1 2 3", "4 5 6 7"]


def shrunk(config):
    """The same kinds of encoder and decoder, one layer of 16 units each."""
    sizes = {"units": 16, "layers": 1}
    model = config.model
    sides = {side: getattr(model, side).model_copy(update=sizes) for side in ("encoder", "decoder")}
    small = model.model_copy(update={"embedding_size": 16, **sides})
    limits = config.limits.model_copy(update={"source_ids": 16, "target_ids": 16})
    training = config.training.model_copy(update={"min_steps": 0})
    return config.model_copy(update={"model": small, "limits": limits, "training": training})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All presets trained for one epoch by the command and exported, ``runs/NAME`` and ``models/NAME``."""
    folder = tmp_path_factory.mktemp("presets")
    lines = "".join(f"{source}\t{target}\n" for source, target in digits(60))
    (folder / "digits.tsv").write_text(lines, encoding="utf-8")
    for name in NAMES:
        run = folder / "runs" / name
        options = ["--data", folder / "digits.tsv", "--preset", name, "--epochs", 1, "--run", run]
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(PRESETS, name, shrunk(PRESETS[name]))
            done = CliRunner().invoke(application(), ["fit", *map(str, options)])
        assert done.exit_code == 0, done.output
        # Publishes only if the SavedModel's answers, of all signatures, are those of the run.
        export_run(run, folder / "models" / name)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    models = [ModelConfig(name, str(folder / "models" / name)) for name in NAMES]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, warm_up=False)) as server:
        yield server.grpc_address


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_answers_all_signatures(name, address):
    with Client(address, model=name, timeout=120.0) as client:
        found = {one for one in client.metadata() if not one.startswith("__")}  # of TensorFlow's own
        assert found == SIGNATURES | ({"attention"} if name in WITH_TRANSFORMERS else set())
        texts = [answer.text for answer in client.translate(TEXTS)]
        assert len(texts) == len(TEXTS)
        assert [answer.text for answer in client.translate(TEXTS, options=SearchOptions())] == texts
        assert all(len({answer.text for answer in row}) == len(row) for row in client.alternatives(TEXTS))
        assert all(len(one.tokens) == len(one.token_log_probabilities) for one in client.score(TEXTS, TEXTS))
        for explanation, text in zip(client.explain(TEXTS), texts, strict=True):
            assert explanation.text == text
            sums = np.sum(explanation.alignment, axis=1)
            assert len(sums) == len(explanation.target_tokens)
            np.testing.assert_allclose(sums, np.ones_like(sums), atol=1e-4)


@pytest.mark.parametrize("name", WITH_TRANSFORMERS)
def test_transformers_are_served_with_the_weights_of_layers_and_heads(name, address):
    with Client(address, model=name, timeout=120.0) as client:
        found = client.predict({"text": InputTensor("string", TEXTS)}, signature="attention")
    assert {key for key in found if key.endswith("_attention")} == WITH_TRANSFORMERS[name]
    for key in WITH_TRANSFORMERS[name]:
        assert np.array(found[key]).shape[:3] == (2, 1, 4)
