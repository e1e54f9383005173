"""A training whose output is a pipe: a plain log, and what it leaves for `runs` and `compare`."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from training.data.kept_outputs import read_outputs
from training.run_list import listed_runs

pytestmark = pytest.mark.slow


def test_a_pipe_gets_plain_lines(tmp_path):
    draw = random.Random(1)
    lines = {" ".join(draw.choices("0123456789", k=6)) for _ in range(500)}
    data = tmp_path / "rows.tsv"
    data.write_text("".join(f"{line}\t{line[::-1]}\n" for line in sorted(lines)), encoding="utf-8")
    arguments = ["--data", data, "--pair", "en-de", "--preset", "tiny", "--epochs", "1", "--run", "run"]
    done = subprocess.run(
        [sys.executable, "-m", "training", "fit", *map(str, arguments)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode("utf-8")
    assert done.returncode == 0, output
    assert not {letter for letter in output if ord(letter) < 32} - {"\n"}
    assert "epoch 1/1  loss " in output
    (scored,) = [line for line in output.splitlines() if line.startswith("held-out test  chrF ")]
    assert " ± " in scored
    assert len(read_outputs(tmp_path / "run")) == 25
    (listed,) = listed_runs(tmp_path / "run")
    assert (listed.preset, listed.changes, listed.incomplete) == ("tiny", {"training.epochs": 1}, "")
    assert f"{listed.score['text']} " in scored
