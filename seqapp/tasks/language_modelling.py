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
from seqapp.signatures import Input, Output, Signature, signature
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID, UNK_ID
from seqapp.tasks.base import Columns, Task
from seqapp.tasks.completion_options import OPTIONS, CompletionOptions, OptionColumns
from seqapp.tasks.completion_search import CompletionSearch
from seqapp.tasks.documents import DocumentReader, document_ids, scores_of_documents
from seqapp.tasks.language_model_assets import (
    ASSET_CLASSES,
    OPTIONAL_ASSETS,
    check_files,
    check_unit,
    check_vocabulary,
)
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from seqapp.tasks.prompts import PromptTokens, encode_prompt, last_id, prompt_tokens, read_all_but_last
from seqapp.tasks.rows import of_any_batch, over_rows
from seqapp.tasks.text_scores import TextScores
from seqapp.tasks.token_log_probabilities import token_log_probabilities
from seqapp.tasks.well_formed_text import byte_ids, byte_values
from seqapp.text.subwords import Subwords

_BATCH_SIZE = 32
# By the kind of the settings; the other kind is the n-gram model.
_NETWORKS = {"recurrent": RecurrentLanguageModel, "transformer": TransformerLanguageModel}

_PROMPT = {"prompt": Input("string", "the text to go on with, any bytes", feature="text")}
_TEXT = {"text": Input("string", "the text, any bytes", feature="text")}
_COMPLETION = {
    "completion": Output("string", "B", "the text that follows the prompt, well-formed UTF-8"),
    "log_probability": Output(
        "float32", "B", "natural logarithm, summed from the prompt's last word to the end of the completion"
    ),
    "truncated": Output("bool", "B", "the prompt was cut: its end was read"),
}
_TRUNCATED = {"truncated": Output("bool", "B", "the text was cut: longer than the model reads")}


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
        self._search = CompletionSearch(self.next_tokens, config.limits, subwords)
        text = tf.TensorSpec([None], tf.string, name="text")
        options = OptionColumns(*(tf.TensorSpec([None], one.dtype, name) for name, one in OPTIONS.items()))
        self._scores = tf.function(self._totals, input_signature=[text], autograph=False)
        self._complete = tf.function(self._completed, input_signature=[text, options], autograph=False)

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
        ids, truncated = self.subwords.encode_within(examples["text"], self.config.limits.text_tokens)
        return {"ids": without_end(ids, truncated), "truncated": truncated}

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
        models, texts = (self.model, self.ngrams), examples["text"]
        if self.config.has_documents:
            reader = DocumentReader(models, self.config.limits.text_tokens, _BATCH_SIZE)
            each = reader.log_probabilities(document_ids(self.subwords, texts))
            found = list(np.concatenate(each, axis=1))
        else:
            found = token_log_probabilities(models, self._begun_ids, texts, _BATCH_SIZE)
        self.interpolation.assign(fit_interpolation_weight(*found))

    def signatures(self) -> list[Signature]:
        """The declared signatures; ``embed`` of networks only."""
        return [one for one in super().signatures() if self.has_network or one.name != "embed"]

    # --- the signatures --------------------------------------------------------------------------

    @signature("serving_default", _PROMPT, _COMPLETION, answer="completion")
    @of_any_batch
    def complete_greedily(self, prompt: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the text that follows each prompt, by greedy search."""
        return self._completed(prompt, OptionColumns.neutral(tf.shape(prompt)[0]))

    @signature("complete", {**_PROMPT, **OPTIONS}, _COMPLETION, answer="completion")
    @of_any_batch
    def complete(self, prompt: tf.Tensor, *options: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the text that follows each prompt, with the `OPTIONS` of each row, in their order.

        Prompt and completion, joined, are the text; where the prompt ends inside of a character, the whole
        character begins the completion. Values out of their range are brought to the nearest bound, NaN to
        the neutral value.
        """
        return self._completed(prompt, OptionColumns(*options))

    @signature(
        "score",
        _TEXT,
        {
            "log_probability": Output("float32", "B", "natural logarithm, summed over the tokens"),
            "bits_per_byte": Output(
                "float32", "B", "minus the binary logarithm, per UTF-8 byte; a lower bound with unknown words"
            ),
            "tokens": Output("string", "B, T", "tokens, then the end unless it was cut; padding is empty"),
            "begin": Output("int32", "B, T", "first byte of each token in the text"),
            "end": Output("int32", "B, T", "byte after the last of each token"),
            "token_log_probabilities": Output("float32", "B, T", "of each token; 0 in padding"),
            **_TRUNCATED,
        },
        answer="tokens",
    )
    @of_any_batch
    def score(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → how probable each text and each of its tokens is, given those before it."""
        encoded = self.encode({"text": text})
        ids = encoded["ids"].to_tensor(PAD_ID)
        each = self.next_tokens.sequence(_with_begin(ids))
        begin, end = (
            places[:, : tf.shape(ids)[1]]
            for places in self.subwords.offsets(text, self.config.limits.text_tokens)
        )
        total = tf.reduce_sum(each, axis=1)
        bits = -total / math.log(2) / tf.cast(tf.maximum(self._bytes(text, ids), 1), tf.float32)
        return {
            "log_probability": total,
            "bits_per_byte": bits,
            "tokens": self.subwords.pieces(ids),
            "begin": begin,
            "end": end,
            "token_log_probabilities": each,
            "truncated": encoded["truncated"],
        }

    @signature(
        "next",
        _PROMPT,
        {
            "tokens": Output("string", "B, K", "the likeliest next tokens, best first"),
            "probabilities": Output("float32", "B, K", "their probabilities"),
            "truncated": _COMPLETION["truncated"],
        },
        answer="tokens",
    )
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

    @signature(
        "embed",
        _TEXT,
        {
            "vector": Output("float32", "B, C", "context vector: the top layer after the last token"),
            **_TRUNCATED,
        },
        answer="vector",
    )
    @of_any_batch
    def embed(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the context vector of each text, the output of the top layer after its last token."""
        self._check_network("asked for context vectors")
        encoded = self.encode({"text": text})
        ids = _with_begin(encoded["ids"].to_tensor(PAD_ID))
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

    def _bytes(self, text: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """int32 [B], bytes of string[B] that ids int32 [B, T] were read from."""
        return self.subwords.bytes_read(text, ids, self.config.limits.text_tokens)

    def _totals(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        encoded = self.encode({"text": text})
        ids = encoded["ids"].to_tensor(PAD_ID)
        return {
            "log_probabilities": tf.reduce_sum(self.next_tokens.sequence(_with_begin(ids)), axis=1),
            "tokens": encoded["ids"].row_lengths(),
            "bytes": self._bytes(text, ids),
            "words": _count(tf.not_equal(ids, PAD_ID) & tf.not_equal(ids, EOS_ID)),
            "unknown": _count(tf.equal(ids, UNK_ID)),
        }

    def _begun_ids(self, text: tf.Tensor) -> tf.Tensor:
        """int32 [B, T], BOS first, of string[B]."""
        return _with_begin(self.encode({"text": text})["ids"].to_tensor(PAD_ID))

    def _check_network(self, purpose: str) -> None:
        if not self.has_network:
            raise ConfigError(f"model: an n-gram model has no network that could be {purpose}")

    # --- many texts ------------------------------------------------------------------------------

    def scores_of(self, texts: Sequence[str]) -> TextScores:
        """Probabilities of any number of texts, in their order.

        Texts are cut to what the model reads, documents are read to their end.

        Raises `ConfigError` for a string in place of a list, or one that UTF-8 cannot encode.
        """
        check_texts(texts=texts)
        if self.config.has_documents:
            return scores_of_documents(self._reader, self.subwords, texts)
        found = over_rows(self._scores, [texts], _BATCH_SIZE)
        kinds = {name: np.float64 if name == "log_probabilities" else np.int64 for name in TextScores._fields}
        return TextScores(**{name: np.array(found.get(name, []), kind) for name, kind in kinds.items()})

    @cached_property
    def _reader(self) -> DocumentReader:
        return DocumentReader([self.next_tokens], self.config.limits.text_tokens, _BATCH_SIZE)

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


def without_end(ids: tf.RaggedTensor, truncated: tf.Tensor) -> tf.RaggedTensor:
    """Ids without the EOS of texts that were cut, whose end is not there."""
    cut = tf.gather(truncated, ids.value_rowids())
    kept = ~(cut & tf.equal(ids.values, EOS_ID))
    return tf.ragged.boolean_mask(ids, ids.with_values(kept))


def training_batch(ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Inputs, targets and sample weights of ids int32 [B, T]: BOS first, and 0.0 at padding."""
    inputs = tf.pad(ids[:, :-1], [[0, 0], [1, 0]], constant_values=BOS_ID)
    return inputs, ids, tf.cast(tf.not_equal(ids, PAD_ID), tf.float32)


def _with_begin(ids: tf.Tensor) -> tf.Tensor:
    return tf.pad(ids, [[0, 0], [1, 0]], constant_values=BOS_ID)


def _count(marked: tf.Tensor) -> tf.Tensor:
    """int32 [B] of bool [B, T]."""
    return tf.reduce_sum(tf.cast(marked, tf.int32), axis=1)
