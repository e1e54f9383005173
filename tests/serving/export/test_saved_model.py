"""What is written is what is declared; the published names stay."""

import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ExportError
from seqapp.signatures import Input, Output, Signature
from serving.export.meta_graph import read_meta_graph
from serving.export.parity import check_parity
from serving.export.samples import of_texts
from serving.export.saved_model import check_signatures, write_saved_model
from tests.support.classification import small_classifier, with_linear
from tests.support.tasks import small_language_model, small_task

_LABEL = {"label": "string", "probability": "float32", "truncated": "bool"}
_TRANSLATION = {"translation": "string", "score": "float32", "truncated": "bool"}

# What clients of published models rely on: never to be changed, only added to.
PUBLISHED = {
    "translation": {
        "serving_default": ({"text": "string"}, _TRANSLATION),
        "alternatives": ({"text": "string"}, {"translations": "string", "scores": "float32"}),
        "explain": (
            {"text": "string"},
            {
                **_TRANSLATION,
                "source_tokens": "string",
                "target_tokens": "string",
                "alignment": "float32",
            },
        ),
        "translate_with_options": (
            {
                "text": "string",
                "length_penalty": "float32",
                "max_length": "int32",
                "min_length": "int32",
                "temperature": "float32",
                "seed": "int64",
                "coverage_penalty": "float32",
                "no_repeat_ngram": "int32",
                "prefix": "string",
                "top_k": "int32",
                "top_p": "float32",
            },
            _TRANSLATION,
        ),
        "score": (
            {"text": "string", "translation": "string"},
            {
                "log_probability": "float32",
                "normalised_score": "float32",
                "tokens": "string",
                "token_log_probabilities": "float32",
                "truncated": "bool",
            },
        ),
    },
    "classification": {
        "serving_default": ({"text": "string"}, _LABEL),
        "probabilities": (
            {"text": "string"},
            {"labels": "string", "probabilities": "float32", "truncated": "bool"},
        ),
        "classify": ({"inputs": "string"}, {"classes": "string", "scores": "float32"}),
        "explain": (
            {"text": "string"},
            {**_LABEL, "tokens": "string", "begin": "int32", "end": "int32", "weights": "float32"},
        ),
        "attention": (
            {"text": "string"},
            {"label": "string", "tokens": "string", "encoder_attention": "float32", "truncated": "bool"},
        ),
    },
}
TASKS = {"translation": small_task, "classification": lambda: with_linear(small_classifier())}


@pytest.fixture(scope="module", params=TASKS)
def written(request, tmp_path_factory):
    task = TASKS[request.param]()
    directory = tmp_path_factory.mktemp(request.param) / "1"
    write_saved_model(task, directory)
    return task, directory


@pytest.mark.slow
def test_the_published_names(written):
    task, directory = written
    signatures = read_meta_graph(directory).signature_def

    def types(tensors):
        return {name: tf.as_dtype(info.dtype).name for name, info in tensors.items()}

    found = {
        name: (types(one.inputs), types(one.outputs))
        for name, one in signatures.items()
        if not name.startswith("__")
    }
    assert found == PUBLISHED[task.name]
    for name in found:
        for tensor in (*signatures[name].inputs.values(), *signatures[name].outputs.values()):
            assert tensor.tensor_shape.dim[0].size == -1
        method = "classify" if name == "classify" else "predict"
        assert signatures[name].method_name == f"tensorflow/serving/{method}"


@pytest.mark.slow
def test_every_variable_is_saved_once(written):
    task, directory = written
    variables = tf.train.list_variables(str(directory / "variables" / "variables"))
    saved = sorted(tuple(shape) for name, shape in variables if not name.startswith("_CHECKPOINT"))
    beside = [] if task.name == "translation" else [*task.linear.variables, *task.calibration.variables]
    read = [variable for variable in task.model.variables if "seed_generator" not in variable.path]
    assert saved == sorted(np.shape(variable.numpy()) for variable in (*read, *beside))


@pytest.mark.slow
def test_a_linear_model_outside_of_the_network_is_served_too(written):
    task, directory = written
    if task.name == "classification":
        assert np.abs(task.linear_scores(tf.constant(["영화"]))).max() > 0.1
    samples = of_texts(["영화 👍".encode(), b"", b"a b. C d."], task.features)
    assert check_parity(task, directory, samples) == 3


@pytest.mark.slow
def test_a_language_model_whose_context_slides(tmp_path):
    task = small_language_model("transformer")
    write_saved_model(task, tmp_path / "1")
    samples = of_texts([b"Save the file. " * 8, b"", "파일을 저".encode()[:-1]], task.features)
    assert check_parity(task, tmp_path / "1", samples) == 3


def length_model(directory):
    module = tf.Module()
    module.serve = tf.function(
        lambda text: {"length": tf.strings.length(text), "count": tf.size(text)[tf.newaxis]},
        input_signature=[tf.TensorSpec([None], tf.string, name="text")],
    )
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.serve})
    return directory


@pytest.fixture(scope="module")
def lengths(tmp_path_factory):
    return length_model(tmp_path_factory.mktemp("lengths") / "1")


def declared(method="tensorflow/serving/predict", **outputs):
    columns = {name: Output(dtype, axes, "") for name, (dtype, axes) in outputs.items()}
    return [Signature("serving_default", {"text": Input("string", "")}, columns, "length", method)]


@pytest.mark.parametrize(
    ("signatures", "told"),
    [
        (declared(length=("int32", "B")), r"outputs \['length'\], the export has \['count', 'length'\]"),
        (declared(length=("int64", "B"), count=("int32", "B")), r"length to be int64\[B\], .* has int32"),
        (declared(length=("int32", "B, T"), count=("int32", "B")), r"length to be int32\[B, T\], .* 1 axes"),
        (declared(length=("int32", "B"), count=("int32", "B")), r"count to be .* first axis is always 1"),
    ],
)
def test_what_is_not_as_declared(lengths, signatures, told):
    with pytest.raises(ExportError, match=told):
        check_signatures(lengths, signatures)


def test_another_method(tmp_path):
    module = tf.Module()
    module.serve = tf.function(
        lambda text: {"length": tf.strings.length(text)},
        input_signature=[tf.TensorSpec([None], tf.string, name="text")],
    )
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.serve})
    check_signatures(tmp_path, declared(length=("int32", "B")))
    with pytest.raises(ExportError, match="expected method tensorflow/serving/classify"):
        check_signatures(tmp_path, declared("tensorflow/serving/classify", length=("int32", "B")))
