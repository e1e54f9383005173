"""The benchmark of the server's added time, on its tiny model."""

import json

import pytest

from benchmarks.serving_latency import main


@pytest.mark.slow
def test_command(capsys):
    assert main(["--requests", "5", "--rounds", "1"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(found) == ["session", "gRPC", "REST", "gRPC, our client", "REST, our client"]
    assert found["session"]["added_ms"] == 0
    assert all(one["p50_ms"] > 0 for one in found.values())
