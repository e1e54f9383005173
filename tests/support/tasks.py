"""Small tasks to test with."""

import random
from pathlib import Path

from seqapp.config import SearchConfig, SubwordsConfig, TrainingConfig, TranslationConfig, TranslatorConfig
from seqapp.tasks.translation import TranslationTask
from serving.export.description import write_description
from serving.export.preflight import check_operations
from serving.export.saved_model import write_saved_model

PAIRS = [
    ("Save the file.", "파일을 저장합니다."),
    ("Open the document.", "문서를 엽니다."),
    ("Click OK.", "확인을 클릭합니다."),
    ("Delete the selected cells 👍", "선택한 셀을 삭제합니다 👍"),
]


def small_config(encoder: str = "recurrent", **training) -> TranslationConfig:
    return TranslationConfig(
        source_language="en",
        target_language="ko",
        subwords=SubwordsConfig(vocabulary_size=400),
        model=TranslatorConfig(
            encoder=encoder, embedding_size=8, encoder_units=8, decoder_units=12, dropout=0.1
        ),
        search=SearchConfig(beam_width=3),
        training=TrainingConfig(
            **{"max_source_length": 24, "max_target_length": 24, "batch_tokens": 64, **training}
        ),
    )


def small_task(seed: int = 1, encoder: str = "recurrent", **training) -> TranslationTask:
    """A task with random weights, the same for the same seed."""
    random.seed(seed)
    return TranslationTask.from_pairs(small_config(encoder, **training), PAIRS)


def write_version(task: TranslationTask, directory: Path) -> None:
    """A version of a model as exports publish it, but for the parity gate and the warm-up requests."""
    write_saved_model(task, directory)
    write_description(directory, task, check_operations(directory))
