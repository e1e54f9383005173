import json
import os
import shutil

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

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
    assert "TensorFlow Serving ≥ 2.15" in out
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


def test_a_file_of_rows_is_for_another_command(tmp_path, capsys):
    (tmp_path / "pairs.tsv").write_text("a\tb\n", encoding="utf-8")
    assert main([str(tmp_path / "pairs.tsv")]) == 2
    assert "`seqapp inspect-data FILE` prints statistics" in capsys.readouterr().err


STEERING = "a\x1b[2J\x9b5m\u202eb\n"


def altered(model, directory, change):
    """A copy of version 3 whose SavedModel `change` has changed."""
    shutil.copytree(model / "3", directory)
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((directory / "saved_model.pb").read_bytes())
    change(saved.meta_graphs[0])
    (directory / "saved_model.pb").write_bytes(saved.SerializeToString())
    return directory


def test_names_and_meanings_do_not_control_the_terminal(model, tmp_path, capsys):
    def rename(graph):
        graph.signature_def[STEERING].CopyFrom(graph.signature_def["serving_default"])
        graph.signature_def[STEERING].inputs[STEERING].dtype = 7
        graph.meta_info_def.tensorflow_version = STEERING
        graph.graph_def.node.add(name="x", op=STEERING)

    directory = altered(model, tmp_path / "1", rename)
    (directory / "assets.extra").mkdir()
    values = {"task": STEERING, "settings": {}, "signatures": {}, "minimum_server": STEERING}
    (directory / "assets.extra" / "seqapp.json").write_text(
        json.dumps({**values, "versions": {STEERING: STEERING}})
    )
    assert main([str(tmp_path), "--ops"]) == 0
    assert main([str(tmp_path), "--json"]) == 0
    shown = capsys.readouterr().out
    assert "a·[2J·5m·b" in shown
    assert not set(shown) & set("\x1b\x9b\u202e")


def test_types_that_tensorflow_does_not_have(model, tmp_path, capsys):
    def retype(graph):
        graph.signature_def["serving_default"].inputs["text"].dtype = 99

    altered(model, tmp_path / "1", retype)
    assert main([str(tmp_path)]) == 0
    assert "type 99[?]" in capsys.readouterr().out


@pytest.mark.parametrize(
    "contents",
    [
        "[" * 100_000,
        "[]",
        "7",
        '{"task": ["x"], "settings": {}, "signatures": {}, "minimum_server": "", "versions": {}}',
        '{"task": "x", "settings": [], "signatures": {}, "minimum_server": "", "versions": {}}',
        '{"task": "x", "settings": {}, "signatures": [], "minimum_server": "", "versions": {}}',
        '{"task": "x", "settings": {}, "signatures": {"a": []}, "minimum_server": "", "versions": []}',
        '{"task": "x", "settings": {}, "signatures": {"a": 1}, "minimum_server": 2, "versions": {"a": 1}}',
        '{"task": "", "settings": {}, "signatures": {}, "minimum_server": "", "versions": {}, "features": 1}',
        "1" * 10_000,
        "\ud800",
    ],
)
def test_an_odd_description_is_none(model, tmp_path, capsys, contents):
    directory = shutil.copytree(model / "3", tmp_path / "1")
    (directory / "assets.extra").mkdir()
    path = directory / "assets.extra" / "seqapp.json"
    path.write_bytes(contents.encode("utf-8", "surrogatepass"))
    assert main([str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["meanings"]) == ("", {})


@pytest.mark.parametrize(
    "declared", [[], 7, {"inputs": []}, {"inputs": {"text": {"dtype": [7], "meaning": 1}}}]
)
def test_odd_declarations_of_signatures_are_left_out(model, tmp_path, capsys, declared):
    directory = shutil.copytree(model / "3", tmp_path / "1")
    (directory / "assets.extra").mkdir()
    values = {"task": "x", "settings": {}, "minimum_server": "2.15", "versions": {}}
    text = json.dumps({**values, "signatures": {"serving_default": declared}})
    (directory / "assets.extra" / "seqapp.json").write_text(text)
    assert main([str(tmp_path)]) == 0
    assert "  in  text       string[?]" in capsys.readouterr().out


def _nothing(directory):
    (directory / "saved_model.pb").unlink()


def _damaged(directory):
    (directory / "saved_model.pb").write_bytes(b"\xff" * 100)


def _text(directory):
    _nothing(directory)
    (directory / "saved_model.pbtxt").write_bytes(b"\xff{{{{")


def _pipe(directory):
    _nothing(directory)
    os.mkfifo(directory / "saved_model.pb")


def _outside(directory):
    (directory / "assets.extra").mkdir()
    (directory / "assets.extra" / "seqapp.json").symlink_to("/etc/passwd")


def _loop(directory):
    (directory / "loop").symlink_to("loop")


@pytest.mark.parametrize("harm", [_nothing, _damaged, _text, _pipe, _outside, _loop])
def test_harmful_exports_are_refused_in_one_line(model, tmp_path, capsys, harm):
    directory = shutil.copytree(model / "3", tmp_path / "1")
    harm(directory)
    assert main([str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: model: {directory}")


def test_folders_that_are_no_versions(model, tmp_path, capsys):
    for name in ("²", "１", "9" * 200, "-1", "1.0"):
        (tmp_path / name).mkdir()
    assert main([str(tmp_path)]) == 2
    assert "expected a SavedModel" in capsys.readouterr().err
    shutil.copytree(model / "3", tmp_path / "2")
    assert main([str(tmp_path)]) == 0
    assert str(tmp_path / "2") in capsys.readouterr().out
