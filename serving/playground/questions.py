"""What the page may ask a model, one kind each: its arguments, checked, and its answer as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seqapp.errors import ConfigError
from serving.client.asynchronous import AsyncClient
from serving.client.generic import rows_of
from serving.client.metadata import PREDICT
from serving.client.tasks.language_modelling import CompletionOptions, join_completion
from serving.client.tasks.translation import SearchOptions
from serving.client.transport import InputTensor
from serving.playground.answers import (
    classes_json,
    completion_json,
    explanation_json,
    filling_json,
    reasons_json,
)

MAX_TEXT_LETTERS = 20_000
Options = TypeVar("Options", SearchOptions, CompletionOptions)
Text = Annotated[str, Field(max_length=MAX_TEXT_LETTERS)]
Value = bool | int | float | Text
Version = Annotated[int, Field(ge=0, le=2**63 - 1)]


class QuestionError(ValueError):
    """The question itself is wrong; the message is a sentence."""


class Question(BaseModel):
    """The body of a question with one text.

    Attributes:
        text: to process.
        version: of the model; None for the newest.
        options: of the search, by name.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Text
    version: Version | None = None
    options: dict[str, Value] = Field(default_factory=dict, max_length=32)


class FormQuestion(BaseModel):
    """The body of a question to any signature.

    Attributes:
        signature: its name.
        inputs: one value per input; an input with a default may be left out.
        version: of the model; None for the newest.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    signature: str = Field(max_length=200)
    inputs: dict[str, Value] = Field(max_length=64)
    version: Version | None = None


Answer = Callable[[AsyncClient, Any], Awaitable[Any]]


async def _translate(client: AsyncClient, question: Question) -> Any:
    options = _options_of(SearchOptions, question)
    (found,) = await client.translate([question.text], options=options)
    return {
        "translation": found.text,
        "score": found.score,
        "truncated": found.truncated,
        "confidence": found.confidence,
    }


async def _alternatives(client: AsyncClient, question: Question) -> Any:
    (found,) = await client.alternatives([question.text])
    return [{"translation": one.text, "score": one.score} for one in found]


async def _align(client: AsyncClient, question: Question) -> Any:
    return explanation_json((await client.explain([question.text]))[0])


async def _classify(client: AsyncClient, question: Question) -> Any:
    (found,) = await client.classify([question.text])
    return {
        "label": found.label,
        "probability": found.probability,
        "typicality": found.typicality,
        "truncated": found.truncated,
    }


async def _probabilities(client: AsyncClient, question: Question) -> Any:
    return classes_json((await client.probabilities([question.text]))[0])


async def _reasons(client: AsyncClient, question: Question) -> Any:
    return reasons_json(question.text, (await client.explain_label([question.text]))[0])


async def _complete(client: AsyncClient, question: Question) -> Any:
    (found,) = await client.complete([question.text], options=_options_of(CompletionOptions, question))
    return completion_json(question.text, found)


async def _complete_and_score(client: AsyncClient, question: Question) -> Any:
    (found,) = await client.complete([question.text], options=_options_of(CompletionOptions, question))
    (score,) = await client.score_texts([join_completion(question.text, found.text)])
    return completion_json(question.text, found, score)


async def _next(client: AsyncClient, question: Question) -> Any:
    (found,) = await client.next_tokens([question.text])
    return [{"token": one.token, "probability": one.probability} for one in found if one.token]


async def _fill(client: AsyncClient, question: Question) -> Any:
    return filling_json((await client.fill([question.text]))[0])


async def _predict(client: AsyncClient, question: FormQuestion) -> Any:
    metadata = await client.metadata()
    signature = metadata.get(question.signature)
    if signature is None or signature.method != PREDICT:
        raise QuestionError(f"The model has no signature {question.signature!r} for Predict.")
    if unknown := sorted(question.inputs.keys() - signature.inputs.keys()):
        raise QuestionError(f"The signature {question.signature!r} has no input {unknown[0]!r}.")
    inputs = {name: InputTensor(signature.inputs[name].dtype, [one]) for name, one in question.inputs.items()}
    try:
        reply = await client.predict(inputs, signature=question.signature)
    except (TypeError, ValueError) as error:  # of a value that is not of the input's type
        raise QuestionError(f"An input is not of the type that the signature takes: {error}.") from error
    return rows_of(signature, reply, 1)[0]


QUESTIONS: dict[str, tuple[type[Question] | type[FormQuestion], Answer]] = {
    "translate": (Question, _translate),
    "alternatives": (Question, _alternatives),
    "align": (Question, _align),
    "classify": (Question, _classify),
    "probabilities": (Question, _probabilities),
    "reasons": (Question, _reasons),
    "complete": (Question, _complete),
    "complete-and-score": (Question, _complete_and_score),
    "next": (Question, _next),
    "fill": (Question, _fill),
    "predict": (FormQuestion, _predict),
}
"""Kind → (model of the body, what answers)."""


def read_question(kind: str, body: bytes) -> Question | FormQuestion:
    """The checked body of a question.

    Raises:
        QuestionError: it is not what this kind takes.
    """
    try:
        return QUESTIONS[kind][0].model_validate_json(body)
    except ValidationError as error:
        raise QuestionError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    """The first fault; of a value that may have several types the last one, which is a text."""
    faults = error.errors(include_url=False, include_input=False)
    place = faults[0]["loc"][:2]
    fault = [one for one in faults if one["loc"][:2] == place][-1]
    return f"{'.'.join(map(str, place)) or 'The body'}: {fault['msg']}."


def _options_of(kind: type[Options], question: Question) -> Options | None:
    """The options of a search; None if the question has none.

    Raises:
        QuestionError: an unknown option, or a value out of its range.
    """
    known = [one.name for one in fields(kind)]
    if unknown := sorted(question.options.keys() - set(known)):
        raise QuestionError(f"There is no option {unknown[0]!r}; known are {', '.join(known)}.")
    try:
        return kind(**question.options) if question.options else None  # type: ignore[arg-type]
    except ConfigError as error:
        raise QuestionError(f"{error}.") from error
