"""Student against teacher: the figures by hand, and the command on two runs."""

import json
import time

import pytest

from benchmarks.distillation import compare, main, spread, table
from seqapp.run_directory import save_best, split_file, start_run
from tests.support.classification import small_classifier
from tests.support.tasks import PAIRS, small_task
from training.data.kept_rows import write_rows


def sleeping(seconds, answer):
    def translate(sources, batch):
        time.sleep(seconds * len(sources) / batch)
        return [answer] * len(sources)

    return translate


def test_rates_and_ratio():
    models = {"teacher": sleeping(0.1, "파일을 저장합니다."), "student": sleeping(0.02, "파일")}
    found = compare(models, ["Save the file."] * 3, ["파일을 저장합니다."] * 3, repeats=1)
    assert found["teacher"]["chrf"] == 100.0 > found["student"]["chrf"] > 0
    assert found["teacher"]["alone"] == pytest.approx(10, rel=0.2)
    assert 20 < found["student"]["alone"] <= 50
    assert 2 < found["ratio"]["alone"] <= 5.5
    assert found["teacher"]["batches"] <= 320
    assert table(found)[1].split()[:2] == ["teacher", "100.0"]
    assert len(table(found)) == 4


def test_texts_at_equal_distances():
    assert spread("abcdefg", 3) == ["a", "d", "g"]
    assert spread("ab", 64) == ["a", "b"]


def test_a_run_of_another_task_is_refused(tmp_path, capsys):
    start_run(tmp_path / "run", small_classifier(), {})
    save_best(tmp_path / "run", small_classifier())
    words = ["--teacher", str(tmp_path / "run"), "--student", str(tmp_path / "run")]
    assert main(words) == 2
    assert "holds a classification model; expected a translation model" in capsys.readouterr().err


@pytest.mark.slow
def test_command(tmp_path, capsys):
    words = ["--repeats", "1"]
    for name, seed in (("teacher", 1), ("student", 2)):
        run = tmp_path / name
        start_run(run, small_task(seed), {})
        save_best(run, small_task(seed))
        (run / "data").mkdir()
        write_rows(split_file(run, "test"), PAIRS)
        words += [f"--{name}", str(run)]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert set(json.loads(lines[-1])) == {"teacher", "student", "ratio"}
    assert lines[0].split()[:2] == ["model", "chrF"]
