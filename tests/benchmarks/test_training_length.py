import sys
from pathlib import Path

import pytest

from benchmarks.training_length import command, main, table
from training.settings.assignments import parse_assignments
from training.settings.changes import changed
from training.tasks.registry import preset

RUN = Path("runs/300-16")


def test_a_fixed_length_has_no_least_steps_and_no_patience():
    options = ["--task=classification", "--data=a.tsv"]
    words = command(RUN, 300, "16", options)
    assert words[:7] == [sys.executable, "-m", "training", "fit", "--run=runs/300-16", *options]
    config = preset("classification", "base")
    training = changed(config, parse_assignments(words[8:], type(config))).training
    assert (training.epochs, training.min_steps, training.patience) == (16, 0, None)
    assert training.max_examples == 300


def test_the_default_length_is_that_of_the_preset():
    assert command(RUN, 300, "default", [])[5:] == ["--set", "training.max_examples=300"]


def test_table_by_hand():
    cell = {"score": 0.51234, "baseline": 0.5, "best_epoch": 7, "seconds": 61.4}
    cells = {"3000": {"16": cell, "default": {**cell, "score": 48.8123, "best_epoch": 12}}}
    assert table(cells) == [
        "| rows | baseline | 16 epochs | default |",
        "|---:|---:|---:|---:|",
        "| 3,000 | 0.5 | 0.5123 (7), 61 s | 48.81 (12), 61 s |",
    ]


@pytest.mark.slow
def test_all_cells_are_trained(tmp_path, capfd):
    rows = [f"{word} {number}\t{word}" for number in range(30) for word in ("good", "bad")]
    data = tmp_path / "rows.tsv"
    data.write_text("\n".join(["text\tlabel", *rows]) + "\n", encoding="utf-8")
    fit = ["--task=classification", "--preset=tiny", f"--data={data}"]
    assert main(["--rows", "20", "40", "--epochs", "1", "--runs", str(tmp_path / "runs"), *fit]) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[0] == "| rows | baseline | 1 epochs | default |"
    assert [line.split(" | ")[0] for line in out[2:4]] == ["| 20", "| 40"]
    runs = {one.name for one in (tmp_path / "runs").iterdir()}
    assert runs == {"20-1", "20-default", "40-1", "40-default"}
