"""``python -m serving inspect``."""

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from seqapp.errors import ExportError
from seqapp.startup import import_tensorflow_quietly
from serving.arguments import CommandParser
from serving.client.printable import excerpt
from serving.error_line import write_error

_LONGEST = 300  # characters of a name or meaning


def main(argv: list[str]) -> int:
    """Shows signatures, ops, sizes, versions and the minimum server of a model. Returns the exit code."""
    parser = CommandParser(
        prog="python -m serving inspect",
        description="Show signatures, ops, sizes and required server version of a SavedModel, without"
        " loading it.",
        example="models/NAME",
    )
    parser.add_argument(
        "model", type=Path, metavar="DIR", help="a version, or models/NAME for the newest version in it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--ops", action="store_true", help="list the op types too")
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    from serving.inspect.contents import read_contents

    try:
        contents = read_contents(arguments.model)
    except ExportError as error:
        write_error(error)
        return 2
    if arguments.json:
        # ASCII alone: names and meanings may hold control characters.
        print(json.dumps(asdict(contents), default=str))  # noqa: T201
        return 0
    _show(contents, Console(soft_wrap=True, highlight=False, markup=False), arguments.ops)
    return 0


def _show(contents, console: Console, with_ops: bool) -> None:
    console.print(f"{_safe(contents.directory)}  {_safe(contents.task)}")
    console.print(_table(contents))
    sizes = ", ".join(f"{part} {size / 1e6:,.1f} MB" for part, size in contents.bytes.items())
    console.print(f"size             {sizes}")
    written = ", ".join(f"{_safe(name)} {_safe(version)}" for name, version in contents.written_with.items())
    console.print(f"written with     {written}")
    console.print(f"warm-up requests {'yes' if contents.warmup else 'no'}")
    if contents.other_versions:
        console.print(f"other versions   {', '.join(map(str, contents.other_versions))}")
    if contents.refusal:
        console.print(f"servers          none: {excerpt(contents.refusal, 2000)}")
        return
    console.print(f"op types         {len(contents.operations)}")
    console.print(f"servers          TensorFlow Serving ≥ {contents.minimum_server}")
    if contents.quantization:
        console.print(f"products         {_safe(contents.quantization)}")
    if contents.processor:
        console.print(f"processor        {contents.processor}")
    if with_ops:
        console.print("\n".join(map(_safe, contents.operations)))


def _table(contents) -> Table:
    """Every signature with its columns: name, type and shape, and what it means."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for signature, sides in contents.signatures.items():
        table.add_row(_safe(signature), style="bold")
        meanings = contents.meanings.get(signature, {})
        for side, word in (("inputs", "in "), ("outputs", "out")):
            for name, about in sides[side].items():
                meaning = meanings.get(side, {}).get(name, "")
                table.add_row(f"  {word} {_safe(name)}", _safe(about), _safe(meaning))
    return table


def _safe(value: object) -> str:
    """What an export says of itself, without anything that controls the terminal."""
    return excerpt(str(value), _LONGEST)
