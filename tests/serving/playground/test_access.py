"""Which hosts and origins a playground accepts."""

import pytest

from serving.playground.access import BrowserAccess

LOCAL = BrowserAccess("127.0.0.1", 8502)


@pytest.mark.parametrize("host", ["127.0.0.1:8502", "localhost:8502", "LOCALHOST:8502", "[::1]:8502"])
def test_names_of_this_machine(host):
    assert LOCAL.refused_host({"host": host}) == ""


@pytest.mark.parametrize(
    "host",
    [
        *("", "127.0.0.1", "127.0.0.1:8503", "evil.example:8502", "localhost.evil.example:8502"),
        *("localhost:8502@evil.example", "127.0.0.1:8502:8502", "[::1]", "::1:8502", "0.0.0.0:8502"),
    ],
)
def test_other_names(host):
    assert "is not a name of this playground" in LOCAL.refused_host({"host": host})


def test_the_bound_address_and_further_names():
    assert BrowserAccess("192.0.2.1", 8502).refused_host({"host": "192.0.2.1:8502"}) == ""
    assert BrowserAccess("0.0.0.0", 8502).refused_host({"host": "192.0.2.1:8502"})
    assert BrowserAccess("127.0.0.1", 80).refused_host({"host": "localhost"}) == ""
    behind_proxy = BrowserAccess("0.0.0.0", 8502, ["Play.example"])
    for host in ("play.example", "play.example:443", "localhost:8502"):
        assert behind_proxy.refused_host({"host": host}) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:8502"},
        {"origin": "http://localhost:8502", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
def test_own_page(headers):
    assert LOCAL.refused_origin({"host": "localhost:8502", **headers}) == ""


@pytest.mark.parametrize(
    "headers",
    [
        *({"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://localhost:8501"}),
        *({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}),
        {"origin": "http://localhost:8502", "sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_others(headers):
    assert "may not use this playground" in LOCAL.refused_origin({"host": "localhost:8502", **headers})
