"""The command `presets`."""

import json
from typing import Annotated

import typer

from seqapp.errors import ConfigError
from training.commands.options import TASK_NAMES
from training.settings.preset_text import preset_table, settings_text
from training.tasks.registry import CHAPTERS, chapter_of, current_preset
from training.tasks.registry import preset as named_preset


def presets(
    *,
    task: Annotated[str | None, typer.Argument(help=f"show the presets of one task: {TASK_NAMES}")] = None,
    preset: Annotated[
        str | None, typer.Argument(help="show every setting of this preset, with meaning and default")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the settings of PRESET as JSON, a file for `fit --config`")
    ] = False,
) -> None:
    """List the presets with their sizes and training times, or every setting of one."""
    if as_json and preset is None:
        raise ConfigError("--json needs TASK and PRESET, for example `presets translation base --json`")
    chapters = list(CHAPTERS.values()) if task is None else [chapter_of(task, "TASK")]
    if task is None or preset is None:
        typer.echo("\n\n".join(preset_table(chapter) for chapter in chapters))
        return
    name = current_preset(task, preset)
    config = named_preset(task, name, "PRESET")
    if as_json:
        typer.echo(json.dumps(config.model_dump(mode="json"), indent=2, ensure_ascii=False))
    else:
        typer.echo(settings_text(chapters[0], name))
