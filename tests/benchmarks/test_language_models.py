import json
import sys
from pathlib import Path

import pytest

from benchmarks.language_models.__main__ import command, main
from benchmarks.language_models.measure import Measured
from benchmarks.language_models.table import table

TRAINED = ("tiny-seed3", "ngram-seed3")


def test_command_by_hand():
    words = command("gru", Path("runs/gru-seed3"), 3, ["--corpus=brown", "--minutes=30"])
    assert words[:4] == [sys.executable, "-m", "training", "fit"]
    assert words[4:] == [
        *("--task=language-modelling", "--preset=gru", "--seed=3", "--run=runs/gru-seed3"),
        *("--corpus=brown", "--minutes=30"),
    ]


def test_table_by_hand():
    row = Measured("base", 2_733_984, 0, 61_234, 1_799.6, 1.2345, 21.04, 20_512.7, 801.4)
    assert table([row]) == [
        "| model | parameters | n-grams | test tokens | training s | test bits per byte "
        "| perplexity per token | `score` tokens/s | `complete` tokens/s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        "| base | 2,733,984 | 0 | 61,234 | 1,800 | 1.234 | 21.0 | 20,513 | 801 |",
    ]


@pytest.mark.parametrize("mixed", [["ngram", "gru"], ["ngram"]])
def test_an_interpolation_of_models_that_are_not_trained(mixed, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["--runs", str(tmp_path), "--presets", "ngram", "tiny", "--interpolated", *mixed])
    assert f"expected two of --presets, got {' '.join(mixed)}" in capsys.readouterr().err


@pytest.mark.slow
def test_all_models_are_trained_once(tmp_path, capfd):
    words = ["file", "table", "document", "page"]
    data = tmp_path / "texts.txt"
    data.write_text("\n".join(f"Open the {word} number {n} to save it." for n in range(60) for word in words))
    options = ["--runs", str(tmp_path / "runs"), "--presets", "ngram", "tiny", "--seed", "3"]
    options += ["--interpolated", "ngram", "tiny", "--texts", "8", "--data", str(data)]
    assert main(options) == 0
    out = capfd.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in out[2:5]] == ["| ngram", "| tiny", "| ngram + tiny"]
    ngram, tiny, mixed = json.loads(out[-1])
    assert mixed["bits_per_byte"] < tiny["bits_per_byte"]
    assert (ngram["parameters"], tiny["ngrams"]) == (0, 0)
    assert mixed["parameters"] == tiny["parameters"]
    assert mixed["ngrams"] > 0 < ngram["ngrams"]
    # The tokens of the network; those of the other preset come from a larger vocabulary.
    assert mixed["test_tokens"] == tiny["test_tokens"]
    assert all(row["score_tokens_per_second"] > 0 for row in (ngram, tiny, mixed))
    written = [(tmp_path / "runs" / run / "metrics.json").stat().st_mtime_ns for run in TRAINED]
    assert main(options) == 0
    assert "already trained" in capfd.readouterr().err
    assert written == [(tmp_path / "runs" / run / "metrics.json").stat().st_mtime_ns for run in TRAINED]
