"""The REST port of a real server, byte for byte where layout matters."""

import contextlib
import gzip
import http.client
import json
import socket
import time

import pytest

from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from serving.server.rest.examples_from_json import read_examples
from serving.server.status import Code, http_status

PREDICT = "/v1/models/echo:predict"


@pytest.fixture
def connection(server):
    host, port = server.rest_address.split(":")
    one = http.client.HTTPConnection(host, int(port), timeout=20)
    yield one
    one.close()


@pytest.fixture
def ask(connection):
    """Sends one request; (status, body as bytes, headers by lower-case name)."""

    def send(method, path, body=None, headers=None):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.read(), {name.lower(): value for name, value in reply.getheaders()}

    return send


def test_row_layout(ask):
    status, body, headers = ask("POST", PREDICT, {"instances": [[1, 2], [3, 4.5]]})
    assert (status, headers["content-type"]) == (200, "application/json")
    assert body == b'{\n    "predictions": [[1.0, 2.0], [3.0, 4.5]\n    ]\n}'


def test_column_layout(ask):
    _, body, _ = ask("POST", PREDICT, {"inputs": {"x": [1, 2]}})
    assert body == b'{\n    "outputs": [\n        1.0,\n        2.0\n    ]\n}'


def test_several_named_tensors_by_row(ask):
    rows = [{"number": 1, "word": "é"}, {"number": 2, "word": {"b64": "//4="}}]
    status, body, _ = ask("POST", PREDICT, {"signature_name": "pair", "instances": rows})
    assert status == 200
    assert b'"word": "\xff\xfe"' in body  # not UTF-8, and passed on as it is
    text = body.decode("utf-8", "replace")
    assert json.loads(text)["predictions"][0] == {"number": 1, "word": "é", "word_bytes": {"b64": "w6k="}}
    assert text.startswith(
        '{\n    "predictions": [\n        {\n            "number": 1,\n            "word": "é",\n'
    )


def test_columns_of_different_length(ask):
    inputs = {"number": [[1, 2], [3, 4]], "word": "scalar", "more": "is passed over"}
    _, body, _ = ask("POST", PREDICT, {"signature_name": "pair", "inputs": inputs})
    outputs = json.loads(body)["outputs"]
    assert outputs == {"number": [[1, 2], [3, 4]], "word": "scalar", "word_bytes": {"b64": "c2NhbGFy"}}


@pytest.mark.parametrize(
    ("signature", "instances", "predictions"),
    [
        ("uint8", [256, 7], [0, 7]),
        ("int8", [300, -129], [44, 127]),
        ("int16", [2**31 - 1], [-1]),
        ("int64", [2**63 - 1, -(2**63)], [2**63 - 1, -(2**63)]),
        ("uint32", [2**32 - 1], [2**32 - 1]),
        ("uint64", [2**64 - 1], [2**64 - 1]),
        ("string", [{"b64": "YWI="}, {"b64": "YWI"}, {"b64": ""}], ["ab", "ab", ""]),
        ("bool", [True, False], [True, False]),
        ("double", [0.1, 1], [0.1, 1.0]),
        ("float", [1e300, -1e300], [float("inf"), float("-inf")]),
        ("string", [[["a"], ["b"]]], [[["a"], ["b"]]]),
        ("float", [[]], [[]]),
    ],
)
def test_types(ask, signature, instances, predictions):
    _, body, _ = ask("POST", PREDICT, {"signature_name": signature, "instances": instances})
    assert json.loads(body) == {"predictions": predictions}


@pytest.mark.parametrize(
    ("request_body", "error"),
    [
        (
            {"instances": [[1, 2], [3]]},
            "element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor",
        ),
        ({"instances": [[1], [[1]]]}, "Expecting shape [1] but got: [1,1]"),
        (
            {"instances": [[[1], [1, 2]]]},
            "Encountered list at unexpected size: 2 at level: 1 expected size: 1",
        ),
        ({"instances": ["a"]}, 'JSON Value: "a" Type: String is not of expected type: float'),
        ({"instances": []}, "No values in 'instances' array"),
        ({"instances": 1}, "Excepting 'instances' to be an list/array"),
        ({}, "Missing 'inputs' or 'instances' key"),
        ({"instances": [1], "inputs": [1]}, "expecting only one of 'inputs' or 'instances'"),
        ({"signature_name": 1, "instances": [1]}, "'signature_name' key must be a string value"),
        ({"signature_name": "x", "instances": [1]}, 'Serving signature name: "x" not found in signature def'),
        ({"signature_name": "int32", "instances": [1.0]}, "is not of expected type: int32"),
        ({"signature_name": "int32", "instances": [2**31]}, "is not of expected type: int32"),
        ({"signature_name": "uint32", "instances": [-1]}, "is not of expected type: uint32"),
        ({"signature_name": "uint32", "instances": [2**32]}, "is not of expected type: uint32"),
        ({"signature_name": "uint64", "instances": [-1]}, "is not of expected type: uint64"),
        ({"signature_name": "int64", "instances": [2**63]}, "is not of expected type: int64"),
        ({"signature_name": "bool", "instances": [1]}, "is not of expected type: bool"),
        ({"instances": [True]}, "JSON Value: true Type: True is not of expected type: float"),
        ({"instances": [None]}, "JSON Value: null Type: Null is not of expected type: float"),
        ({"signature_name": "string", "instances": [1]}, "is not of expected type: string"),
        ({"signature_name": "half", "instances": [1]}, "Conversion of JSON Value: 1 to type: half"),
        ({"signature_name": "half", "instances": [1.0]}, "Conversion of JSON Value: 1.0 to type: half"),
        ({"signature_name": "bfloat16", "instances": [1]}, "Conversion of JSON Value: 1 to type: bfloat16"),
        ({"signature_name": "uint16", "instances": [1]}, "Conversion of JSON Value: 1 to type: uint16"),
        ({"signature_name": "complex64", "instances": [1]}, "Conversion of JSON Value: 1 to type: complex64"),
        ({"signature_name": "string", "instances": [{"b64": "_-8="}]}, "Unable to base64 decode"),
        (
            {"signature_name": "string", "inputs": [{"b64": "YWI=", "more": 1}]},
            "not formatted correctly for base64 data",
        ),
        ({"instances": [{"x": 1}, 2]}, "Expecting object but got list at item 1 of input list"),
        ({"instances": [1, {"x": 2}]}, "Expecting value/list but got object at item 1 of input list"),
        (
            {"instances": [{"z": 1}]},
            "Failed to process element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT:"
            " JSON object: does not have named input: z",
        ),
        ({"instances": [[1], 2]}, "Expecting shape [1] but got: []"),
        ({"inputs": [[1], 2]}, "JSON Value: 2 found at incorrect level: 2 in the JSON DOM"),
        ({"inputs": [1, [2]]}, "Encountered list at unexpected level: 1 expected < 1"),
        ({"signature_name": "pair", "inputs": [1]}, "inputs is a plain value/list, but expecting an object"),
        ({"signature_name": "string", "instances": [{"b64": "%"}]}, "Unable to base64 decode"),
        ({"signature_name": "pair", "instances": [1]}, "expecting list of objects"),
        ({"signature_name": "pair", "instances": [{"number": 1}]}, "keys must be equal to: number,word"),
        (
            {"signature_name": "pair", "inputs": {"number": 1}},
            "Missing named input: word in 'inputs' object.",
        ),
        ({"signature_name": "scalar", "instances": [1]}, "Tensor name: sum has no shape information"),
    ],
)
def test_requests_that_are_wrong(ask, request_body, error):
    status, body, _ = ask("POST", PREDICT, request_body)
    assert status == 400
    assert error in json.loads(body)["error"]


@pytest.mark.parametrize(
    ("verb", "body", "error"),
    [
        ("predict", {"signature_name": ["가" * 10**5]}, "'signature_name' key must be a string value."),
        ("predict", {"instances": {"a": list(range(10**5))}}, "Excepting 'instances' to be an list/array"),
        ("predict", {"signature_name": "x" * 10**5, "instances": [1]}, "Serving signature name: "),
        ("classify", {"examples": "\u0001" * 10**5}, "Expecting 'examples' value to be an list/array"),
        ("regress", {"signature_name": "가" * 10**5, "examples": [{}]}, "No signature was found with"),
    ],
)
def test_an_error_is_never_longer_than_2_kb(ask, verb, body, error):
    status, reply, _ = ask("POST", f"/v1/models/echo:{verb}", body)
    message = json.loads(reply)["error"]
    assert (status, error in message, "...TRUNCATED" in message) == (400, True, True)
    assert len(message.encode()) <= 2048


def test_a_deep_body_is_told_in_time(ask):
    begun = time.monotonic()
    body = b'{"instances":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001
    assert len(ask("POST", PREDICT, body)[1]) < 4096
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("verb", ["predict", "classify", "regress"])
def test_a_signature_name_that_is_not_utf_8_is_unknown(ask, verb):
    body = b'{"signature_name": "\xff", "instances": [1], "examples": [{}]}'
    status, reply, _ = ask("POST", f"/v1/models/echo:{verb}", body)
    assert (status, b"\xff" in reply) == (400, True)


def test_unimplemented_types_by_column(ask):
    status, _, _ = ask("POST", PREDICT, {"signature_name": "half", "inputs": [1]})
    assert status == 501


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("GET", "/v1/models/echo/", 400, "Malformed request: GET /v1/models/echo/"),
        ("GET", "/v1/models/echo?x=1", 400, "Malformed request: GET /v1/models/echo?x=1"),
        ("POST", "/v1/models/echo:PREDICT", 400, "Malformed request: POST /v1/models/echo:PREDICT"),
        ("DELETE", "/v1/models/echo", 400, "Malformed request: DELETE /v1/models/echo"),
        ("GET", "/v1/models/none", 404, "Could not find any versions of model none"),
        ("GET", "/v1/models/echo/versions/9", 404, "Could not find version 9 of model echo"),
        ("GET", "/v1/models/..%2Fecho", 404, "Could not find any versions of model ../echo"),
        ("GET", "/v1/models/none/metadata", 404, "Servable not found for request: Latest(none)"),
    ],
)
def test_paths(ask, method, path, status, error):
    got, body, _ = ask(method, path)
    assert (got, json.loads(body)["error"]) == (status, error)


@pytest.mark.parametrize(
    ("signature", "request_body", "error"),
    [
        ("half", {"instances": [1]}, "Failed to write JSON value for tensor type: half"),
        ("half", {"inputs": [1]}, "Failed to write JSON value for tensor type: half"),
        ("uneven", {"instances": [1, 2]}, "Tensor name: b has inconsistent batch size: 1 expecting: 2"),
    ],
)
def test_outputs_that_json_does_not_take(ask, signature, request_body, error):
    status, body, _ = ask(
        "POST", "/v1/models/shared_input:predict", {"signature_name": signature, **request_body}
    )
    assert (status, json.loads(body)["error"]) == (400, error)
    if signature == "uneven":  # by column any sizes will do
        asked = {"signature_name": signature, "inputs": [1, 2]}
        _, body, _ = ask("POST", "/v1/models/shared_input:predict", asked)
        assert json.loads(body) == {"outputs": {"a": [1.0, 2.0], "b": [2.0]}}


def test_inputs_with_a_default_may_be_missing_in_all_rows(ask):
    """Unlike TensorFlow Serving's JSON, which needs all names in either format."""
    path = "/v1/models/shared_input:predict"
    forms = (
        ({"instances": [{"ten": 1}]}, {"instances": [{"ten": 1, "one": 5}]}),
        ({"inputs": {"ten": [1]}}, {"inputs": {"ten": [1], "one": [5]}}),
    )
    for short, full in forms:
        status, body, _ = ask("POST", path, {"signature_name": "with_default", **short})
        assert status == 200
        assert body == ask("POST", path, {"signature_name": "with_default", **full})[1]
    for rows in ([{"ten": 1}, {"ten": 1, "one": 5}], [{"one": 5}]):
        status, body, _ = ask("POST", path, {"signature_name": "with_default", "instances": rows})
        assert status == 400
        assert "keys must be equal to: one,ten" in json.loads(body)["error"]


@pytest.mark.parametrize(
    ("request_body", "error"),
    [
        ({}, "When method is classify, key 'examples' is expected and was not found"),
        ({"examples": {}}, "Expecting 'examples' value to be an list/array"),
        ({"examples": []}, "'examples' value is an empty array"),
        ({"examples": [[1]]}, "Example must be JSON object but got JSON Array"),
        ({"context": 1, "examples": [{}]}, "Example must be JSON object but got JSON Number"),
        ({"examples": [{"x": [1, "a"]}]}, "Unexpected element type in feature: x expecting type: int64"),
        ({"examples": [{"x": [1.0, 1]}]}, "Unexpected element type in feature: x expecting type: float"),
        ({"examples": [{"x": None}]}, "Feature: x has element with unexpected JSON type: Null"),
        ({"examples": [{"x": {"a": 1}}]}, "Feature: x has element with unexpected JSON type: Object"),
        ({"examples": [{"x": [[1]]}]}, "Feature: x has element with unexpected JSON type: Array"),
        ({"examples": [{"x": 2**63}]}, "Feature: x has uint64_t element. Only int64_t is supported."),
        ({"examples": [{"x": {"b64": "%"}}]}, "Unable to base64 decode"),
    ],
)
@pytest.mark.parametrize("verb", ["classify", "regress"])
def test_examples_that_are_wrong(ask, verb, request_body, error):
    status, body, _ = ask("POST", f"/v1/models/echo:{verb}", request_body)
    assert status == 400
    assert error in json.loads(body)["error"]


def test_kinds_of_features():
    found = read_examples(
        {"examples": [{"f": [1.5, 2.0], "i": [3, True], "s": ["a", {"b64": "//4="}], "one": 7, "none": []}]}
    )
    features = found.example_list.examples[0].features.feature
    assert list(features["f"].float_list.value) == [1.5, 2.0]
    assert list(features["i"].int64_list.value) == [3, 1]
    assert list(features["s"].bytes_list.value) == [b"a", b"\xff\xfe"]
    assert list(features["one"].int64_list.value) == [7]
    assert features["none"].WhichOneof("kind") is None


@pytest.mark.parametrize("version", [str(2**63), str(2**64), "9" * 5000])
@pytest.mark.parametrize(("method", "verb"), [("GET", ""), ("POST", ":predict"), ("POST", ":PREDICT")])
def test_a_version_beyond_64_bits_is_refused_without_words(ask, method, verb, version):
    assert ask(method, f"/v1/models/echo/versions/{version}{verb}")[:2] == (400, b"")


def test_leading_zeros_of_a_version_do_not_count(ask):
    assert ask("GET", f"/v1/models/echo/versions/{'0' * 5000}1")[0] == 200


def test_outside_of_the_api(ask):
    for path in ("/metrics", "/v1", "/v2/models/echo", "/"):
        status, body, headers = ask("GET", path)
        assert (status, headers["content-type"], headers["connection"]) == (404, "text/html", "close")
        assert body.startswith(b"<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>")


def test_layout_of_errors_and_headers(ask):
    status, body, headers = ask("GET", "/v1/models/none", headers={"Accept-Encoding": "gzip"})
    assert body == b'{\n    "error": "Could not find any versions of model none"\n}'
    assert (status, headers["content-type"], headers["content-length"]) == (
        404,
        "application/json",
        str(len(body)),
    )
    assert "date" in headers
    assert "content-encoding" not in headers


def test_the_type_that_a_request_names_is_passed_over(ask):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask("POST", PREDICT, {"instances": [1]}, headers)[0] == 200


def test_clients_of_http_1_0(server):
    host, port = server.rest_address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        body = b'{"instances": [1]}'
        connection.sendall(
            b"POST %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (PREDICT.encode(), len(body), body)
        )
        reply = b"".join(iter(lambda: connection.recv(4096), b""))
    assert reply.startswith(b"HTTP/1.")
    assert reply.endswith(b'{\n    "predictions": [1.0\n    ]\n}')


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((code, 400) for code in ("INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE")),
        ("UNAUTHENTICATED", 401),
        ("PERMISSION_DENIED", 403),
        ("NOT_FOUND", 404),
        *((code, 409) for code in ("ALREADY_EXISTS", "ABORTED")),
        ("RESOURCE_EXHAUSTED", 429),
        ("CANCELLED", 499),
        *((code, 500) for code in ("UNKNOWN", "INTERNAL", "DATA_LOSS")),
        ("UNIMPLEMENTED", 501),
        ("UNAVAILABLE", 503),
        ("DEADLINE_EXCEEDED", 504),
    ],
)
def test_statuses(code, status):
    assert http_status(Code[code]) == status


def test_letter_case_of_a_path_does_not_matter(ask):
    assert ask("POST", "/V1/Models/echo/Versions/1:predict", {"instances": [1]})[0] == 200
    assert ask("GET", "/V1/MODELS/echo")[0] == 200
    assert b"signature_def" in ask("GET", "/V1/MODELS/echo/VERSIONS/1/metadata")[1]
    assert b"model_version_status" in ask("GET", "/V1/MODELS/echo/METADATA")[1]  # upstream's oddity
    status, body, _ = ask("GET", "/V1/nothing")
    assert (status, json.loads(body)["error"]) == (400, "Malformed request: GET /V1/nothing")
    assert ask("OPTIONS", "/V1/models", headers={"Origin": "http://a.b"})[0] == 200


def test_letter_case_of_names_and_verbs_matters(ask):
    assert ask("POST", "/v1/models/Echo:predict", {"instances": [1]})[0] == 404
    for verb in ("Predict", "CLASSIFY", "regresS"):
        status, body, _ = ask("POST", f"/v1/models/echo:{verb}")
        assert (status, json.loads(body)["error"]) == (400, f"Malformed request: POST /v1/models/echo:{verb}")


def test_labels(ask):
    status, body, _ = ask("POST", "/v1/models/echo/labels/none:predict", {"instances": [1]})
    assert (status, json.loads(body)["error"]) == (400, "Unrecognized servable version label: none")


def test_status_and_metadata(ask):
    _, body, _ = ask("GET", "/v1/models/echo")
    assert json.loads(body) == {
        "model_version_status": [
            {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        ]
    }
    assert body.startswith(b'{\n "model_version_status": [\n  {\n   "version": "1",')
    _, body, _ = ask("GET", "/v1/models/echo/labels/whatever")
    assert json.loads(body)["model_version_status"][0]["state"] == "AVAILABLE"
    _, body, _ = ask("GET", "/v1/models/echo/metadata")
    reply = json.loads(body)
    assert reply["model_spec"] == {"name": "echo", "signature_name": "", "version": "1"}
    signature = reply["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["x"]["tensor_shape"] == {"dim": [], "unknown_rank": True}
    assert signature["defaults"] == {}
    signatures = reply["metadata"]["signature_def"]["signature_def"]
    assert "__saved_model_init_op" in signatures
    shape = signatures["classify"]["inputs"]["inputs"]["tensor_shape"]
    assert shape == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}


def test_compressed_requests(ask):
    body = gzip.compress(b'{"instances": [1]}')
    assert ask("POST", PREDICT, body, {"Content-Encoding": "gzip"})[0] == 200
    status, reply, _ = ask("POST", PREDICT, body[:-9], {"Content-Encoding": "gzip"})
    assert (status, json.loads(reply)["error"]) == (400, "JSON Parse error: The document is empty")


def test_chunked_requests_and_kept_alive_connections(connection, ask):
    connection.request("POST", PREDICT, iter([b'{"inst', b'ances": [1]}']), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert b"1.0" in connection.getresponse().read()
    first = connection.sock
    assert ask("POST", PREDICT, {"instances": [2]})[0] == 200
    assert connection.sock is first


def test_classify_and_regress(ask):
    examples = {"signature_name": "regress", "examples": [{"x": 1.5}, {"x": [2.0]}, {"y": "other"}]}
    _, body, _ = ask("POST", "/v1/models/echo:regress", examples)
    assert body == b'{\n    "results": [3.0, 4.0, 0.0]\n}'
    one = {"signature_name": "classify", "context": {"c": 1}, "examples": [{}]}
    _, body, _ = ask("POST", "/v1/models/echo:classify", one)
    ((short, long),) = json.loads(body)["results"]
    assert (short[0], long[0]) == ("short", "long")
    assert long[1] > 5  # the context's bytes went before the example's


def test_cross_origin_requests(ask, echo):
    assert ask("OPTIONS", PREDICT, headers={"Origin": "https://a.b"})[:2] == (200, b"")
    assert ask("OPTIONS", PREDICT)[0] == 400
    assert "access-control-allow-origin" not in ask("GET", "/v1/models/echo")[2]
    options = ServerOptions([ModelConfig("echo", str(echo))], grpc_port=0, rest_port=0, cors=True)
    with EmbeddedServer(options) as open_server:
        host, port = open_server.rest_address.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        for method, path in (("GET", "/v1/models/echo"), ("GET", "/v1/none"), ("OPTIONS", "/v1/models")):
            connection.request(method, path)
            reply = connection.getresponse()
            reply.read()
            assert reply.getheader("Access-Control-Allow-Origin") == "*"
            assert reply.getheader("Access-Control-Allow-Methods") == "POST, GET"
            assert reply.getheader("Access-Control-Allow-Headers") == "Content-Type"
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_are_bounded(reverser, chunked):
    options = ServerOptions(
        [ModelConfig("m", str(reverser))], grpc_port=0, rest_port=0, max_request_bytes=1000
    )
    with EmbeddedServer(options) as small:
        host, port = small.rest_address.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        body = iter([b"x" * 500] * 4) if chunked else b"x" * 2000
        connection.request("POST", "/v1/models/m:predict", body, encode_chunked=chunked,
                           headers={"Transfer-Encoding": "chunked"} if chunked else {})  # fmt: skip
        reply = connection.getresponse()
        assert (reply.status, b"--max_request_bytes" in reply.read()) == (413, True)
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_is_still_sending_sees_the_refusal(reverser, chunked):
    options = ServerOptions(
        [ModelConfig("m", str(reverser))], grpc_port=0, rest_port=0, max_request_bytes=1000
    )
    body = iter([b"x" * 200_000] * 40) if chunked else b"x" * 8_000_000  # more than sockets buffer
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    with EmbeddedServer(options) as small:
        host, port = small.rest_address.split(":")
        with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=20)) as connection:
            connection.request("POST", "/v1/models/m:predict", body, headers, encode_chunked=chunked)
            assert connection.getresponse().status == 413


def test_what_inflates_without_measure_is_refused(ask):
    bomb = gzip.compress(b'{"instances": [1]' + b" " * 2**24 + b"}")
    assert len(bomb) < 20_000
    status, reply, headers = ask("POST", PREDICT, bomb, {"Content-Encoding": "gzip"})
    assert (status, headers["connection"]) == (413, "close")
    assert "--rest_api_max_request_bytes" in json.loads(reply)["error"]
