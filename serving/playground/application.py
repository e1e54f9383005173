"""The application of the playground: the page, and a small interface of JSON over the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from serving.client.errors import ClientError
from serving.playground.access import BrowserAccess
from serving.playground.guard import Application, Guard
from serving.playground.page_files import INDEX, read_page_files
from serving.playground.questions import QUESTIONS, QuestionError, read_question
from serving.playground.replies import failure, failure_of, success
from serving.playground.served_models import ServedModels, described

MAX_BODY_BYTES = 128 * 1024
_DROPPED_BYTES = 16 * MAX_BODY_BYTES  # read before a 413, so that its sender sees the reply
_BODY_SECONDS = 20.0


def make_application(models: ServedModels, access: BrowserAccess) -> Application:
    """The ASGI application.

    Routes: `/` and `/page/…`, the page; `/api/models`, states of the models; `/api/models/NAME`, its
    signatures; POST `/api/models/NAME/KIND`, a question (`serving/playground/questions.py`).

    Args:
        models: that may be reached.
        access: which requests are answered.
    """
    endpoints = _Endpoints(models)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await models.close()

    routes = [
        Route("/", endpoints.page),
        Route("/page/{file:path}", endpoints.page),
        Route("/api/models", endpoints.states),
        Route("/api/models/{model}", endpoints.signatures),
        Route("/api/models/{model}/{kind}", endpoints.question, methods=["POST"]),
    ]
    handlers = {404: _no_path, 405: _wrong_method, 500: _broken}
    return Guard(Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers), access)


class _Endpoints:
    """What the routes lead to."""

    def __init__(self, models: ServedModels) -> None:
        self._models = models
        self._files = read_page_files()

    async def page(self, request: Request) -> Response:
        name = request.path_params.get("file", INDEX)
        if name not in self._files:
            return failure(404, "path", "There is no such page.")
        content, media_type = self._files[name]
        return Response(content, headers={"cache-control": "no-cache", "content-type": media_type})

    async def states(self, request: Request) -> Response:
        return success({"server": self._models.address, "models": await self._models.states()})

    async def signatures(self, request: Request) -> Response:
        name, version = request.path_params["model"], request.query_params.get("version", "")
        if name not in self._models:
            return _unknown_model(name)
        if version and not (version.isascii() and version.isdigit() and len(version) < 19):
            return failure(400, "question", "version: expected a number.")
        client = self._models.client(name, int(version) if version else None)
        return await _answered(request, _described(client.metadata()))

    async def question(self, request: Request) -> Response:
        name, kind = request.path_params["model"], request.path_params["kind"]
        if name not in self._models:
            return _unknown_model(name)
        if kind not in QUESTIONS:
            known = ", ".join(QUESTIONS)
            return failure(404, "path", f"There is no question {kind[:100]!r}; known are {known}.")
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return failure(415, "question", "The body must be application/json.")
        body = await _read(request)
        if isinstance(body, Response):
            return body
        try:
            asked = read_question(kind, body)
        except QuestionError as error:
            return failure(400, "question", str(error))
        answer = QUESTIONS[kind][1]
        return await _answered(request, answer(self._models.client(name, asked.version), asked))


async def _described(metadata: Awaitable[Any]) -> Any:
    return described(await metadata)


async def _answered(request: Request, answer: Awaitable[Any]) -> Response:
    """The reply with the answer; the request to the model ends when the page no longer waits for it."""
    answering = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            return Response(status_code=499)  # nobody reads it
        return success(answering.result())
    except QuestionError as error:
        return failure(400, "question", str(error))
    except ClientError as error:
        return failure_of(error)
    finally:
        leaving.cancel()
        answering.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _read(request: Request) -> bytes | Response:
    """The body, or the reply to one that is too long or too slow."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size <= MAX_BODY_BYTES:
                    parts.append(part)
                elif size > _DROPPED_BYTES:
                    break
    except ClientDisconnect:
        return Response(status_code=499)
    except TimeoutError:
        return failure(408, "question", "The body came too slowly.")
    if size > MAX_BODY_BYTES:
        return failure(413, "large", f"The body is longer than {MAX_BODY_BYTES:,} bytes.")
    return b"".join(parts)


def _unknown_model(name: str) -> Response:
    return failure(404, "missing", f"The playground does not offer a model {name[:100]!r}.")


async def _no_path(request: Request, error: Exception) -> Response:
    return failure(404, "path", "There is no such page.")


async def _wrong_method(request: Request, error: Exception) -> Response:
    return failure(405, "path", f"{request.method} is not allowed here.")


async def _broken(request: Request, error: Exception) -> Response:
    return failure(500, "fault", "The playground failed over this request.")
