"""Trainings on documents: from the command line, stopped and continued, and what is refused."""

import csv
import io
import json

import keras
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from seqapp.errors import ConfigError, DataError
from seqapp.run_directory import load_run
from tests.support.tasks import TEXTS, small_language_model
from training.checkpoint import read_checkpoint
from training.commands import application
from training.data.splits import Splits
from training.tasks.registry import chapter_of, preset
from training.trainer import fit

CHAPTER = chapter_of("language-modelling")
DOCUMENTS = [(" ".join(TEXTS[number:] + TEXTS * 2),) for number in range(4)] + [(TEXTS[0],)]
SPLITS = Splits(train=DOCUMENTS, valid=DOCUMENTS[:2], test=DOCUMENTS[2:4], provenance={"corpus": "five"})


def invoke(*arguments, **options):
    return CliRunner().invoke(application(), [str(one) for one in arguments], **options)


def quiet():
    return Console(file=io.StringIO(), width=200)


def write_shards(directory):
    """Two shards of 12 documents of two lines each."""
    for shard in range(2):
        numbers = range(shard * 12, shard * 12 + 12)
        pages = (f"Page {number}.\nOpen the document {number}.\n" for number in numbers)
        (directory / f"part-{shard}.txt").write_text("\n".join(pages), encoding="utf-8")
    return directory / "part-*.txt"


class StopAt(keras.callbacks.Callback):
    """Ctrl-C after the second batch of the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (1, 1):
            raise KeyboardInterrupt


def history(run):
    with (run / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [{name: row[name] for name in row if "second" not in name} for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["recurrent", "transformer"])
def test_a_training_that_is_stopped_within_a_document_gives_the_same_as_one_that_is_not(tmp_path, kind):
    config = small_language_model(kind).config
    training = config.training.with_changes(epochs=2, learning_rate=0.02, batch_tokens=48)
    config = config.with_changes(texts="documents", training=training)
    out = io.StringIO()
    metrics = fit(config, SPLITS, tmp_path / "whole", Console(file=out, width=200))
    assert "5 documents, " in out.getvalue()
    stopped = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt, match=r"goes on from epoch 2, step 3$"):
        fit(config, SPLITS, stopped, quiet(), [StopAt()], checkpoint_minutes=0.0)
    assert read_checkpoint(stopped).state.step == 2
    fit(config, SPLITS, stopped, quiet())
    assert history(stopped) == history(tmp_path / "whole")
    weights = [load_run(run).model.get_weights() for run in (stopped, tmp_path / "whole")]
    assert all(map(np.array_equal, *weights))
    # The network alone is in the run, and scores whole documents.
    task = load_run(stopped)
    found = task.scores_of([text for (text,) in SPLITS.test])
    assert found.tokens.min() > 2 * config.limits.text_tokens
    assert found.bits_per_byte == pytest.approx(metrics["test"]["bits_per_byte"], abs=1e-3)


@pytest.mark.slow
def test_shards_are_trained_on_from_the_command_line(tmp_path):
    data, run = write_shards(tmp_path), tmp_path / "run"
    words = ["--task", "language-modelling", "--preset", "ngram", "--documents", "--data", data, "--run", run]
    done = invoke("fit", *words, "--set", "subwords.vocabulary_size=300")
    assert done.exit_code == 0, done.output
    for line in (
        "2 files: 70 lines read, 24 documents kept",
        "  plain text, documents separated by empty lines",
        "  train 22, valid 1, test 1",
    ):
        assert line in done.output.splitlines()
    assert "22 documents, " in done.output
    assert "(1 documents)" in done.output
    settings = json.loads((run / "config.json").read_text())["settings"]
    assert settings["texts"] == "documents"
    # The run reads documents, without an option.
    scores = invoke("evaluate", "--run", run, "--data", "-", "--baseline", input="One.\nTwo.\n\nThree.\n")
    assert scores.exit_code == 0, scores.output
    assert json.loads(scores.output.splitlines()[-1])["texts"] == 2


def test_inspection_counts_documents(tmp_path):
    data = write_shards(tmp_path)
    shown = invoke("inspect-data", data, "--documents").output.splitlines()
    assert shown[0] == "task: language-modelling (--documents; --task is not given)"
    assert "2 files: 70 lines read, 24 documents kept" in shown
    assert "split: train 22, valid 1, test 1" in shown
    # Nothing is cut.
    assert not any("limits of the presets" in line for line in shown)
    (tmp_path / "one.txt").write_text("One document.\nOf two lines.\n")
    assert "fit would refuse these data" in invoke("inspect-data", tmp_path / "one.txt", "--documents").output


def test_option_and_setting_are_one():
    config = preset("language-modelling", "base")
    documents = CHAPTER.configure(config, {"documents": True})
    assert documents.texts == "documents"
    assert CHAPTER.options_of(documents) == {"documents": True}
    assert CHAPTER.configure(config, {}) == config
    assert CHAPTER.options_of(config) == {}
    assert CHAPTER.name_parts({"documents": True}) == ["documents"]


def test_several_workers_are_refused():
    networks, ngrams = (
        CHAPTER.configure(preset("language-modelling", name), {"documents": True})
        for name in ("base", "ngram")
    )
    with pytest.raises(ConfigError, match=r"--workers must be 1 with texts=documents, since the states"):
        CHAPTER.check_workers(networks)
    CHAPTER.check_workers(ngrams)
    CHAPTER.check_workers(preset("language-modelling", "base"))


def test_one_document_is_refused(tmp_path):
    (tmp_path / "one.txt").write_text("One document.\nOf two lines.\n")
    words = ["--task", "language-modelling", "--documents", "--data", tmp_path / "one.txt"]
    refused = invoke("fit", *words, "--run", tmp_path / "run")
    assert isinstance(refused.exception, DataError)
    assert "1 distinct documents are left for training; at least 3 are needed" in str(refused.exception)


def test_workers_and_documents_on_the_command_line(tmp_path):
    words = ["--task", "language-modelling", "--documents", "--data", write_shards(tmp_path)]
    refused = invoke("fit", *words, "--run", tmp_path / "run", "--workers", "2")
    assert "--workers must be 1 with texts=documents" in str(refused.exception)
