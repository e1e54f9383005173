import io
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from seqapp.config import FitConfig
from seqapp.run_directory import load_run, start_run
from tests.support.classification import small_classifier
from training.callbacks import BestWeights
from training.tasks.recipe import ProgressLabels, Validation
from training.weight_averaging import epoch_weights, keep_average, mean_of

LABELS = ProgressLabels(
    "accuracy", "validation_accuracy", "validation accuracy {:.2f}", "texts", "validation_accuracy"
)
# Of epochs 1 to 5; the best two are 4 and 2, since 3 and 4 tie and 4 has the lower loss.
SCORES = [(0.1, 1.0), (0.8, 1.0), (0.8, 1.2), (0.9, 0.5), (float("nan"), 0.0)]


@pytest.fixture
def task(tmp_path):
    made = small_classifier()
    start_run(tmp_path / "run", made, {})
    return made


def offered(stored, best, bias):
    """Offer five epochs whose bias is [epoch, -epoch]; yield the files after each."""
    for epoch, (score, loss) in enumerate(SCORES, start=1):
        bias.assign([epoch, -epoch])
        for saver in (best, stored):
            saver.offer(epoch, {"validation_accuracy": score, "validation_loss": loss})
        yield sorted(path.name for path in stored.directory.iterdir())


@pytest.mark.parametrize(
    ("of", "epochs", "mean"), [("best", [2, 4], [3.0, -3.0]), ("last", [4, 5], [4.5, -4.5])]
)
def test_the_weights_of_the_best_or_last_epochs_are_averaged(tmp_path, task, of, epochs, mean):
    settings = FitConfig(averaged_epochs=2, average_of=of)
    run, bias = tmp_path / "run", task.model.output_layer.bias
    best = BestWeights(run, task, LABELS.monitor)
    with epoch_weights(run, task.model, LABELS.monitor, settings) as stored:
        for number, files in enumerate(offered(stored, best, bias), start=1):
            assert len(files) == min(number, 2)
        assert files == [f"{epoch}.weights.h5" for epoch in epochs]
        assert stored.epochs == epochs
        place = [weight is bias for weight in task.model.weights].index(True)
        assert stored.mean()[place].tolist() == mean
    assert not (run / "epochs").exists()


def averaged(run, task, score):
    """Train as above with an average that scores `score`: its validation, the output, and the saved bias."""
    best, out = BestWeights(run, task, LABELS.monitor), io.StringIO()
    bias = task.model.output_layer.bias
    with epoch_weights(run, task.model, LABELS.monitor, FitConfig(averaged_epochs=2)) as stored:
        list(offered(stored, best, bias))
        validation = Validation({"validation_accuracy": score, "validation_loss": 0.5}, [])
        found = keep_average(stored, best, lambda: validation, LABELS, Console(file=out, width=200))
    return found, out.getvalue(), load_run(run).model.output_layer.bias.numpy().tolist()


@pytest.mark.parametrize("score", [0.9, 0.95])
def test_an_average_that_is_not_worse_is_kept(tmp_path, task, score):
    found, output, bias = averaged(tmp_path / "run", task, score)
    assert found.scores["validation_accuracy"] == score
    assert output.startswith("average of the weights after epochs 2, 4: validation accuracy 0.9")
    assert output.endswith("; kept\n")
    assert bias == [3.0, -3.0]


def test_an_average_of_a_task_that_does_not_validate_the_loss_is_kept(tmp_path, task):
    # Translation and language modelling validate the score alone; their loss is that of `fit`.
    run, bias = tmp_path / "run", task.model.output_layer.bias
    best = BestWeights(run, task, LABELS.monitor)
    validation = Validation({"validation_accuracy": 0.95}, [])
    with epoch_weights(run, task.model, LABELS.monitor, FitConfig(averaged_epochs=2)) as stored:
        list(offered(stored, best, bias))
        assert keep_average(stored, best, lambda: validation, LABELS, Console(quiet=True)) is validation
    # Of an equal epoch afterwards, the average stays.
    best.offer(5, {"validation_accuracy": 0.95, "validation_loss": 0.01})
    assert load_run(run).model.output_layer.bias.numpy().tolist() == [3.0, -3.0]


@pytest.mark.parametrize("score", [0.89, float("nan")])
def test_of_a_worse_average_the_best_epoch_is_kept(tmp_path, task, score):
    found, output, bias = averaged(tmp_path / "run", task, score)
    assert found is None
    assert output.endswith("; not better than epoch 4, whose weights are kept\n")
    assert bias == [4.0, -4.0]


def test_by_default_nothing_is_stored(tmp_path, task):
    run = tmp_path / "run"
    with epoch_weights(run, task.model, LABELS.monitor, FitConfig()) as stored:
        stored.offer(1, {"validation_accuracy": 0.5, "validation_loss": 1.0})
        assert stored.epochs == []
        assert not (run / "epochs").exists()
        assert keep_average(stored, SimpleNamespace(), lambda: None, LABELS, Console()) is None


def test_the_files_of_a_stopped_training_are_used_when_it_goes_on(tmp_path, task):
    run = tmp_path / "run"
    (run / "epochs").mkdir()
    (run / "epochs" / "7.weights.h5").write_text("of another training", encoding="utf-8")
    states = []

    def stopped():
        with epoch_weights(run, task.model, LABELS.monitor, FitConfig(averaged_epochs=3)) as stored:
            stored.offer(1, {"validation_accuracy": 0.5, "validation_loss": 1.0})
            assert [path.name for path in stored.directory.iterdir()] == ["1.weights.h5"]
            states.append(stored.ranks())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    settings = FitConfig(averaged_epochs=3)
    with epoch_weights(run, task.model, LABELS.monitor, settings, goes_on=True) as stored:
        stored.restore({**states[0], 2: (0.5, -1.0)})
        assert stored.epochs == [1]  # there is no file of the second
        assert stored.ranks() == {1: (0.5, -1.0)}
    assert not (run / "epochs").exists()


def test_mean_keeps_types_and_does_not_lose_digits():
    sets = [[np.full(2, 1e8 + number, np.float32), np.float16([number])] for number in (0, 8, 16)]
    mean = mean_of(iter(sets))
    assert [one.dtype for one in mean] == [np.float32, np.float16]
    assert mean[0].tolist() == [1e8 + 8] * 2
    assert mean[1].tolist() == [8.0]


# Of epochs 1 to 5: the best one is 3, then 2, whose loss is lower than that of 4.
BITS = [3.0, 1.5, 1.25, 1.5, 2.0]
LOWER_LABELS = ProgressLabels(
    "token_accuracy",
    "validation_bits_per_byte",
    "bits per byte {:.3f}",
    "tokens",
    "validation_score",
    lower_is_better=True,
)


@pytest.mark.parametrize(
    ("bits", "line", "bias"),
    [(1.125, "1.125; kept", 2.5), (1.25, "1.250; kept", 2.5), (1.375, "1.375; not better than epoch 3", 3.0)],
)
def test_of_bits_the_fewer_are_the_better(tmp_path, task, bits, line, bias):
    run, weights, out = tmp_path / "run", task.model.output_layer.bias, io.StringIO()
    best = BestWeights(run, task, LOWER_LABELS.monitor)
    with epoch_weights(run, task.model, LOWER_LABELS.monitor, FitConfig(averaged_epochs=2)) as stored:
        for epoch, one in enumerate(BITS, start=1):
            weights.assign([epoch, -epoch])
            for saver in (best, stored):
                saver.offer(epoch, {"validation_score": -one, "validation_loss": epoch})
        assert (best.epoch, stored.epochs) == (3, [2, 3])
        scores = {"validation_bits_per_byte": bits, "validation_score": -bits}
        console = Console(file=out, width=200)
        keep_average(stored, best, lambda: Validation(scores, []), LOWER_LABELS, console)
    assert out.getvalue().startswith(f"average of the weights after epochs 2, 3: bits per byte {line}")
    assert load_run(run).model.output_layer.bias.numpy().tolist() == [bias, -bias]
