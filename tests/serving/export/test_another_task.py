"""A task that nothing in the project knows goes through the same gates."""

from typing import ClassVar

import keras
import pytest
import tensorflow as tf

from seqapp.config import TaskConfig
from seqapp.features import Text
from seqapp.signatures import Input, Output, signature
from seqapp.tasks.base import Task
from serving.export.description import read_description, write_description
from serving.export.parity import check_parity
from serving.export.preflight import check_operations
from serving.export.samples import EDGE_CASE_TEXTS, of_texts
from serving.export.saved_model import write_saved_model
from serving.export.warmup import write_warmup_requests


class Bias(tf.Module):
    """An asset with a variable and a table."""

    file_name = "bias"

    def __init__(self):
        super().__init__()
        self.value = tf.Variable(0.25)
        words = tf.lookup.KeyValueTensorInitializer([b"", b"   "], [1.0, 2.0])
        self.table = tf.lookup.StaticHashTable(words, 3.0)

    def tracked(self):
        return [self.table]


class Lengths(Task):
    """The bytes of a remark, weighed."""

    name = "lengths"
    config_class = TaskConfig
    features = (Text("remark", "any text"),)
    asset_classes: ClassVar = {"bias": Bias}

    def __init__(self):
        self.config = TaskConfig(task="lengths")
        self.bias = Bias()
        self.model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    @classmethod
    def from_examples(cls, config, examples):
        return cls()

    def encode(self, examples):
        return {"length": tf.cast(tf.strings.length(examples["remark"]), tf.float32)[:, tf.newaxis]}

    @signature(
        "serving_default",
        {
            "words": Input("string", "the text", feature="remark"),
            "factor": Input("float32", "of the answer", default=1.0, samples=(1.0, 2.0)),
        },
        {"weight": Output("float32", "B", "the answer")},
        answer="weight",
    )
    def weigh(self, words, factor):
        weight = self.model(self.encode({"remark": words})["length"])[:, 0]
        return {"weight": factor * (weight + self.bias.value + self.bias.table.lookup(words))}


@pytest.mark.slow
def test_all_gates(tmp_path):
    task = Lengths()
    write_saved_model(task, tmp_path / "1")
    write_description(tmp_path / "1", task, check_operations(tmp_path / "1"))
    samples = of_texts(EDGE_CASE_TEXTS, task.features)
    assert check_parity(task, tmp_path / "1", samples) == len(EDGE_CASE_TEXTS)
    assert write_warmup_requests(tmp_path / "1", task.signatures(), samples) == 9
    assert read_description(tmp_path / "1").features == task.features
