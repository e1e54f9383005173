"""The load test against a real server."""

import json

from serving.loadtest.command import main
from serving.loadtest.measure import Load, Measurement, measure
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.serving.client.small_classifier import save


def test_table_json_and_picture(server, tmp_path, capsys):
    picture = tmp_path / "curve.png"
    arguments = ["--model", "reverser", "--address", server.grpc_address, "--seconds", "1"]
    assert main([*arguments, "--clients", "1", "4", "--rows", "2", "--picture", str(picture)]) == 0
    *table, last = capsys.readouterr().out.splitlines()
    assert "sentences/s" in table[1]
    results = json.loads(last)
    assert [result["clients"] for result in results] == [1, 4]
    assert all(result["sentences_per_second"] > 0 and not result["errors"] for result in results)
    assert picture.stat().st_size > 1000


def test_a_classifier_is_asked_for_labels(tmp_path, capsys):
    save(tmp_path / "opinions")
    options = ServerOptions([ModelConfig("opinions", str(tmp_path / "opinions"))], grpc_port=0, rest_port=0)
    with EmbeddedServer(options) as running:
        arguments = ["--model", "opinions", "--address", running.grpc_address, "--seconds", "0.5"]
        assert main([*arguments, "--clients", "2", "--task", "classification"]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])[0]["sentences_per_second"] > 0
        # Its answers are no translations.
        assert main([*arguments, "--clients", "1"]) == 1


def test_errors_are_counted_not_raised(server):
    result = measure(Load(f"http://{server.rest_address}", "nobody", ["a"], seconds=0.5), clients=2)
    assert result.errors["NOT_FOUND"] > 0
    assert result.latencies == []


def test_percentiles():
    result = Measurement(1, 1.0, 100, [number / 1000 for number in range(100)])
    assert (result.percentile(0.5), result.percentile(0.99), result.percentile(1)) == (50, 99, 99)
