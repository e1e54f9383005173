"""The best translations of any number of texts."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from seqapp.argument_checks import check_counts, check_texts
from seqapp.config import TranslationConfig
from seqapp.errors import ConfigError
from seqapp.tasks.rows import over_rows
from seqapp.tasks.search_limits import check_search_limits
from seqapp.tasks.translation_options import OptionColumns, TranslationOptions
from seqapp.text.subwords import Subwords


class BestTranslations:
    """A translation of a batch of texts, traced and called for any number of texts.

    Args:
        function: texts string[B], prefixes string[B], options as scalars, count → string[B, count], the best
            translations of each text; "" behind the last different one.
        config: all settings of the model.
        subwords: its vocabulary.
    """

    def __init__(
        self,
        function: Callable[[tf.Tensor, tf.Tensor, OptionColumns, int], tf.Tensor],
        config: TranslationConfig,
        subwords: Subwords,
    ) -> None:
        self._traced = tf.function(function, autograph=False, reduce_retracing=True)
        self._config = config
        self._subwords = subwords

    def of(
        self, texts: Sequence[str], count: int, options: TranslationOptions, batch_size: int
    ) -> list[list[str]]:
        """See `TranslationTask.best_translations_of`."""
        check_texts(texts=texts)
        check_counts(count=count)
        if count > 1 and options.temperature > 0:
            raise ConfigError("temperature: expected 0 for several translations per text; a sample is one")
        texts, scalars = list(texts), options.scalars()
        prefixes = options.prefixes(len(texts))
        check_search_limits(options, prefixes, self._config, self._subwords)

        def best(text: tf.Tensor, prefix: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"best": self._traced(text, prefix, scalars, count)}

        rows = over_rows(best, [texts, prefixes], batch_size).get("best", [])
        decoded = [[text.decode("utf-8") for text in row] for row in rows]
        # Behind the last different translation stand empty places.
        return [row[:1] + [text for text in row[1:] if text] for row in decoded]
