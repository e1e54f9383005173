"""Completions of prompts by greedy search and sampling."""

from functools import cached_property
from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.completion_options import LARGEST_REPETITION_PENALTY, LARGEST_TEMPERATURE
from seqapp.config import LanguageModellingLimits
from seqapp.decoding.beam_or_sample import beam_or_sample
from seqapp.decoding.constraints import Constraint
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.longest_continuation import longest_continuation
from seqapp.decoding.repetition_penalty import repetition_penalty
from seqapp.decoding.row_search import RowSearch, Start
from seqapp.decoding.single_spaces import single_spaces
from seqapp.decoding.starts_with import TokenBytes, starts_with
from seqapp.models.next_token_model import NextTokenModel
from seqapp.special_ids import PAD_ID, UNK_ID
from seqapp.tasks.completion_options import OptionColumns
from seqapp.tasks.open_words import LONGEST_OPEN_WORD
from seqapp.tasks.prompts import EncodedPrompt, last_id, read_all_but_last
from seqapp.tasks.token_bytes import spaces_at_ends, token_bytes
from seqapp.tasks.well_formed_text import byte_values, well_formed_text
from seqapp.text.subwords import Subwords

# Options outside of these bounds are brought to them: no client can make a server divide by 0.
_TEMPERATURES = (0.01, LARGEST_TEMPERATURE)
# Of the rest of an open word: some 2 bits per byte, as of texts in general.
_BYTE_COST = 1.5


class Completions(NamedTuple):
    """Completions of N prompts.

    Fields:
        text: string[N], well-formed UTF-8, what follows the prompt.
        log_probability: float32[N], natural, summed over the tokens from the open word of the prompt on, EOS
            included.
    """

    text: tf.Tensor
    log_probability: tf.Tensor


class CompletionSearch:
    """Greedy search and sampling of the tokens that follow a prompt.

    1. The model reads BOS and all complete words of the prompt at once.
    2. The search goes on from there, token by token; the first ones spell the open word, see `starts_with`.

    Args:
        model: gives the probabilities.
        limits: what a served model reads and writes.
        subwords: the vocabulary.
    """

    def __init__(self, model: NextTokenModel, limits: LanguageModellingLimits, subwords: Subwords) -> None:
        self._model = model
        self._limits = limits
        self._subwords = subwords

    def complete(self, prompt: EncodedPrompt, options: OptionColumns) -> Completions:
        """Completions of prompts, with the options of each; values out of range are brought to the bounds."""
        temperatures = tf.clip_by_value(options.temperature, *_TEMPERATURES)
        text, log_probability = beam_or_sample(
            self._rows(prompt, options),
            tf.where(options.temperature > 0, temperatures, 0.0),
            options.seed,
            1,
            self._answer,
            top_k=options.top_k,
            top_p=options.top_p,
        )
        size = tf.strings.length(text)
        known = tf.minimum(prompt.known, size)
        return Completions(tf.strings.substr(text, known, size - known), log_probability)

    def _answer(self, found: Hypotheses) -> list[tf.Tensor]:
        text = self._subwords.spell(found.ids[:, 0])
        # Of a character that the maximum length left incomplete.
        return [tf.strings.regex_replace(text, r"\x{FFFD}+$", ""), found.log_probabilities[:, 0]]

    def _rows(self, prompt: EncodedPrompt, options: OptionColumns) -> RowSearch:
        state = read_all_but_last(self._model, prompt.ids, prompt.counts)
        state = {"model": state, "first": last_id(prompt.ids, prompt.counts)}
        longest = self._longest(options)
        penalties = tf.clip_by_value(options.repetition_penalty, 1.0, LARGEST_REPETITION_PENALTY)
        penalties = tf.where(tf.math.is_nan(penalties), 1.0, penalties)
        tokens = TokenBytes(*map(tf.constant, self._tokens))
        well_formed = well_formed_text(self._byte_values, UNK_ID)
        spaces = single_spaces(*spaces_at_ends(self._tokens))

        def constraints(rows: tf.Tensor) -> list[Constraint]:
            words, sizes, most, before, own = (
                tf.gather(values, rows)
                for values in (prompt.open_words, prompt.open_bytes, longest, prompt.ids, penalties)
            )
            others = [repetition_penalty(own, before), well_formed, spaces]
            return [
                starts_with(words, tf.zeros_like(rows), tokens, others, _BYTE_COST),
                longest_continuation(sizes, most, tokens.lengths),
            ]

        none = tf.zeros_like(longest)
        # A word has at most as many tokens as bytes.
        room = longest + prompt.open_bytes
        return RowSearch(self._step, Start(state, (), room, none, tf.cast(none, tf.float32)), constraints)

    def _step(self, tokens: tf.Tensor, state: Any, constants: Any) -> tuple[tf.Tensor, Any]:
        """A step of the model, whose first token is the last one of the prompt in the place of BOS."""
        first = state["first"]
        tokens = tf.where(tf.equal(first, PAD_ID), tokens, first)
        log_probabilities, of_model = self._model.step(tokens, state["model"])
        return log_probabilities, {"model": of_model, "first": tf.zeros_like(first)}

    def _longest(self, options: OptionColumns) -> tf.Tensor:
        """int32 [N], maximum number of tokens after the open word, EOS included."""
        most = self._limits.completion_tokens
        return tf.where(options.max_length > 0, tf.minimum(options.max_length, most), most)

    @cached_property
    def _tokens(self) -> TokenBytes:
        return token_bytes(self._subwords, LONGEST_OPEN_WORD)

    @cached_property
    def _byte_values(self) -> Any:
        return byte_values(self._subwords)
