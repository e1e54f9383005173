"""The best translations of any number of texts."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from seqapp.argument_checks import check_counts, check_texts
from seqapp.config import TranslationConfig
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.errors import ConfigError
from seqapp.tasks.alternatives import joined_alternatives
from seqapp.tasks.distinct_texts import distinct_translations
from seqapp.tasks.rows import over_rows
from seqapp.tasks.search_limits import check_search_limits
from seqapp.tasks.sentences import Sentences
from seqapp.tasks.translation_options import OptionColumns, TranslationOptions
from seqapp.tasks.translation_search import TranslationSearch
from seqapp.tasks.translation_source import encode_source
from seqapp.text.subwords import Subwords


class BestTranslations:
    """A search for several translations per text, traced and called for any number of texts.

    Args:
        searches: of the network.
        split: texts string[B] → their sentences.
        config: all settings of the model.
        subwords: its vocabulary.
    """

    def __init__(
        self,
        searches: TranslationSearch,
        split: Callable[[tf.Tensor], Sentences],
        config: TranslationConfig,
        subwords: Subwords,
    ) -> None:
        self._traced = tf.function(self._translate, autograph=False, reduce_retracing=True)
        self._searches = searches
        self._split = split
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

    def _translate(
        self, text: tf.Tensor, prefix: tf.Tensor, options: OptionColumns, count: int
    ) -> tf.Tensor:
        """string[B, count]: the best translations by beam search, or one sample where `count` is 1.

        Args:
            text: string[B].
            prefix: string[B].
            options: scalars.
            count: of translations; "" stands behind the last different one.
        """
        columns = OptionColumns(*(tf.fill(tf.shape(text), option) for option in options))
        sentences = self._split(text)
        source = encode_source(sentences.flat, self._subwords, self._config)
        columns = columns._replace(prefix=prefix).of_sentences(sentences)
        if count == 1:
            found = self._searches.with_options(source, columns, self._first_text)
            return sentences.joined(found[0])[:, tf.newaxis]
        width = max(count, self._config.search.beam_width)
        texts, scores = self._searches.best_with_options(
            source, columns, width, lambda found: list(distinct_translations(found, self._subwords))
        )
        return joined_alternatives(sentences, texts, scores, width)["translations"][:, :count]

    def _first_text(self, found: Hypotheses) -> list[tf.Tensor]:
        return [self._subwords.decode(found.ids[:, 0])]
