"""``python -m serving inspect``."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seqapp.errors import ExportError
from seqapp.startup import import_tensorflow_quietly


def main(argv: list[str]) -> int:
    """Shows signatures, ops, sizes, versions and the minimum server of a model. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m serving inspect", description="Shows what is in a SavedModel, without loading it."
    )
    parser.add_argument("model", type=Path, help="a version directory, or models/NAME for its newest version")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--ops", action="store_true", help="list the ops too")
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    from serving.inspect.contents import read_contents

    try:
        contents = read_contents(arguments.model)
    except ExportError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if arguments.json:
        print(json.dumps(asdict(contents), default=str, ensure_ascii=False))  # noqa: T201
        return 0
    _show(contents, Console(soft_wrap=True, highlight=False), arguments.ops)
    return 0


def _show(contents, console: Console, with_ops: bool) -> None:
    console.print(f"{contents.directory}  {contents.task}")
    console.print(_table(contents))
    sizes = ", ".join(f"{part} {size / 1e6:,.1f} MB" for part, size in contents.bytes.items())
    console.print(f"size             {sizes}")
    written = ", ".join(f"{name} {version}" for name, version in contents.written_with.items())
    console.print(f"written with     {written}")
    console.print(f"warm-up requests {'yes' if contents.warmup else 'no'}")
    if contents.other_versions:
        console.print(f"other versions   {', '.join(map(str, contents.other_versions))}")
    if contents.refusal:
        console.print(f"servers          none: {contents.refusal}", markup=False)
        return
    console.print(f"kinds of ops     {len(contents.operations)}")
    console.print(f"servers          TensorFlow Serving {contents.minimum_server} and later")
    if with_ops:
        console.print("\n".join(contents.operations))


def _table(contents) -> Table:
    """Every signature with its columns: name, type and shape, and what it means."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for signature, sides in contents.signatures.items():
        table.add_row(escape(signature), style="bold")
        meanings = contents.meanings.get(signature, {})
        for side, word in (("inputs", "in "), ("outputs", "out")):
            for name, about in sides[side].items():
                meaning = meanings.get(side, {}).get(name, "")
                table.add_row(escape(f"  {word} {name}"), escape(about), escape(meaning))
    return table
