"""The benchmark of batching: its ratios, and the command on a small model."""

import json

import pytest

from benchmarks.serving_batching import Round, main, results
from serving.export.batching import DEFAULT_BATCHING


def load(rate, p50, p99):
    return {"sentences_per_second": rate, "p50_ms": p50, "p99_ms": p99}


def test_ratios_are_those_of_each_round():
    rounds = [
        Round(200.0, load(50.0, 10.0, 20.0), {"a": load(150.0, 5.0, 10.0)}),
        # A machine half as fast in between.
        Round(100.0, load(25.0, 20.0, 40.0), {"a": load(75.0, 10.0, 40.0)}),
        Round(200.0, load(50.0, 10.0, 30.0), {"a": load(100.0, 5.0, 15.0)}),
    ]
    found = results(rounds)
    assert found["in_process"] == 200
    assert found["off"] == load(50, 10, 30) | {"p99_over_p50": 2}
    assert found["on"]["a"] == load(100, 5, 15) | {
        "p99_over_p50": 3,
        "over_off": 3,
        "over_in_process": 0.75,
    }


@pytest.mark.slow
def test_the_command_compares_files(tmp_path, capsys):
    from tests.serving.small_model import save

    save(tmp_path / "reverser")
    other = tmp_path / "other.pbtxt"
    other.write_text("max_batch_size { value: 4 }")
    arguments = ["--model", str(tmp_path / "reverser"), "--parameters", str(DEFAULT_BATCHING), str(other)]
    assert main([*arguments, "--clients", "3", "--seconds", "0.5", "--rounds", "2"]) == 0
    *table, last = capsys.readouterr().out.splitlines()
    assert table[0].startswith("3 clients, one text a request; in-process: 32 rows")
    assert [row.split()[0] for row in table[2:]] == ["in-process", "off", "on,", "on,"]
    found = json.loads(last)
    assert set(found["on"]) == {"batching_params.pbtxt", "other.pbtxt"}
    assert found["on"]["other.pbtxt"]["over_off"] > 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--parameters", "none.pbtxt"], "none.pbtxt: cannot be read"),
        (["--model", "none"], "none is not a directory"),
    ],
)
def test_what_cannot_be_measured_is_told(arguments, told, capsys):
    assert main(arguments) == 2
    assert told in capsys.readouterr().err
