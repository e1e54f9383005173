import json
import os

import pytest

from benchmarks import workers
from seqapp.errors import ConfigError
from training.data.splits import Splits
from training.tasks.classification.presets import PRESETS

ROWS = [("a\tb  c", "x"), ("d", "y"), ("e", "x")]


def test_first_rows_of_each_part_are_written(tmp_path):
    splits = Splits(ROWS, ROWS[1:], [(str(number), "x") for number in range(20)])
    options = workers.write_files("classification", splits, 2, tmp_path)
    data, valid, test = (tmp_path / f"classification-{part}.tsv" for part in ("data", "valid", "test"))
    assert options == [f"--data={data}", f"--valid={valid}", f"--test={test}"]
    assert data.read_text(encoding="utf-8") == "text\tlabel\na b c\tx\nd\ty\n"
    assert valid.read_text(encoding="utf-8") == "text\tlabel\nd\ty\ne\tx\n"
    assert len(test.read_text(encoding="utf-8").splitlines()) == 17


def test_rate_of_the_last_epoch(tmp_path):
    history = tmp_path / "history.csv"
    history.write_text("epoch,loss,texts_per_second\n1,0.9,50.0\n2,0.8,125.5\n", encoding="utf-8")
    assert workers.last_rate(history) == 125.5


def test_best_rates_by_hand(monkeypatch, tmp_path):
    rates = {1: [90.0, 100.0], 2: [150.04, 120.0]}
    order = []

    def rate(task, name, count, files, folder):
        order.append(count)
        return rates[count].pop(0)

    monkeypatch.setattr(workers, "rate", rate)
    arguments = workers._parser().parse_args([])
    found = workers.measure("translation", "base", [], arguments, tmp_path)
    assert order == [1, 2, 2, 1]
    assert found == {"task": "translation", "preset": "base", "one": 100.0, "several": 150.0, "speed_up": 1.5}


def test_table_by_hand():
    found = {"task": "translation", "preset": "base", "one": 12345.6, "several": 15432.0, "speed_up": 1.25}
    assert workers.heading(3).split() == ["task", "preset", "1", "process", "3", "workers", "ratio"]
    assert workers.line(found) == "translation     base                12,346      15,432    1.25"
    assert len(workers.line(found)) == len(workers.heading(3))


def test_presets_without_a_teacher_are_the_default():
    found = workers.presets_of(["translation", "classification"], None)
    assert "fast" not in found["translation"]
    assert "base" in found["translation"]
    assert found["classification"] == list(PRESETS)
    with pytest.raises(ConfigError, match=r"^--presets: 'bse' is not a preset of translation; did you mean"):
        workers.presets_of(["translation"], ["bse"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--workers", "0"], "argument --workers: expected a whole number of at least 1, got '0'"),
        (["--rows", "x"], "argument --rows: expected a whole number of at least 1, got 'x'"),
        (["--rounds", "-1"], "argument --rounds: expected a whole number of at least 1, got '-1'"),
        (["--task", "tagging"], "argument --task: invalid choice: 'tagging'"),
        (["--presets", "tinyy"], "error: --presets: 'tinyy' is not a preset of translation; did you mean"),
    ],
)
def test_refused_arguments(words, said, capsys):
    with pytest.raises(SystemExit) as error:
        workers.main(words)
    assert error.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_a_small_measurement(monkeypatch, capsys):
    rows = [(f"{word} {number}", word) for number in range(30) for word in ("good", "bad")]
    monkeypatch.setattr(workers, "load", lambda task, cache: Splits(rows[:40], rows[40:50], rows[50:]))
    assert workers.main(["--task", "classification", "--presets", "tiny", "--rounds", "1"]) == 0
    first, heading, row, last = capsys.readouterr().out.splitlines()
    assert first == f"{len(os.sched_getaffinity(0))} cores; 1,500 training rows; 1 rounds"
    assert (heading, row.split()[:2]) == (workers.heading(2), ["classification", "tiny"])
    [found] = json.loads(last)["presets"]
    assert min(found["one"], found["several"]) > 0
