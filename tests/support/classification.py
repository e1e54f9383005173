"""Small classifiers to test with."""

import random

import numpy as np

from seqapp.config import (
    ClassificationConfig,
    ClassificationFitConfig,
    ClassificationLimits,
    ClassifierConfig,
    LinearConfig,
    NgramEmbeddingConfig,
    SubwordsConfig,
)
from seqapp.tasks.classification import ClassificationTask
from tests.support.tasks import small_encoder

LABELLED = [
    ("정말 재미있는 영화", "긍정 👍"),
    ("시간이 아깝다", "부정"),
    ("a good film", "긍정 👍"),
    ("bad and boring 😡", "부정"),
]
LINEAR = LinearConfig(longest=3, buckets=128)


def small_classifier_config(
    label_separator: str = "", encoder: str = "transformer", linear: LinearConfig | None = LINEAR, **training
) -> ClassificationConfig:
    """Of a classifier that reads 24 ids."""
    return ClassificationConfig(
        language="ko",
        label_separator=label_separator,
        subwords=SubwordsConfig(vocabulary_size=400),
        model=ClassifierConfig(
            embedding_size=8,
            ngrams=NgramEmbeddingConfig(longest=2, buckets=64),
            encoder=small_encoder(encoder),
            dropout=0.1,
        ),
        linear=linear,
        limits=ClassificationLimits(ids=24),
        training=ClassificationFitConfig(**{"batch_tokens": 64, **training}),
    )


def small_classifier(
    seed: int = 1, labelled: list[tuple[str, str]] = LABELLED, **settings
) -> ClassificationTask:
    """A task with random weights, the same for the same seed; its linear model has none yet."""
    random.seed(seed)
    texts, labels = zip(*labelled, strict=True)
    return ClassificationTask.from_examples(
        small_classifier_config(**settings), {"text": texts, "label": labels}
    )


def with_linear(task: ClassificationTask, seed: int = 1) -> ClassificationTask:
    """The task, its linear model filled with random weights and counting half, its temperature 2."""
    draw = np.random.default_rng(seed)
    linear = task.linear
    assert linear is not None
    rows, classes = linear.buckets, linear.classes
    linear.assign(
        np.arange(rows), draw.uniform(1, 2, rows), draw.normal(size=(rows, classes)), [0.5] * classes
    )
    task.calibration.assign(temperature=2.0, linear_weight=0.5, network_weight=0.75)
    return task
