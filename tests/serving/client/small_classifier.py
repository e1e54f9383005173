"""A SavedModel with a classifier's signatures that knows two opinions, made of plain TensorFlow ops."""

from pathlib import Path

import tensorflow as tf

_TEXT = tf.TensorSpec([None], tf.string, "text")
_LONGEST = 8  # tokens
_LABELS = tf.constant(["positive", "negative", "no opinion"])


class Opinions(tf.Module):
    """A token is up to three characters with the blank before them; some characters have a weight.

    `g`, `좋` and 🙂 add 1.5 to the log-odds of `positive`, `b` and `싫` take 2.0 off; a sum of 0 and more
    is positive. Padding is "", 0, 0 and 0.
    """

    def _tokens(self, text):
        marked = tf.strings.regex_replace(text, r"( ?[^ ]{1,3}| )", "\\1\u0000")
        tokens = tf.strings.split(marked, "\u0000")
        tokens = tf.ragged.boolean_mask(tokens, tf.strings.length(tokens) > 0)
        return tokens[:, :_LONGEST], tokens.row_lengths() > _LONGEST

    def _weights(self, tokens):
        good = tf.strings.regex_full_match(tokens, ".*(g|좋|🙂).*")
        bad = tf.strings.regex_full_match(tokens, ".*(b|싫).*")
        return 1.5 * tf.cast(good, tf.float32) - 2.0 * tf.cast(bad, tf.float32)

    def _odds(self, tokens):
        return tf.reduce_sum(tf.ragged.map_flat_values(self._weights, tokens), axis=1)

    @tf.function(input_signature=[_TEXT])
    def classify_text(self, text):
        tokens, truncated = self._tokens(text)
        odds = self._odds(tokens)
        return {
            "label": tf.where(odds < 0, _LABELS[1], _LABELS[0]),
            "probability": tf.sigmoid(tf.abs(odds)),
            "truncated": truncated,
        }

    @tf.function(input_signature=[_TEXT])
    def probabilities(self, text):
        tokens, truncated = self._tokens(text)
        positive = tf.sigmoid(self._odds(tokens))
        both = tf.stack([positive, 1.0 - positive, tf.zeros_like(positive)], axis=1)
        best = tf.math.top_k(both, 3)
        return {
            "labels": tf.gather(_LABELS, best.indices),
            "probabilities": best.values,
            "truncated": truncated,
        }

    @tf.function(input_signature=[_TEXT])
    def explain(self, text):
        tokens, truncated = self._tokens(text)
        odds = self._odds(tokens)
        lengths = tf.ragged.map_flat_values(tf.strings.length, tokens)
        end = tf.where(lengths.to_tensor() > 0, tf.cumsum(lengths.to_tensor(), axis=1), 0)
        weights = tf.ragged.map_flat_values(self._weights, tokens).to_tensor()
        return {
            "label": tf.where(odds < 0, _LABELS[1], _LABELS[0]),
            "probability": tf.sigmoid(tf.abs(odds)),
            "tokens": tokens.to_tensor(""),
            "begin": end - lengths.to_tensor(),
            "end": end,
            "weights": tf.where(odds < 0, -1.0, 1.0)[:, None] * weights,
            "truncated": truncated,
        }


class TypicalOpinions(Opinions):
    """With a typicality: 0.25 for texts with a question mark, 0.75 for others."""

    def _with_typicality(self, text, answer):
        question = tf.strings.regex_full_match(text, ".*[?].*")
        return {**answer, "typicality": tf.where(question, 0.25, 0.75)}

    @tf.function(input_signature=[_TEXT])
    def classify_text(self, text):
        return self._with_typicality(text, super().classify_text(text))

    @tf.function(input_signature=[_TEXT])
    def probabilities(self, text):
        return self._with_typicality(text, super().probabilities(text))

    @tf.function(input_signature=[_TEXT])
    def explain(self, text):
        return self._with_typicality(text, super().explain(text))


def save(base: Path, *, reasons: bool = True, kind: type[Opinions] = Opinions) -> Path:
    """Writes version 1 below `base`, without the signature `explain` if not `reasons`, and returns it."""
    module = kind()
    signatures = {
        "serving_default": module.classify_text,
        "probabilities": module.probabilities,
        **({"explain": module.explain} if reasons else {}),
    }
    tf.saved_model.save(module, str(base / "1"), signatures=signatures)
    return base / "1"
