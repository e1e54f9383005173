"""`python -m serving query`, as people and as pipes see it."""

import functools
import io
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rich.cells import cell_len
from rich.console import Console

from serving.client import Explanation, query
from serving.client.heat_map import print_heat_map
from serving.client.printable import printable
from serving.client.query_answers import truncation_note
from serving.client.tasks.translation import Translation
from serving.client.tasks.translation_view import TRANSLATIONS
from tests.serving.client.hostile_servers import http_reply, raw_server


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


class Strange(BaseHTTPRequestHandler):
    """Answers with what would steer a terminal: an error for `m`, an output's name and text for `n`."""

    def do_GET(self):
        if self.path.startswith("/v1/models/m"):
            self._send(400, {"error": "no\x1b[2J\n" + "저" * 1000})
            return
        tensor = {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}]}}
        signature = {"inputs": {"text": tensor}, "outputs": {"\x1b[5m": tensor, "b": tensor}}
        signature["method_name"] = "tensorflow/serving/predict"
        self._send(200, {"metadata": {"signature_def": {"signature_def": {"serving_default": signature}}}})

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self._send(200, {"outputs": {"\x1b[5m": ["\x9b2J\u202e"], "b": ["\n"]}})

    def _send(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def strange():
    with HTTPServer(("127.0.0.1", 0), Strange) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_errors_and_names_of_a_server_do_not_steer_the_terminal(strange, capsys):
    assert query.main(["--model", "m", "--rest", strange, "a"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "\x1b" not in err
    assert len(err) <= 308
    assert query.main(["--model", "n", "--rest", strange, "a"]) == 0
    assert capsys.readouterr().out == r'{"\u001b[5m": "\u009b2J\u202e", "b": "\n"}' + "\n"


_STRANGE_REPLIES = [
    {"translation": ["a\x1b]0;x\x07\ud800"], "score": [-1.0]},
    {"translation": ["a"], "score": [float("inf")], "\x9b2J": ["\x1b[2J"]},
    {"translation": [5], "score": ["\x1b[2J"]},
    {"\x1b[2J": "\x1b[2J"},
    {"translation": [functools.reduce(lambda inner, _: [inner], range(800), 1)], "score": [1]},
]
_OUTPUTS = {"translation": {"dtype": "DT_STRING", "tensor_shape": {}}, "score": {"dtype": "\x1b[2J"}}


@pytest.mark.parametrize("signature", ["", "serving_default", "\x1b[5m"])
@pytest.mark.parametrize("reply", _STRANGE_REPLIES)
def test_nothing_of_a_reply_steers_the_terminal(monkeypatch, reply, signature):
    default = {
        "inputs": {"text": {"dtype": "DT_STRING", "tensor_shape": {}}},
        "outputs": {name: {"tensor_shape": {}, **info} for name, info in _OUTPUTS.items()},
        "method_name": "tensorflow/serving/predict",
    }
    signatures = {"serving_default": default, "\x9b": default}
    metadata = {"metadata": {"signature_def": {"signature_def": signatures}}}

    def send(connection):
        connection.sendall(http_reply(json.dumps(bodies.pop(0)).encode()))

    bodies = [metadata, {"outputs": reply}, metadata]
    shown = [Terminal(io.BytesIO(), "utf-8"), Terminal(io.BytesIO(), "utf-8")]
    monkeypatch.setattr("sys.stdout", shown[0])
    monkeypatch.setattr("sys.stderr", shown[1])
    with raw_server(send) as address:
        assert query.main(["--model", "m", "--rest", address, "--signature", signature, "a"]) in (0, 1)
    for stream in shown:
        stream.flush()
        text = stream.buffer.getvalue().decode()
        assert all(letter == "\n" or printable(letter) == letter for letter in _STYLE.sub("", text))
    assert any(stream.buffer.getvalue() for stream in shown)


class Terminal(io.TextIOWrapper):
    """A stream that says it is one."""

    def isatty(self):
        return True


# What this program itself sends for colours.
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_lone_surrogates_reach_a_pipe_as_a_replacement(capsys):
    outputs = {"outputs": {"translation": ["a\ud800"], "score": [-1.0]}}
    infos = {name: {"dtype": "DT_STRING", "tensor_shape": {}} for name in ("text", "translation", "score")}
    default = {"inputs": infos, "outputs": infos, "method_name": "tensorflow/serving/predict"}
    metadata = {"metadata": {"signature_def": {"signature_def": {"serving_default": default}}}}
    bodies = [metadata, outputs]
    with raw_server(lambda c: c.sendall(http_reply(json.dumps(bodies.pop(0)).encode()))) as address:
        assert query.main(["--model", "m", "--rest", address, "a"]) == 0
    assert capsys.readouterr().out == "a?\n"


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


def test_a_terminal_shows_the_heat_map(server, terminal):
    shown = terminal("--model", "reverser", *ports(server), "파일 을 저장")
    assert "저장 을 파일" in shown
    assert "100" in shown
    assert "∎" in shown


@pytest.mark.parametrize("width", [30, 120])
def test_hangul_keeps_the_columns_in_line(width):
    source = ("▁파일", "▁을", "▁save", "</s>")
    weights = tuple(tuple(1.0 if i == j else 0.0 for j in range(4)) for i in range(3))
    explanation = Explanation("t", -1.0, source, ("▁저장", "▁a", "</s>"), weights, False)
    screen = io.StringIO()
    print_heat_map(Console(file=screen, width=width, force_terminal=False), explanation)
    lines = screen.getvalue().splitlines()
    assert all(cell_len(line) <= width for line in lines)
    heads = [line for line in lines if "파일" in line]
    first_row = lines[lines.index(heads[0]) + 1]
    head_end = cell_len(heads[0][: heads[0].index("파일") + 2])
    weight_end = cell_len(first_row[: first_row.index("100") + 3])
    assert abs(head_end - weight_end) <= 1


def test_more_tokens_than_the_screen_is_wide():
    source = tuple(f"▁token{i}" for i in range(30))
    explanation = Explanation("t", -1.0, source, ("▁a",), ((0.5,) * 30,), False)
    screen = io.StringIO()
    print_heat_map(Console(file=screen, width=40), explanation)
    text = screen.getvalue()
    assert all(f"token{i}" in text for i in range(30))
    assert all(cell_len(line) <= 40 for line in text.splitlines())


def test_one_line_per_text_whatever_the_answer_holds():
    ends = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
    (line,) = TRANSLATIONS.lines(Translation("a" + "b".join(ends) + "c", -1.0))
    assert line == "a b b b b b b b b c\n"


@pytest.mark.parametrize(
    ("flags", "note"),
    [
        ([], ""),
        ([False], ""),
        ([True], "note: 1 of 1 text was cut (line 1): longer than the model reads"),
        ([False, True, True], "note: 2 of 3 texts were cut (lines 2, 3): longer than the model reads"),
        ([True] * 9, "note: 9 of 9 texts were cut (lines 1, 2, 3, 4, 5, …): longer than the model reads"),
    ],
)
def test_cut_texts_are_named(flags, note):
    assert truncation_note(flags, "line") == note
