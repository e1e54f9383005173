"""Signatures from which Typer reads the options of a command."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any


def with_signature(
    run: Callable[..., None], command: Callable[..., None], parameters: Iterable[inspect.Parameter]
) -> Callable[..., None]:
    """Return `run` with name and docstring of the command that it wraps, and with these parameters."""
    listed = list(parameters)
    run.__doc__ = command.__doc__
    run.__name__ = command.__name__
    run.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in listed}
    return run


def in_place_of(
    name: str, command: Callable[..., None], parameters: Iterable[inspect.Parameter]
) -> list[inspect.Parameter]:
    """Return the parameters of a command, with others in place of the one called `name`."""
    found: list[inspect.Parameter] = []
    for own in inspect.signature(command).parameters.values():
        found += parameters if own.name == name else [own]
    return found


def keywords(declared: Mapping[str, tuple[Any, Any]]) -> list[inspect.Parameter]:
    """Return keyword parameters, from name → annotation and default."""
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in declared.items()
    ]
