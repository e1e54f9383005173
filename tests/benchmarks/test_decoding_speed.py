"""The benchmark of a translator's forms: its summary, and the command on a small run."""

import json
import subprocess
import sys

import pytest

from benchmarks.decoding_speed import make_requests, summary


def test_requests_come_from_the_whole_file():
    found = make_requests([f"text {number}" for number in range(96)], batches=2, singles=3)
    assert [len(batch) for batch in found["batches_of_32"]] == [32, 32]
    assert found["alone"] == [["text 0"], ["text 32"], ["text 64"]]


def test_summary():
    measured = {
        "plain": {"seconds": [[4.0, 2.0, 2.0], [1.0, 1.0, 1.0]], "answers": [b"a", b"b", b"c", b"d"]},
        "int8": {"seconds": [[1.0, 1.0, 9.0], [0.5, 0.5, 0.5]], "answers": [b"a", b"b", b"c", b"e"]},
    }
    found = summary(measured, rows=6)
    assert found["plain"]["sentences_per_second"] == 2.0
    assert found["plain"]["same_answers"] == found["plain"]["ratio"] == 1.0
    assert found["int8"] == {
        "sentences_per_second": 4.0,
        "ratio": 2.0,
        "fastest_ratio": 2.0,
        "same_answers": 0.75,
    }


@pytest.mark.slow
def test_command(tmp_path):
    from seqapp.run_directory import save_best, start_run
    from tests.support.tasks import small_task

    task, run = small_task(), tmp_path / "run"
    start_run(run, task, {})
    save_best(run, task)
    data = tmp_path / "lines.txt"
    data.write_text("".join(f"Save the file {number}.\n" for number in range(32)), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.decoding_speed", "--run", str(run), "--data", str(data)]
    few = ["--threads", "1", "--batches", "1", "--singles", "1", "--repeats", "1"]
    done = subprocess.run([*command, *few], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for size in ("batches_of_32, 1 thread", "alone, 1 thread"):
        assert found[size]["float32"]["same_answers"] == 1.0
    assert "sentences/s" in done.stdout


@pytest.mark.slow
def test_a_folder_that_is_no_run(tmp_path):
    command = [sys.executable, "-m", "benchmarks.decoding_speed", "--run", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
