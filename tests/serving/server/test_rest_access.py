"""Host and Origin: who may send requests to the REST port from a browser."""

import http.client
import json

import pytest

from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from serving.server.rest.access import AccessPolicy, is_loopback

BODY = json.dumps({"instances": [1]})


def status(address, method="POST", **headers):
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    path = "/v1/models/echo:predict" if method == "POST" else "/v1/models/echo"
    connection.request(method, path, BODY if method == "POST" else None, headers)
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, body, {name.lower(): value for name, value in reply.getheaders()}


@pytest.mark.parametrize("host", ["localhost", "LocalHost:1", "127.0.0.1", "127.1.2.3:80", "[::1]:8501", ""])
def test_names_of_this_machine_are_served(server, host):
    assert status(server.rest_address, Host=host)[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "[", "10.0.0.1"]
)
def test_other_names_are_refused_so_that_a_rebound_name_reads_nothing(server, host):
    for method in ("POST", "GET"):
        got, body, _ = status(server.rest_address, method, Host=host)
        assert (got, "--rest_api_allowed_hosts=NAME" in json.loads(body)["error"]) == (403, True)


def test_pages_of_other_origins_are_refused(server):
    simple = {"Content-Type": "text/plain"}  # a browser sends it without a preflight
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", f"ftp://{server.rest_address}"):
        got, body, headers = status(server.rest_address, Origin=origin, **simple)
        assert (got, "--rest_api_allowed_origins=ORIGIN" in json.loads(body)["error"]) == (403, True)
        assert "access-control-allow-origin" not in headers


def test_pages_of_the_server_itself_and_clients_that_are_no_pages_are_served(server):
    assert status(server.rest_address, Origin=f"http://{server.rest_address}")[0] == 200
    curl = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "curl/8"}
    assert status(server.rest_address, **curl)[0] == 200


def test_flags_allow_hosts_and_origins(echo):
    options = ServerOptions(
        [ModelConfig("echo", str(echo))],
        grpc_port=0,
        rest_port=0,
        allowed_hosts=["Tunnel.example"],
        allowed_origins=["https://page.example"],
    )
    with EmbeddedServer(options) as server:
        assert status(server.rest_address, Host="tunnel.example:9")[0] == 200
        got, _, headers = status(server.rest_address, Origin="https://page.example")
        assert (got, headers["access-control-allow-origin"]) == (200, "https://page.example")
        assert headers["vary"] == "Origin"
        assert status(server.rest_address, Origin="https://other.example")[0] == 403


def test_cors_for_everybody_allows_every_origin():
    policy = AccessPolicy(any_origin=True)
    headers = {"origin": "https://a.example", "host": "b.example"}
    assert policy.refusal("POST", headers) == ""
    assert policy.cors_headers(headers)["access-control-allow-origin"] == "*"


def test_a_port_that_is_open_to_the_network_takes_any_host():
    assert [is_loopback(one) for one in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert not is_loopback("0.0.0.0")
    assert AccessPolicy(check_host=False).refusal("GET", {"host": "any.example"}) == ""
