import json
import shutil

import pytest
import tensorflow as tf

from seqapp.signatures import Input, Output, Signature
from serving.inspect.command import main


def save(directory, function):
    module = tf.Module()
    module.serve = tf.function(function, input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.serve})


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    base = tmp_path_factory.mktemp("models") / "upper"
    for version in ("1", "3"):
        save(base / version, lambda text: {"upper": tf.strings.upper(text)})
    return base


def test_the_newest_version_in_words(model, capsys):
    assert main([str(model), "--ops"]) == 0
    out = capsys.readouterr().out
    assert str(model / "3") in out
    assert "  in  text       string[?]" in out
    assert "  out upper      string[?]" in out
    assert "TensorFlow Serving 2.15 and later" in out
    assert "StringUpper" in out
    assert "other versions   1" in out


def test_one_version_as_json(model, capsys):
    assert main([str(model / "1"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["signatures"] == {
        "serving_default": {"inputs": {"text": "string[?]"}, "outputs": {"upper": "string[?]"}}
    }
    assert found["minimum_server"] == "2.15"
    assert found["bytes"]["graph"] == (model / "1" / "saved_model.pb").stat().st_size
    assert found["written_with"] == {"tensorflow": tf.__version__}
    assert found["warmup"] is False
    assert found["meanings"] == {}


def test_an_export_says_what_its_columns_mean(model, tmp_path, capsys):
    shutil.copytree(model / "3", tmp_path / "1")
    declared = Signature(
        "serving_default",
        {"text": Input("string", "the text [any]", feature="text")},
        {"upper": Output("string", "B", "the text in capitals")},
        "upper",
    )
    values = {"task": "shouting", "settings": {}, "minimum_server": "2.15", "versions": {"seqapp": "9"}}
    (tmp_path / "1" / "assets.extra").mkdir()
    (tmp_path / "1" / "assets.extra" / "seqapp.json").write_text(
        json.dumps({**values, "signatures": {"serving_default": declared.as_json()}})
    )
    assert main([str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "shouting" in out
    assert "  in  text       string[?]  the text [any]" in out
    assert "  out upper      string[?]  the text in capitals" in out
    assert "seqapp 9" in out
    assert main([str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["meanings"] == {
        "serving_default": {
            "inputs": {"text": "the text [any]"},
            "outputs": {"upper": "the text in capitals"},
        }
    }


def test_a_model_that_no_server_can_run(tmp_path, capsys):
    save(tmp_path / "1", lambda text: {"same": tf.numpy_function(lambda t: t, [text], tf.string)})
    assert main([str(tmp_path)]) == 0
    assert "none: the export holds ops that a stock server cannot run" in capsys.readouterr().out


def test_no_model(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.startswith("error: model: expected a SavedModel, or a directory")
