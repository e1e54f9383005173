"""Trainings by several processes: equal to one, ended together, and continued by any number."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from seqapp.run_directory import load_run
from tests.support.digits import write_reversed
from tests.support.interrupted import with_handler
from tests.support.make_environment import own_environment
from training.workers.cluster import VARIABLE, write_cluster
from training.workers.local import free_clusters

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SECONDS_TO_END = 15
WITHOUT_DROPOUT = ("model.encoder.dropout=0", "model.decoder.dropout=0")
# A recurrent encoder: the key biases of a Transformer have no gradient but rounding errors, which Adam
# scales up. No clipping: without several workers, Keras takes the norm of an embedding's gradient before it
# sums the rows of a token that occurs twice.
CLASSIFIER = (
    *(f"model.{name}=0" for name in ("encoder.dropout", "dropout", "token_dropout", "ngrams.dropout")),
    *("model.encoder.kind=recurrent", "training.clip_norm=1000", "training.learning_rate=0.001"),
    "training.batch_tokens=128",
)
TOGETHER = ("training.accumulated_batches=2", "training.weight_decay=0.1", "training.clip_norm=0.2")


def command(run, *more, data, epochs=3, settings=WITHOUT_DROPOUT):
    words = ("-m", "training", "fit", f"--data={data}", "--preset=tiny", f"--epochs={epochs}", f"--run={run}")
    return [sys.executable, *words, *more, *(f"--set={one}" for one in settings)]


def start(words, **environment):
    pipe, variables = subprocess.PIPE, {**own_environment(), **environment}
    return subprocess.Popen(words, cwd=ROOT, env=variables, stdout=pipe, stderr=pipe, text=True)


def finished(words):
    with start(words) as process:
        output, error = process.communicate(timeout=600)
    assert (process.returncode, error) == (0, "")
    return output


def close(run, other):
    """Largest difference between the weights of two runs, and between the losses of their epochs.

    Accuracies are left out: a rounding error may change which of two equal logits is the larger.
    """
    weights = [load_run(one).model.get_weights() for one in (run, other)]
    apart = max(np.abs(a - b).max() for a, b in zip(*weights, strict=True))
    losses = [np.asarray(losses_of(one)) for one in (run, other)]
    return apart, np.abs(losses[0] - losses[1]).max()


def losses_of(run):
    with (run / "history.csv").open(encoding="utf-8") as file:
        return [(float(row["loss"]), float(row["validation_loss"])) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_reversed(tmp_path_factory.mktemp("rows") / "reversed.tsv", 1500)


@pytest.fixture(scope="module")
def one(pairs, tmp_path_factory):
    """The run of a single worker, with accumulation, clipping and weight decay."""
    run = tmp_path_factory.mktemp("runs") / "one"
    finished(command(run, data=pairs, settings=(*WITHOUT_DROPOUT, *TOGETHER)))
    return run


def test_two_workers_train_what_one_does(one, pairs, tmp_path):
    run = tmp_path / "run"
    output = finished(command(run, "--workers=2", data=pairs, settings=(*WITHOUT_DROPOUT, *TOGETHER)))
    assert output.count("worker 0 of 2") == 1
    assert output.count("epoch 3/3") == 1
    assert max(close(run, one)) < 1e-5


def test_three_workers_train_a_classifier_as_one_does(tmp_path):
    data = tmp_path / "labelled.tsv"
    rows = (f"{('bad', 'good')[n % 3 > 0]} {'word ' * (n % 7)}{n}\t{'np'[n % 3 > 0]}\n" for n in range(300))
    data.write_text("text\tlabel\n" + "".join(rows), encoding="utf-8")
    runs = [tmp_path / "one", tmp_path / "three"]
    for run, count in zip(runs, (1, 3), strict=True):
        more = ("--task=classification", "--class-weights", f"--workers={count}")
        finished(command(run, *more, data=data, settings=CLASSIFIER))
    assert max(close(*runs)) < 1e-5


def children(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in path.read_text(encoding="ascii").split()]


def wait_for_epoch(process, number=2):
    for line in process.stdout:
        if line.startswith(f"epoch {number}/"):
            return
    raise AssertionError(process.stderr.read())


def ended(pids):
    return [pid for pid in pids if not Path(f"/proc/{pid}").exists()]


def test_a_killed_worker_ends_the_others_and_another_number_goes_on(one, pairs, tmp_path):
    run, settings = tmp_path / "run", (*WITHOUT_DROPOUT, *TOGETHER)
    with start(command(run, "--workers=2", data=pairs, settings=settings)) as process:
        wait_for_epoch(process, 1)
        pids = children(process)
        os.kill(pids[1], signal.SIGKILL)
        began = time.monotonic()
        _, error = process.communicate(timeout=60)
    assert time.monotonic() - began < SECONDS_TO_END
    assert process.returncode == 128 + signal.SIGKILL
    assert error == (
        "error: worker 1 was ended by signal 9 (SIGKILL), so the others are ended too; the same command goes "
        "on from the last checkpoint\n"
    )
    assert ended(pids) == pids
    output = finished(command(run, "--workers=3", data=pairs, settings=settings))
    assert "goes on from epoch" in output
    assert max(close(run, one)) < 1e-5


def test_continuing_with_dropout_gives_the_same_bits(pairs, tmp_path):
    runs = [tmp_path / "whole", tmp_path / "killed"]
    several = ("--workers=2", "--checkpoint-minutes=0.001")
    finished(command(runs[0], *several, data=pairs, epochs=8, settings=()))
    words = command(runs[1], *several, data=pairs, epochs=8, settings=())
    with start(words) as process:
        wait_for_epoch(process, 1)
        os.kill(children(process)[0], signal.SIGKILL)
    assert "goes on from epoch" in finished(words)
    assert close(*runs) == (0.0, 0.0)


def test_workers_of_tf_config_end_by_themselves(pairs, tmp_path):
    run = tmp_path / "run"
    words = command(run, data=pairs, epochs=1000)
    processes = [start(words, **{VARIABLE: write_cluster(cluster)}) for cluster in free_clusters(3)]
    try:
        wait_for_epoch(processes[0])
        processes[2].kill()
        began = time.monotonic()
        errors = [process.communicate(timeout=60)[1] for process in processes[:2]]
        assert time.monotonic() - began < SECONDS_TO_END
        assert [process.returncode for process in processes[:2]] == [2, 2]
        lost = "error: another worker has ended or cannot be reached; "
        assert errors[0].startswith(f"{lost}the checkpoint is kept; the same command goes on from epoch ")
        assert errors[1] == f"{lost}the same command goes on from the last checkpoint\n"
        assert errors[0].count("\n") == 1
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_interrupts_reach_all_workers_and_none_outlives_its_parent(pairs, tmp_path):
    words = with_handler(*command(tmp_path / "run", "--workers=2", data=pairs, epochs=1000))
    with start(words) as process:
        wait_for_epoch(process)
        pids = children(process)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error.startswith("stopped after epoch ")
    assert error.count("\n") == 1
    assert ended(pids) == pids
    with start(words) as process:
        wait_for_epoch(process, 3)
        pids = children(process)
        process.kill()
    deadline = time.monotonic() + SECONDS_TO_END
    while ended(pids) != pids and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ended(pids) == pids


def test_workers_with_other_rows_are_refused(pairs, tmp_path):
    other = tmp_path / pairs.name
    other.write_text(pairs.read_text(encoding="utf-8") + "1 2\t2 1\n", encoding="utf-8")
    processes = [
        start(command(tmp_path / "run", data=data), **{VARIABLE: write_cluster(cluster)})
        for data, cluster in zip((pairs, other), free_clusters(2), strict=True)
    ]
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert errors[1].startswith("error: worker 1 has other settings or rows than worker 0: ")
    assert "rows_sha256" in errors[1]
    assert [process.returncode for process in processes] == [2, 2]


def test_a_budget_of_time_ends_all_workers_within_an_epoch(pairs, tmp_path):
    run = tmp_path / "run"
    output = finished(command(run, "--workers=2", "--minutes=0.0001", data=pairs))
    assert "0.0001 minutes are over; training stops here" in output
    assert len(losses_of(run)) == 1
    assert (run / "metrics.json").is_file()
