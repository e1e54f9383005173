"""`--init-from` with language models."""

import numpy as np
import pytest

from seqapp.errors import ConfigError
from seqapp.run_directory import save_best, start_run
from tests.support.tasks import TEXTS, small_language_model
from training.init_from import initial_task

OTHER = {"text": ["Print the page."]}
TASKS = {kind: small_language_model(kind, seed=3) for kind in ("recurrent", "ngram", "interpolated")}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    base = tmp_path_factory.mktemp("runs")
    for kind, task in TASKS.items():
        start_run(base / kind, task, {"corpus": "eight"})
        save_best(base / kind, task)
    return base


def begun(kind, run, **model):
    """The first task of a training of a kind of model that starts from a run."""
    config = TASKS[kind].config
    training = config.training.with_changes(init_from=str(run))
    return initial_task(
        config.with_changes(training=training, model=config.model.with_changes(**model)), OTHER
    )


def test_a_network_has_the_vocabulary_and_weights_of_the_run(runs):
    task = begun("recurrent", runs / "recurrent", dropout=0.5)
    assert task.subwords.model == TASKS["recurrent"].subwords.model
    for own, theirs in zip(task.model.get_weights(), TASKS["recurrent"].model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, theirs)
    assert task.config.model.dropout == 0.5


def test_an_ngram_model_has_the_vocabulary_alone(runs):
    task = begun("ngram", runs / "ngram")
    assert task.subwords.model == TASKS["ngram"].subwords.model
    # Nothing is counted yet: all tokens are equally probable.
    none, counted = (one.scores_of(TEXTS[:1]).log_probabilities[0] for one in (task, TASKS["ngram"]))
    tokens = task.scores_of(TEXTS[:1]).tokens[0]
    assert none == pytest.approx(-tokens * np.log(task.subwords.size - 2), rel=1e-4)
    assert none < counted


def test_ngrams_beside_a_network_are_counted_anew(runs):
    task = begun("interpolated", runs / "interpolated")
    assert float(task.interpolation.network) == 1.0
    bits = task.scores_of(TEXTS).bits_per_byte
    network = begun("recurrent", runs / "recurrent")
    assert bits == pytest.approx(network.scores_of(TEXTS).bits_per_byte, rel=1e-4)


def test_another_network_is_refused(runs):
    with pytest.raises(ConfigError, match=r"another network or tokenizer: model\.units is 12 there and 16"):
        begun("recurrent", runs / "recurrent", units=16)
