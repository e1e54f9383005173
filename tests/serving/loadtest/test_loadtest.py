"""The load test against a real server."""

import json

import pytest

from serving.loadtest.command import main
from serving.loadtest.measure import Load, Measurement, measure, request_of
from serving.loadtest.picture import save_curve
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
        assert main([*arguments, "--clients", "2"]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])[0]["sentences_per_second"] > 0


def test_errors_are_counted_not_raised(server):
    load = Load(server.grpc_address, "reverser", ["a"], seconds=0.3)
    request = request_of(load)
    result = measure(Load(f"http://{server.rest_address}", "nobody", ["a"], seconds=0.5), 2, request)
    assert result.errors["NOT_FOUND"] > 0
    assert result.latencies == []
    assert result.summary()["p50_ms"] is None
    json.dumps(result.summary(), allow_nan=False)


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_no_server_is_said_in_one_sentence(scheme, free_port, capsys):
    assert main(["--model", "m", "--address", f"{scheme}127.0.0.1:{free_port()}", "--seconds", "60"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "make serve" in err
    assert err.count("\n") == 1


def test_a_model_that_takes_no_texts_is_refused(server, capsys):
    assert main(["--model", "echo", "--address", server.grpc_address]) == 1
    assert "'serving_default' has no string input" in capsys.readouterr().err


def test_texts_of_a_file(server, tmp_path, capsys):
    path = tmp_path / "texts.txt"
    arguments = ["--model", "reverser", "--address", server.grpc_address, "--texts", str(path)]
    assert main(arguments) == 2
    assert "No such file" in capsys.readouterr().err
    path.write_bytes(b"\n\n")
    assert main(arguments) == 2
    assert "got none" in capsys.readouterr().err
    path.write_bytes("저장\n".encode("cp949"))
    assert main(arguments) == 2
    assert "iconv" in capsys.readouterr().err
    path.write_bytes("a\u2028b\n\nc".encode())
    assert main([*arguments, "--seconds", "0.2", "--clients", "1"]) == 0


def test_a_measurement_without_answers_is_drawn(tmp_path):
    path = tmp_path / "curve.png"
    save_curve([Measurement(1, 1.0), Measurement(2, 1.0, 1, [0.5])], path)
    assert path.stat().st_size > 1000


def test_percentiles():
    result = Measurement(1, 1.0, 100, [number / 1000 for number in range(100)])
    assert (result.percentile(0.5), result.percentile(0.99), result.percentile(1)) == (50, 99, 99)
