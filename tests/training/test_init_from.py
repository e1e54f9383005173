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
from tests.support.tasks import PAIRS, small_config, small_task
from training.commands import application
from training.data.splits import Splits
from training.init_from import initial_task
from training.trainer import fit

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
