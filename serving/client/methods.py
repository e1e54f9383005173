"""Operations as methods of both clients: written once as a generator, run or awaited by the client."""

from __future__ import annotations

import functools
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from serving.client.errors import ClientError, RequestRefusedError, UnexpectedReplyError, unreadable
from serving.client.metadata import DEFAULT_SIGNATURE
from serving.client.operations import Model, RetryPolicy, Text, ask
from serving.client.transport import Call, ModelSpec, Operation

if TYPE_CHECKING:
    from serving.client.asynchronous import AsyncClient
    from serving.client.synchronous import Client
    from serving.client.tasks.task import QueryView, Task

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Item_co = TypeVar("Item_co", covariant=True)


class Methods:
    """Base of what is mixed into both clients; `self` of its operations is the client."""

    target: ModelSpec
    timeout: float
    retries: RetryPolicy
    declaration: ClassVar[Task | None] = None


class Method(Generic[Parameters, Result]):
    """A descriptor that binds an operation to a client.

    Of a `Client` it is a method that returns the result, of an `AsyncClient` one that returns an
    awaitable, with the operation's parameters and docstring.

    Attributes:
        signature: the signature that is asked, by which one sees whether a model can do it.
    """

    def __init__(
        self, function: Callable[Concatenate[Any, Parameters], Operation[Result]], signature: str
    ) -> None:
        self.signature = signature
        self._function = function
        self._owner: type[Methods] = Methods
        functools.update_wrapper(self, function)  # type: ignore[arg-type]

        @functools.wraps(function)
        def run(client: Any, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Any:
            return client.run(self, *args, **kwargs)

        self._run = run

    def __set_name__(self, owner: type[Methods], name: str) -> None:
        self._owner = owner

    @overload
    def __get__(self, client: Client, owner: type) -> Callable[Parameters, Result]: ...

    @overload
    def __get__(
        self, client: AsyncClient, owner: type
    ) -> Callable[Parameters, Coroutine[Any, Any, Result]]: ...

    @overload
    def __get__(self, client: Task | QueryView | None, owner: type) -> Method[Parameters, Result]: ...

    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else MethodType(self._run, client)

    def part(self, client: Any, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Operation[Result]:
        """The operation as a part of another one, whose `steps` read replies and errors."""
        return self._function(client, *args, **kwargs)

    def steps(self, client: Model, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Operation[Result]:
        """The operation's generator; an error of a model of another task says what the model is."""
        end = time.monotonic() + (kwargs.get("timeout") or client.timeout)  # type: ignore[operator]
        try:
            return (yield from _reading_replies(self._function(client, *args, **kwargs)))
        except (RequestRefusedError, UnexpectedReplyError) as error:
            # Of a reply that the transport could not read, metadata would tell nothing.
            unread = isinstance(error, UnexpectedReplyError) and error.address
            if self._owner.declaration is None or unread:
                raise
            remedy = yield from _remedy(client, self._owner.declaration, end - time.monotonic())
            if not remedy:
                raise
            raise type(error)(f"{error} {remedy}", code=error.code, address=error.address) from error


class Stream(Generic[Result]):
    """A descriptor that asks for any number of texts in batches, several at the same time."""

    def __init__(self, method: Method[Any, list[Result]]) -> None:
        def run(client: Any, texts: Iterable[Text], *, batch_size: int = 32, in_flight: int = 2) -> Any:
            """Answers for any number of texts, in order, while they come.

            Args:
                texts: read as needed, never further than the batches in flight.
                batch_size: texts per request.
                in_flight: requests at the same time.
            """
            return client._stream(method, texts, batch_size, in_flight)

        self._run = run
        self.__doc__ = run.__doc__

    def __set_name__(self, owner: type[Methods], name: str) -> None:
        self._run.__name__ = name

    @overload
    def __get__(self, client: None, owner: type) -> Stream[Result]: ...

    @overload
    def __get__(self, client: Client, owner: type) -> Streamed[Iterator[Result]]: ...

    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Streamed[AsyncIterator[Result]]: ...

    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else MethodType(self._run, client)


class Streamed(Protocol[Item_co]):
    """The type of a bound stream."""

    def __call__(self, texts: Iterable[Text], *, batch_size: int = 32, in_flight: int = 2) -> Item_co: ...


def operation(
    signature: str = DEFAULT_SIGNATURE,
) -> Callable[[Callable[Concatenate[Any, Parameters], Operation[Result]]], Method[Parameters, Result]]:
    """Makes a method of both clients from a generator function that asks this signature."""
    return lambda function: Method(function, signature)


def _reading_replies(steps: Operation[Result]) -> Operation[Result]:
    """The same operation; whatever it raises over a reply that it was sent is a ClientError."""
    try:
        step = next(steps)
        while True:
            try:
                reply = yield step
            except Exception as error:  # noqa: BLE001  the operation decides whether to go on
                step = steps.throw(error)
            else:
                try:
                    step = steps.send(reply)
                except (ClientError, StopIteration):
                    raise
                except Exception as error:
                    raise unreadable(error) from error
    except StopIteration as end:
        return end.value


def _remedy(client: Model, wanted: Task, seconds: float) -> Operation[str]:
    """What the model is, if it is of another task than was asked for; "" if that cannot be told in time."""
    from serving.client.tasks.registry import recognise

    call = Call(client.target, "", seconds, kind="metadata")
    try:
        reply = yield from ask(call, client.retries)
    except ClientError:
        return ""
    found = recognise(reply["signatures"])
    if found is wanted:
        return ""
    if found is None:
        return f"The model is not {wanted.noun}, nor of another known task: ask it with predict()."
    return f"The model is {found.noun}: ask it with {', '.join(found.method_names())}."
