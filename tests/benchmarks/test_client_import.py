import json

from benchmarks import client_import


def test_both_addresses(capsys):
    assert client_import.main(["--repeats", "1"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["rest_seconds"] > 0
    assert found["grpc_seconds"] > 0
