"""Trainings that are killed, or cannot write, and go on with the same command."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seqapp.run_directory import load_run
from tests.support.digits import write_reversed
from tests.support.make_environment import own_environment

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
EPOCHS = 3


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return write_reversed(tmp_path_factory.mktemp("rows") / "reversed.tsv", 1500)


def command(rows, run, *more):
    words = ("-m", "training", "fit", f"--data={rows}", "--preset=tiny", f"--epochs={EPOCHS}", f"--run={run}")
    return [sys.executable, *words, "--checkpoint-minutes=0.01", *more]


def start(words):
    pipe = subprocess.PIPE
    return subprocess.Popen(words, cwd=ROOT, env=own_environment(), stdout=pipe, stderr=pipe, text=True)


def killed_after(words, beginning, count):
    """Kill the command with SIGKILL after `count` lines that begin so; return what it printed."""
    seen = []
    with start(words) as process:
        for line in process.stdout:
            seen.append(line)
            count -= line.startswith(beginning)
            if not count:
                os.kill(process.pid, signal.SIGKILL)
        assert process.wait() in (-signal.SIGKILL, 0), process.stderr.read()
    return "".join(seen)


def finished(words):
    with start(words) as process:
        output, error = process.communicate(timeout=600)
    assert process.returncode == 0, error
    return output


def history(run):
    with (run / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    times = ("seconds", "target_tokens_per_second")
    return [{name: value for name, value in row.items() if name not in times} for row in rows]


@pytest.fixture(scope="module")
def uninterrupted(rows, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "run"
    finished(command(rows, run))
    return run


def same(run, other):
    weights = [load_run(one).model.get_weights() for one in (run, other)]
    return history(run) == history(other) and all(map(np.array_equal, *weights))


def test_a_training_that_is_killed_several_times_gives_the_same_as_one_that_is_not(
    rows, uninterrupted, tmp_path
):
    words = command(rows, tmp_path / "run")
    killed_after(words, "epoch 2/", 1)
    # Within an epoch, while its checkpoints are written, and as an epoch ends.
    outputs = [killed_after(words, "goes on from", 1), killed_after(words, "epoch ", 1), finished(words)]
    assert all("goes on from epoch" in output for output in outputs)
    assert same(tmp_path / "run", uninterrupted)
    assert not [path.name for path in (tmp_path / "run").iterdir() if path.name.startswith(".")]


def test_more_epochs_go_on_from_the_last_one(rows, uninterrupted, tmp_path):
    run = tmp_path / "run"
    finished(command(rows, run, "--epochs=1"))
    output = finished(command(rows, run))
    assert "goes on from epoch 2, step 1" in output
    assert [row["epoch"] for row in history(run)] == ["1", "2", "3"]
    # The decay of the learning rate is now planned for three epochs, so the first one differs.
    assert history(run) != history(uninterrupted)


_LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def with_limited_files(size, words):
    """A command that can write no file above `size` bytes, as on a disk that is full."""
    return [sys.executable, "-I", "-c", _LIMITED, str(size), *words]


def test_a_disk_that_is_full_ends_the_training_with_a_sentence_and_it_goes_on(rows, uninterrupted, tmp_path):
    run = tmp_path / "run"
    killed_after(command(rows, run), "epoch 2/", 1)
    before = (run / "checkpoint.npz").read_bytes()
    with start(with_limited_files(len(before) // 4, command(rows, run))) as process:
        _, error = process.communicate(timeout=600)
    assert process.returncode == 2
    assert error.count("\n") == 1
    assert error.startswith(f"error: {run}: ")
    assert "the same command goes on from epoch " in error
    assert (run / "checkpoint.npz").read_bytes() == before
    finished(command(rows, run))
    assert same(run, uninterrupted)


_WITHOUT_OVERRIDE = """
import ctypes, os, sys
# Root ignores permissions, unless CAP_DAC_OVERRIDE (1) is dropped (PR_CAPBSET_DROP, 24).
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(24, 1)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def test_a_directory_that_is_read_only_ends_the_training_with_a_sentence_and_it_goes_on(
    rows, uninterrupted, tmp_path
):
    run = tmp_path / "run"
    words = command(rows, run)
    killed_after(words, "epoch 2/", 1)
    before = (run / "checkpoint.npz").read_bytes()
    run.chmod(0o555)
    try:
        with start([sys.executable, "-I", "-c", _WITHOUT_OVERRIDE, *words]) as process:
            _, error = process.communicate(timeout=600)
    finally:
        run.chmod(0o755)
    assert process.returncode == 2
    assert error.count("\n") == 1
    assert error.startswith(f"error: {run}: Permission denied; ")
    assert "the directory writable: the same command" in error
    assert (run / "checkpoint.npz").read_bytes() == before
    finished(words)
    assert same(run, uninterrupted)


def test_a_data_file_that_is_gone_leaves_the_run_as_it_is(rows, tmp_path):
    run, data = tmp_path / "run", tmp_path / "rows.tsv"
    data.write_bytes(rows.read_bytes())
    killed_after(command(data, run), "epoch 2/", 1)
    before = {path.name: path.stat().st_mtime_ns for path in run.iterdir()}
    data.rename(tmp_path / "gone.tsv")
    with start(command(data, run)) as process:
        _, error = process.communicate(timeout=600)
    assert process.returncode == 2
    assert error.startswith(f"error: {data}: no such file")
    assert {path.name: path.stat().st_mtime_ns for path in run.iterdir()} == before
