"""Command-line options declared by the tasks."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from training.commands.signatures import in_place_of, with_signature
from training.tasks.registry import CHAPTERS


def with_task_options(command: Callable[..., None], columns_only: bool = False) -> Callable[..., None]:
    """Wrap a Typer command so that its keyword ``options`` collects the options of all tasks.

    Typer reads options from the signature, so the wrapper gets one with a parameter per option. An option
    that was renamed is accepted under its former name too, which prints a note.

    Args:
        command: a function with a parameter ``options``.
        columns_only: include only the options that name the columns of a file.
    """
    declared, former = _declared(columns_only)

    def run(**values: Any) -> None:
        options = {name: values.pop(name) for name in declared}
        for old, new in former.items():
            value = values.pop(old)
            if value is not None:
                typer.echo(f"note: {_flag(old)} is now called {_flag(new)}", err=True)
                options[new] = options[new] or value
        command(**values, options=options)

    hidden = [_parameter(name, "", flag=False, hidden=True) for name in former]
    own = in_place_of("options", command, [])
    return with_signature(run, command, [*own, *declared.values(), *hidden])


def _declared(columns_only: bool) -> tuple[dict[str, inspect.Parameter], dict[str, str]]:
    """Return the parameters by name, and former name → name."""
    meanings: dict[str, list[str]] = {}
    flags, former = set(), {}
    for chapter in CHAPTERS.values():
        for option in chapter.column_options() if columns_only else chapter.all_options():
            meanings.setdefault(option.name, []).append(f"{option.help} ({chapter.task})")
            if option.flag:
                flags.add(option.name)
            if option.former:
                former[option.former] = option.name
    parameters = {name: _parameter(name, "; ".join(help_), name in flags) for name, help_ in meanings.items()}
    return parameters, former


def _parameter(name: str, help_text: str, flag: bool, hidden: bool = False) -> inspect.Parameter:
    option = typer.Option(_flag(name), help=help_text, hidden=hidden)
    annotation = Annotated[bool, option] if flag else Annotated[str | None, option]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=False if flag else None, annotation=annotation
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
