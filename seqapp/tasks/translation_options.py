"""Options of a translation: served inputs, and their checked form in Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.search_options import check_search_options
from seqapp.signatures import Input
from seqapp.tasks.sentences import Sentences

_LARGEST = 2**31 - 1

# The inputs of `translate_with_options` beside the text, with their neutral values.
OPTIONS = {
    "length_penalty": Input("float32", "0 to 5; below 0: the model's own", default=-1.0),
    "max_length": Input("int32", "ids per sentence, EOS included; 0: the model's own", default=0),
    "min_length": Input("int32", "ids per sentence, EOS included; 0: none", default=0),
    "temperature": Input("float32", "0: beam search; above 0: one sample", default=0.0, samples=(0.0, 0.7)),
    "seed": Input("int64", "random seed for sampling", default=0, samples=(0, 1, 2, 3, 4, 5, 6, 7)),
    "coverage_penalty": Input(
        "float32", "0 to 5, for beam search; 0: none", default=0.0, samples=(0.0, 0.0, 0.2)
    ),
    "no_repeat_ngram": Input(
        "int32", "n of token n-grams that occur once at most, up to 8; 0: none", default=0, samples=(0, 3, 2)
    ),
    "prefix": Input(
        "string", "text that the translation begins with; empty: none", default="", samples=("", "", "A")
    ),
    "top_k": Input(
        "int32", "sampling: number of most probable tokens; 0: all", default=0, samples=(0, 5, 0, 0)
    ),
    "top_p": Input(
        "float32", "sampling: share of the most probable tokens; 0 or 1: all", default=1.0, samples=(1.0, 0.9)
    ),
}


class OptionColumns(NamedTuple):
    """The inputs of `OPTIONS`: all [B], or all scalars."""

    length_penalty: tf.Tensor
    max_length: tf.Tensor
    min_length: tf.Tensor
    temperature: tf.Tensor
    seed: tf.Tensor
    coverage_penalty: tf.Tensor
    no_repeat_ngram: tf.Tensor
    prefix: tf.Tensor
    top_k: tf.Tensor
    top_p: tf.Tensor

    def of_sentences(self, sentences: Sentences) -> "OptionColumns":
        """The options of each sentence: those of its text; one seed per sentence, one prefix per text."""
        own = sentences.repeated(self)
        position = sentences.position()
        return own._replace(
            seed=own.seed + tf.cast(position, tf.int64),
            prefix=tf.where(tf.equal(position, 0), own.prefix, ""),
        )


@dataclass(frozen=True)
class TranslationOptions:
    """Options of the search for translations; the same for all texts of a call, except prefixes.

    Attributes:
        length_penalty: α of Wu et al. 2016, equation 14, 0 to 5; None for the run's own.
        max_length: maximum length of a translated sentence in tokens, EOS included; None for the model's own.
        min_length: minimum length of a translated sentence in tokens, EOS included.
        temperature: 0 for beam search; above 0, up to 100, for one sample.
        seed: random seed for sampling.
        coverage_penalty: β of the same equation, 0 to 5, for beam search; 0 for none.
        no_repeat_ngram: n of the token n-grams that occur at most once in a translated sentence, up to 8; 0
            for none.
        prefix: text that each translation begins with, or a list with a text for each; empty or
            whitespace-only for none.
        top_k: number of most probable tokens that a sample draws from; 0 for all.
        top_p: share of probability of the most probable tokens that a sample draws from; 1 for all.

    Raises:
        ConfigError: a value is out of its range, or has no meaning with the temperature.
    """

    length_penalty: float | None = None
    max_length: int | None = None
    min_length: int = 0
    temperature: float = 0.0
    seed: int = 0
    coverage_penalty: float = 0.0
    no_repeat_ngram: int = 0
    prefix: str | bytes | Sequence[str | bytes] = ""
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        values = dict(vars(self))
        prefix = values.pop("prefix")
        check_search_options(prefixes=prefix if isinstance(prefix, list | tuple) else [prefix], **values)

    def prefixes(self, count: int) -> list[bytes]:
        """The prefix of each of `count` texts, as UTF-8. Raises `ConfigError` for another number of them."""
        each = [self.prefix] * count if isinstance(self.prefix, str | bytes) else self.prefix
        if len(each) != count:
            raise ConfigError(f"prefix: expected one text, or one for each of {count} texts, got {len(each)}")
        return [prefix.encode() if isinstance(prefix, str) else prefix for prefix in each]

    def scalars(self) -> OptionColumns:
        """The options as tensors, as `translate_with_options` takes them for each row; without prefixes."""
        values: dict[str, Any] = {name: getattr(self, name) for name in OPTIONS}
        values["length_penalty"] = -1.0 if self.length_penalty is None else self.length_penalty
        values["max_length"] = min(self.max_length or 0, _LARGEST)
        values["prefix"] = ""
        return OptionColumns(
            **{name: tf.constant(value, OPTIONS[name].dtype) for name, value in values.items()}
        )
