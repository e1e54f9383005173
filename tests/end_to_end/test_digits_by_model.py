"""Reversing digits with each kind of decoder: exact match by length.

Attention reaches any position of the source; a fixed context vector holds the whole source at once, so its
exact match falls with the length (Bahdanau et al. 2015, figure 2). ``pytest -rP`` shows the figures.
"""

import io
import random

import numpy as np
import pytest
from rich.console import Console

from seqapp.config import (
    AttentionDecoderConfig,
    FixedContextDecoderConfig,
    RecurrentEncoderConfig,
    SubwordsConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslationConfig,
    TranslationFitConfig,
    TranslationLimits,
    TranslatorConfig,
)
from seqapp.run_directory import load_run
from training.data.splits import Splits
from training.trainer import fit

pytestmark = pytest.mark.slow
LENGTHS = range(3, 11)
TEST_ROWS_PER_LENGTH = 30
WIDTH = {"units": 64, "dropout": 0.0}
LSTM = RecurrentEncoderConfig(**WIDTH)
GRU = RecurrentEncoderConfig(cell="gru", **WIDTH)
TRANSFORMER = TransformerEncoderConfig(layers=2, **WIDTH)
RECURRENT_RECIPE = {"epochs": 6, "learning_rate": 1e-2}
TRANSFORMER_RECIPE = {"epochs": 12, "learning_rate": 3e-3, "warmup_fraction": 0.1}
MODELS = {
    "dot": (LSTM, AttentionDecoderConfig(score="dot", scaled=False, **WIDTH), RECURRENT_RECIPE),
    "general": (LSTM, AttentionDecoderConfig(score="general", **WIDTH), RECURRENT_RECIPE),
    "concat": (LSTM, AttentionDecoderConfig(score="concat", scaled=False, **WIDTH), RECURRENT_RECIPE),
    "additive": (LSTM, AttentionDecoderConfig(score="additive", scaled=False, **WIDTH), RECURRENT_RECIPE),
    "input feeding": (LSTM, AttentionDecoderConfig(input_feeding=True, **WIDTH), RECURRENT_RECIPE),
    "bahdanau": (
        GRU,
        AttentionDecoderConfig(cell="gru", score="additive", scaled=False, order="bahdanau", **WIDTH),
        RECURRENT_RECIPE,
    ),
    "hybrid": (TRANSFORMER, AttentionDecoderConfig(**WIDTH), TRANSFORMER_RECIPE),
    "transformer": (TRANSFORMER, TransformerDecoderConfig(layers=2, **WIDTH), TRANSFORMER_RECIPE),
    "fixed context": (
        LSTM,
        FixedContextDecoderConfig(context_every_step=True, **WIDTH),
        {**RECURRENT_RECIPE, "epochs": 12},
    ),
}


def reversals(generator, count, length):
    """`count` random rows of `length` digits, and their reversals."""
    rows = [[str(generator.randrange(10)) for _ in range(length)] for _ in range(count)]
    return [(" ".join(row), " ".join(reversed(row))) for row in rows]


@pytest.fixture(scope="module")
def splits():
    generator = random.Random(1)
    test = [pair for n in LENGTHS for pair in reversals(generator, TEST_ROWS_PER_LENGTH, n)]
    train = [pair for n in LENGTHS for pair in reversals(generator, 340, n) if pair not in test]
    generator.shuffle(train)
    return Splits(train=train, valid=test[::6], test=test, provenance={"corpus": "digits"})


def trained(name, splits, run):
    """The task of a run of `MODELS`."""
    encoder, decoder, recipe = MODELS[name]
    config = TranslationConfig(
        split_sentences=False,
        subwords=SubwordsConfig(vocabulary_size=300),
        model=TranslatorConfig(embedding_size=64, encoder=encoder, decoder=decoder),
        limits=TranslationLimits(source_ids=32, target_ids=32),
        training=TranslationFitConfig(
            **recipe, batch_tokens=256, max_target_ids=32, validation_sentences=50, label_smoothing=0.0
        ),
    )
    fit(config, splits, run, Console(file=io.StringIO()))
    return load_run(run)


def exact_match_by_length(task, rows):
    found = task.translations_of([source for source, _ in rows], batch_size=90)
    right = {n: [] for n in LENGTHS}
    for (source, target), answer in zip(rows, found, strict=True):
        right[len(source.split())].append(answer == target)
    return {n: float(np.mean(of_length)) for n, of_length in right.items()}


@pytest.mark.parametrize("name", MODELS)
def test_exact_match_by_length(name, splits, tmp_path):
    found = exact_match_by_length(trained(name, splits, tmp_path / "run"), splits.test)
    Console(width=120).print(name, {n: round(share, 2) for n, share in found.items()})
    if name == "fixed context":
        shorter, longer = (np.mean([found[n] for n in lengths]) for lengths in (LENGTHS[:3], LENGTHS[-3:]))
        assert longer < shorter - 0.3
    else:
        assert np.mean(list(found.values())) >= 0.95
