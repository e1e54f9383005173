"""Language modelling: results, options and methods of language models."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqapp.completion_options import check_completion_options
from serving.client.errors import UnexpectedReplyError
from serving.client.methods import Methods, Stream, operation
from serving.client.operations import Text, ask_rows, checked, text_column
from serving.client.tasks.task import QueryView, Task
from serving.client.transport import InputTensor, Operation, text_bytes


@dataclass(frozen=True)
class Completion:
    """The text that follows a prompt.

    Attributes:
        text: what follows; where the prompt ends inside of a character, the whole character first.
        log_probability: natural logarithm, summed from the prompt's last word to the end of the completion.
        truncated: whether the prompt was longer than the model reads, so that only its end was read.
    """

    text: str
    log_probability: float
    truncated: bool = False


@dataclass(frozen=True)
class ScoredToken:
    """A token of a text.

    Attributes:
        token: a SentencePiece piece, such as `▁Click`; `</s>` for the end of the text.
        begin: its first byte in the request's UTF-8; 0 for the end of the text.
        end: the byte after its last.
        log_probability: natural logarithm, given the tokens before it.
    """

    token: str
    begin: int
    end: int
    log_probability: float


@dataclass(frozen=True)
class TextScore:
    """Probability of a text.

    Attributes:
        log_probability: natural logarithm, summed over the tokens.
        bits_per_byte: minus the binary logarithm per UTF-8 byte; comparable between models. A lower bound
            where tokens are whole words and some are unknown.
        tokens: of the text, its end last.
        truncated: whether the text was longer than the model reads, and was cut.
    """

    log_probability: float
    bits_per_byte: float
    tokens: tuple[ScoredToken, ...]
    truncated: bool


@dataclass(frozen=True)
class ScoredCompletion:
    """The text that follows a prompt, with the probability of each token.

    Attributes:
        text: as in Completion.
        log_probability: as in Completion.
        truncated: as in Completion.
        tokens: of prompt and completion together, whose UTF-8 is that of `join_completion`; those that the
            model reads of a long text.
    """

    text: str
    log_probability: float
    truncated: bool
    tokens: tuple[ScoredToken, ...]


@dataclass(frozen=True)
class NextToken:
    """A token that may follow a prompt.

    Attributes:
        token: a SentencePiece piece, such as `▁OK`; `</s>` for the end of the text.
        probability: 0 to 1.
    """

    token: str
    probability: float


@dataclass(frozen=True)
class CompletionOptions:
    """Options of the completion of one prompt; each default changes nothing.

    Attributes:
        max_length: maximum length of the completion in tokens, end included; 0 for the model's own.
        temperature: 0 for greedy search, above 0 for one sample at that temperature.
        top_k: number of most probable tokens to sample from; 0 for all.
        top_p: share of probability of the most probable tokens to sample from; 1 for all.
        repetition_penalty: exponent, 1 to 10, of the probabilities of tokens that occur already; 1 for none.
        seed: random seed for sampling.

    Raises:
        ConfigError: a value is out of its range, or has no effect at the temperature.
    """

    max_length: int = 0
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        values: dict[str, Any] = dict(vars(self))
        if self.max_length == 0:
            values["max_length"] = None
        check_completion_options(**values)


_OPTION_TYPES = {
    "max_length": "int32",
    "temperature": "float32",
    "top_k": "int32",
    "top_p": "float32",
    "repetition_penalty": "float32",
    "seed": "int64",
}


class LanguageModellingMethods(Methods):
    """Methods for language models."""

    @operation()
    def complete(
        self,
        prompts: Sequence[Text],
        *,
        options: CompletionOptions | Sequence[CompletionOptions] | None = None,
        timeout: float | None = None,
    ) -> Operation[list[Completion]]:
        """One completion per prompt, in order; "" asks for a text from its beginning.

        Args:
            prompts: texts to go on with. Bytes that are not UTF-8 may be sent as bytes.
            options: options for all prompts, or a list with the options of each.
            timeout: seconds, instead of the client's.
        """
        if not checked(prompts):
            return []
        signature, inputs = "serving_default", _prompt_column(prompts)
        if options is not None:
            signature, inputs = "complete", inputs | _option_columns(options, len(prompts))
        names = ("completion", "log_probability")
        outputs = yield from ask_rows(self, signature, inputs, timeout, *names, texts=names[:1])
        return [Completion(text, float(log), bool(cut)) for text, log, cut in zip(*outputs, strict=True)]

    complete_stream = Stream(complete)

    @operation("score")
    def score_texts(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[TextScore]]:
        """How probable each text and each of its tokens is."""
        if not checked(texts):
            return []
        names = ("log_probability", "bits_per_byte", "tokens", "begin", "end", "token_log_probabilities")
        outputs = yield from ask_rows(
            self, "score", text_column(texts), timeout, *names, texts=["tokens"]
        )
        return [
            TextScore(float(total), float(bits), _tokens(*columns), bool(cut))
            for total, bits, *columns, cut in zip(*outputs, strict=True)
        ]

    @operation("score")
    def complete_and_score(
        self, prompts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[ScoredCompletion]]:
        """One completion per prompt, by greedy search, with the probability of each token; two requests."""
        methods = LanguageModellingMethods
        completions = yield from methods.complete.part(self, prompts, timeout=timeout)
        texts = [join_completion(prompt, one.text) for prompt, one in zip(prompts, completions, strict=True)]
        scores = yield from methods.score_texts.part(self, texts, timeout=timeout)
        return [
            ScoredCompletion(one.text, one.log_probability, one.truncated, score.tokens)
            for one, score in zip(completions, scores, strict=True)
        ]

    @operation("next")
    def next_tokens(
        self, prompts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[list[NextToken]]]:
        """The likeliest next tokens after each prompt, best first."""
        if not checked(prompts):
            return []
        names = ("tokens", "probabilities")
        inputs = _prompt_column(prompts)
        outputs = yield from ask_rows(self, "next", inputs, timeout, *names, texts=names[:1])
        return [
            [NextToken(token, float(p)) for token, p in zip(tokens, each, strict=True)]
            for tokens, each, _ in zip(*outputs, strict=True)
        ]

    @operation("embed")
    def embed(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[tuple[float, ...]]]:
        """The context vector of each text; of models with a network."""
        if not checked(texts):
            return []
        outputs = yield from ask_rows(self, "embed", text_column(texts), timeout, "vector")
        return [tuple(map(float, vector)) for vector, _ in zip(*outputs, strict=True)]


def join_completion(prompt: Text, completion: str) -> bytes:
    """UTF-8 of a prompt with its completion, where a character that the prompt ends inside of is one."""
    begin, end = text_bytes(prompt), text_bytes(completion)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(begin)
    incomplete, _ = decoder.getstate()
    return (begin.removesuffix(incomplete) if end.startswith(incomplete) else begin) + end


def _prompt_column(prompts: Sequence[Text]) -> dict[str, InputTensor]:
    return {"prompt": InputTensor("string", list(prompts))}


def _option_columns(
    options: CompletionOptions | Sequence[CompletionOptions], rows: int
) -> dict[str, InputTensor]:
    each = [options] * rows if isinstance(options, CompletionOptions) else list(options)
    if len(each) != rows:
        raise ValueError(f"options must be one, or one for each prompt; got {len(each)} for {rows} prompts")
    return {
        name: InputTensor(dtype, [getattr(one, name) for one in each])
        for name, dtype in _OPTION_TYPES.items()
    }


def _tokens(tokens: list[str], *columns: list[Any]) -> tuple[ScoredToken, ...]:
    """The tokens of a row without its padding, which is empty.

    Raises:
        UnexpectedReplyError: the columns differ in length.
    """
    if any(len(column) != len(tokens) for column in columns):
        lengths = [len(tokens), *map(len, columns)]
        raise UnexpectedReplyError(f"Tokens, begin, end and log-probabilities differ in length: {lengths}.")
    return tuple(
        ScoredToken(token, int(begin), int(end), float(log_probability))
        for token, begin, end, log_probability in zip(tokens, *columns, strict=True)
        if token
    )


def _view() -> QueryView:
    from serving.client.tasks.language_modelling_view import COMPLETIONS

    return COMPLETIONS


LANGUAGE_MODELLING = Task(
    "language-modelling",
    "a language model",
    frozenset({"completion", "log_probability"}),
    LanguageModellingMethods,
    LanguageModellingMethods.complete,
    _view,
    text_input="prompt",
)
