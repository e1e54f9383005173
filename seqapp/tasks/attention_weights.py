"""The signature `attention`: the weights of every layer and head of transformer encoders and decoders."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapp.layers.masks import valid_positions
from seqapp.signatures import Input, Output, Signature
from seqapp.tasks.rows import of_any_batch
from seqapp.tasks.translation_answer import truncated_texts

NAME = "attention"
_ENCODER = {
    "encoder_attention": Output(
        "float32", "B, L, H, S, S", "encoder self-attention by layer and head: of each token to each token"
    )
}
_DECODER = {
    "decoder_attention": Output(
        "float32",
        "B, L, H, T, T",
        "decoder self-attention: of each target token to the decoder's inputs, `<s>` and the tokens before",
    ),
    "cross_attention": Output(
        "float32", "B, L, H, T, S", "decoder cross-attention: of each target token to each source token"
    ),
}


def translation_attention(task: Any) -> list[Signature]:
    """The signature of a translator of which encoder or decoder is a transformer; else none.

    It reads the first sentence of each text only, since the weights grow with the square of the length.
    """
    weights = _ENCODER if _has_weights(task.model.encoder) else {}
    weights = {**weights, **(_DECODER if _has_weights(task.model.decoder) else {})}
    outputs = {
        "translation": Output("string", "B", "the translation of the first sentence of the text"),
        "source_tokens": Output("string", "B, S", "tokens that were read; padding is empty"),
        "target_tokens": Output("string", "B, T", "tokens that were written; padding is empty"),
        **weights,
        "truncated": Output("bool", "B", "some of the text was cut, or it has more than one sentence"),
    }

    def answer(task: Any, text: tf.Tensor) -> dict[str, tf.Tensor]:
        sentences = task._sentences(text, 1)
        source, found = task._search(sentences.flat)
        target = found.ids[:, 0]
        return {
            "translation": task.subwords.decode(target),
            "source_tokens": task.subwords.pieces(source.ids),
            "target_tokens": task.subwords.pieces(target),
            **_translator_weights(task.model, source.ids, target),
            "truncated": truncated_texts(sentences, source),
        }

    return [_signature(task, "source", outputs, "translation", answer)] if weights else []


def classification_attention(task: Any) -> list[Signature]:
    """The signature of a classifier whose encoder is a transformer; else none."""
    outputs = {
        "label": Output("string", "B", "as of `serving_default`"),
        "tokens": Output("string", "B, S", "tokens that were read; padding is empty"),
        **_ENCODER,
        "truncated": Output("bool", "B", "the text was cut: longer than the model reads"),
    }

    def answer(task: Any, text: tf.Tensor) -> dict[str, tf.Tensor]:
        found = task.classify_text(text)
        ids, _ = task._encoded(text)
        vectors, mask = task.model.embedding(ids, training=False)
        return {
            "label": found["label"],
            "tokens": task.subwords.pieces(ids),
            "encoder_attention": _stacked(task.model.encoder.attention_weights(vectors, mask), ids),
            "truncated": found["truncated"],
        }

    if not _has_weights(task.model.encoder):
        return []
    return [_signature(task, "text", outputs, "label", answer)]


def _has_weights(layer: Any) -> bool:
    return hasattr(layer, "attention_weights")


def _signature(
    task: Any, feature: str, outputs: dict[str, Output], person: str, answer: Callable[..., Any]
) -> Signature:
    inputs = {"text": Input("string", "the text, any bytes", feature=feature)}
    of_batch = of_any_batch(answer)
    return Signature(NAME, inputs, outputs, person, function=lambda text: of_batch(task, text))


def _translator_weights(model: Any, source: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
    """The weights under teacher forcing of ids int32 [B, S] and [B, T], by output."""
    found = {}
    if _has_weights(model.encoder):
        vectors, mask = model.embedding(source)
        found["encoder_attention"] = _stacked(
            model.encoder.attention_weights(tf.identity(vectors), mask), source
        )
    if _has_weights(model.decoder):
        _, constants = model.start(source)
        vectors, _ = model.embedding(model.shift(target))
        of_self, of_memory = model.decoder.attention_weights(tf.identity(vectors), constants)
        found["decoder_attention"] = _stacked(of_self, target)
        found["cross_attention"] = _stacked(of_memory, target)
    return found


def _stacked(layers: list[tf.Tensor], ids: tf.Tensor) -> tf.Tensor:
    """Weights [B, H, T, S] of L layers as float32 [B, L, H, T, S]; rows of padding in `ids` [B, T] are 0."""
    weights = tf.cast(tf.stack(layers, axis=1), tf.float32)
    return weights * tf.cast(valid_positions(ids), tf.float32)[:, tf.newaxis, tf.newaxis, :, tf.newaxis]
