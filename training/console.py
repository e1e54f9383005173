"""Plain text on the console: no markup, no wrapping, no control sequences."""

from rich.console import Console

from seqapp.text.printable import printable_lines


def print_text(console: Console, text: str) -> None:
    """Print text that may come from a user's file or from a model."""
    console.print(printable_lines(text), markup=False, highlight=False, soft_wrap=True)
