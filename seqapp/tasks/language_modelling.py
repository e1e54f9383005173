"""Language modelling: what training, evaluation and serving all call."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqapp.argument_checks import check_texts
from seqapp.config import LanguageModellingConfig, NgramLanguageModelConfig
from seqapp.errors import ConfigError
from seqapp.features import Text
from seqapp.losses import TokenLoss
from seqapp.models.interpolated_language_model import InterpolatedLanguageModel
from seqapp.models.network_language_model import NetworkLanguageModel
from seqapp.models.next_token_model import NextTokenModel
from seqapp.models.no_network import NoNetwork
from seqapp.models.recurrent_language_model import RecurrentLanguageModel
from seqapp.models.transformer_language_model import TransformerLanguageModel
from seqapp.ngrams.interpolation_weight import InterpolationWeight, fit_interpolation_weight
from seqapp.ngrams.language_model import NgramLanguageModel
from seqapp.signatures import Signature, signature
from seqapp.special_ids import PAD_ID
from seqapp.tasks.base import Columns, Task
from seqapp.tasks.completion_options import OPTIONS, CompletionOptions, OptionColumns
from seqapp.tasks.completion_search import CompletionSearch
from seqapp.tasks.language_model_assets import (
    ASSET_CLASSES,
    OPTIONAL_ASSETS,
    check_files,
    check_unit,
    check_vocabulary,
)
from seqapp.tasks.language_model_ids import ids_within, training_batch, with_begin
from seqapp.tasks.language_model_signatures import COMPLETION, CONTEXT, NEXT, PROMPT, SCORE, TEXT
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from seqapp.tasks.prompts import PromptTokens, encode_prompt, last_id, prompt_tokens, read_all_but_last
from seqapp.tasks.rows import of_any_batch, over_rows
from seqapp.tasks.text_scorer import TextScorer
from seqapp.tasks.text_scores import TextScores
from seqapp.tasks.well_formed_text import byte_ids, byte_values
from seqapp.text.subwords import Subwords

_BATCH_SIZE = 32
# By the kind of the settings; the other kind is the n-gram model.
_NETWORKS = {"recurrent": RecurrentLanguageModel, "transformer": TransformerLanguageModel}


class LanguageModellingTask(Task):
    """A language model together with its text: strings in, strings and probabilities out.

    Args:
        config: all settings.
        subwords: the vocabulary.
        ngrams: the n-gram model, where the settings name one; without counts when not given.
        interpolation: the weight of a network beside an n-gram model; 1 when not given.
        model: the network; made and built from `config` when not given.
    """

    name = "language-modelling"
    config_class = LanguageModellingConfig
    features = (Text("text", "the text"),)
    asset_classes = ASSET_CLASSES
    optional_assets = OPTIONAL_ASSETS

    def __init__(
        self,
        config: LanguageModellingConfig,
        subwords: Subwords,
        ngrams: NgramLanguageModel | None = None,
        interpolation: InterpolationWeight | None = None,
        model: NetworkLanguageModel | NoNetwork | None = None,
    ) -> None:
        self.config = config
        self.subwords = subwords
        settings, self.ngrams = config.ngram_settings, ngrams
        if settings is not None and ngrams is None:
            self.ngrams = NgramLanguageModel(subwords.size, settings.order)
        self.interpolation = None if config.ngrams is None else interpolation or InterpolationWeight()
        if isinstance(config.model, NgramLanguageModelConfig):
            self.model = model or NoNetwork(name="no_network")
        else:
            network = _NETWORKS[config.model.kind]
            self.model = model or network(subwords.size, config.model, name="language_model")
        if not self.model.built:
            self.model.build()
        self._scorer = TextScorer(self.next_tokens, subwords, config)
        self._search = CompletionSearch(self.next_tokens, config.limits, subwords)
        options = OptionColumns(*(tf.TensorSpec([None], one.dtype, name) for name, one in OPTIONS.items()))
        prompt = tf.TensorSpec([None], tf.string, name="prompt")
        self._complete = tf.function(self._completed, input_signature=[prompt, options], autograph=False)

    @property
    def has_network(self) -> bool:
        """Whether there is a network, alone or interpolated with an n-gram model."""
        return self.config.has_network

    @property
    def next_tokens(self) -> NextTokenModel:
        """The model that gives the probabilities."""
        if self.ngrams is None or self.interpolation is None:
            return self.ngrams or self.model
        return InterpolatedLanguageModel(self.model, self.ngrams, self.interpolation.network)

    @classmethod
    def class_for(cls, config: LanguageModellingConfig) -> type[Task]:
        """`MaskedLanguageModellingTask` for a masked language model."""
        return MaskedLanguageModellingTask if config.objective == "masked" else cls

    @classmethod
    def from_examples(cls, config: LanguageModellingConfig, examples: Columns) -> "LanguageModellingTask":
        """A task with new weights, its subwords learnt from the examples."""
        return cls(config, Subwords.train(examples["text"], config.subwords))

    @classmethod
    def from_assets(cls, config: LanguageModellingConfig, directory: Path) -> "LanguageModellingTask":
        """See `Task.from_assets`; n-grams are there if the settings say so, of this vocabulary."""
        check_files(config, directory)
        task = super().from_assets(config, directory)
        if task.ngrams is not None:
            check_vocabulary(task.ngrams, task.subwords.size, directory)
        check_unit(config, task.subwords, directory)
        return task

    def encode(self, examples: Mapping[str, tf.Tensor]) -> dict[str, Any]:
        """``ids`` int32 ragged [B, (T)], EOS last unless the text was cut, and ``truncated`` bool[B]."""
        ids, truncated = ids_within(self.subwords, examples["text"], self.config.limits.text_tokens)
        return {"ids": ids, "truncated": truncated}

    def network_batch(self, encoded: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """See `Task.network_batch`: `training_batch`."""
        return training_batch(encoded["ids"].to_tensor(PAD_ID))

    def loss(self) -> keras.losses.Loss:
        self._check_network("trained by gradients")
        return TokenLoss()

    def metric(self) -> keras.metrics.Metric:
        return keras.metrics.SparseCategoricalAccuracy(name="token_accuracy")

    def calibrate(self, examples: Columns) -> None:
        """Fits the weight of an interpolation to the probabilities of the examples' tokens."""
        if self.ngrams is None or self.interpolation is None:
            return
        found = self._scorer.token_log_probabilities((self.model, self.ngrams), examples["text"])
        self.interpolation.assign(fit_interpolation_weight(*found))

    def signatures(self) -> list[Signature]:
        """The declared signatures; ``embed`` of networks only."""
        return [one for one in super().signatures() if self.has_network or one.name != "embed"]

    # --- the signatures --------------------------------------------------------------------------

    @signature("serving_default", PROMPT, COMPLETION, answer="completion")
    @of_any_batch
    def complete_greedily(self, prompt: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the text that follows each prompt, by greedy search."""
        return self._completed(prompt, OptionColumns.neutral(tf.shape(prompt)[0]))

    @signature("complete", {**PROMPT, **OPTIONS}, COMPLETION, answer="completion")
    @of_any_batch
    def complete(self, prompt: tf.Tensor, *options: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the text that follows each prompt, with the `OPTIONS` of each row, in their order.

        Prompt and completion, joined, are the text; where the prompt ends inside of a character, the whole
        character begins the completion. Values out of their range are brought to the nearest bound, NaN to
        the neutral value.
        """
        return self._completed(prompt, OptionColumns(*options))

    @signature("score", TEXT, SCORE, answer="tokens")
    @of_any_batch
    def score(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → how probable each text and each of its tokens is, given those before it."""
        encoded, limit = self.encode({"text": text}), self.config.limits.text_tokens
        ids = encoded["ids"].to_tensor(PAD_ID)
        each = self.next_tokens.sequence(with_begin(ids))
        begin, end = (places[:, : tf.shape(ids)[1]] for places in self.subwords.offsets(text, limit))
        total = tf.reduce_sum(each, axis=1)
        size = tf.maximum(self.subwords.bytes_read(text, ids, limit), 1)
        return {
            "log_probability": total,
            "bits_per_byte": -total / math.log(2) / tf.cast(size, tf.float32),
            "tokens": self.subwords.pieces(ids),
            "begin": begin,
            "end": end,
            "token_log_probabilities": each,
            "truncated": encoded["truncated"],
        }

    @signature("next", PROMPT, NEXT, answer="tokens")
    @of_any_batch
    def next_of(self, prompt: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the K likeliest tokens after the tokens of each prompt."""
        found = self._prompt_tokens(prompt)
        state = read_all_but_last(self.next_tokens, found.ids, found.counts)
        log_probabilities, _ = self.next_tokens.step(last_id(found.ids, found.counts), state)
        # PAD and BOS never follow.
        count = min(self.config.limits.next_tokens, self.subwords.size - 2)
        best = tf.math.top_k(log_probabilities, count)
        return {
            "tokens": self.subwords.pieces(best.indices),
            "probabilities": tf.exp(best.values),
            "truncated": found.truncated,
        }

    @signature("embed", TEXT, CONTEXT, answer="vector")
    @of_any_batch
    def embed(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the context vector of each text, the output of the top layer after its last token."""
        self._check_network("asked for context vectors")
        encoded = self.encode({"text": text})
        ids = with_begin(encoded["ids"].to_tensor(PAD_ID))
        # With BOS and without EOS: as many as with EOS, which a cut text lacks, and without BOS.
        lengths = tf.cast(encoded["ids"].row_lengths(), tf.int32) + tf.cast(encoded["truncated"], tf.int32)
        return {"vector": self.model.context(ids, lengths), "truncated": encoded["truncated"]}

    # --- parts of them ---------------------------------------------------------------------------

    def _completed(self, prompt: tf.Tensor, options: OptionColumns) -> dict[str, tf.Tensor]:
        encoded = encode_prompt(prompt, self.subwords, self.config.limits.prompt_tokens)
        found = self._search.complete(encoded, options)
        return {
            "completion": found.text,
            "log_probability": found.log_probability,
            "truncated": encoded.truncated,
        }

    def _prompt_tokens(self, prompt: tf.Tensor) -> PromptTokens:
        bytes_of = tf.constant(self._byte_ids)
        return prompt_tokens(
            prompt,
            self.subwords,
            bytes_of,
            self.config.limits.prompt_tokens,
            space_is_token=self.config.subwords.unit == "character",
        )

    @cached_property
    def _byte_ids(self) -> np.ndarray:
        return byte_ids(byte_values(self.subwords))

    def _check_network(self, purpose: str) -> None:
        if not self.has_network:
            raise ConfigError(f"model: an n-gram model has no network that could be {purpose}")

    # --- many texts ------------------------------------------------------------------------------

    def scores_of(self, texts: Sequence[str]) -> TextScores:
        """Probabilities of any number of texts, in their order.

        Texts are cut to what the model reads, documents are read to their end.

        Raises `ConfigError` for a string in place of a list, or one that UTF-8 cannot encode.
        """
        return self._scorer.scores_of(texts)

    def completions_of(
        self,
        prompts: Sequence[str],
        options: CompletionOptions = CompletionOptions(),  # noqa: B008  frozen
        batch_size: int = _BATCH_SIZE,
    ) -> list[str]:
        """Completions of any number of prompts, in their order.

        Args:
            prompts: texts to go on with; "" for texts from their beginning.
            options: of all completions.
            batch_size: prompts per batch.

        Raises:
            ConfigError: an argument is out of its range, top-k above the vocabulary, or a prompt is no UTF-8.
        """
        check_texts(prompts=prompts)
        if options.top_k > self.subwords.size:
            raise ConfigError(
                f"top_k: expected at most {self.subwords.size}, the size of the vocabulary, got "
                f"{options.top_k}; 0 draws from all tokens"
            )
        scalars = options.scalars()

        def completed(prompt: tf.Tensor) -> dict[str, tf.Tensor]:
            rows = tf.shape(prompt)
            return self._complete(prompt, OptionColumns(*(tf.fill(rows, option) for option in scalars)))

        found = over_rows(completed, [prompts], batch_size).get("completion", [])
        return [text.decode("utf-8") for text in found]
