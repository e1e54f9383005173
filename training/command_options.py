"""Command-line options that the tasks declare."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from training.tasks.registry import CHAPTERS


def with_task_options(command: Callable[..., None], columns_only: bool = False) -> Callable[..., None]:
    """A Typer command whose keyword ``options`` collects the options of all tasks.

    Typer reads options from a function's signature: this gives it one with a parameter per option.

    Args:
        command: with a parameter ``options``.
        columns_only: those that name the columns of a file.
    """
    own = [
        parameter for name, parameter in inspect.signature(command).parameters.items() if name != "options"
    ]
    declared = _declared(columns_only)

    def run(**values: Any) -> None:
        options = {name: values.pop(name) for name in declared}
        command(**values, options=options)

    run.__doc__ = command.__doc__
    run.__name__ = command.__name__
    run.__signature__ = inspect.Signature([*own, *declared.values()])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in [*own, *declared.values()]}
    return run


def _declared(columns_only: bool) -> dict[str, inspect.Parameter]:
    meanings: dict[str, list[str]] = {}
    flags = set()
    for chapter in CHAPTERS.values():
        for option in chapter.column_options() if columns_only else chapter.all_options():
            meanings.setdefault(option.name, []).append(f"{option.help} ({chapter.task})")
            if option.flag:
                flags.add(option.name)
    return {name: _parameter(name, "; ".join(help_), name in flags) for name, help_ in meanings.items()}


def _parameter(name: str, help_text: str, flag: bool) -> inspect.Parameter:
    option = typer.Option(f"--{name.replace('_', '-')}", help=help_text)
    annotation = Annotated[bool, option] if flag else Annotated[str | None, option]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=False if flag else None, annotation=annotation
    )
