"""The interface of the playground against real models, over gRPC and REST."""

import json
import socket
import time

import pytest

from serving.playground.application import MAX_BODY_BYTES
from tests.serving.playground.conftest import NAMES

SCRIPT = "<script>alert(1)</script>"


def test_states_and_signatures(playground, served):
    found = playground.client.get("/api/models").json()
    assert found["server"] == served.grpc_address
    assert [(one["name"], one["state"], one["versions"]) for one in found["models"]] == [
        (name, "available", [1]) for name in NAMES
    ]
    described = {name: playground.client.get(f"/api/models/{name}").json() for name in NAMES}
    assert {name: one["task"] for name, one in described.items()} == {
        "reverser": "translation",
        "sentiment": "classification",
        "mute": "classification",
        "echo": None,
    }
    assert "explain" in described["sentiment"]["signatures"]
    assert "explain" not in described["mute"]["signatures"]
    options = described["reverser"]["signatures"]["translate_with_options"]
    assert options["method"] == "predict"
    assert options["inputs"]["text"] == {
        **{"dtype": "string", "shape": [None]},
        **{"optional": False, "default": None},
    }
    assert (options["inputs"]["seed"]["optional"], options["inputs"]["seed"]["default"]) == (True, 0)


def test_translation(playground):
    assert playground.answer("reverser", "translate", text="a b") == {
        **{"translation": "b a", "score": -0.375},
        **{"truncated": False, "confidence": None},
    }
    assert playground.answer("reverser", "translate", text="a b", options={"prefix": "c ", "max_length": 1})[
        "translation"
    ] == "c b"
    alternatives = playground.answer("reverser", "alternatives", text="a b")
    assert [one["translation"] for one in alternatives] == ["b a", "a b"]
    assert playground.answer("reverser", "align", text="a b")["sentences"] == [
        {"source": ["a", "b"], "target": ["b", "a", "</s>"], "weights": [[0, 1], [1, 0], [0, 0]]}
    ]


def test_a_script_is_a_text(playground):
    reply = playground.client.post("/api/models/reverser/translate", json={"text": SCRIPT})
    assert reply.headers["content-type"] == "application/json"
    assert reply.json()["translation"] == SCRIPT


def test_classification(playground):
    assert playground.answer("sentiment", "classify", text="good")["label"] == "positive"
    ranking = playground.answer("sentiment", "probabilities", text="bad")
    assert [one["label"] for one in ranking["classes"]] == ["negative", "positive", "no opinion"]
    reasons = playground.answer("sentiment", "reasons", text="a good 싫은")
    assert reasons["label"] == "negative"
    assert [(part["text"], part["weight"]) for part in reasons["parts"]] == [
        *[("a", 0), (" ", None), ("good", -1.5), (" ", None), ("싫은", 2)]
    ]
    status, error = playground.ask("mute", "reasons", text="good")
    assert (status, error["error"]["kind"]) == (400, "refused")


@pytest.mark.slow
def test_language_models(of_language):
    described = {name: of_language.client.get(f"/api/models/{name}").json() for name in ("ngram", "masked")}
    assert described["ngram"]["task"] == "language-modelling"
    assert described["masked"]["task"] == "masked-language-modelling"
    found = of_language.answer("ngram", "complete-and-score", text="Click")
    assert "".join(part["text"] for part in found["parts"]) == found["completion"]
    assert all(part["bits"] >= 0 for part in found["parts"])
    following = of_language.answer("ngram", "next", text="Click")
    shares = [one["probability"] for one in following]
    assert len(shares) == 5
    assert shares == sorted(shares, reverse=True)
    sampled = of_language.answer("ngram", "complete", text="Click", options={"temperature": 1.0, "seed": 3})
    assert sampled["bits_per_byte"] is None
    filled = of_language.answer("masked", "fill", text="Save the [MASK].")
    assert len(filled["marks"]) == 1
    assert "[MASK]" not in filled["filled"]


def test_any_signature(playground):
    inputs = {"text": "a b", "translation": "b c"}
    found = playground.answer("reverser", "predict", signature="score", inputs=inputs)
    assert found == {
        **{"log_probability": -1.0, "normalised_score": -0.5, "tokens": ["b", "c"]},
        **{"token_log_probabilities": [0.0, -1.0], "truncated": False},
    }
    wrong = {"no": "x"}
    for signature, given, part in (
        ("nothing", inputs, "no signature 'nothing'"),
        ("score", wrong, "no input 'no'"),
        ("busy", {"steps": "many"}, "not of the type"),
    ):
        status, error = playground.ask("reverser", "predict", signature=signature, inputs=given)
        assert (status, error["error"]["kind"]) == (400, "question")
        assert part in error["error"]["message"]


def test_over_rest(served, start_playground):
    over_rest = start_playground(f"http://{served.rest_address}", "reverser", "sentiment")
    assert [one["state"] for one in over_rest.client.get("/api/models").json()["models"]] == ["available"] * 2
    assert over_rest.client.get("/api/models/sentiment").json()["task"] == "classification"
    assert over_rest.answer("reverser", "align", text="a b")["translation"] == "b a"
    found = over_rest.answer("reverser", "translate", text="a b", options={"seed": 2})
    assert found["score"] == 1.0  # length penalty -1 and seed 2


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("translate", {"txt": "a"}, "text: Field required."),
        ("translate", {"text": "a", "url": "http://x"}, "url: Extra inputs are not permitted."),
        ("translate", {"text": 1}, "text: Input should be a valid string."),
        ("translate", {"text": "a" * 20001}, "text: String should have at most 20000 characters."),
        ("translate", {"text": "a", "version": 2**63}, "version: Input should be less than or equal to"),
        ("translate", {"text": "a", "version": -1}, "version: Input should be greater than or equal to 0."),
        (
            "translate",
            {"text": "a", "options": {"temperature": -1}},
            "temperature: expected a number from 0 to 100, got -1.",
        ),
        (
            "translate",
            {"text": "a", "options": {"prefix": "a" * 20001}},
            "options.prefix: String should have at most 20000 characters.",
        ),
        ("translate", {"text": "a", "options": {"temp": 1}}, "There is no option 'temp'; known are"),
        ("translate", {"text": "a", "options": {"seed": 0.5}}, "seed: expected an integer, got 0.5."),
    ],
)
def test_wrong_questions(playground, kind, body, message):
    status, found = playground.ask("reverser", kind, **body)
    assert (status, found["error"]["kind"]) == (400, "question")
    assert found["error"]["message"].startswith(message)


def test_no_json(playground):
    status, kind, message = playground.refusal(
        "/api/models/reverser/translate",
        method="POST",
        content=b"{",
        headers={"content-type": "application/json"},
    )
    assert (status, kind) == (400, "question")
    assert message.startswith("The body: Invalid JSON")
    plain = {"method": "POST", "content": b"{}", "headers": {"content-type": "text/plain"}}
    assert playground.refusal("/api/models/reverser/translate", **plain)[:2] == (415, "question")


def test_long_bodies(playground):
    for size in (MAX_BODY_BYTES, 8 * MAX_BODY_BYTES):
        status, found = playground.ask("reverser", "translate", text="a" * size)
        assert (status, found["error"]["kind"]) == (413, "large")


def test_only_the_named_models_are_reached(served, start_playground):
    one = start_playground(served.grpc_address, "reverser")
    for model in ("sentiment", "..", "a/b", "%2e%2e%2freverser"):
        assert one.client.get(f"/api/models/{model}").status_code in (404, 405)
        assert one.client.post(f"/api/models/{model}/translate", json={"text": "a"}).status_code in (404, 405)
    assert one.ask("sentiment", "classify", text="a")[1]["error"]["kind"] == "missing"


def test_without_names_the_usual_ones_that_exist_are_offered(served, start_playground):
    assert start_playground(served.grpc_address).client.get("/api/models").json()["models"] == []


def test_versions(playground):
    assert playground.answer("reverser", "translate", text="a b", version=1)["translation"] == "b a"
    status, error = playground.ask("reverser", "translate", text="a b", version=9)
    assert (status, error["error"]["kind"]) == (404, "missing")
    assert playground.client.get("/api/models/reverser?version=1").json()["task"] == "translation"
    assert playground.refusal("/api/models/reverser?version=9")[:2] == (404, "missing")
    assert playground.refusal("/api/models/reverser?version=x")[:2] == (400, "question")


def test_security_headers(playground):
    paths = ["/", "/page/main.js", "/api/models", "/api/models/nothing", "/nothing"]
    for reply in map(playground.client.get, paths):
        policy = reply.headers["content-security-policy"].split("; ")
        assert policy == [
            *("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"),
            *("img-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
        ]
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert not {"set-cookie", "server", "access-control-allow-origin"} & set(reply.headers)


def test_hosts_and_origins(playground):
    for path in ("/", "/api/models", "/page/main.js"):
        status, kind, message = playground.refusal(path, headers={"host": "evil.example"})
        assert (status, kind) == (421, "host")
        assert "http://127.0.0.1:" in message
    assert playground.client.get("/", headers={"host": "play.example"}).status_code == 200
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        request = {"method": "POST", "json": {"text": "a"}, "headers": headers}
        assert playground.refusal("/api/models/reverser/translate", **request)[:2] == (403, "origin")
        assert playground.client.get("/", headers=headers).status_code == 200  # a link may lead here
    own = {"origin": f"http://{playground.host}", "sec-fetch-site": "same-origin"}
    assert playground.client.get("/api/models", headers=own).status_code == 200


@pytest.mark.parametrize("path", ["/page/../application.py", "/page/%2e%2e/access.py", "/page//etc/passwd"])
def test_no_file_but_those_of_the_page(playground, path):
    assert playground.client.get(path).status_code == 404


def test_other_methods_and_questions(playground):
    assert playground.refusal("/", method="POST")[:2] == (405, "path")
    assert playground.refusal("/api/models/reverser/translate")[:2] == (405, "path")
    status, kind, message = playground.refusal("/api/models/reverser/sing", method="POST", json={})
    assert (status, kind) == (404, "path")
    assert "translate" in message


def test_a_server_that_is_not_there(free_port, start_playground):
    address = f"127.0.0.1:{free_port()}"
    for server in (address, f"http://{address}"):
        away = start_playground(server, "m")
        [model] = away.client.get("/api/models").json()["models"]
        assert (model["state"], model["versions"]) == ("unreachable", [])
        status, error = away.ask("m", "translate", text="a")
        assert (status, error["error"]["kind"]) == (502, "unreachable")
        assert f"cannot connect to {server}" in error["error"]["message"]


def test_who_hangs_up_ends_the_request(playground):
    """The playground goes on at once with others, though the model counts for long."""
    body = json.dumps({"signature": "busy", "inputs": {"steps": 2_000_000}}).encode()
    head = f"POST /api/models/reverser/predict HTTP/1.1\r\nhost: {playground.host}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    name, _, port = playground.host.partition(":")
    with socket.create_connection((name, int(port))) as connection:
        connection.sendall(head.encode() + body)
        time.sleep(0.2)
    assert playground.answer("reverser", "translate", text="a b")["translation"] == "b a"
