"""`python -m serving query`, as people and as pipes see it."""

import io
import json

import pytest

from serving.client import query


def ports(server):
    return ["--grpc", server.grpc_address, "--rest", server.rest_address]


def test_piped_is_one_line_a_text_and_nothing_else(server, capsys):
    assert query.main(["--model", "reverser", *ports(server), "a b", "", "저장 하기"]) == 0
    assert capsys.readouterr() == ("b a\n\n하기 저장\n", "")


@pytest.fixture
def standard_input(monkeypatch):
    def give(data):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"a b\nc d\n", "b a\nd c\n"),
        (b"\xef\xbb\xbfa b\r\n\r\nc d", "b a\n\nd c\n"),
        ("a\u2028b c\x85d\n".encode(), "c d a b\n"),
        ("a b\r\nc d".encode("utf-16"), "b a\nd c\n"),
        (b"", ""),
    ],
)
def test_lines_of_standard_input(server, capsys, standard_input, data, shown):
    standard_input(data)
    assert query.main(["--model", "reverser", "--rest", server.rest_address]) == 0
    assert capsys.readouterr() == (shown, "")


@pytest.mark.parametrize("encoding", ["cp949", "utf-16-le"])
def test_other_encodings_are_refused_before_anything_is_sent(capsys, standard_input, encoding, free_port):
    standard_input("저장 1\n".encode(encoding) + "x".encode(encoding) * 1000)
    assert query.main(["--model", "m", "--rest", f"127.0.0.1:{free_port()}"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "standard input, line 1" in err
    assert "iconv -f" in err
    assert len(err) < 300
    assert err.count("\n") == 1


def test_alternatives(server, capsys):
    assert query.main(["--model", "reverser", *ports(server), "--alternatives", "a b"]) == 0
    assert capsys.readouterr().out == "-0.3750\tb a\n-1.3750\ta b\n"


def test_a_signature_by_name_is_asked_generically(server, capsys):
    arguments = ["--model", "reverser", *ports(server), "--signature", "alternatives"]
    assert query.main([*arguments, "a b", "c"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {"scores": [-0.375, -1.375], "translations": ["b a", "a b"]}
    assert second["translations"] == ["c", "c"]


def test_inputs_with_defaults_get_them(tmp_path, capsys):
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions
    from tests.serving.small_model import save

    path = save(tmp_path / "reverser") / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    signature = saved.meta_graphs[0].signature_def["translate_with_options"]
    neutral = {"length_penalty": -1.0, "max_length": 0, "min_length": 0, "temperature": 0.0, "seed": 0}
    for name, value in neutral.items():
        tensor = tf.make_tensor_proto([value], signature.inputs[name].dtype)
        signature.defaults[name].CopyFrom(tensor)
    path.write_bytes(saved.SerializeToString())
    models = [ModelConfig("reverser", str(tmp_path / "reverser"))]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0)) as running:
        arguments = ["--model", "reverser", *ports(running), "--signature", "translate_with_options"]
        assert query.main([*arguments, "a b", "c"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == '{"score": -1.0, "translation": "b a", "truncated": false}'
    assert second == '{"score": -1.0, "translation": "c", "truncated": false}'


@pytest.mark.parametrize(
    ("model", "signature", "message"),
    [
        ("reverser", "score", "needs 'translation' (string[?]) besides texts"),
        ("reverser", "busy", "has no string input"),
        ("reverser", "none", "has no signature 'none'; it has alternatives"),
        ("echo", "classify", "answers classify, not predict"),
        ("echo", "serving_default", "has no string input"),
    ],
)
def test_what_texts_cannot_ask_is_said(server, capsys, model, signature, message):
    assert query.main(["--model", model, *ports(server), "--signature", signature, "a"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_a_model_of_no_known_task_answers_in_json(server, capsys):
    arguments = ["--model", "echo", *ports(server)]
    assert query.main([*arguments, "--signature", "string", "a\u2028\x1b\n", "나"]) == 0
    first, second = capsys.readouterr().out.split("\n")[:-1]
    assert first == r'{"y": "a\u2028\u001b\n"}'
    assert second == '{"y": "나"}'
    assert query.main([*arguments, "--alternatives", "a"]) == 1
    assert "--alternatives" in capsys.readouterr().err


def test_a_server_that_is_not_up(free_port, capsys):
    assert query.main(["--model", "m", "--rest", f"127.0.0.1:{free_port()}", "a"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: cannot connect to http://127.0.0.1:")
    assert "make serve" in err
    assert err.count("\n") == 1


def test_a_model_that_the_server_does_not_have(server, capsys):
    for address in (["--grpc", server.grpc_address], ["--rest", server.rest_address]):
        assert query.main(["--model", "reversr", *address, "a"]) == 1
        error = capsys.readouterr().err
        assert "answers NOT_FOUND: Servable not found for request: Latest(reversr); give a name" in error
        assert error.endswith("give a name (make: NAME=), version or label that the server has\n")


def test_versions_by_number_and_by_their_old_options(server, capsys):
    arguments = ["--model", "reverser", "--rest", server.rest_address]
    assert query.main([*arguments, "--model-version", "1", "a b"]) == 0
    assert capsys.readouterr() == ("b a\n", "")
    assert query.main([*arguments, "--version=1", "--", "--version", "--label"]) == 0
    assert capsys.readouterr() == (
        "--version\n--label\n",
        "note: --version is now called --model-version\n",
    )
    assert query.main([*arguments, "--label", "none", "a"]) == 1
    assert capsys.readouterr().err.startswith("note: --label is now called --version-label\nerror: ")


def test_ports_that_differ_are_told(server, reverser, tmp_path, capsys):
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions
    from tests.serving.small_model import save

    save(tmp_path / "marked", mark="!")
    other = ServerOptions([ModelConfig("reverser", str(tmp_path / "marked"))], grpc_port=0, rest_port=0)
    with EmbeddedServer(other) as marked:
        code = query.main(
            ["--model", "reverser", "--grpc", server.grpc_address, "--rest", marked.rest_address, "a b"]
        )
    assert code == 1
    assert "gRPC and REST differ" in capsys.readouterr().err
