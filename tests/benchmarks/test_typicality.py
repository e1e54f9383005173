import gzip

import pytest

from benchmarks.typicality import figures, sample_of
from seqapp.run_directory import save_run
from tests.seqapp.tasks.test_typicality import STRANGE, TASK, TEXTS
from tests.support.classification import LABELLED


@pytest.fixture
def run(tmp_path):
    save_run(tmp_path / "run", TASK, tmp_path / "origin", {})
    data = tmp_path / "run" / "data"
    data.mkdir()
    for part in ("valid", "test"):
        with gzip.open(data / f"{part}.tsv.gz", "wt", encoding="utf-8") as file:
            file.writelines(f"{text}\t{label}\n" for text, label in LABELLED)
    return tmp_path / "run"


def test_other_texts_are_less_typical(run):
    found = figures(TASK, run, [STRANGE] * 3)
    assert (found["validation_texts"], found["test_texts"], found["other"]) == (4, 4, 3)
    assert found["auc_other_by_typicality"] == 1.0
    assert (found["test_at_most_0.05"], found["other_at_most_0.05"]) == (0.0, 1.0)


def test_sample_of_a_column(tmp_path):
    path = tmp_path / "texts.tsv"
    lines = [f"{text}\tx{number}\n" for number, text in enumerate(TEXTS[:4])]
    path.write_text("".join(lines), encoding="utf-8")
    assert sorted(sample_of(path, 2, 9, 1)) == ["x0", "x1", "x2", "x3"]
    assert len(sample_of(path, 1, 2, 1)) == 2
