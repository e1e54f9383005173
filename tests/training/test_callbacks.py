import csv
import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from seqapp.run_directory import load_run, start_run
from tests.support.classification import LABELLED, small_classifier
from training.callbacks import BestWeights, EpochReport, History, history_columns
from training.recipes.recipe import Shown, Validation

SHOWN = Shown("accuracy", "validation_accuracy", "validation accuracy {:.4f}", "texts", "validation_accuracy")
LOGS = {
    "loss": 0.5,
    "accuracy": 0.75,
    "val_loss": 0.6,
    "val_accuracy": 0.5,
    "texts_per_second": 9.0,
    "seconds": 2,
}


def report(**scores):
    out = io.StringIO()
    found = EpochReport(
        Console(file=out, width=40), SHOWN, lambda: Validation(scores, ["[b] → good [/b] 0.9"])
    )
    found.set_params({"epochs": 3})
    found.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.25)))
    return found, out


def test_the_line_of_an_epoch_and_its_samples():
    found, out = report(validation_accuracy=0.625)
    logs = dict(LOGS)
    found.on_epoch_end(1, logs)
    line, sample = out.getvalue().splitlines()
    assert line.startswith("epoch 2/3  loss 0.500")
    assert "validation accuracy 0.6250" in line
    assert sample == "    [b] → good [/b] 0.9"
    assert (logs["validation_accuracy"], logs["learning_rate"]) == (0.625, 0.25)


def test_history_prefers_what_was_scored_to_what_keras_measured(tmp_path):
    history = History(tmp_path, SHOWN)
    for epoch in range(2):
        history.on_epoch_end(epoch, {**LOGS, "validation_accuracy": 0.625, "learning_rate": 0.25})
    with (tmp_path / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == history_columns(SHOWN)
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert (rows[1]["validation_accuracy"], rows[1]["validation_loss"]) == ("0.625", "0.6")
    assert len(list(tmp_path.iterdir())) == 1


def test_the_best_score_is_kept_and_of_equal_ones_the_lower_loss(tmp_path):
    task = small_classifier()
    start_run(tmp_path / "run", task, {})
    kept = BestWeights(tmp_path / "run", task, "validation_accuracy")
    bias = task.model.output_layer.bias
    for epoch, (score, loss) in enumerate([(0.5, 1.0), (0.7, 1.0), (0.7, 0.9), (0.7, 0.95), (0.6, 0.1)]):
        bias.assign([epoch, -epoch])
        kept.on_epoch_end(epoch, {"validation_accuracy": score, "val_loss": loss})
    assert kept.best_epoch == 3
    assert load_run(tmp_path / "run").model.output_layer.bias.numpy().tolist() == [2.0, -2.0]
    assert task.classify_lines([LABELLED[0][0]]) != []


@pytest.mark.parametrize("missing", ["loss", "val_loss"])
def test_a_history_without_a_column_is_an_error(tmp_path, missing):
    logs = {name: value for name, value in LOGS.items() if name != missing}
    with pytest.raises(KeyError):
        History(tmp_path, SHOWN).on_epoch_end(0, logs)
    assert list(tmp_path.iterdir()) == []
