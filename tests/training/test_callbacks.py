import csv
import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from seqapp.run_directory import load_run, start_run
from tests.support.classification import LABELLED, small_classifier
from training.callbacks import BestWeights, EpochEnd, History, history_columns, history_panels
from training.progress import Progress
from training.stop_message import StopMessage
from training.tasks.recipe import ProgressLabels, Validation

SHOWN = ProgressLabels(
    "accuracy", "validation_accuracy", "validation accuracy {:.4f}", "texts", "validation_accuracy"
)
CHRF = ProgressLabels("token_accuracy", "validation_chrf", "chrF {:.1f}", "target tokens", "validation_chrf")
BITS = ProgressLabels(
    "token_accuracy",
    "validation_bits_per_byte",
    "bits per byte {:.3f}",
    "tokens",
    "validation_score",
    lower_is_better=True,
)
SCORES = {
    "loss": 0.5,
    "accuracy": 0.75,
    "validation_loss": 0.6,
    "validation_accuracy": 0.625,
    "learning_rate": 0.25,
    "texts_per_second": 9.0,
    "seconds": 2.0,
}


class Offers:
    """What is offered as the best weights."""

    epoch = 1

    def __init__(self):
        self.offers = []

    def offer(self, epoch, scores):
        self.offers.append((epoch, scores))


def epoch_end(run, clock):
    """The callback with a progress of one step of 18 texts, and what it prints to."""
    out, best, kept = io.StringIO(), Offers(), StopMessage(run, run)
    console = Console(file=out, width=40)
    progress = Progress(console, epochs=3, steps=1, units_per_epoch=18, labels=SHOWN, clock=lambda: clock[0])
    found = Validation({"validation_accuracy": 0.625, "validation_loss": 0.6}, ["[b] → good [/b] 0.9"])
    end = EpochEnd(console, SHOWN, progress, lambda: found, History(run, SHOWN), best, kept)
    for callback in (progress, end):
        callback.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.25)))
    progress.on_epoch_begin(1)
    clock[0] += 2.0
    progress.on_train_batch_end(0)
    progress.on_test_begin()
    return end, out, best


def test_the_end_of_an_epoch(tmp_path):
    end, out, best = epoch_end(tmp_path, [0.0])
    logs = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.9, "val_accuracy": 0.5}
    end.on_epoch_end(1, logs)
    line, sample = out.getvalue().splitlines()
    assert line == (
        "epoch 2/3  loss 0.500  accuracy 0.750  validation loss 0.600  validation accuracy 0.6250  "
        "9 texts/s  0:02"
    )
    assert sample == "    [b] → good [/b] 0.9"
    # What was scored goes before what Keras measured under the same name, for further callbacks too.
    ((epoch, scores),) = best.offers
    assert (epoch, scores["validation_loss"], scores["validation_accuracy"]) == (2, 0.6, 0.625)
    assert (logs["validation_accuracy"], logs["learning_rate"]) == (0.625, 0.25)
    assert end.stop_message.sentence().startswith("after epoch 2; the best weights (epoch ")
    assert rows(tmp_path) == [{**{name: str(value) for name, value in SCORES.items()}, "epoch": "2"}]


def test_nothing_is_kept_of_an_epoch_whose_loss_is_no_number(tmp_path):
    end, out, best = epoch_end(tmp_path, [0.0])
    end.on_epoch_end(1, {"loss": float("nan"), "accuracy": 0.75})
    assert out.getvalue().startswith("epoch 2: the loss is NaN or infinite")
    assert best.offers == []
    assert end.stop_message.sentence().startswith("before the first weights")
    assert list(tmp_path.iterdir()) == []


def rows(run):
    with (run / "history.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_history_has_a_row_for_each_epoch(tmp_path):
    history = History(tmp_path, SHOWN)
    for epoch in (1, 2):
        history.append(epoch, SCORES)
    assert tuple(rows(tmp_path)[0]) == history_columns(SHOWN)
    assert [row["epoch"] for row in rows(tmp_path)] == ["1", "2"]
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


@pytest.mark.parametrize("missing", ["loss", "validation_loss"])
def test_a_history_without_a_column_is_an_error(tmp_path, missing):
    scores = {name: value for name, value in SCORES.items() if name != missing}
    with pytest.raises(KeyError):
        History(tmp_path, SHOWN).append(1, scores)
    assert list(tmp_path.iterdir()) == []


def test_patience_counts_from_the_epoch_with_the_fewest_bits(tmp_path):
    """Validation gives 2, 1.5, 1.75 and 1.5 bits with a higher loss: epoch 2 is the best one."""
    task = small_classifier()
    start_run(tmp_path, task, {})
    best, out = BestWeights(tmp_path, task, BITS.monitor), io.StringIO()
    console, kept = Console(file=out, width=200), StopMessage(tmp_path, tmp_path)
    progress = Progress(console, epochs=9, steps=1, units_per_epoch=18, labels=BITS)
    bits = iter([2.0, 1.5, 1.75, 1.5])

    def validated():
        found = next(bits)
        return Validation({"validation_bits_per_byte": found, "validation_score": -found}, [])

    end = EpochEnd(console, BITS, progress, validated, History(tmp_path, BITS), best, kept, patience=2)
    model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.25), stop_training=False)
    end.set_model(model)
    stops = []
    for epoch in range(4):
        progress.on_epoch_begin(epoch)
        progress.on_test_begin()
        end.on_epoch_end(
            epoch, {"loss": 1.0, "token_accuracy": 0.5, "val_loss": epoch, "val_token_accuracy": 0.5}
        )
        stops.append(model.stop_training)
    assert stops == [False, False, False, True]
    assert out.getvalue().endswith("no better score since epoch 2; training stops here\n")
    assert "bits per byte 1.750" in out.getvalue()
    assert [row["validation_bits_per_byte"] for row in rows(tmp_path)] == ["2.0", "1.5", "1.75", "1.5"]


def test_panels_are_those_of_what_is_shown():
    assert [panel.title for panel in history_panels(SHOWN)] == ["loss", "accuracy"]
    titles = [panel.title for panel in history_panels(CHRF)]
    assert titles == ["loss", "token accuracy", "chrF on validation text"]
    for shown in (SHOWN, CHRF):
        for panel in history_panels(shown):
            assert {panel.training, panel.validation} - {None} <= set(history_columns(shown))


def test_the_best_score_is_kept_and_of_equal_ones_the_lower_loss(tmp_path):
    task = small_classifier()
    start_run(tmp_path / "run", task, {})
    kept = BestWeights(tmp_path / "run", task, "validation_accuracy")
    bias = task.model.output_layer.bias
    scores = [(0.5, 1.0), (0.7, 1.0), (0.7, 0.9), (0.7, 0.95), (0.6, 0.1), (float("nan"), 0.0)]
    for epoch, (score, loss) in enumerate(scores, start=1):
        bias.assign([epoch, -epoch])
        task.calibration.assign(float(epoch), 0.5)
        kept.offer(epoch, {"validation_accuracy": score, "validation_loss": loss})
    assert kept.epoch == 3
    best = load_run(tmp_path / "run")
    assert best.model.output_layer.bias.numpy().tolist() == [3.0, -3.0]
    # What is fitted beside the network is kept with the weights that it was fitted to.
    assert float(best.calibration.temperature) == 3.0
    assert best.answers_of([LABELLED[0][0]])["label"]
