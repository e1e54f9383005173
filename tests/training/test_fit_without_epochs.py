import io
import math
import time

import pytest
from rich.console import Console

from seqapp.errors import DataError
from seqapp.run_directory import load_run, start_run
from tests.support.tasks import TEXTS, small_language_model
from training.data.splits import Splits
from training.epochs import Means
from training.event_files import EventFiles
from training.fit_without_epochs import fit_without_epochs, given_without_effect
from training.stop_message import StopMessage
from training.tasks.language_modelling.recipe import LanguageModellingRecipe
from training.trainer import fit
from training.workers.workers import RankZero

ROWS = [(text,) for text in TEXTS]
SPLITS = Splits(train=ROWS, valid=ROWS, test=ROWS, provenance={"corpus": "eight sentences"})


def console():
    return Console(file=io.StringIO(), width=200)


def means_of(run, **changes):
    return Means(run, console(), StopMessage(run, run), time.monotonic(), **changes)


def longer(config, **training):
    return config.with_changes(training=config.training.with_changes(**training))


def test_the_fitted_model_is_in_the_run(tmp_path):
    task = small_language_model("ngram", texts=["a b c"])
    start_run(tmp_path, task, {})
    means = means_of(tmp_path)
    seconds = fit_without_epochs(LanguageModellingRecipe(task), [("a b",)] * 2 + [("a c",)], ROWS, means)
    assert 0 < seconds < 60
    *_, size, counted = means.console.file.getvalue().splitlines()
    assert size.startswith("3 texts, ")
    assert " n-grams of orders 1 to 5 in 0 s" in counted
    loaded = load_run(tmp_path)
    often, seldom = loaded.scores_of(["a b", "a c"]).log_probabilities
    assert seldom < often < 0
    assert often == pytest.approx(task.scores_of(["a b"]).log_probabilities[0])


def test_no_rows(tmp_path):
    recipe = LanguageModellingRecipe(small_language_model("ngram"))
    with pytest.raises(DataError, match="expected at least one text, got none"):
        fit_without_epochs(recipe, [], ROWS, means_of(tmp_path))


def test_what_has_no_effect_is_named(tmp_path):
    config = small_language_model("ngram").config
    plain = longer(config, batch_tokens=1024)
    assert given_without_effect(longer(plain, seed=7, max_examples=3), means_of(tmp_path)) == []
    assert given_without_effect(longer(plain, epochs=3, minutes=2.0), means_of(tmp_path)) == [
        "training.epochs",
        "training.minutes",
    ]
    given = means_of(
        tmp_path, callbacks=[EventFiles(tmp_path)], checkpoint_minutes=1.0, workers=RankZero(None)
    )
    options = ["--tensorboard", "--checkpoint-minutes", "--workers"]
    assert given_without_effect(plain, given) == options


def test_other_epochs_do_not_make_another_training(tmp_path):
    config, run, first = small_language_model("ngram").config, tmp_path / "run", console()
    metrics = fit(config, SPLITS, run, first)
    note = "note: the model has no epochs, so these have no effect: "
    assert f"\n{note}training.batch_tokens\n" in f"\n{first.file.getvalue()}"
    assert metrics["test"]["bits_per_byte"] < metrics["baseline"]["bits_per_byte"] < math.inf
    again = console()
    assert fit(longer(config, epochs=3), SPLITS, run, again) == metrics
    assert again.file.getvalue() == f"{run} is already trained with these settings and rows; it is kept\n"
