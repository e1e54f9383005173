"""The searches of a translator."""

from functools import cached_property

import tensorflow as tf

from seqapp.config import TranslationConfig
from seqapp.decoding.beam import Beam
from seqapp.decoding.beam_or_sample import beam_or_sample
from seqapp.decoding.constraints import Constraint
from seqapp.decoding.coverage import CoveragePenalty
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.repeated_ngrams import no_repeat_ngram
from seqapp.decoding.row_search import Answer, RowSearch, Start, answers_of
from seqapp.decoding.search import search
from seqapp.decoding.starts_with import NO_BYTE, TokenBytes, starts_with
from seqapp.models.folded_translator import FoldedTranslator
from seqapp.models.translator import Translator
from seqapp.tasks.open_words import LONGEST_OPEN_WORD
from seqapp.tasks.search_limits import has_coverage
from seqapp.tasks.token_bytes import token_bytes
from seqapp.tasks.translation_options import OptionColumns
from seqapp.tasks.translation_prefix import EncodedPrefix, encode_prefix
from seqapp.tasks.translation_source import EncodedSource
from seqapp.text.subwords import Subwords

# Options outside of these bounds are brought to them: no client can make a server divide by 0.
_PENALTIES = (0.0, 5.0)
_TEMPERATURES = (0.01, 100.0)


class TranslationSearch:
    """Greedy search, beam search and sampling of target ids for encoded source sentences.

    The only caller of the model's ``start``, ``step`` and ``step_with_attention``.

    Args:
        model: the network.
        config: all settings; beam width, length penalty and maximum target length are read.
        subwords: the vocabulary, for prefixes.
    """

    def __init__(
        self, model: Translator | FoldedTranslator, config: TranslationConfig, subwords: Subwords
    ) -> None:
        self._model = model
        self._subwords = subwords
        self._config = config

    def greedy(self, source: EncodedSource) -> Hypotheses:
        """Greedy search."""
        state, constants = self._model.start(source.ids, tf.reduce_max(source.max_lengths))
        return search(self._model.step, state, constants, source.max_lengths, Greedy())

    def beam(self, source: EncodedSource, complete: bool = False) -> Hypotheses:
        """Beam search with the settings of the configuration; `complete` as in `search`."""
        state, constants = self._model.start(source.ids, tf.reduce_max(source.max_lengths))
        settings = self._config.search
        return search(
            self._model.step,
            state,
            constants,
            source.max_lengths,
            Beam(settings.beam_width),
            alpha=settings.length_penalty,
            complete=complete,
        )

    def with_options(
        self, source: EncodedSource, options: OptionColumns, answer: Answer
    ) -> list[tf.Tensor]:
        """`beam_or_sample` with the options of each sentence: the tensors of `answer`."""
        temperatures = tf.clip_by_value(options.temperature, *_TEMPERATURES)
        return beam_or_sample(
            self._rows(source, options),
            tf.where(options.temperature > 0, temperatures, 0.0),
            options.seed,
            self._config.search.beam_width,
            answer,
            top_k=options.top_k,
            top_p=options.top_p,
        )

    def best_with_options(
        self, source: EncodedSource, options: OptionColumns, width: int, answer: Answer
    ) -> list[tf.Tensor]:
        """Complete beam search of any width with the options of each sentence: the tensors of `answer`."""
        every = tf.ones_like(source.truncated)
        return answers_of(self._rows(source, options).beam(every, width, complete=True), answer)

    def _rows(self, source: EncodedSource, options: OptionColumns) -> RowSearch:
        prefix = encode_prefix(options.prefix, self._subwords, self._config.limits.target_ids)
        room = self._room(source, options, prefix)
        state, constants = self._model.start(source.ids, tf.reduce_max(room))
        alpha, beta = self._penalties(options)
        tokens = TokenBytes(*map(tf.constant, self._tokens))
        mask = tf.sequence_mask(source.lengths, tf.shape(source.ids)[1])
        coverage = CoveragePenalty(self._model.step_with_attention, mask, beta)

        def constraints(rows: tf.Tensor) -> list[Constraint]:
            sizes, counts, words = (
                tf.gather(values, rows)
                for values in (options.no_repeat_ngram, prefix.counts, prefix.open_words)
            )
            return [starts_with(words, counts, tokens, [no_repeat_ngram(sizes)])]

        return RowSearch(
            self._model.step,
            Start(state, constants, room, options.min_length, alpha, prefix.ids),
            constraints,
            coverage if has_coverage(self._config) else None,
        )

    def _penalties(self, options: OptionColumns) -> tuple[tf.Tensor, tf.Tensor]:
        """Alpha and beta of Wu et al. 2016, equation 14, each float32 [N]."""
        own, wanted = self._config.search.length_penalty, options.length_penalty
        alpha = tf.where(wanted >= 0, wanted, own)
        beta = tf.where(options.coverage_penalty > 0, options.coverage_penalty, 0.0)
        return tf.clip_by_value(alpha, *_PENALTIES), tf.clip_by_value(beta, *_PENALTIES)

    def _room(self, source: EncodedSource, options: OptionColumns, prefix: EncodedPrefix) -> tf.Tensor:
        """int32 [N], maximum length of each translation: that of the options, else room for the prefix."""
        most = self._config.limits.target_ids
        # A word has at most as many tokens as bytes.
        word = tf.reduce_sum(tf.cast(tf.not_equal(prefix.open_words, NO_BYTE), tf.int32), axis=1)
        own = tf.minimum(tf.maximum(source.max_lengths, prefix.counts + word + 1), most)
        chosen = tf.where(options.max_length > 0, tf.minimum(options.max_length, most), own)
        return tf.where(source.max_lengths > 1, chosen, source.max_lengths)

    @cached_property
    def _tokens(self) -> TokenBytes:
        return token_bytes(self._subwords, LONGEST_OPEN_WORD)
