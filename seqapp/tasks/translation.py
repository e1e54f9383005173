"""Translation: what training, evaluation and serving all call."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from seqapp.argument_checks import check_texts
from seqapp.config import TranslationConfig
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.features import Text
from seqapp.losses import TokenLoss
from seqapp.models.folded_translator import FoldedTranslator, for_search
from seqapp.models.translator import Translator
from seqapp.signatures import Input, Signature, signature, without_outputs
from seqapp.special_ids import PAD_ID
from seqapp.tasks.alternatives import joined_alternatives
from seqapp.tasks.attention_weights import translation_attention
from seqapp.tasks.base import Columns, Task
from seqapp.tasks.best_translations import BestTranslations
from seqapp.tasks.confidence_fit import fit_to_examples
from seqapp.tasks.distinct_texts import distinct_translations
from seqapp.tasks.rows import of_any_batch, over_rows
from seqapp.tasks.sentence_pairs import paired_sentences
from seqapp.tasks.sentences import Sentences
from seqapp.tasks.translation_alignment import ALIGNMENT, MOST_SENTENCES, aligned_translations
from seqapp.tasks.translation_answer import (
    ALTERNATIVES,
    ANSWER,
    TEXT,
    FirstTranslations,
    translation_answer,
    truncated_texts,
)
from seqapp.tasks.translation_confidence import (
    CONFIDENCE,
    Confidence,
    confidence_output,
    lowest_means,
    mean_log_probabilities,
)
from seqapp.tasks.translation_options import OPTIONS, OptionColumns, TranslationOptions
from seqapp.tasks.translation_score import SCORES, summed_scores, target_log_probabilities
from seqapp.tasks.translation_search import TranslationSearch
from seqapp.tasks.translation_source import EncodedSource, encode_source
from seqapp.text.subwords import Subwords


class TranslationTask(Task):
    """A translator together with its text: strings in, strings out.

    Args:
        config: all settings.
        subwords: the joint vocabulary of both languages.
        model: the network; made and built from `config` when not given.
        search_model: start and step of the searches; by default the network's own.
        confidence: fitted to the network; without it the signatures have no output ``confidence``.
    """

    name = "translation"
    config_class = TranslationConfig
    features = (Text("source", "text of the source language"), Text("target", "its translation"))
    asset_classes = {"subwords": Subwords, "confidence": Confidence}  # noqa: RUF012  a declaration
    optional_assets = frozenset({"confidence"})

    def __init__(
        self,
        config: TranslationConfig,
        subwords: Subwords,
        model: Translator | None = None,
        search_model: Translator | FoldedTranslator | None = None,
        confidence: Confidence | None = None,
    ) -> None:
        self.config = config
        self.subwords = subwords
        self.confidence = confidence
        self.model = model or Translator(subwords.size, config.model, name="translator")
        if not self.model.built:
            self.model.build()
        self._searches = TranslationSearch(search_model or self.model, config, subwords)
        text = tf.TensorSpec([None], tf.string, name="text")
        self._greedy = tf.function(self._translate_greedily, input_signature=[text], autograph=False)
        self._with_means = tf.function(self._translate_with_means, input_signature=[text], autograph=False)
        self._best = BestTranslations(self._searches, self._sentences, config, subwords)

    @classmethod
    def from_examples(cls, config: TranslationConfig, examples: Columns) -> "TranslationTask":
        """A task with new weights, its subwords learnt from both sides of the examples."""
        both = zip(examples["source"], examples["target"], strict=True)
        return cls(config, Subwords.train((text for pair in both for text in pair), config.subwords))

    def for_serving(self, quantization: str = "") -> "TranslationTask":
        """See `Task.for_serving`: searches with a `FoldedTranslator` where it covers the network."""
        search_model = for_search(self.model, quantized=quantization == "int8")
        return TranslationTask(self.config, self.subwords, self.model, search_model, self.confidence)

    def encode(self, examples: Mapping[str, tf.Tensor]) -> dict[str, Any]:
        """Each side as ragged int32 ids [B, (S)] under its own name, and whether it was cut.

        ``source`` and ``source_truncated`` bool[B], and ``target`` likewise where there are targets.
        """
        limits = {"source": self.config.limits.source_ids, "target": self.config.limits.target_ids}
        encoded = {}
        for side, text in examples.items():
            encoded[side], encoded[f"{side}_truncated"] = self.subwords.encode_within(text, limits[side])
        return encoded

    def fitted_rows(self, encoded: Mapping[str, Any]) -> tf.Tensor:
        """bool[B]: pairs that fit whole; a cut side would teach the model to stop early."""
        return ~(encoded["source_truncated"] | encoded["target_truncated"])

    def network_batch(self, encoded: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """See `Task.network_batch`; targets int32 [B, T], weights 1.0 at their tokens and 0.0 at padding."""
        ids = encoded["target"].to_tensor(PAD_ID)
        inputs = {"source": encoded["source"].to_tensor(PAD_ID), "target": self.model.shift(ids)}
        return inputs, ids, tf.cast(tf.not_equal(ids, PAD_ID), tf.float32)

    def loss(self) -> keras.losses.Loss:
        return TokenLoss(self.config.training.label_smoothing)

    def metric(self) -> keras.metrics.Metric:
        return keras.metrics.SparseCategoricalAccuracy(name="token_accuracy")

    def signatures(self) -> list[Signature]:
        """The declared signatures, and ``attention`` where encoder or decoder is a transformer.

        Without a fitted confidence they have no output of that name.
        """
        declared = [*super().signatures(), *translation_attention(self)]
        return declared if self.confidence else without_outputs(declared, CONFIDENCE)

    # --- text → text: the signatures -------------------------------------------------------------

    @signature("serving_default", TEXT, ANSWER, answer="translation")
    @of_any_batch
    def translate(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the translation of each text, by beam search."""
        sentences = self._sentences(text)
        source, found = self._search(sentences.flat)
        first = FirstTranslations.of(found, self.subwords)
        return translation_answer(self.confidence, sentences, source, first)

    @signature("alternatives", TEXT, ALTERNATIVES, answer="translations")
    @of_any_batch
    def alternatives(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the K best translations, best first.

        Unlike the other signatures, which stop once the first translation is settled, the search goes on
        until none of the K can change: two to three times as many steps. The first of them is the
        translation of the other signatures or one with a better score.

        All translations of a row differ; what the search found in several cuts into subwords counts once,
        the best one. Of a text of several sentences the k-th translation has the k-th best of each, its
        best where there is no k-th. Places that are left over hold "" and `LARGE_NEGATIVE`. ``confidence`` is
        that of the first translation.
        """
        sentences = self._sentences(text)
        source, found = self._search(sentences.flat, complete=True)
        texts, scores = distinct_translations(found, self.subwords)
        answer = joined_alternatives(sentences, texts, scores, self.config.search.beam_width)
        means = mean_log_probabilities(found)
        return {**answer, **confidence_output(self.confidence, sentences, source, means)}

    @signature("explain", TEXT, {**ANSWER, **ALIGNMENT}, answer="translation")
    @of_any_batch
    def explain(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the translation with its tokens and attention.

        The sentences of a text follow one another; each attends to its own tokens only. Rows of
        ``alignment`` are 0 in padding. At most 32 sentences of a text are read, since the alignment grows
        with the square of their number.
        """
        sentences = self._sentences(text, min(MOST_SENTENCES, self.config.limits.sentences))
        source, found = self._search(sentences.flat)
        answer = aligned_translations(sentences, source, found, self.model, self.subwords)
        answer |= confidence_output(self.confidence, sentences, source, mean_log_probabilities(found))
        return {**answer, "truncated": truncated_texts(sentences, source)}

    @signature("translate_with_options", {**TEXT, **OPTIONS}, ANSWER, answer="translation")
    @of_any_batch
    def translate_with_options(self, text: tf.Tensor, *options: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the translation of each text, with the `OPTIONS` of each row, in their order.

        The options of a text hold for each of its sentences, see `OptionColumns.of_sentences`. Values out of
        their range are brought to the nearest bound, NaN to the neutral value.
        """
        sentences = self._sentences(text)
        columns = OptionColumns(*options)
        source = self.encode_source(sentences.flat)
        first = self._searches.with_options(
            source,
            columns.of_sentences(sentences),
            lambda found: list(FirstTranslations.of(found, self.subwords)),
        )
        return translation_answer(self.confidence, sentences, source, FirstTranslations(*first))

    @signature(
        "score",
        {**TEXT, "translation": Input("string", "the translation to score", feature="target")},
        SCORES,
        answer="tokens",
    )
    @of_any_batch
    def score(self, text: tf.Tensor, translation: tf.Tensor) -> dict[str, tf.Tensor]:
        """The probability of given translations, for rescoring and quality estimates.

        Text and translation are scored sentence by sentence where they have equally many, else as one
        sentence each. What is longer than the model reads or writes is cut.
        """
        sentences, targets = paired_sentences(
            (text, translation), (self._sentences(text), self._sentences(translation))
        )
        source = self.encode_source(sentences.flat)
        encoded = self.encode({"target": targets.flat})
        target = target_log_probabilities(self.model, source.ids, encoded["target"])
        answer = summed_scores(sentences, target, self.subwords, self.config.search.length_penalty)
        cut = truncated_texts(sentences, source) | targets.cut
        return {**answer, "truncated": cut | sentences.any_of(encoded["target_truncated"])}

    # --- sentences -------------------------------------------------------------------------------

    def encode_source(self, text: tf.Tensor) -> EncodedSource:
        """Sentences string[N] as the network reads them, see `encode_source`."""
        return encode_source(text, self.subwords, self.config)

    def _sentences(self, text: tf.Tensor, most: int | None = None) -> Sentences:
        if not self.config.split_sentences:
            return Sentences.whole(text)
        return Sentences.of(text, most or self.config.limits.sentences)

    def _search(self, text: tf.Tensor, complete: bool = False) -> tuple[EncodedSource, Hypotheses]:
        """Beam search for each of the sentences string[N]; `complete` as in `search`."""
        source = self.encode_source(text)
        return source, self._searches.beam(source, complete)

    def _translate_greedily(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        found = self._searches.greedy(self.encode_source(text))
        return {"translation": self.subwords.decode(found.ids[:, 0])}

    # --- many texts ------------------------------------------------------------------------------

    def calibrate(self, examples: Columns) -> None:
        """Fits the confidence to held-out examples, for the network as it is; see `fit_to_examples`.

        Where they do not suffice for a fit there is no confidence, and the signatures lose that output.
        """
        self.confidence = fit_to_examples(self._with_means, examples)
        self.__dict__.pop("_traced_signatures", None)  # they hold the numbers as constants

    def _translate_with_means(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        sentences = self._sentences(text)
        source, found = self._search(sentences.flat)
        first = FirstTranslations.of(found, self.subwords)
        means = lowest_means(sentences, source, first.means)
        return {"translation": sentences.joined(first.texts), "mean": means}

    def translations_of(self, texts: Sequence[str], batch_size: int = 32, greedy: bool = False) -> list[str]:
        """Translations of any number of texts, in their order.

        Args:
            texts: what to translate.
            batch_size: texts per batch.
            greedy: greedy search of each text as one sentence: faster, for validation.
        """
        check_texts(texts=texts)
        if greedy:
            found = over_rows(self._greedy, [texts], batch_size)
        else:
            found = self.answers_of(texts, batch_size=batch_size)
        return [text.decode("utf-8") for text in found.get("translation", [])]

    def best_translations_of(
        self,
        texts: Sequence[str],
        count: int = 1,
        options: TranslationOptions = TranslationOptions(),  # noqa: B008  frozen
        batch_size: int = 32,
    ) -> list[list[str]]:
        """The `count` best different translations of each text, best first; fewer where there are fewer.

        Args:
            texts: what to translate.
            count: translations per text; above 1 by beam search only. A count above the run's beam width
                widens the beam.
            options: of the search.
            batch_size: texts per batch.

        Raises:
            ConfigError: an argument is out of its range, or the model cannot meet it.
        """
        return self._best.of(texts, count, options, batch_size)
