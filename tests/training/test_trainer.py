import csv
import io
import json
import shutil

import keras
import numpy as np
import pytest
from rich.console import Console

from seqapp.errors import ConfigError, DataError, RunDirectoryError
from seqapp.run_directory import describe_run, load_run, read_config
from tests.support.classification import LABELLED, small_classifier_config
from tests.support.tasks import PAIRS, small_config
from training.data.kept_rows import read_kept
from training.data.splits import Splits
from training.tasks.translation.recipe import TranslationRecipe
from training.trainer import fit

pytestmark = pytest.mark.slow

SPLITS = Splits(train=PAIRS * 8, valid=PAIRS[:2], test=PAIRS[2:], provenance={"corpus": "four sentences"})
CONFIG = small_config(epochs=3, learning_rate=0.01)
SOURCES = [source for source, _ in PAIRS]


def quiet():
    return Console(file=io.StringIO(), width=200)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run, out = tmp_path_factory.mktemp("runs") / "run", io.StringIO()
    metrics = fit(CONFIG, SPLITS, run, Console(file=out, width=200))
    return run, metrics, out.getvalue()


def history(run):
    with (run / "history.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_complete_run_directory(trained):
    run, metrics, _ = trained
    assert json.loads((run / "metrics.json").read_text()) == metrics
    assert read_config(run) == describe_run("translation", CONFIG, {"corpus": "four sentences"})
    assert (run / "learning_curve.png").read_bytes().startswith(b"\x89PNG")
    assert read_kept(run / "data" / "test.tsv.gz") == PAIRS[2:]
    assert read_kept(run / "data" / "train.tsv.gz") == PAIRS * 8
    rows = history(run)
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[0]["loss"]) > float(rows[2]["loss"])
    assert float(rows[0]["target_tokens_per_second"]) > 0
    assert [path.name for path in run.parent.iterdir()] == ["run"]


def test_scores_are_those_of_the_loaded_run(trained):
    run, metrics, _ = trained
    again = TranslationRecipe(load_run(run)).score(PAIRS[2:])
    assert {**metrics["test"], "seconds": 0} == {**again, "seconds": 0}
    assert metrics["baseline"]["name"] == "nearest"


def test_best_epoch_is_the_best_validation_score(trained):
    run, metrics, _ = trained
    best = max(history(run), key=lambda row: (float(row["validation_chrf"]), -float(row["validation_loss"])))
    assert int(best["epoch"]) == metrics["best_epoch"]
    assert float(best["validation_chrf"]) == metrics["validation_chrf"]


def test_averaged_weights_and_every_regularisation(tmp_path):
    run, out = tmp_path / "run", io.StringIO()
    settings = {"averaged_epochs": 2, "average_of": "last", "r_drop": 1.0}
    config = small_config(
        epochs=3, learning_rate=0.01, subword_sampling=0.2, token_dropout=0.1, **settings
    )
    metrics = fit(config, SPLITS, run, Console(file=out, width=200))
    assert "average of the weights after epochs 2, 3: chrF " in out.getvalue()
    kept = "; kept" in out.getvalue()
    assert ("averaged_epochs" in metrics) == kept
    assert not (run / "epochs").exists()
    again = TranslationRecipe(load_run(run)).validate(SPLITS.valid)()
    assert again.scores["validation_chrf"] == metrics["validation_chrf"]
    # Stopped while the test rows were scored, the average is still that of the run.
    (run / "metrics.json").unlink()
    scored = fit(config, SPLITS, run, quiet())
    for name in ("averaged_epochs", "best_epoch", "validation_chrf"):
        assert scored.get(name) == metrics.get(name)
    with pytest.raises(KeyboardInterrupt, match=r"best weights \(epoch 1\) are in"):
        fit(config, SPLITS, tmp_path / "stopped", quiet(), [Stop()])
    assert load_run(tmp_path / "stopped").translations_of(["Click OK."])
    assert fit(config, SPLITS, tmp_path / "stopped", quiet())["best_epoch"] == metrics["best_epoch"]
    assert same_training(tmp_path / "stopped", run)
    assert not (tmp_path / "stopped" / "epochs").exists()


def test_output_says_what_a_person_wants_to_know(trained):
    output = trained[2]
    assert "32 pairs, " in output
    assert "epoch 3/3  loss " in output
    assert "target tokens/s" in output
    assert "Save the file." in output


def test_the_same_seed_gives_the_same_model(trained, tmp_path):
    fit(CONFIG, SPLITS, tmp_path / "again", quiet())
    again = load_run(tmp_path / "again").translations_of(SOURCES)
    assert again == load_run(trained[0]).translations_of(SOURCES)


def test_the_same_seed_gives_the_same_classifier(tmp_path):
    splits = Splits(train=LABELLED * 8, valid=LABELLED, test=LABELLED, provenance={"corpus": "four texts"})
    found = []
    for name in ("first", "again"):
        fit(small_classifier_config(epochs=2), splits, tmp_path / name, quiet())
        found.append(load_run(tmp_path / name).probabilities_of([text for text, _ in LABELLED]))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4)


def test_a_preset_may_train_on_a_part(tmp_path):
    out = io.StringIO()
    fit(small_config(epochs=1, max_examples=10), SPLITS, tmp_path / "part", Console(file=out, width=200))
    assert "training on a sample of 10 of 32 rows (preset)" in out.getvalue()
    assert "10 pairs, " in out.getvalue()
    assert len(read_kept(tmp_path / "part" / "data" / "train.tsv.gz")) == 10


def test_tensorboards_files_go_into_the_run(tmp_path):
    pytest.importorskip("tensorboard")
    fit(small_config(epochs=1), SPLITS, tmp_path / "run", quiet(), tensorboard=True)
    written = {path.parent.name for path in (tmp_path / "run" / "tensorboard").rglob("events.*")}
    assert written == {"train", "validation"}


def test_an_empty_split_is_named(tmp_path):
    with pytest.raises(DataError, match="the valid split has no rows; expected at least one"):
        fit(CONFIG, Splits(PAIRS, [], PAIRS), tmp_path / "run", quiet())
    assert not (tmp_path / "run").exists()


class Poison(keras.callbacks.Callback):
    """Makes a weight no number before an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.model.output_bias.assign(self.model.output_bias * np.nan)


def test_a_loss_that_is_no_number_ends_the_training_and_the_best_weights_stay(tmp_path):
    out = io.StringIO()
    metrics = fit(CONFIG, SPLITS, tmp_path / "run", Console(file=out, width=200), [Poison(1)])
    assert metrics["best_epoch"] == 1
    assert "epoch 2: the loss is NaN or infinite" in out.getvalue()
    assert [row["epoch"] for row in history(tmp_path / "run")] == ["1"]
    weights = load_run(tmp_path / "run").model.get_weights()
    assert all(np.isfinite(weight).all() for weight in weights)


def test_a_loss_that_never_was_a_number_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"learning_rate must be below 0\.01"):
        fit(CONFIG, SPLITS, tmp_path / "run", quiet(), [Poison(0)])
    assert not (tmp_path / "run" / "model.weights.h5").exists()


# --- a run that is there already ---------------------------------------------------------------


class Stop(keras.callbacks.Callback):
    """Ctrl-C as an epoch begins."""

    def __init__(self, epoch=1):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the trained run, to be changed."""
    return shutil.copytree(trained[0], tmp_path / "runs" / "mine")


def content(run):
    """Every file of a run with its bytes and the time it was written at."""
    return {
        str(path.relative_to(run)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in run.rglob("*")
        if path.is_file()
    }


def names(run):
    """What lies beside the run."""
    return sorted(path.name for path in run.parent.iterdir())


def test_the_same_training_is_kept(trained, run):
    out, before = io.StringIO(), content(run)
    metrics = fit(CONFIG, SPLITS, run, Console(file=out, width=200))
    assert metrics == trained[1]
    assert content(run) == before
    assert "already trained with these settings and rows; it is kept" in out.getvalue()
    assert names(run) == ["mine"]


@pytest.mark.parametrize(
    ("config", "splits", "different"),
    [
        (
            small_config(epochs=2, learning_rate=0.01),
            SPLITS,
            "training.epochs: 3 there, 2 now",
        ),
        (
            CONFIG,
            Splits(PAIRS, PAIRS, PAIRS, provenance={"corpus": "others"}),
            'corpus: "four sentences" there, "others" now',
        ),
        (
            small_classifier_config(),
            Splits(LABELLED, LABELLED, LABELLED, provenance={"corpus": "four sentences"}),
            'task: "translation" there, "classification" now',
        ),
    ],
)
def test_another_training_is_refused(run, config, splits, different):
    before = content(run)
    with pytest.raises(RunDirectoryError) as caught:
        fit(config, splits, run, quiet())
    message = str(caught.value)
    assert message.startswith(f"{run} holds another training:")
    assert different in message
    assert "--overwrite" in message
    assert content(run) == before
    assert names(run) == ["mine"]


def test_a_run_that_another_version_wrote_is_refused(run):
    (run / "config.json").write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(RunDirectoryError, match=r"has format 1.*It is kept\..*--overwrite"):
        fit(CONFIG, SPLITS, run, quiet())


def same_training(one, other):
    """Whether two runs have the same weights and the same history, apart from times, bit for bit."""
    times = ("seconds", "target_tokens_per_second", "texts_per_second")
    histories = [
        [{name: value for name, value in row.items() if name not in times} for row in history(run)]
        for run in (one, other)
    ]
    weights = [load_run(run).model.get_weights() for run in (one, other)]
    return histories[0] == histories[1] and all(map(np.array_equal, *weights))


def test_a_stopped_training_goes_on_and_gives_the_same_as_an_uninterrupted_one(trained, tmp_path):
    run, out = tmp_path / "run", io.StringIO()
    expected = r"best weights \(epoch \d\) are in .*run.*; the same command goes on from epoch 2$"
    with pytest.raises(KeyboardInterrupt, match=expected):
        fit(CONFIG, SPLITS, run, quiet(), [Stop()])
    assert load_run(run).translations_of(["Click OK."])
    metrics = fit(CONFIG, SPLITS, run, Console(file=out, width=300))
    assert "goes on from epoch 2, step 1" in out.getvalue()
    assert "epoch 1/3" not in out.getvalue()
    assert "epoch 3/3" in out.getvalue()
    assert json.loads((run / "metrics.json").read_text()) == metrics
    assert names(run) == ["run"]
    assert same_training(run, trained[0])


class StopAt(keras.callbacks.Callback):
    """Ctrl-C after the second batch of the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (1, 1):
            raise KeyboardInterrupt


def test_a_training_goes_on_within_an_epoch(tmp_path):
    config = small_config(epochs=3, learning_rate=0.01, batch_tokens=64)
    fit(config, SPLITS, tmp_path / "whole", quiet())
    with pytest.raises(KeyboardInterrupt, match=r"goes on from epoch 2, step 3$"):
        fit(config, SPLITS, tmp_path / "stopped", quiet(), [StopAt()], checkpoint_minutes=0.0)
    out = io.StringIO()
    fit(config, SPLITS, tmp_path / "stopped", Console(file=out, width=300))
    assert same_training(tmp_path / "stopped", tmp_path / "whole")


def test_more_epochs_go_on_from_the_last_one(trained, run):
    out, before = io.StringIO(), content(run)
    more = small_config(epochs=4, learning_rate=0.01)
    with pytest.raises(KeyboardInterrupt, match=r"mine is unchanged; the same command goes on from epoch 4"):
        fit(more, SPLITS, run, quiet(), [Stop(3)])
    assert content(run) == before
    metrics = fit(more, SPLITS, run, Console(file=out, width=300))
    assert "goes on from epoch 4, step 1" in out.getvalue()
    assert [row["epoch"] for row in history(run)] == ["1", "2", "3", "4"]
    assert history(run)[:3] == history(trained[0])
    assert metrics["training_seconds"] > trained[1]["training_seconds"]
    assert names(run) == ["mine"]


class Spoil(keras.callbacks.Callback):
    """Favour one token more and more from the third epoch on."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch >= 2:
            bias = self.model.output_bias
            bias.assign(bias + 50.0 * epoch * np.eye(bias.shape[0], dtype=np.float32)[0])


def test_a_training_ends_when_the_score_has_not_risen_for_its_patience(tmp_path):
    run, out = tmp_path / "run", io.StringIO()
    config = small_config(epochs=9, learning_rate=0.01, patience=2)
    metrics = fit(config, SPLITS, run, Console(file=out, width=200), [Spoil()])
    assert metrics["best_epoch"] + 2 == len(history(run)) < 9
    assert f"no better score since epoch {metrics['best_epoch']}; training stops here" in out.getvalue()
    # Stopped while the test rows were scored, it is only scored.
    (run / "metrics.json").unlink()
    assert fit(config, SPLITS, run, quiet())["best_epoch"] == metrics["best_epoch"]
    assert len(history(run)) == metrics["best_epoch"] + 2


def test_a_training_ends_with_its_time_and_goes_on_with_more(tmp_path):
    run, out = tmp_path / "run", io.StringIO()
    short = small_config(epochs=3, learning_rate=0.01, minutes=1e-4)
    fit(short, SPLITS, run, Console(file=out, width=200))
    assert "0.0001 minutes are over; training stops here" in out.getvalue()
    # The epoch in which the time ended is validated, and its weights are kept.
    assert len(history(run)) == 1
    assert float(history(run)[0]["learning_rate"]) < 0.01
    assert fit(short, SPLITS, run, quiet()) == json.loads((run / "metrics.json").read_text())
    fit(small_config(epochs=3, learning_rate=0.01), SPLITS, run, quiet())
    assert len(history(run)) == 3


def test_few_rows_are_passed_several_times_in_an_epoch(tmp_path):
    out = io.StringIO()
    config = small_config(epochs=2, min_steps=21)
    fit(config, SPLITS, tmp_path / "run", Console(file=out, width=200))
    assert len(history(tmp_path / "run")) == 2
    steps = int(out.getvalue().partition(" steps per epoch")[0].rpartition(" ")[2])
    passes = -(-21 // (2 * steps))
    assert passes > 1
    assert f"an epoch passes over the rows {passes} times: {passes * steps} steps" in out.getvalue()


def test_a_damaged_checkpoint_is_named(tmp_path):
    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        fit(CONFIG, SPLITS, run, quiet(), [Stop()])
    whole = (run / "checkpoint.npz").read_bytes()
    for damaged in (whole[:-100], b"", whole.replace(b"NUMPY", b"NUMPI")):
        (run / "checkpoint.npz").write_bytes(damaged)
        with pytest.raises(RunDirectoryError, match=r"checkpoint\.npz is damaged .*; delete it, and"):
            fit(CONFIG, SPLITS, run, quiet())
    (run / "checkpoint.npz").unlink()
    out = io.StringIO()
    fit(CONFIG, SPLITS, run, Console(file=out, width=300))
    assert "is replaced once the new run in " in out.getvalue()
    assert names(run) == ["run"]


def test_a_replacement_that_is_stopped_goes_on_and_leaves_the_run(run):
    before = content(run)
    other = small_config(epochs=2)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt, match=r"best weights \(epoch 1\) are in .*mine is unchanged"):
            fit(other, SPLITS, run, quiet(), [Stop()], overwrite=True)
    assert content(run) == before
    assert names(run) == ["mine", "mine.new"]
    third = small_config(epochs=2, learning_rate=0.02)
    with pytest.raises(KeyboardInterrupt):
        fit(third, SPLITS, run, quiet(), [Stop()], overwrite=True)
    assert names(run) == ["mine", "mine.new", "mine.new-2"]
    for name in names(run)[1:]:
        assert load_run(run.with_name(name)).translations_of(["Click OK."])


def test_a_replacement_that_is_complete_replaces(run):
    (run / "notes.txt").write_text("of the old run", encoding="utf-8")
    metrics = fit(small_config(epochs=1), SPLITS, run, quiet(), overwrite=True)
    assert names(run) == ["mine"]
    assert json.loads((run / "metrics.json").read_text()) == metrics
    assert read_config(run)["settings"]["training"]["epochs"] == 1
    assert not (run / "notes.txt").exists()
    assert len(history(run)) == 1


def test_a_directory_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    for overwrite in (False, True):
        with pytest.raises(RunDirectoryError, match="expected a new or empty directory or an earlier run"):
            fit(CONFIG, SPLITS, tmp_path, quiet(), overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
