"""Small tasks to test with."""

import random
from pathlib import Path

from seqapp.config import (
    AttentionDecoderConfig,
    DecoderConfig,
    EncoderConfig,
    LanguageModellingConfig,
    LanguageModellingFitConfig,
    LanguageModellingLimits,
    MaskedLanguageModelConfig,
    NgramLanguageModelConfig,
    RecurrentEncoderConfig,
    RecurrentLanguageModelConfig,
    SearchConfig,
    SubwordsConfig,
    TokensConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TransformerLanguageModelConfig,
    TranslationConfig,
    TranslationFitConfig,
    TranslationLimits,
    TranslatorConfig,
)
from seqapp.ngrams.kneser_ney import estimate_kneser_ney
from seqapp.tasks.base import Task
from seqapp.tasks.language_modelling import LanguageModellingTask
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from seqapp.tasks.translation import TranslationTask

PAIRS = [
    ("Save the file.", "파일을 저장합니다."),
    ("Open the document.", "문서를 엽니다."),
    ("Click OK.", "확인을 클릭합니다."),
    ("Delete the selected cells 👍", "선택한 셀을 삭제합니다 👍"),
]


def small_encoder(kind: str) -> EncoderConfig:
    """The smallest encoder of a kind."""
    if kind == "transformer":
        return TransformerEncoderConfig(units=8, heads=2, feedforward_units=16, dropout=0.1)
    return RecurrentEncoderConfig(units=8, dropout=0.1)


def small_decoder(kind: str) -> DecoderConfig:
    """The smallest decoder of a kind, of another width than embedding and encoder."""
    if kind == "transformer":
        return TransformerDecoderConfig(units=12, layers=2, heads=2, feedforward_units=16, dropout=0.1)
    return AttentionDecoderConfig(units=12, dropout=0.1)


def small_config(
    encoder: str = "recurrent",
    decoder: str = "attention",
    model: TranslatorConfig | None = None,
    **training,
) -> TranslationConfig:
    """Of a translator from English to Korean that reads and trains on 24 ids, or with another network."""
    return TranslationConfig(
        source_language="en",
        target_language="ko",
        subwords=SubwordsConfig(vocabulary_size=400),
        model=model
        or TranslatorConfig(
            embedding_size=8,
            encoder=small_encoder(encoder),
            decoder=small_decoder(decoder),
        ),
        limits=TranslationLimits(source_ids=24, target_ids=58),
        search=SearchConfig(beam_width=3),
        training=TranslationFitConfig(**{"max_target_ids": 24, "batch_tokens": 64, **training}),
    )


def small_task(
    seed: int = 1,
    encoder: str = "recurrent",
    decoder: str = "attention",
    model: TranslatorConfig | None = None,
    **training,
) -> TranslationTask:
    """A task with random weights, the same for the same seed."""
    random.seed(seed)
    source, target = zip(*PAIRS, strict=True)
    return TranslationTask.from_examples(
        small_config(encoder, decoder, model, **training), {"source": source, "target": target}
    )


TEXTS = [text for pair in PAIRS for text in pair]
_LANGUAGE_MODELS = {
    "recurrent": RecurrentLanguageModelConfig(units=12, embedding_size=8, dropout=0.1),
    "transformer": TransformerLanguageModelConfig(
        units=12, layers=2, heads=2, embedding_size=8, context_tokens=16
    ),
    "ngram": NgramLanguageModelConfig(order=5),
}


def small_language_model(
    kind: str = "recurrent", unit: str = "subword", seed: int = 1, texts: list[str] = TEXTS, **limits
) -> LanguageModellingTask:
    """A language model, of random weights, of the counts of the texts or both; the same for the same seed.

    Args:
        kind: "recurrent", "transformer", whose context slides within the limits, "ngram", or "interpolated",
            a recurrent network with an n-gram model.
        unit: what a token is.
        seed: random seed of the weights.
        texts: of vocabulary and counts.
        limits: `LanguageModellingLimits`.
    """
    random.seed(seed)
    config = LanguageModellingConfig(
        subwords=TokensConfig(vocabulary_size=400, unit=unit),
        model=_LANGUAGE_MODELS["recurrent" if kind == "interpolated" else kind],
        ngrams=NgramLanguageModelConfig(order=5) if kind == "interpolated" else None,
        limits=LanguageModellingLimits(
            **{"text_tokens": 24, "prompt_tokens": 24, "completion_tokens": 16, "next_tokens": 5, **limits}
        ),
        training=LanguageModellingFitConfig(batch_tokens=64),
    )
    task = LanguageModellingTask.from_examples(config, {"text": texts})
    if task.ngrams is not None:
        ids = task.encode({"text": texts})["ids"].to_list()
        task.ngrams.assign(estimate_kneser_ney(ids, 5, task.subwords.size))
    if task.interpolation is not None:
        task.interpolation.assign(0.25)
    return task


def small_masked_model(
    encoder: str = "transformer", unit: str = "subword", seed: int = 1, texts: list[str] = TEXTS, **limits
) -> MaskedLanguageModellingTask:
    """A masked language model of random weights, the same for the same seed.

    Args:
        encoder: "recurrent" or "transformer".
        unit: what a token is.
        seed: random seed of the weights.
        texts: of the vocabulary.
        limits: `LanguageModellingLimits`.
    """
    random.seed(seed)
    config = LanguageModellingConfig(
        subwords=TokensConfig(vocabulary_size=400, unit=unit),
        model=MaskedLanguageModelConfig(embedding_size=8, encoder=small_encoder(encoder)),
        limits=LanguageModellingLimits(**{"text_tokens": 24, "next_tokens": 5, **limits}),
        training=LanguageModellingFitConfig(batch_tokens=64),
    )
    return MaskedLanguageModellingTask.from_examples(config, {"text": texts})


def write_version(task: Task, directory: Path) -> None:
    """A version of a model as exports publish it, but for the parity gate and the warm-up requests."""
    from serving.export.description import write_description
    from serving.export.preflight import check_operations
    from serving.export.saved_model import write_saved_model

    write_saved_model(task, directory)
    write_description(directory, task, check_operations(directory))
