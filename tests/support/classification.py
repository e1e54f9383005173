"""Small classifiers to test with."""

import random

from seqapp.config import (
    ClassificationConfig,
    ClassifierConfig,
    ClassifierTrainingConfig,
    SubwordsConfig,
)
from seqapp.tasks.classification import ClassificationTask

LABELLED = [
    ("정말 재미있는 영화", "긍정 👍"),
    ("시간이 아깝다", "부정"),
    ("a good film", "긍정 👍"),
    ("bad and boring 😡", "부정"),
]


def small_classifier_config(
    multi_label: str = "", encoder: str = "stack", **training
) -> ClassificationConfig:
    return ClassificationConfig(
        language="ko",
        multi_label=multi_label,
        subwords=SubwordsConfig(vocabulary_size=400),
        model=ClassifierConfig(
            encoder=encoder,
            embedding_size=8,
            encoder_units=8,
            heads=2,
            feedforward_units=16,
            ngrams=2,
            ngram_buckets=64,
            character_run=3,
            character_buckets=128,
            dropout=0.1,
        ),
        training=ClassifierTrainingConfig(**{"max_source_length": 24, "batch_tokens": 64, **training}),
    )


def small_classifier(
    seed: int = 1, labelled: list[tuple[str, str]] = LABELLED, **settings
) -> ClassificationTask:
    """A task with random weights, the same for the same seed."""
    random.seed(seed)
    return ClassificationTask.from_pairs(small_classifier_config(**settings), labelled)
