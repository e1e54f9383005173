import csv
import io
import json

import keras
import numpy as np
import pytest
from rich.console import Console
from training.evaluation.translation_scores import score_task
from training.fit import fit

from seqapp.errors import DataError
from seqapp.run_directory import load_run, read_config
from tests.support.classification import LABELLED, small_classifier_config
from tests.support.tasks import PAIRS, small_config
from training.data.pairs_file import read_pairs
from training.data.splits import Splits

pytestmark = pytest.mark.slow

SPLITS = Splits(train=PAIRS * 8, valid=PAIRS[:2], test=PAIRS[2:], provenance={"corpus": "four sentences"})
CONFIG = small_config(epochs=3, learning_rate=0.01)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run, out = tmp_path_factory.mktemp("runs") / "run", io.StringIO()
    metrics = fit(CONFIG, SPLITS, run, Console(file=out, width=200))
    return run, metrics, out.getvalue()


def test_a_complete_run_directory(trained):
    run, metrics, _ = trained
    assert json.loads((run / "metrics.json").read_text()) == metrics
    assert read_config(run)["data"] == {"corpus": "four sentences"}
    assert (run / "learning_curve.png").read_bytes().startswith(b"\x89PNG")
    assert read_pairs(run / "data" / "test.tsv.gz")[0] == PAIRS[2:]
    with (run / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[0]["loss"]) > float(rows[2]["loss"])
    assert float(rows[0]["target_tokens_per_second"]) > 0


def test_scores_are_those_of_the_loaded_run(trained):
    run, metrics, _ = trained
    again = score_task(load_run(run), PAIRS[2:])
    assert {**metrics["test"], "seconds": 0} == {**again, "seconds": 0}
    assert metrics["baseline"]["name"] == "nearest"


def test_best_epoch_is_the_best_validation_score(trained):
    run, metrics, _ = trained
    with (run / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    best = max(rows, key=lambda row: (float(row["validation_chrf"]), -float(row["validation_loss"])))
    assert int(best["epoch"]) == metrics["best_epoch"]


def test_output_says_what_a_person_wants_to_know(trained):
    output = trained[2]
    assert "32 pairs, " in output
    assert "epoch 3/3  loss " in output
    assert "target tokens/s" in output
    assert "Save the file." in output


def test_the_same_seed_gives_the_same_model(trained, tmp_path):
    fit(CONFIG, SPLITS, tmp_path / "again", Console(file=io.StringIO()))
    lines = [source for source, _ in PAIRS]
    assert load_run(tmp_path / "again").translate_lines(lines) == load_run(trained[0]).translate_lines(lines)


def test_the_same_seed_gives_the_same_classifier(tmp_path):
    splits = Splits(train=LABELLED * 8, valid=LABELLED, test=LABELLED, provenance={"corpus": "four texts"})
    scores = []
    for name in ("first", "again"):
        fit(small_classifier_config(epochs=2), splits, tmp_path / name, Console(file=io.StringIO()))
        scores.append(load_run(tmp_path / name).scores_of_lines([text for text, _ in LABELLED]))
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-4)


def test_a_preset_may_train_on_a_part(tmp_path):
    out = io.StringIO()
    fit(small_config(epochs=1, max_pairs=10), SPLITS, tmp_path / "part", Console(file=out, width=200))
    assert "this preset trains on 10 of the 32 pairs" in out.getvalue()
    assert "10 pairs, " in out.getvalue()


def test_a_stopped_training_keeps_its_best_weights(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(CONFIG, SPLITS, tmp_path / "run", Console(file=io.StringIO()), [Stop()])
    assert load_run(tmp_path / "run").translate_lines(["Click OK."])


def test_an_empty_split_is_named(tmp_path):
    with pytest.raises(DataError, match="valid: expected at least one row, got none"):
        fit(CONFIG, Splits(PAIRS, [], PAIRS), tmp_path / "run", Console(file=io.StringIO()))
    assert not (tmp_path / "run").exists()
