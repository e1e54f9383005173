"""Training on rows that are stored on disk."""

import io
import subprocess
import sys

import keras
import numpy as np
import pytest
from rich.console import Console

from seqapp.run_directory import METRICS_FILE, load_run
from tests.support.classification import small_classifier_config
from tests.support.tasks import PAIRS, small_config
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles
from training.data.kept_rows import read_kept, write_rows
from training.data.shards import row_partitions
from training.tasks.registry import chapter_of
from training.trainer import fit

pytestmark = pytest.mark.slow

ROWS = [(f"{source} {number}", f"{target} {number}") for number in range(30) for source, target in PAIRS]


class StopAt(keras.callbacks.Callback):
    """Interrupts the training after some batches."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def splits_of(folder, task="translation", rows=ROWS, names=("source", "target")):
    folder.mkdir(exist_ok=True)
    write_rows(folder / "d.tsv", [names, *rows])
    spec = DataSpec(data=GivenFiles([folder / "d.tsv"]), cache=folder / "cache", on_disk=True)
    return spec.load(chapter_of(task), {}, 1, quiet())


def quiet():
    return Console(file=io.StringIO(), width=200)


def measured(run):
    lines = (run / "history.csv").read_text().splitlines()
    return [line.rsplit(",", 2)[0] for line in lines]  # without rate and seconds


def test_an_interrupted_training_goes_on_with_the_same_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(row_partitions, "PARTITION_BYTES", 2000)
    config = small_config(epochs=2, learning_rate=0.01, token_dropout=0.1)
    splits = splits_of(tmp_path / "data")
    assert len(splits.train.counts) > 2
    fit(config, splits, tmp_path / "whole", quiet())
    rows = read_kept(tmp_path / "whole" / "data" / "train.tsv.gz")
    assert rows == list(splits.train)
    for stop in (3, 9):
        with pytest.raises(KeyboardInterrupt):
            fit(config, splits, tmp_path / "run", quiet(), [StopAt(stop)], checkpoint_minutes=0.0)
    out = io.StringIO()
    fit(config, splits_of(tmp_path / "data"), tmp_path / "run", Console(file=out, width=200))
    assert "goes on from epoch 1, step 1" in out.getvalue()
    assert measured(tmp_path / "run") == measured(tmp_path / "whole")
    whole, again = (load_run(tmp_path / name).model.get_weights() for name in ("whole", "run"))
    for one, other in zip(whole, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_classifier_with_a_rare_label(tmp_path):
    rows = [(f"text {number}", ("good", "bad")[number % 2]) for number in range(100)] + [("odd", "rare")]
    splits = splits_of(tmp_path, "classification", rows, ("text", "label"))
    metrics = fit(small_classifier_config(epochs=1), splits, tmp_path / "run", quiet())
    assert load_run(tmp_path / "run").labels.names == ("bad", "good", "rare")
    assert (tmp_path / "run" / METRICS_FILE).is_file()
    assert metrics["test"]["examples"] == len(splits.test)


MEASURE = """
import sys
from pathlib import Path
from tests.support.tasks import small_task
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles
from training.data.shards import row_partitions
from training.resident_memory import peak_resident_bytes
from training.tasks.registry import chapter_of
from training.tasks.translation.batches import pair_batches
row_partitions.PARTITION_BYTES = 100_000
folder, task = Path(sys.argv[1]), small_task()
spec = DataSpec(data=GivenFiles([folder / "d.tsv"]), cache=folder / "cache", on_disk=sys.argv[2] == "disk")
splits = spec.load(chapter_of("translation"), {}, 1)
steps = sum(1 for _ in pair_batches(task, splits.train, training=True).epochs(0, 1).take(100))
print(peak_resident_bytes() // 2**20)
"""


def peak(folder, rows, mode):
    folder.mkdir()
    write_rows(folder / "d.tsv", ((f"Save the file {n} now.", f"파일 {n} 저장합니다.") for n in range(rows)))
    command = [sys.executable, "-c", MEASURE, str(folder), mode]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


def test_memory_does_not_grow_with_rows(tmp_path):
    few, many = (peak(tmp_path / str(rows), rows, "disk") for rows in (10_000, 100_000))
    in_memory = peak(tmp_path / "memory", 100_000, "memory")
    assert many - few < 25  # MiB
    assert in_memory - many > 40
