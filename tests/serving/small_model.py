"""A SavedModel with the translator's signatures that reverses words, made of plain TensorFlow ops."""

from pathlib import Path

import tensorflow as tf

_TEXT = tf.TensorSpec([None], tf.string, "text")
# Of `translate_with_options` before there were prefixes, coverage, n-gram and truncation options.
_EARLIER_INPUTS = [
    _TEXT,
    tf.TensorSpec([None], tf.float32, "length_penalty"),
    tf.TensorSpec([None], tf.int32, "max_length"),
    tf.TensorSpec([None], tf.int32, "min_length"),
    tf.TensorSpec([None], tf.float32, "temperature"),
    tf.TensorSpec([None], tf.int64, "seed"),
]


class WordReverser(tf.Module):
    """`a b c` → `c b a`; the mark goes before each translation and tells versions apart."""

    def __init__(self, mark: str = "") -> None:
        super().__init__()
        self.mark = mark

    def _words(self, text):
        valid = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
        return tf.strings.split(valid)

    def _join(self, words):
        return self.mark + tf.strings.reduce_join(words, axis=1, separator=" ")

    def _score(self, text):
        return -tf.cast(tf.strings.length(text), tf.float32) / 8.0

    def _truncated(self, words):
        return words.row_lengths() > 1000

    @tf.function(input_signature=[_TEXT])
    def translate(self, text):
        words = self._words(text)
        return {
            "translation": self._join(words[:, ::-1]),
            "score": self._score(text),
            "truncated": self._truncated(words),
        }

    @tf.function(input_signature=[_TEXT])
    def alternatives(self, text):
        words = self._words(text)
        both = tf.stack([self._join(words[:, ::-1]), self._join(words)], axis=1)
        score = self._score(text)
        return {"translations": both, "scores": tf.stack([score, score - 1.0], axis=1)}

    @tf.function(input_signature=[_TEXT])
    def explain(self, text):
        words = self._words(text)
        lengths = words.row_lengths()
        source = words.to_tensor("")
        ends = tf.fill([tf.shape(text)[0], 1], "</s>")
        target = tf.concat([words[:, ::-1], ends], axis=1).to_tensor("")
        rows = tf.range(tf.shape(target)[1], dtype=tf.int64)[None, :, None]
        columns = tf.range(tf.shape(source)[1], dtype=tf.int64)[None, None, :]
        reverse = tf.equal(rows + columns, lengths[:, None, None] - 1)
        return {
            "translation": self._join(words[:, ::-1]),
            "score": self._score(text),
            "source_tokens": source,
            "target_tokens": target,
            "alignment": tf.cast(reverse, tf.float32),
            "truncated": self._truncated(words),
        }

    @tf.function(
        input_signature=[
            *_EARLIER_INPUTS,
            tf.TensorSpec([None], tf.float32, "coverage_penalty"),
            tf.TensorSpec([None], tf.int32, "no_repeat_ngram"),
            tf.TensorSpec([None], tf.string, "prefix"),
            tf.TensorSpec([None], tf.int32, "top_k"),
            tf.TensorSpec([None], tf.float32, "top_p"),
        ]
    )
    def translate_with_options(
        self,
        text,
        length_penalty=tf.constant([-1.0]),  # noqa: B008
        max_length=tf.constant([0]),  # noqa: B008
        min_length=tf.constant([0]),  # noqa: B008
        temperature=tf.constant([0.0]),  # noqa: B008
        seed=tf.constant([0], tf.int64),  # noqa: B008
        coverage_penalty=tf.constant([0.0]),  # noqa: B008
        no_repeat_ngram=tf.constant([0]),  # noqa: B008
        prefix=tf.constant([""]),  # noqa: B008
        top_k=tf.constant([0]),  # noqa: B008
        top_p=tf.constant([1.0]),  # noqa: B008
    ):
        """Cuts each row at its `max_length` words, after its prefix; the score tells the other options."""
        words = self._words(text)[:, ::-1]
        most = tf.where(max_length > 0, tf.cast(max_length, tf.int64), words.row_lengths())
        kept = tf.ragged.boolean_mask(words, tf.ragged.range(words.row_lengths()) < most[:, None])
        counts = tf.cast(min_length + no_repeat_ngram + top_k, tf.float32) + tf.cast(seed, tf.float32)
        told = length_penalty + temperature + coverage_penalty + top_p - 1.0 + counts
        return {
            "translation": prefix + self._join(kept),
            "score": told,
            "truncated": self._truncated(words),
        }

    @tf.function(input_signature=[_TEXT, tf.TensorSpec([None], tf.string, "translation")])
    def score(self, text, translation):
        """Minus one for each word that is not where reversing puts it."""
        given, wanted = self._words(translation), self._words(text)[:, ::-1]
        tokens = given.to_tensor("")
        right = tf.equal(tokens, wanted.to_tensor("", shape=tf.shape(tokens)))
        each = tf.where(right, 0.0, -1.0)
        total = tf.reduce_sum(each, axis=1)
        return {
            "log_probability": total,
            "normalised_score": total / 2,
            "tokens": tokens,
            "token_log_probabilities": each,
            "truncated": self._truncated(self._words(text)),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "steps")])
    def busy(self, steps):
        """Counts to the largest number, one loop step each: a request that takes as long as asked."""
        most = tf.reduce_max(steps)
        _, done = tf.while_loop(lambda i, _: i < most, lambda i, d: (i + 1, d + 1), [0, tf.zeros_like(steps)])
        return {"done": done, "asked": steps}


class ConfidentWordReverser(WordReverser):
    """With a confidence: 0.75 for texts of one word, 0.25 for others."""

    def _with_confidence(self, text, answer):
        single = tf.equal(self._words(text).row_lengths(), 1)
        return {**answer, "confidence": tf.where(single, 0.75, 0.25)}

    @tf.function(input_signature=[_TEXT])
    def translate(self, text):
        return self._with_confidence(text, super().translate(text))

    @tf.function(input_signature=[_TEXT])
    def alternatives(self, text):
        return self._with_confidence(text, super().alternatives(text))

    @tf.function(input_signature=[_TEXT])
    def explain(self, text):
        return self._with_confidence(text, super().explain(text))


class EarlierWordReverser(WordReverser):
    """As exported before there were prefixes, coverage, n-gram and truncation options."""

    @tf.function(input_signature=_EARLIER_INPUTS)
    def translate_with_options(self, text, length_penalty, max_length, min_length, temperature, seed):
        return super().translate_with_options(text, length_penalty, max_length, min_length, temperature, seed)


def save(base: Path, version: int = 1, mark: str = "", kind: type[WordReverser] = WordReverser) -> Path:
    """Writes `base/version` and returns it; complete at once, as publishing must be."""
    module = kind(mark)
    unfinished = base.parent / f".{base.name}-{version}"
    signatures = {
        "serving_default": module.translate,
        "alternatives": module.alternatives,
        "explain": module.explain,
        "translate_with_options": module.translate_with_options,
        "score": module.score,
        "busy": module.busy,
    }
    tf.saved_model.save(module, str(unfinished), signatures=signatures)
    base.mkdir(parents=True, exist_ok=True)
    return unfinished.rename(base / str(version))
