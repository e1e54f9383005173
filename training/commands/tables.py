"""Tables of commands: aligned columns, one line per row where the output is no terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from seqapp.text.printable import printable

_WHOLE_LINES = 10_000  # characters


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of strings under column names; a terminal wraps cells, a pipe or file gets whole lines."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    if not console.is_terminal:
        console.width = _WHOLE_LINES
    console.print(table)
