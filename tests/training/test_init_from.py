"""Training that starts from the vocabulary and weights of an earlier run."""

import io
import json

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from seqapp.errors import ConfigError, DataError, RunDirectoryError
from seqapp.run_directory import load_run, read_config, save_best, start_run
from tests.support.classification import LABELLED, small_classifier, small_classifier_config
from tests.support.tasks import PAIRS, small_config, small_language_model, small_masked_model, small_task
from training.commands import application
from training.data.splits import Splits
from training.init_from import initial_task
from training.trainer import fit
from training.training_spec import TrainingSpec

OTHER = {"source": ["Print the page."], "target": ["페이지를 인쇄합니다."]}


def written(path, task):
    start_run(path, task, {"corpus": "four"})
    save_best(path, task)
    return str(path)


@pytest.fixture(scope="module")
def translation(tmp_path_factory):
    return written(tmp_path_factory.mktemp("runs") / "translation", small_task(seed=3))


@pytest.fixture(scope="module")
def classification(tmp_path_factory):
    return written(tmp_path_factory.mktemp("runs") / "classification", small_classifier(seed=3))


@pytest.fixture(scope="module")
def language_models(tmp_path_factory):
    """Kind → run of a language model."""
    folder = tmp_path_factory.mktemp("runs")
    kinds = ("recurrent", "transformer", "ngram", "interpolated")
    return {kind: written(folder / kind, small_language_model(kind, seed=3)) for kind in kinds}


def language_model_config(kind, run, **model):
    config = small_language_model(kind).config
    training = config.training.with_changes(init_from=run)
    return config.with_changes(model=config.model.with_changes(**model), training=training)


def test_vocabulary_and_weights_are_those_of_the_run(translation):
    task = initial_task(small_config(init_from=translation, epochs=3), OTHER)
    trained = load_run(translation)
    assert task.subwords.model == trained.subwords.model
    for own, theirs in zip(task.model.get_weights(), trained.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, theirs)
    assert task.config.training.epochs == 3


def test_without_a_run_everything_is_new(translation):
    assert initial_task(small_config(), OTHER).subwords.model != load_run(translation).subwords.model


def test_a_classifier_keeps_its_labels_and_gets_a_new_linear_part(classification):
    examples = {"text": ["bad"], "label": ["부정"]}
    task = initial_task(small_classifier_config(init_from=classification), examples)
    assert task.labels.names == ("긍정 👍", "부정")
    assert not task.linear.table.numpy().any()
    assert float(task.calibration.linear_weight) == 0.0
    alone = small_classifier_config(linear=None, init_from=classification)
    assert initial_task(alone, examples).linear is None


def test_another_network_tokenizer_or_task_is_refused(translation, classification):
    with pytest.raises(ConfigError) as error:
        initial_task(small_config("transformer", init_from=translation), OTHER)
    message = str(error.value)
    assert f"--init-from: {translation} has another network or tokenizer: model.encoder.kind is " in message
    assert "'recurrent' there and 'transformer' here" in message
    other = small_config(init_from=translation)
    other = other.with_changes(subwords=other.subwords.with_changes(vocabulary_size=500))
    with pytest.raises(ConfigError, match=r"subwords\.vocabulary_size is 400 there and 500 here; give"):
        initial_task(other, OTHER)
    with pytest.raises(ConfigError, match="holds a classification model; expected a translation model"):
        initial_task(small_config(init_from=classification), OTHER)


def test_other_rates_of_dropout_are_no_other_network(translation):
    other = small_config(init_from=translation)
    encoder = other.model.encoder.with_changes(dropout=0.5)
    other = other.with_changes(model=other.model.with_changes(encoder=encoder))
    assert initial_task(other, OTHER).config.model.encoder.dropout == 0.5


def test_labels_that_the_run_does_not_have_are_refused(classification):
    examples = {"text": ["so so"], "label": ["neutral"]}
    with pytest.raises(DataError, match="'neutral' is not among the 2 labels"):
        initial_task(small_classifier_config(init_from=classification), examples)
    with pytest.raises(ConfigError, match=r"label separator: expected '', .* got '\|'"):
        initial_task(small_classifier_config("|", init_from=classification), {**examples, "label": ["부정"]})


def test_a_run_that_is_not_there(tmp_path):
    with pytest.raises(RunDirectoryError, match="is not a directory"):
        initial_task(small_config(init_from=str(tmp_path / "none")), OTHER)


def test_a_classifier_of_the_settings_of_a_language_model_starts_from_it(language_models):
    run = language_models["recurrent"]
    spec = TrainingSpec("classification", assignments=[f"training.init_from={run}", "linear=null"])
    task = initial_task(spec.config("tiny"), {"text": ["bad", "good"], "label": ["-", "+"]})
    trained = load_run(run)
    assert task.subwords.model == trained.subwords.model
    assert task.labels.names == ("+", "-")
    np.testing.assert_array_equal(task.model.embedding.embeddings, trained.model.embedding.embeddings)
    for own, theirs in zip(
        task.model.encoder.get_weights(), trained.model.stack[0].get_weights(), strict=True
    ):
        np.testing.assert_array_equal(own, theirs)


def test_a_classifier_of_other_settings_than_the_language_model_is_refused(language_models):
    run = language_models["transformer"]
    config = small_classifier_config(init_from=run)
    with pytest.raises(ConfigError) as error:
        initial_task(config, {"text": ["bad"], "label": ["-"]})
    message = str(error.value)
    assert f"--init-from: {run} has another network or tokenizer: model.read_bos is True there" in message
    assert "model.encoder.kind is 'causal_transformer' there and 'transformer' here" in message
    assert "model.encoder.context_tokens is 16 there and None here; leave these settings out" in message
    with pytest.raises(ConfigError, match=f"{language_models['ngram']} holds an n-gram model, which has no"):
        initial_task(small_classifier_config(init_from=language_models["ngram"]), {})


def test_tasks_that_a_training_cannot_start_from(language_models, classification):
    with pytest.raises(ConfigError, match=r"holds a language model, whose layers .* a classifier can start"):
        initial_task(small_config(init_from=language_models["recurrent"]), OTHER)
    config = language_model_config("recurrent", classification)
    with pytest.raises(ConfigError, match="a classification model; expected a language-modelling model"):
        initial_task(config, {"text": ["Save."]})


def test_language_models_of_one_kind_go_on(language_models):
    texts = {"text": ["Print the page."]}
    for kind in ("recurrent", "transformer"):
        task = initial_task(language_model_config(kind, language_models[kind], dropout=0.5), texts)
        for own, theirs in zip(
            task.model.get_weights(), load_run(language_models[kind]).model.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(own, theirs)
    with pytest.raises(ConfigError, match=r"model\.units is 12 there and 8 here; give the --preset"):
        initial_task(language_model_config("recurrent", language_models["recurrent"], units=8), texts)


def test_a_masked_language_model_goes_on_with_another_share_of_masked_words(tmp_path):
    trained = small_masked_model(seed=3)
    run = written(tmp_path / "masked", trained)
    config = trained.config.with_changes(
        model=trained.config.model.with_changes(mask_rate=0.3),
        training=trained.config.training.with_changes(init_from=run),
    )
    task = initial_task(config, {"text": ["Print the page."]})
    for own, theirs in zip(task.model.get_weights(), trained.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, theirs)


def test_an_ngram_model_takes_the_vocabulary_alone(language_models):
    run = language_models["ngram"]
    config = language_model_config("ngram", run, order=2, pruned=1)
    assert initial_task(config, {"text": ["Print."]}).subwords.model == load_run(run).subwords.model
    other = config.with_changes(subwords=config.subwords.with_changes(vocabulary_size=500))
    with pytest.raises(ConfigError, match=r"tokenizer: subwords\.vocabulary_size is 400 there and 500 here"):
        initial_task(other, {"text": ["Print."]})


@pytest.mark.parametrize(
    ("there", "here"), [("ngram", "recurrent"), ("recurrent", "ngram"), ("transformer", "recurrent")]
)
def test_language_models_of_different_kinds_are_refused_in_one_sentence(there, here, language_models):
    run = language_models[there]
    with pytest.raises(ConfigError) as error:
        initial_task(language_model_config(here, run), {"text": ["Print."]})
    assert str(error.value) == (
        f"--init-from: {run} holds a model of kind {there!r}; expected {here!r}, the model.kind of this "
        "training"
    )


@pytest.mark.slow
def test_the_command_continues_a_run_and_records_it(tmp_path):
    rows = "".join(f"{source}\t{target}\n" for source, target in PAIRS * 3)
    rows += "".join(f"Row {n}.\t행 {n}.\n" for n in range(60))
    (tmp_path / "pairs.tsv").write_text(rows, encoding="utf-8")
    first, second = tmp_path / "first", tmp_path / "second"
    arguments = ["fit", "--data", str(tmp_path / "pairs.tsv"), "--preset", "tiny", "--epochs"]
    for run, more in ((first, ["3"]), (second, ["1", "--init-from", str(first)])):
        result = CliRunner().invoke(application(), [*arguments, *more, "--run", str(run)])
        assert result.exit_code == 0, result.output
    assert read_config(second)["settings"]["training"]["init_from"] == str(first)
    assert (first / "assets/subwords.model").read_bytes() == (second / "assets/subwords.model").read_bytes()
    tables = [(run / "history.csv").read_text().splitlines() for run in (first, second)]
    losses = [float(table[1].split(",")[1]) for table in tables]
    assert losses[1] < losses[0]
    assert {"test", "baseline", "best_epoch"} <= set(json.loads((second / "metrics.json").read_text()))


@pytest.mark.slow
def test_the_linear_part_is_fitted_anew(classification, tmp_path):
    splits = Splits(train=LABELLED * 4, valid=LABELLED, test=LABELLED, provenance={})
    config = small_classifier_config(init_from=classification, epochs=1)
    fit(config, splits, tmp_path / "run", Console(file=io.StringIO()))
    assert load_run(tmp_path / "run").linear.table.numpy().any()
