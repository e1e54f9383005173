"""The load test against a real server."""

import json

import pytest

from serving.loadtest.command import main
from serving.loadtest.measure import Load, Measurement, measure, request_of
from serving.loadtest.plot import save_curve
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.serving.client.small_classifier import save


def test_table_json_and_plot(server, tmp_path, capsys):
    plot = tmp_path / "curve.png"
    arguments = ["--model", "reverser", "--address", server.grpc_address, "--duration", "1"]
    assert main([*arguments, "--concurrency", "1", "4", "--batch-size", "2", "--plot", str(plot)]) == 0
    *table, last = capsys.readouterr().out.splitlines()
    assert "texts/s" in table[1]
    results = json.loads(last)
    assert [result["concurrency"] for result in results] == [1, 4]
    assert all(result["texts_per_second"] > 0 and not result["errors"] for result in results)
    assert plot.stat().st_size > 1000


def test_a_classifier_is_asked_for_labels(tmp_path, capsys):
    save(tmp_path / "opinions")
    options = ServerOptions([ModelConfig("opinions", str(tmp_path / "opinions"))], grpc_port=0, rest_port=0)
    with EmbeddedServer(options) as running:
        arguments = ["--model", "opinions", "--address", running.grpc_address, "--duration", "0.5"]
        assert main([*arguments, "--concurrency", "2"]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])[0]["texts_per_second"] > 0


def test_errors_are_counted_not_raised(server):
    load = Load(server.grpc_address, "reverser", ["a"], duration=0.3)
    request = request_of(load)
    result = measure(Load(f"http://{server.rest_address}", "nobody", ["a"], duration=0.5), 2, request)
    assert result.errors["NOT_FOUND"] > 0
    assert result.latencies == []
    assert result.summary()["p50_ms"] is None
    json.dumps(result.summary(), allow_nan=False)


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_no_server_is_said_in_one_sentence(scheme, free_port, capsys):
    assert main(["--model", "m", "--address", f"{scheme}127.0.0.1:{free_port()}", "--duration", "60"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: cannot connect to ")
    assert "make serve" in err
    assert err.count("\n") == 1


def test_old_option_names_still_work(server, tmp_path, capsys):
    plot = tmp_path / "curve.svg"
    arguments = ["--model", "reverser", "--address", server.grpc_address, "--seconds=0.3"]
    assert main([*arguments, "--clients", "1", "--rows", "2", "--picture", str(plot)]) == 0
    notes = capsys.readouterr().err.splitlines()
    assert notes[:2] == [
        "note: --seconds is now called --duration",
        "note: --clients is now called --concurrency",
    ]
    assert len(notes) == 4
    assert plot.stat().st_size > 1000


def test_the_numbers_are_printed_even_if_the_plot_cannot_be(server, tmp_path, capsys):
    arguments = ["--model", "reverser", "--address", server.grpc_address, "--duration", "0.2"]
    assert main([*arguments, "--concurrency", "1", "--plot", str(tmp_path / "curve.wav")]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])[0]["concurrency"] == 1
    assert err.startswith(f"error: --plot {tmp_path}")
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
    assert main([*arguments, "--duration", "0.2", "--concurrency", "1"]) == 0


def test_a_measurement_without_answers_is_drawn(tmp_path):
    path = tmp_path / "curve.png"
    save_curve([Measurement(1, 1.0), Measurement(2, 1.0, 1, [0.5])], path)
    assert path.stat().st_size > 1000


def test_percentiles():
    result = Measurement(1, 1.0, 100, [number / 1000 for number in range(100)])
    assert (result.percentile(0.5), result.percentile(0.99), result.percentile(1)) == (50, 99, 99)
