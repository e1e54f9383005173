"""Masked language modelling: what training, evaluation and serving all call."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from seqapp.config import LanguageModellingConfig
from seqapp.features import Text
from seqapp.losses import TokenLoss
from seqapp.models.masked_language_model import MaskedLanguageModel
from seqapp.signatures import Input, Output, signature
from seqapp.special_ids import MASK_ID, PAD_ID
from seqapp.tasks.base import Asset, Columns, Task
from seqapp.tasks.marked_text import MARK, FillingTokens, encode_marked, replaced_marks
from seqapp.tasks.masked_scores import MaskedScores
from seqapp.tasks.masked_words import (
    PASSES,
    chosen_tokens,
    every_word_once,
    random_words,
    replaced_tokens,
    word_begins,
    word_numbers,
)
from seqapp.tasks.rows import of_any_batch, over_rows
from seqapp.text.subwords import Subwords

# Each text is read `PASSES` times.
_SCORED_AT_ONCE = 8
# Of the number of predicted tokens per text.
_PLACES_STEP = 4

_TRUNCATED = {"truncated": Output("bool", "B", "the text was cut: longer than the model reads")}


class MaskedLanguageModellingTask(Task):
    """A masked language model together with its text: strings with marks in, tokens and probabilities out.

    Args:
        config: all settings; its objective is "masked".
        subwords: the vocabulary.
        model: the network; made and built from `config` when not given.
    """

    name = "language-modelling"
    config_class = LanguageModellingConfig
    features = (Text("text", "the text"),)
    asset_classes: ClassVar[Mapping[str, type[Asset]]] = {"subwords": Subwords}

    def __init__(
        self, config: LanguageModellingConfig, subwords: Subwords, model: MaskedLanguageModel | None = None
    ) -> None:
        self.config = config
        self.subwords = subwords
        sizes: Any = config.model
        self.model = model or MaskedLanguageModel(subwords.size, sizes, name="language_model")
        if not self.model.built:
            self.model.build()
        self._begins = word_begins(subwords)
        self._by_character = config.subwords.unit == "character"
        self._filling = FillingTokens(subwords, self._by_character)
        spec = {"input_signature": [tf.TensorSpec([None], tf.string, name="text")], "autograph": False}
        self._scores = tf.function(self._totals, **spec)

    @classmethod
    def from_examples(
        cls, config: LanguageModellingConfig, examples: Columns
    ) -> "MaskedLanguageModellingTask":
        """A task with new weights, its subwords learnt from the examples."""
        return cls(config, Subwords.train(examples["text"], config.subwords))

    def encode(self, examples: Mapping[str, tf.Tensor]) -> dict[str, Any]:
        """``ids`` int32 ragged [B, (T)], EOS last, and ``truncated`` bool[B]: as a classifier's texts."""
        ids, truncated = self.subwords.encode_within(examples["text"], self.config.limits.text_tokens)
        return {"ids": ids, "truncated": truncated}

    def network_batch(self, encoded: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """See `Task.network_batch`: `masked_batch`; the masks depend on the texts of the batch."""
        ids = encoded["ids"].to_tensor(PAD_ID)
        seed = tf.stack([self.config.training.seed, tf.reduce_sum(ids)])
        return self.masked_batch(ids, tf.cast(seed, tf.int64))

    def masked_batch(
        self, ids: tf.Tensor, seed: tf.Tensor
    ) -> tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor]:
        """Inputs, targets and sample weights of ids, with words chosen and replaced at random.

        Args:
            ids: int32 [B, T], padded on the right.
            seed: int64 [2].

        Returns:
            ``ids`` int32 [B, T] and ``places`` int32 [B, P]; the tokens there, int32 [B, P]; and float32
            [B, P], 0.0 in padding.
        """
        seeds = tf.random.split(seed, 2)
        chosen = random_words(ids, word_numbers(ids, self._begins), self.config.model.mask_rate, seeds[0])
        found = chosen_tokens(ids, chosen, _PLACES_STEP)
        inputs = replaced_tokens(ids, chosen, self.subwords.size, seeds[1])
        return {"ids": inputs, "places": found.places}, found.ids, found.weights

    def loss(self) -> keras.losses.Loss:
        return TokenLoss()

    def metric(self) -> keras.metrics.Metric:
        return keras.metrics.SparseCategoricalAccuracy(name="token_accuracy")

    # --- the signatures --------------------------------------------------------------------------

    @signature(
        "serving_default",
        {"text": Input("string", f"the text, with {MARK} for each missing token, any bytes", feature="text")},
        {
            "filled": Output("string", "B", f"the text, each {MARK} replaced by its likeliest token"),
            "tokens": Output("string", "B, M, K", "the likeliest tokens for each mark, best first"),
            "probabilities": Output(
                "float32", "B, M, K", "their probabilities among the tokens that may stand there"
            ),
            **_TRUNCATED,
        },
        answer="filled",
    )
    @of_any_batch
    def fill(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the K likeliest tokens for each mark, given the tokens on both sides.

        Of several marks each is predicted with the others masked. Marks after the cut of a long text stay.
        A text without marks is answered unchanged, with padding alone.
        """
        found = encode_marked(text, self.subwords, self.config.limits.text_tokens, self._by_character)
        logits = self.model({"ids": found.ids, "places": found.places})
        count = min(self.config.limits.next_tokens, self._filling.fewest)
        best = tf.math.top_k(self._filling.log_probabilities(logits, found.begins), count)
        shape = tf.shape(best.indices)
        pieces = self.subwords.pieces(tf.reshape(best.indices, [shape[0], -1]))
        pieces = tf.reshape(pieces, shape)
        is_mark = tf.sequence_mask(found.counts, shape[1])[:, :, tf.newaxis]
        return {
            "filled": replaced_marks(text, self._filling.text(pieces[:, :, 0]), found.counts),
            "tokens": tf.where(is_mark, pieces, ""),
            "probabilities": tf.where(is_mark, tf.exp(best.values), 0.0),
            "truncated": found.truncated,
        }

    @signature(
        "embed",
        {"text": Input("string", "the text, any bytes", feature="text")},
        {
            "vector": Output("float32", "B, C", "context vector: the mean of the encoder's outputs"),
            **_TRUNCATED,
        },
        answer="vector",
    )
    @of_any_batch
    def embed(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the context vector of each text, the mean of the memory over its tokens and EOS."""
        encoded = self.encode({"text": text})
        return {
            "vector": self.model.context(encoded["ids"].to_tensor(PAD_ID)),
            "truncated": encoded["truncated"],
        }

    # --- many texts ------------------------------------------------------------------------------

    def scores_of(self, texts: Sequence[str]) -> MaskedScores:
        """Probabilities of any number of texts, in their order, each cut to what the model reads.

        Each text is read `PASSES` times with every `PASSES`-th word masked, so each of its words is predicted
        once, from all words but those masked with it.
        """
        found = over_rows(self._scores, [texts], _SCORED_AT_ONCE)
        kinds = {
            "log_probabilities": np.float64,
            "correct": np.int64,
            "tokens": np.int64,
            "bytes": np.int64,
        }
        return MaskedScores(**{name: np.array(found.get(name, []), kind) for name, kind in kinds.items()})

    def _totals(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        ids = self.encode({"text": text})["ids"].to_tensor(PAD_ID)
        rows = tf.shape(ids)[0]
        chosen = tf.reshape(every_word_once(ids, word_numbers(ids, self._begins)), [PASSES * rows, -1])
        repeated = tf.tile(ids, [PASSES, 1])
        found = chosen_tokens(repeated, chosen)
        logits = self.model({"ids": tf.where(chosen, MASK_ID, repeated), "places": found.places})
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(found.ids, logits)
        correct = tf.equal(tf.argmax(logits, axis=2, output_type=tf.int32), found.ids)

        def summed(values: tf.Tensor) -> tf.Tensor:
            masked = tf.where(found.weights > 0, values, 0.0)
            return tf.reduce_sum(tf.reshape(masked, [PASSES, rows, -1]), axis=[0, 2])

        return {
            "log_probabilities": summed(-losses),
            "correct": summed(tf.cast(correct, tf.float32)),
            "tokens": summed(found.weights),
            # Without the space before every text.
            "bytes": tf.maximum(tf.strings.length(self.subwords.spell(ids)) - 1, 0),
        }
