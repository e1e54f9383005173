"""The searches of a translator."""

from collections.abc import Callable

import tensorflow as tf

from seqapp.config import TranslationConfig
from seqapp.decoding.beam import Beam
from seqapp.decoding.beam_or_sample import Start, beam_or_sample
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.search import search
from seqapp.models.folded_translator import FoldedTranslator
from seqapp.models.translator import Translator
from seqapp.tasks.translation_options import OptionColumns
from seqapp.tasks.translation_source import EncodedSource

# Options outside of these bounds are brought to them: no client can make a server divide by 0.
_PENALTIES = (0.0, 5.0)
_TEMPERATURES = (0.01, 100.0)


class TranslationSearch:
    """Greedy search, beam search and sampling of target ids for encoded source sentences.

    The only caller of `Translator.start` and `Translator.step`.

    Args:
        model: the network.
        config: all settings; beam width, length penalty and maximum target length are read.
    """

    def __init__(self, model: Translator | FoldedTranslator, config: TranslationConfig) -> None:
        self._model = model
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

    def widened_beam(
        self, source: EncodedSource, options: OptionColumns, width: int
    ) -> Hypotheses:
        """Complete beam search of any width with the options of each sentence."""
        start = self._start(source, options)
        return search(
            self._model.step,
            start.state,
            start.constants,
            start.max_lengths,
            Beam(width),
            min_lengths=start.min_lengths,
            alpha=start.alpha,
            complete=True,
        )

    def beam_or_sample(
        self,
        source: EncodedSource,
        options: OptionColumns,
        answer: Callable[[Hypotheses], list[tf.Tensor]],
    ) -> list[tf.Tensor]:
        """`beam_or_sample` with the options of each sentence."""
        temperatures = tf.clip_by_value(options.temperature, *_TEMPERATURES)
        return beam_or_sample(
            self._model.step,
            self._start(source, options),
            tf.where(options.temperature > 0, temperatures, 0.0),
            options.seed,
            self._config.search.beam_width,
            answer,
        )

    def _start(self, source: EncodedSource, options: OptionColumns) -> Start:
        """Start of a search with the options of each sentence."""
        penalties, longest = options.length_penalty, options.max_length
        alpha = tf.where(penalties >= 0, penalties, self._config.search.length_penalty)
        room = tf.where(
            (longest > 0) & (source.max_lengths > 1),
            tf.minimum(longest, self._config.limits.target_ids),
            source.max_lengths,
        )
        state, constants = self._model.start(source.ids, tf.reduce_max(room))
        return Start(state, constants, room, options.min_length, tf.clip_by_value(alpha, *_PENALTIES))
