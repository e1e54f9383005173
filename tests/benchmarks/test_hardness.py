"""The benchmark of hostile and careless clients, with few mixed requests."""

import json

import pytest

from benchmarks.hardness import main
from benchmarks.hardness_probes import probes
from benchmarks.hardness_rest import outcome


@pytest.mark.slow
def test_no_probe_hurts_the_server(capsys):
    main(["--requests", "320", "--clients", "8"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["wrong"], found["lost"], found["killed"]) == ([], 0, False), found["examples_of_lost"]
    assert len(found["probes"]) == len(probes())
    assert found["good"] + found["refused"] == 320
    assert found["neighbour"] < 3  # a second, and a margin for a busy machine
    assert found["peak_mib"] < 1024


def test_what_a_reply_counts_as():
    assert outcome(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 2048) == "400"
    assert outcome(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 2049) == "long error"
    assert outcome(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000) == "200"
    assert (outcome(b""), outcome(b"(timeout)")) == ("closed", "timeout")


def test_probes_have_names_of_their_own():
    names = [(probe.port, probe.name) for probe in probes()]
    assert len(set(names)) == len(names)
    assert all(probe.right for probe in probes())


@pytest.mark.parametrize("flag", ["--grpc", "--rest"])
def test_one_port_alone_is_refused(flag, capsys):
    with pytest.raises(SystemExit):
        main([flag, "127.0.0.1:1"])
    assert "given together" in capsys.readouterr().err
