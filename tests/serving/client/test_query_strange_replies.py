"""Replies of a server that would steer the terminal in which `query` runs."""

import functools
import io
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from serving.client import query
from serving.client.printable import printable
from tests.serving.client.hostile_servers import http_reply, raw_server


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
