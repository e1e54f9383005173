"""A third task, declared in this one file: its configuration, network, signatures, chapter and recipe.

A tagger: each number of a text gets a tag that says how it stands to the number before it.
"""

import json
import time
from collections import Counter, defaultdict
from typing import ClassVar, Literal

import keras
import tensorflow as tf

from seqapp.config import Count, FitConfig, TaskConfig
from seqapp.features import Feature, Text
from seqapp.signatures import Input, Output, signature
from seqapp.tasks.base import Task
from seqapp.tasks.rows import of_any_batch
from seqapp.text.labels import Labels
from training.data.batching import BatchPlan
from training.data.data_reader import ReadOptions, read_data
from training.data.pipeline import Batches, dataset_from_plan, encoded, padded
from training.data.row_kind import RowKind
from training.data.splits import Splits, split_at_random
from training.tasks.chapter import Chapter, Option
from training.tasks.recipe import ProgressLabels, Recipe, Validation

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
