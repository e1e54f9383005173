"""A third task, in this one file: trained, exported, served and asked by what is there for any task.

A tagger: each number of a text gets a tag that says how it stands to the number before it.
"""

import json
import random
import time
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal

import keras
import numpy as np
import pytest
import tensorflow as tf
from typer.testing import CliRunner

from seqapp.config import Count, FitConfig, TaskConfig
from seqapp.errors import SeqAppError
from seqapp.features import Feature, Text
from seqapp.run_directory import load_run
from seqapp.signatures import Input, Output, signature
from seqapp.tasks import registry as tasks
from seqapp.tasks.base import Task
from seqapp.tasks.rows import of_any_batch
from seqapp.text.labels import Labels
from serving.client import Client
from serving.client.transport import InputTensor
from serving.export.description import read_description
from serving.export.export_run import export_run
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from training.commands import application
from training.data.batching import BatchPlan
from training.data.data_reader import ReadOptions, read_data
from training.data.pipeline import Batches, dataset_from_plan, encoded, padded
from training.data.row_kind import RowKind
from training.data.splits import Splits, split_at_random
from training.tasks import registry as chapters
from training.tasks.chapter import Chapter, Option
from training.tasks.recipe import ProgressLabels, Recipe, Validation

pytestmark = pytest.mark.slow

# --- seqapp: the task ----------------------------------------------------------------------------


class Tags(Feature):
    """A tag for each word, blanks between them."""


class TaggingConfig(TaskConfig):
    """Everything that a tagging run is made of."""

    task: Literal["tagging"] = "tagging"
    units: Count = 32
    words: Count = 12  # read of a text, the rest is cut
    training: FitConfig = FitConfig(epochs=12, batch_tokens=256, learning_rate=2e-2)


class Words:
    """The words that training saw; 0 is padding, 1 any other word."""

    file_name: ClassVar[str] = "words.json"

    def __init__(self, words):
        self.words = list(words)
        ids = tf.range(2, 2 + len(self.words))
        initializer = tf.lookup.KeyValueTensorInitializer(tf.constant(self.words), ids)
        self.table = tf.lookup.StaticHashTable(initializer, default_value=1)

    def save(self, path):
        path.write_text(json.dumps(self.words), encoding="utf-8")

    @classmethod
    def load(cls, path):
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def tracked(self):
        return [self.table]


class Tagger(keras.Model):
    """Scores of every tag for every word."""

    def __init__(self, words, tags, units):
        super().__init__(name="tagger")
        self.embedding = keras.layers.Embedding(words, units)
        self.recurrent = keras.layers.GRU(units, return_sequences=True)
        self.scores = keras.layers.Dense(tags)
        self.build((None, None))

    def build(self, input_shape):
        units = self.embedding.output_dim
        self.embedding.build(input_shape)
        self.recurrent.build((None, None, units))
        self.scores.build((None, None, units))
        self.built = True

    def call(self, ids, training=False):
        """int32 [B, W] → float32 [B, W, tags]."""
        vectors = self.recurrent(self.embedding(ids), mask=ids > 0, training=training)
        return self.scores(vectors)


TEXT = {"text": Input("string", "words, blanks between them", feature="words")}


class TaggingTask(Task):
    """A tagger together with its text."""

    name = "tagging"
    config_class = TaggingConfig
    features = (Text("words", "words"), Tags("tags", "their tags"))
    asset_classes: ClassVar = {"words": Words, "tags": Labels}

    def __init__(self, config, words, tags):
        self.config = config
        self.words = words
        self.tags = tags
        self.model = Tagger(2 + len(words.words), len(tags), config.units)

    @classmethod
    def from_examples(cls, config, examples):
        words = sorted({word for text in examples["words"] for word in text.split()})
        return cls(config, Words(words), Labels.from_column(examples["tags"], " "))

    def encode(self, examples):
        """``words`` and ``tags`` ragged int32 [B, (W)], ``truncated`` bool[B]."""
        split = tf.strings.split(examples["words"])
        found = {
            "words": tf.ragged.map_flat_values(self.words.table.lookup, split[:, : self.config.words]),
            "truncated": split.row_lengths() > self.config.words,
        }
        if "tags" in examples:
            cells = [cell.decode().split()[: self.config.words] for cell in examples["tags"].numpy()]
            found["tags"] = tf.ragged.constant(
                [[self.tags.names.index(tag) for tag in cell] for cell in cells], tf.int32
            )
        return found

    @signature(
        "serving_default",
        TEXT,
        {
            "tags": Output("string", "B", "a tag for each word, blanks between them"),
            "truncated": Output("bool", "B", "the text was cut: longer than the model reads"),
        },
        answer="tags",
    )
    @of_any_batch
    def tag(self, text):
        """string[B] → the most probable tag of each word."""
        scores, lengths, truncated = self._scores(text)
        names = self.tags.names_of(tf.argmax(scores, axis=2))
        ragged = tf.RaggedTensor.from_tensor(names, lengths=lengths)
        return {"tags": tf.strings.reduce_join(ragged, axis=1, separator=" "), "truncated": truncated}

    @signature(
        "certainty",
        {**TEXT, "temperature": Input("float32", "1: the model's own", default=1.0, samples=(1.0, 2.0))},
        {"certainty": Output("float32", "B, W", "probability of the tag of each word; 0 in padding")},
        answer="certainty",
    )
    @of_any_batch
    def certainty(self, text, temperature):
        """string[B] → how sure the model is of each tag."""
        scores, lengths, _ = self._scores(text)
        probabilities = tf.nn.softmax(scores / tf.maximum(temperature, 0.01)[:, tf.newaxis, tf.newaxis])
        read = tf.sequence_mask(lengths, self.config.words, tf.float32)
        return {"certainty": read * tf.reduce_max(probabilities, axis=2)}

    def _scores(self, text):
        found = self.encode({"words": text})
        ids = found["words"].to_tensor(shape=[None, self.config.words])
        return self.model(ids), found["words"].row_lengths(), found["truncated"]


# --- training: its chapter and its recipe --------------------------------------------------------

TABLE = RowKind(("words", "tags"), "one text per row, words and tags with a tab between them.")


class TaggingChapter(Chapter):
    """See `Chapter`."""

    task = "tagging"
    columns = ("words", "tags")
    presets: ClassVar = {"base": TaggingConfig(), "tiny": TaggingConfig(units=8)}
    answer = "tag"
    answer_help = "its tags"
    options = (Option("longest", "words that are read of a text"),)

    def configure(self, config, options):
        return config.with_changes(words=int(options["longest"])) if options.get("longest") else config

    def name_parts(self, options):
        return [f"{options['longest']}-words"] if options.get("longest") else []

    def load_own(self, files, options, seed):
        rows, report = self.read_rows(files.data, None, options)
        parts = split_at_random(rows, 0.1, 0.1, seed)
        return Splits(*parts, provenance={"file": str(files.data)}, report=report.lines())

    def read_rows(self, files, config, options, clean=False):
        columns = {name: options.get(f"{name}_column") for name in self.columns}
        return read_data(files, TABLE, ReadOptions(columns))

    def recipe(self, task):
        return TaggingRecipe(task)


class TaggingRecipe(Recipe):
    """See `Recipe`. The best epoch is that of the most texts whose tags are all right."""

    baseline = "most frequent"
    progress_labels = ProgressLabels(
        "tag_accuracy", "validation_exact", "exact {:.3f}", "words", "validation_exact"
    )

    def make_batches(self, rows, training):
        columns, settings = encoded(self.task, rows), self.task.config.training
        lengths = columns["words"].row_lengths().numpy()
        plan = BatchPlan(
            lengths,
            lengths,
            settings.batch_tokens,
            settings.bucket_width,
            settings.seed if training else None,
        )

        def batch(epoch, chosen):
            ids = padded(tf.gather(columns["words"], chosen), settings.bucket_width)
            tags = padded(tf.gather(columns["tags"], chosen), settings.bucket_width)
            return ids, tags, tf.cast(ids > 0, tf.float32)

        too_long = int(columns["truncated"].numpy().sum())
        return Batches(dataset_from_plan(plan, batch), len(plan), int(lengths.sum()), len(rows), too_long)

    def units_per_epoch(self, batches):
        return batches.tokens

    def summary(self, train):
        return f"{train.examples:,} texts of {len(self.task.tags)} tags, {train.too_long:,} cut"

    def loss(self):
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def metric(self):
        return keras.metrics.SparseCategoricalAccuracy(name="tag_accuracy")

    def validate(self, rows):
        return lambda: Validation({"validation_exact": self.score(rows)["exact"]}, self.samples(rows[:2]))

    def score(self, rows):
        began = time.monotonic()
        found, _ = self.answers([row[0] for row in rows])
        return {**_scores(found, rows), "seconds": round(time.monotonic() - began, 2)}

    def score_baseline(self, training, validation, rows):
        counts = defaultdict(Counter)
        for text, tags in training:
            for word, tag in zip(text.split(), tags.split(), strict=True):
                counts[word][tag] += 1
        usual = {word: tags.most_common(1)[0][0] for word, tags in counts.items()}
        found = [" ".join(usual.get(word, "level") for word in row[0].split()) for row in rows]
        return {"name": self.baseline, **_scores(found, rows)}

    def score_line(self, scores):
        return f"exact {scores['exact']:.1%}  ({scores['texts']:,} texts)"

    def samples(self, rows):
        found, _ = self.answers([row[0] for row in rows])
        return [f"{row[0]}\n      → {tags}" for row, tags in zip(rows, found, strict=True)]

    def answers(self, lines):
        found = self.task.answers_of(lines)
        return [tags.decode() for tags in found["tags"]], list(map(bool, found["truncated"]))


def _scores(found, rows):
    exact = sum(tags == row[1] for tags, row in zip(found, rows, strict=True))
    return {"exact": exact / len(rows), "texts": len(rows)}


# --- the way from a file to a reply --------------------------------------------------------------


def tags_of(numbers):
    """The tags by rule: what the model shall find out."""
    tags = ["first"]
    for before, number in pairwise(numbers):
        tags.append("rises" if number > before else "falls" if number < before else "level")
    return " ".join(tags[: len(numbers)])


def texts(count, seed):
    """`count` different texts of 2 to 10 digits with their tags."""
    generator, rows = random.Random(seed), {}
    while len(rows) < count:
        numbers = [generator.randrange(10) for _ in range(generator.randint(2, 10))]
        rows[" ".join(map(str, numbers))] = tags_of(numbers)
    return list(rows.items())


@pytest.fixture(scope="module", autouse=True)
def registered():
    """The task is known to both registries, and to no other test."""
    tasks.register(TaggingTask)
    chapters.register(TaggingChapter())
    yield
    tasks._TASKS.pop("tagging")
    chapters.CHAPTERS.pop("tagging")


def invoke(*arguments, **options):
    return CliRunner().invoke(application(), list(map(str, arguments)), **options)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("numbers") / "numbers.csv"
    lines = (f"{number},{text},{tags}" for number, (text, tags) in enumerate(texts(1500, seed=1)))
    path.write_text("\n".join(["id,numbers,tags", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(data):
    """A run of the command that trains any task, and what it printed."""
    run = data.parent / "run"
    named = ["--words-column", "numbers", "--longest", 10, "--run", run]
    result = invoke("fit", "--task", "tagging", "--data", data, *named)
    assert result.exit_code == 0, result.output
    return run, result.output


@pytest.fixture(scope="module")
def version(trained):
    return export_run(trained[0], trained[0].parent / "models" / "tagging")


@pytest.fixture(scope="module")
def server(version):
    options = ServerOptions([ModelConfig("tagging", str(version.parent))], grpc_port=0, rest_port=0)
    with EmbeddedServer(options) as running:
        yield running


@pytest.fixture(scope="module")
def addresses(server):
    return {"grpc": server.grpc_address, "rest": f"http://{server.rest_address}"}


def test_the_trainer_trains_it(trained):
    run, output = trained
    assert "1,500 rows kept" in output
    assert "words/s" in output
    assert "held-out test  exact " in output
    assert "most frequent train" in output
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test"]["exact"] >= 0.95
    assert metrics["baseline"]["exact"] < 0.3
    assert metrics["words_per_second"] > 0
    assert (run / "history.csv").read_text().startswith("epoch,loss,tag_accuracy,")
    assert (run / "learning_curve.png").stat().st_size > 0
    assert json.loads((run / "config.json").read_text())["settings"]["words"] == 10
    assert (run / "assets" / "words.json").exists()
    assert len(load_run(run).tags) == 4


def test_the_commands_know_it(trained, data):
    run = trained[0]
    assert "--longest" in invoke("fit", "--help", env={"COLUMNS": "200"}).output
    named = invoke("run-directory", "--task", "tagging", "--data", data, "--longest", "10").output
    assert named.startswith("runs/tagging-numbers-")
    assert named.endswith("-10-words-base\n")
    scores = json.loads(invoke("evaluate", "--run", run, "--baseline").output.splitlines()[-1])
    assert scores["exact"] >= 0.95
    assert scores["baseline"]["name"] == "most frequent"
    answered = invoke("tag", "--run", run, input=b"1 2 2 1\n\n" + b"1 " * 11)
    assert answered.stdout.splitlines()[:2] == ["first rises level falls", ""]
    assert answered.stderr.startswith("note: 1 of 3 texts were longer")
    refused = invoke("fit", "--task", "tagging")
    assert isinstance(refused.exception, SeqAppError)
    assert "there is no built-in corpus for tagging" in str(refused.exception)
    again = invoke("fit", "--task", "tagging", "--data", data, "--words-column", "numbers", "--run", run)
    assert "words: 10 there, 12 now" in str(again.exception)


def test_the_export_says_what_it_is(version):
    description = read_description(version)
    assert description.task == "tagging"
    assert list(description.signatures) == ["serving_default", "certainty"]
    assert [feature.name for feature in description.features] == ["words", "tags"]


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_the_client_learns_from_the_server_what_it_is(wire, addresses):
    with Client(addresses[wire], model="tagging") as client:
        metadata = client.metadata()
    assert set(metadata) >= {"serving_default", "certainty"}
    assert {name: str(info) for name, info in metadata["certainty"].inputs.items()} == {
        "text": "string[?]",
        "temperature": "float32[?]",
    }
    assert set(metadata["serving_default"].outputs) == {"tags", "truncated"}


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_unseen_texts_are_tagged(wire, addresses):
    unseen = texts(300, seed=2)
    with Client(addresses[wire], model="tagging") as client:
        found = client.predict({"text": InputTensor("string", [text for text, _ in unseen])})
        columns = {
            "text": InputTensor("string", ["1 2 3", "9"]),
            "temperature": InputTensor("float32", [1.0, 1.0]),
        }
        # REST does not name the only output.
        (certainty,) = client.predict(columns, signature="certainty").values()
    right = sum(tags == wanted for tags, (_, wanted) in zip(found["tags"], unseen, strict=True))
    assert right / len(unseen) >= 0.95
    assert not any(found["truncated"])
    assert (np.array(certainty) > 0).sum(axis=1).tolist() == [3, 1]


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_query_asks_it(wire, addresses, capsys):
    from serving.client.query import main

    assert main(["--model", "tagging", f"--{wire}", addresses[wire], "3 3 7"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row == {"tags": "first level rises", "truncated": False}


def test_this_file_is_all_there_is():
    root = Path(__file__).parents[2]
    for package in ("seqapp", "training", "serving"):
        for path in (root / package).rglob("*.py"):
            assert "tagging" not in path.read_text(encoding="utf-8").lower(), path
