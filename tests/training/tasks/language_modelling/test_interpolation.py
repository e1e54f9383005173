import io
import json

import numpy as np
import pytest
from rich.console import Console

from seqapp.config import NgramLanguageModelConfig
from seqapp.errors import RunDirectoryError
from seqapp.run_directory import load_run, start_run
from tests.support.tasks import TEXTS, small_language_model
from training.data.splits import Splits
from training.settings.assignments import parse_assignments
from training.settings.changes import changed
from training.tasks.language_modelling.recipe import LanguageModellingRecipe
from training.tasks.registry import preset
from training.trainer import fit

ROWS = [(text,) for text in TEXTS]


def test_ngrams_are_counted_first_and_weighted_last(tmp_path):
    task, out = small_language_model("interpolated"), io.StringIO()
    recipe, console = LanguageModellingRecipe(task), Console(file=out, width=200)
    start_run(tmp_path / "run", task, {})
    task.interpolation.assign(1.0)
    recipe.prepare(ROWS, ROWS, console)
    assert "n-grams of orders 1 to 5" in out.getvalue()
    # Validation scores are those of the network, whatever the weight.
    scores = recipe.validate(ROWS)
    alone = scores().scores["validation_bits_per_byte"]
    assert recipe.score(ROWS)["bits_per_byte"] == pytest.approx(alone, rel=1e-5)
    recipe.finish(ROWS, tmp_path / "run", console)
    weight = json.loads((tmp_path / "run/assets/interpolation.json").read_text())["network_weight"]
    assert f"interpolation fitted: network {weight:.2f}, n-gram model {1 - weight:.2f}" in out.getvalue()
    assert scores().scores["validation_bits_per_byte"] == pytest.approx(alone, rel=1e-6)
    assert recipe.score(ROWS)["bits_per_byte"] < alone


def test_the_setting_by_its_name():
    config = preset("language-modelling", "tiny")
    assert config.ngrams is None
    found = changed(config, parse_assignments(["ngrams.order=3"], type(config)))
    assert found.ngrams == NgramLanguageModelConfig(order=3)
    assert changed(found, parse_assignments(["ngrams=null"], type(config))) == config


@pytest.mark.slow
def test_a_run_keeps_the_weight(tmp_path):
    config = small_language_model("interpolated").config
    config = config.with_changes(training=config.training.with_changes(epochs=2, learning_rate=0.02))
    splits = Splits(train=ROWS * 4, valid=ROWS, test=ROWS, provenance={"corpus": "eight sentences"})
    run = tmp_path / "run"
    metrics = fit(config, splits, run, Console(file=io.StringIO()))
    task = load_run(run)
    assert 0 < float(task.interpolation.network) < 1
    found = LanguageModellingRecipe(task).score(ROWS)
    assert found["bits_per_byte"] == metrics["test"]["bits_per_byte"] < metrics["validation_bits_per_byte"]
    # Exported graphs read the same variables.
    np.testing.assert_allclose(
        task.answers_of(TEXTS, "score")["log_probability"],
        task.scores_of(TEXTS).log_probabilities,
        rtol=1e-5,
    )
    longer = config.with_changes(training=config.training.with_changes(epochs=4))
    fit(longer, splits, run, Console(file=io.StringIO()))
    assert float(load_run(run).interpolation.network) != float(task.interpolation.network)
    (run / "assets/interpolation.json").write_text("{}")
    with pytest.raises(RunDirectoryError, match=r"interpolation\.json does not hold a network_weight"):
        load_run(run)
