"""The names that clients use, chosen once.

Every input is one column, [B]; the first axis of every output is B. A client sends all inputs of a
signature; an option at its neutral value asks for nothing special.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf


class Input(NamedTuple):
    """A column of a request.

    Fields:
        dtype: its type.
        neutral: what asks for nothing special; None where there is no such value.
        meaning: for people.
        example: whether its strings are serialized `tf.Example`s with a feature ``text``.
    """

    dtype: str
    neutral: float | None
    meaning: str
    example: bool = False


TEXT = {"text": Input("string", None, "the text, any bytes")}

# signature → input → what a client sends
TRANSLATION_INPUTS: dict[str, dict[str, Input]] = {
    "serving_default": TEXT,
    "alternatives": TEXT,
    "explain": TEXT,
    "translate_with_options": {
        **TEXT,
        "length_penalty": Input("float32", -1.0, "0 to 5; below 0: the model's own"),
        "max_length": Input("int32", 0, "ids, EOS included; 0: the model's own"),
        "min_length": Input("int32", 0, "ids, EOS included; 0: none"),
        "temperature": Input("float32", 0.0, "0: beam search; above 0: one sample"),
        "seed": Input("int64", 0, "of the sample"),
    },
    "score": {**TEXT, "translation": Input("string", None, "the translation to score")},
}

# signature → output → what a client may rely on
TRANSLATION: dict[str, dict[str, str]] = {
    "serving_default": {"translation": "string[B]", "score": "float32[B]"},
    "alternatives": {"translations": "string[B, K]", "scores": "float32[B, K]"},
    "explain": {
        "translation": "string[B]",
        "score": "float32[B]",
        "source_tokens": "string[B, S]",
        "target_tokens": "string[B, T]",
        "alignment": "float32[B, T, S]",
        "truncated": "bool[B]",
    },
    "translate_with_options": {"translation": "string[B]", "score": "float32[B]"},
    "score": {
        "log_probability": "float32[B]",
        "normalised_score": "float32[B]",
        "tokens": "string[B, T]",
        "token_log_probabilities": "float32[B, T]",
    },
}

CLASSIFICATION_INPUTS: dict[str, dict[str, Input]] = {
    "serving_default": TEXT,
    "probabilities": TEXT,
    "classify": {"inputs": Input("string", None, "serialized tf.Example with a feature text", example=True)},
    "explain": TEXT,
}

CLASSIFICATION: dict[str, dict[str, str]] = {
    "serving_default": {"label": "string[B]", "probability": "float32[B]"},
    "probabilities": {"labels": "string[B, C]", "probabilities": "float32[B, C]", "truncated": "bool[B]"},
    "classify": {"classes": "string[B, C]", "scores": "float32[B, C]"},
    "explain": {
        "label": "string[B]",
        "probability": "float32[B]",
        "tokens": "string[B, T]",
        "begin": "int32[B, T]",
        "end": "int32[B, T]",
        "weights": "float32[B, T]",
        "truncated": "bool[B]",
    },
}

SIGNATURES = {"translation": TRANSLATION, "classification": CLASSIFICATION}
INPUTS = {"translation": TRANSLATION_INPUTS, "classification": CLASSIFICATION_INPUTS}

# Signatures that are asked by another method than Predict.
METHODS = {"classification": {"classify": "tensorflow/serving/classify"}}

# The output of each signature's answer that a person reads.
ANSWER = {
    "translation": {
        "serving_default": "translation",
        "alternatives": "translations",
        "explain": "translation",
        "translate_with_options": "translation",
        "score": "tokens",
    },
    "classification": {
        "serving_default": "label",
        "probabilities": "labels",
        "classify": "classes",
        "explain": "label",
    },
}


def input_specs(inputs: dict[str, Input]) -> list[tf.TensorSpec]:
    """The inputs of a signature as an export declares them."""
    return [tf.TensorSpec([None], column.dtype, name=name) for name, column in inputs.items()]


def sample_columns(inputs: dict[str, Input], texts: Sequence[bytes]) -> dict[str, list[Any]]:
    """A request with these texts that shows every option at work: each second row is a sample.

    A second text column gets the texts themselves.
    """
    columns: dict[str, list[Any]] = {}
    for name, column in inputs.items():
        if column.example:
            columns[name] = [text_example(text).SerializeToString() for text in texts]
        else:
            columns[name] = list(texts) if column.neutral is None else [column.neutral] * len(texts)
    if "temperature" in columns:
        columns["temperature"] = [0.0 if row % 2 == 0 else 0.7 for row in range(len(texts))]
        columns["seed"] = list(range(len(texts)))
    return columns


def text_example(text: bytes) -> tf.train.Example:
    """The `tf.Example` of a text, as Classify takes it."""
    value = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
    return tf.train.Example(features=tf.train.Features(feature={"text": value}))
