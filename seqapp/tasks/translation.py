"""Translation: what training, evaluation and serving all call."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.config import TranslationConfig
from seqapp.decoding.beam import beam_search
from seqapp.decoding.greedy import greedy_search
from seqapp.decoding.hypotheses import NO_SCORE, Hypotheses
from seqapp.decoding.length_penalty import length_penalty
from seqapp.decoding.sampling import sample
from seqapp.layers.masks import valid_positions
from seqapp.metrics import translation_scores
from seqapp.models.translator import Translator
from seqapp.tasks.rows import by_length, of_any_batch
from seqapp.text.subwords import Subwords

_TEXT = [tf.TensorSpec([None], tf.string, name="text")]
# Options outside of these bounds are brought to them: no client can make a server divide by nothing.
_PENALTIES = (0.0, 5.0)
_TEMPERATURES = (0.01, 100.0)


class EncodedSource(NamedTuple):
    """Source ids int32 [B, S], whether each was cut bool [B], longest target int32 [B]."""

    ids: tf.Tensor
    truncated: tf.Tensor
    max_lengths: tf.Tensor


class TranslationTask:
    """A translator together with its text: strings in, strings out.

    Args:
        config: all settings.
        subwords: the joint vocabulary of both languages.
        model: the network; made and built from `config` when not given.
    """

    name = "translation"
    config_class = TranslationConfig

    def __init__(
        self, config: TranslationConfig, subwords: Subwords, model: Translator | None = None
    ) -> None:
        self.config = config
        self.subwords = subwords
        self.model = model or Translator(subwords.size, config.model, name="translator")
        if not self.model.built:
            self.model.build()
        self._greedy = tf.function(self._translate_greedily, input_signature=_TEXT, autograph=False)
        self._beam = tf.function(self.translate, input_signature=_TEXT, autograph=False)

    @classmethod
    def from_pairs(cls, config: TranslationConfig, pairs: Sequence[tuple[str, str]]) -> "TranslationTask":
        """A task with new weights, its subwords learnt from both sides of `pairs`."""
        return cls(config, Subwords.train((text for pair in pairs for text in pair), config.subwords))

    @classmethod
    def from_assets(cls, config: TranslationConfig, directory: Path) -> "TranslationTask":
        """A task with new weights and the subwords that `save_assets` wrote."""
        return cls(config, Subwords.load(directory / "subwords.model"))

    def save_assets(self, directory: Path) -> None:
        """Writes all that the text side needs into `directory`."""
        self.subwords.save(directory / "subwords.model")

    # --- text → ids ------------------------------------------------------------------------------

    def encode_pairs(self, sources: tf.Tensor, targets: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Ragged int32 ids of string[B] sources and targets, EOS last, uncut."""
        return self.subwords.encode(sources), self.subwords.encode(targets)

    def encode_source(self, text: tf.Tensor) -> EncodedSource:
        """string[B] as the network takes it, cut at the trained source length.

        Blank text gets room for EOS only, so that its translation is empty.
        """
        ids, truncated = self.subwords.encode_cut(text, self.config.training.max_source_length)
        lengths = tf.reduce_sum(tf.cast(valid_positions(ids), tf.int32), axis=1)
        search = self.config.search
        room = tf.cast(tf.cast(lengths, tf.float32) * search.length_factor, tf.int32) + search.length_offset
        blank = tf.equal(tf.strings.length(tf.strings.strip(text)), 0)
        return EncodedSource(ids, truncated, tf.where(blank, 1, room))

    # --- text → text: the signatures -------------------------------------------------------------

    @of_any_batch
    def translate(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → ``translation`` string[B], ``score`` float32[B]: log-probability over the penalty."""
        _, found = self._search(text)
        return {"translation": self.subwords.decode(found.ids[:, 0]), "score": found.scores[:, 0]}

    @of_any_batch
    def alternatives(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → ``translations`` string[B, K], ``scores`` float32[B, K], best first.

        All texts of a row differ: of those that the search found in several cuts into subwords only the
        best stays. Places that are left over hold "" and `NO_SCORE`.
        """
        _, found = self._search(text)
        shape = tf.shape(found.ids)
        flat = self.subwords.decode(tf.reshape(found.ids, [shape[0] * shape[1], shape[2]]))
        texts = tf.reshape(flat, shape[:2])
        same = tf.equal(texts[:, :, tf.newaxis], texts[:, tf.newaxis, :])
        earlier = tf.linalg.band_part(tf.ones([shape[1], shape[1]], tf.int32), -1, 0)
        earlier -= tf.eye(shape[1], dtype=tf.int32)
        again = tf.reduce_any(same & tf.cast(earlier, tf.bool), axis=2)
        best = tf.math.top_k(tf.where(again, NO_SCORE, found.scores), shape[1])
        texts = tf.gather(tf.where(again, "", texts), best.indices, batch_dims=1)
        return {"translations": texts, "scores": best.values}

    @of_any_batch
    def explain(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → ``translation``, ``score``, and why.

        Returns:
            also ``source_tokens`` string[B, S], ``target_tokens`` string[B, T] ("" is padding),
            ``alignment`` float32[B, T, S] (a row sums to 1, to 0 in padding) and ``truncated``
            bool[B] (the text was longer than the model was trained for).
        """
        source, found = self._search(text)
        target = found.ids[:, 0]
        _, weights = self.model.align(source.ids, self.model.shift(target))
        written = tf.cast(valid_positions(target), tf.float32)
        return {
            "translation": self.subwords.decode(target),
            "score": found.scores[:, 0],
            "source_tokens": self.subwords.pieces(source.ids),
            "target_tokens": self.subwords.pieces(target),
            "alignment": weights * written[:, :, tf.newaxis],
            "truncated": source.truncated,
        }

    @of_any_batch
    def translate_with_options(
        self,
        text: tf.Tensor,
        length_penalty: tf.Tensor,
        max_length: tf.Tensor,
        min_length: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """As `translate`, each row in its own way.

        Args:
            text: string[B].
            length_penalty: float32[B], 0 to 5; below 0 takes the model's own.
            max_length: int32[B], longest translation in ids, EOS included; 0 takes the model's own, more
                than the model's longest is brought down to it.
            min_length: int32[B], shortest translation in ids, EOS included; 0 asks for none.
            temperature: float32[B]; 0 is beam search, above 0 one sample at that temperature.
            seed: int64[B], of the sample; without meaning for beam search.

        Returns:
            ``translation`` string[B], ``score`` float32[B].
        """
        source = self.encode_source(text)
        state, constants = self.model.start(source.ids)
        alpha = tf.where(length_penalty >= 0, length_penalty, self.config.search.length_penalty)
        alpha = tf.clip_by_value(alpha, *_PENALTIES)
        longest = tf.where(
            (max_length > 0) & (source.max_lengths > 1),
            tf.minimum(max_length, self.longest_translation),
            source.max_lengths,
        )
        rows_in = {
            "state": state,
            "constants": constants,
            "max_lengths": longest,
            "min_lengths": min_length,
            "alpha": alpha,
        }

        def of(rows: tf.Tensor, nest: Any) -> Any:
            return tf.nest.map_structure(lambda leaf: tf.gather(leaf, rows), nest)

        sampled = temperature > 0
        searched_rows = tf.cast(tf.where(~sampled)[:, 0], tf.int32)
        sampled_rows = tf.cast(tf.where(sampled)[:, 0], tf.int32)
        searched = beam_search(
            self.model.step, beam_width=self.config.search.beam_width, **of(searched_rows, rows_in)
        )
        drawn = sample(
            self.model.step,
            temperatures=tf.clip_by_value(tf.gather(temperature, sampled_rows), *_TEMPERATURES),
            seeds=tf.gather(seed, sampled_rows),
            **of(sampled_rows, rows_in),
        )
        order, found = [searched_rows, sampled_rows], (searched, drawn)
        return {
            "translation": tf.dynamic_stitch(order, [self.subwords.decode(f.ids[:, 0]) for f in found]),
            "score": tf.dynamic_stitch(order, [f.scores[:, 0] for f in found]),
        }

    @of_any_batch
    def score(self, text: tf.Tensor, translation: tf.Tensor) -> dict[str, tf.Tensor]:
        """How probable the model finds a given translation: for rescoring and quality estimates.

        A translation longer than the model's longest is cut there.

        Args:
            text: string[B].
            translation: string[B].

        Returns:
            ``log_probability`` float32[B] (natural, summed over the ids, EOS included, before any
            penalty), ``normalised_score`` float32[B] (over the length penalty: what `translate` calls
            score), ``tokens`` string[B, T] and ``token_log_probabilities`` float32[B, T] (0 in padding).
        """
        source = self.encode_source(text)
        target, _ = self.subwords.encode_cut(translation, self.longest_translation)
        logits, _ = self.model.align(source.ids, self.model.shift(target))
        written = tf.cast(valid_positions(target), tf.float32)
        each = written * tf.gather(tf.nn.log_softmax(logits), target, batch_dims=2)
        total = tf.reduce_sum(each, axis=1)
        lengths = tf.reduce_sum(written, axis=1)
        return {
            "log_probability": total,
            "normalised_score": total / length_penalty(lengths, self.config.search.length_penalty),
            "tokens": self.subwords.pieces(target),
            "token_log_probabilities": each,
        }

    @property
    def longest_translation(self) -> int:
        """Ids of the longest translation that any text can get, EOS included."""
        search = self.config.search
        return int(self.config.training.max_source_length * search.length_factor) + search.length_offset

    def signatures(self) -> dict[str, Any]:
        """The functions that are served, by signature name; all columns are [B]."""
        return {
            "serving_default": self.translate,
            "alternatives": self.alternatives,
            "explain": self.explain,
            "translate_with_options": self.translate_with_options,
            "score": self.score,
        }

    def _search(self, text: tf.Tensor) -> tuple[EncodedSource, Hypotheses]:
        source = self.encode_source(text)
        state, constants = self.model.start(source.ids)
        search = self.config.search
        found = beam_search(
            self.model.step, state, constants, source.max_lengths, search.beam_width, search.length_penalty
        )
        return source, found

    def _translate_greedily(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        source = self.encode_source(text)
        state, constants = self.model.start(source.ids)
        found = greedy_search(self.model.step, state, constants, source.max_lengths)
        return {"translation": self.subwords.decode(found.ids[:, 0])}

    # --- many lines ------------------------------------------------------------------------------

    def translate_lines(self, lines: Sequence[str], batch_size: int = 32, greedy: bool = False) -> list[str]:
        """Translations of any number of lines, in their order."""
        result = [""] * len(lines)
        function = self._greedy if greedy else self._beam
        for indices in by_length(lines, batch_size):
            batch = tf.constant([lines[i] for i in indices], tf.string)
            for i, translation in zip(indices, function(batch)["translation"].numpy(), strict=True):
                result[i] = translation.decode("utf-8")
        return result

    def scores(self, hypotheses: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
        """See `translation_scores`."""
        return translation_scores(hypotheses, references, self.config.target_language)
