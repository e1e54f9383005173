import json
import sys
from pathlib import Path

import pytest

from benchmarks.pretraining import Cell, command, main, table
from seqapp.run_directory import save_best, start_run
from tests.support.tasks import small_language_model

RUNS = Path("runs")
ORIGINS = {"causal": Path("models/causal")}
FIT = ["--data=a.tsv", "--set", "linear=null"]


def test_commands_by_hand():
    pretrained = ["training.unfreeze=gradual"]
    words = command(Cell("100", "causal", 2), RUNS, ORIGINS, pretrained, FIT)
    assert words[:5] == [sys.executable, "-m", "training", "fit", "--task=classification"]
    assert words[5:] == [
        *("--run=runs/100-causal-seed2", "--seed=2", "--init-from=models/causal", *FIT),
        *("--set=training.max_examples=100", "--set=training.unfreeze=gradual"),
    ]
    words = command(Cell("all", "scratch", 1), RUNS, ORIGINS, pretrained, FIT)
    assert words[5:] == ["--run=runs/all-scratch-seed1", "--seed=1", *FIT]


def test_table_by_hand():
    scores = {
        Cell("100", "scratch", 1): {"score": 0.60, "baseline": 0.58},
        Cell("100", "scratch", 2): {"score": 0.64, "baseline": 0.62},
        Cell("100", "causal", 1): {"score": 0.70, "baseline": 0.58},
        Cell("100", "causal", 2): {"score": 0.70, "baseline": 0.62},
        Cell("10000", "scratch", 1): {"score": 0.8, "baseline": 0.81},
        Cell("10000", "causal", 1): {"score": 0.855, "baseline": 0.81},
    }
    # Two values 4 points apart: a standard deviation of 4 / √2.
    assert table(scores) == [
        "| labels | linear baseline | scratch | causal |",
        "|---:|---:|---:|---:|",
        "| 100 | 60.0 ± 2.8 | 62.0 ± 2.8 | 70.0 ± 0.0 |",
        "| 10,000 | 81.0 | 80.0 | 85.5 |",
    ]


def test_runs_of_one_name_are_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--runs", "runs", "--init-from", "a/model", "b/model"])
    assert "--init-from: expected runs of different names, none called scratch, got a/model b/model" in (
        capsys.readouterr().err
    )


@pytest.mark.slow
def test_all_cells_are_trained(tmp_path, capfd):
    origin = tmp_path / "causal"
    language_model = small_language_model(texts=["good 1", "bad 2", "so 34567890"])
    start_run(origin, language_model, {})
    save_best(origin, language_model)
    rows = [f"{word} {number}\t{word}" for number in range(30) for word in ("good", "bad")]
    data = tmp_path / "rows.tsv"
    data.write_text("\n".join(["text\tlabel", *rows]) + "\n", encoding="utf-8")
    fit = ["--preset=tiny", f"--data={data}", "--epochs=1", "--pretrained-set", "training.unfreeze=none"]
    runs = ["--runs", str(tmp_path / "runs"), "--init-from", str(origin)]
    assert main(["--rows", "20", "all", *runs, *fit]) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[0] == f"| labels | linear baseline | scratch | {origin.name} |"
    assert [line.split(" | ")[0] for line in out[2:4]] == ["| 20", "| all"]
    assert len(json.loads(out[-1])) == 4
