import json
import sys
from pathlib import Path

import pytest

from benchmarks.language_models.__main__ import command, main
from benchmarks.language_models.measure import Measured
from benchmarks.language_models.penn_treebank import penn_treebank_words, write_words
from benchmarks.language_models.table import table
from training.data.splits import Splits

TRAINED = ("tiny-seed3", "ngram-seed3")


def test_command_by_hand():
    words = command("gru", Path("runs/gru-seed3"), 3, ["--corpus=brown", "--minutes=30"])
    assert words[:4] == [sys.executable, "-m", "training", "fit"]
    assert words[4:] == [
        *("--task=language-modelling", "--preset=gru", "--seed=3", "--run=runs/gru-seed3"),
        *("--corpus=brown", "--minutes=30"),
    ]


def test_settings_of_networks_are_not_those_of_ngrams():
    more = ["--set", "subwords.unit=word"]
    words = command("base", Path("run"), 1, more, ["model.units=512", "model.layers=2"])
    assert words[-5:] == [*more, "--set", "model.units=512", "model.layers=2"]
    assert command("ngram", Path("run"), 1, more, ["model.units=512"])[-2:] == more


def test_words_as_in_penn_treebank_by_hand():
    text = "Mr. O'Neill paid $1,000.50 for 3 twenty-five-year-old cars, didn't he? (1961)"
    assert penn_treebank_words(text) == "mr o'neill paid N for N twenty-five-year-old cars didn't he N"
    assert penn_treebank_words("— ?!") == ""
    assert penn_treebank_words("파일 2개를 저장합니다.") == "파일 2개를 저장합니다"


def test_the_words_of_the_parts_are_files(tmp_path):
    splits = Splits(train=[("It rains.",), ("?",), ("Two, 2!",)], valid=[("Valid.",)], test=[("Test.",)])
    folder = tmp_path / "new" / "words"
    files = [str(folder / name) for name in ("train.txt", "valid.txt", "test.txt")]
    assert write_words(splits, folder) == ["--data", files[0], "--valid", files[1], "--test", files[2]]
    assert [Path(file).read_text() for file in files] == ["it rains\ntwo N\n", "valid\n", "test\n"]


def test_an_unknown_corpus(tmp_path, capsys):
    assert main(["--runs", str(tmp_path), "--penn-treebank", "browne"]) == 2
    assert "browne" in capsys.readouterr().err


def test_table_by_hand():
    row = Measured("base", 2_733_984, 0, 61_234, 1_799.6, 1.2345, 21.04, 20_512.7, 801.4)
    peer = Measured("KenLM", 0, 1_000, 61_234, 2.4, 1.3, 45.1, 900_000.0, None)
    assert table([peer])[2] == "| KenLM | 0 | 1,000 | 61,234 | 2 | 1.300 | 45.1 | 900,000 | – |"
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
    ngram, tiny, mixed, *_ = json.loads(out[-1])  # KenLM last, where it is installed
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
