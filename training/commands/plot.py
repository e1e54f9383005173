"""The commands `plot …`."""

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqapp.errors import ConfigError
from seqapp.text.printable import printable
from training.commands.options import RunOption
from training.commands.run_of_task import load_run_of_task

if TYPE_CHECKING:
    from training.evaluation.text_surprise import TextSurprise

_FORMATS = (".png", ".svg")

plot = typer.Typer(name="plot", help="Draw what a run computes for a text.")

_Text = Annotated[str, typer.Argument(help="the text", metavar="TEXT")]
_Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="PNG or SVG file (default: surprise.png in the run)"),
]


@plot.command()
def surprise(text: _Text, *, run: RunOption, output: _Output = None) -> None:
    """Draw the surprise of each token of a text under a language model, in bits."""
    path = output or run / "surprise.png"
    if path.suffix.lower() not in _FORMATS:
        raise ConfigError(f"--output must end in .png or .svg, got {path}")
    if output and not output.parent.is_dir():
        raise ConfigError(f"--output: {output.parent} is not a folder; create it, or name a file elsewhere")
    task = load_run_of_task(run, "language-modelling")
    if task.config.objective == "masked":
        raise ConfigError(
            f"--run: {run} holds a masked language model, which gives no probability of the next token; give "
            "a run of model.kind recurrent, transformer or ngram"
        )
    from training.evaluation.surprise_picture import surprise_picture
    from training.evaluation.text_surprise import text_surprise

    found = text_surprise(task, text.encode("utf-8", "surrogateescape"))
    score = _score(found, task.subwords.is_closed)
    cut = f" of the first {task.config.limits.text_tokens - 1} tokens" if found.truncated else ""
    try:
        surprise_picture(found.tokens, found.bits, score + cut, path)
    except OSError as error:
        message = f"--output: {path} cannot be written: {error.strerror}; name another file"
        raise ConfigError(message) from None
    _note_missing_letters("".join(found.tokens))
    typer.echo(f"{path}  {score}{cut}")


def _score(found: "TextSurprise", of_words: bool) -> str:
    """Return the main score: bits per byte would leave out the spelling of unknown words."""
    if not of_words:
        return f"{found.bits_per_byte:.3f} bits per byte"
    count = found.unknown_words
    unknown = f", {count} unknown word{'s' if count > 1 else ''}" if count else ""
    return f"perplexity per word {found.perplexity:.1f}{unknown}"


def _note_missing_letters(text: str) -> None:
    from training.evaluation.figures import drawable

    missing = [letter for letter in dict.fromkeys(text) if drawable(letter) != letter]
    if missing:
        listed = printable(" ".join(missing[:10])) + (" …" if len(missing) > 10 else "")
        remedy = "; for Hangul: pip install koreanize-matplotlib" if any(map(_is_hangul, missing)) else ""
        typer.echo(f"note: drawn as boxes, since no font has them: {listed}{remedy}", err=True)


def _is_hangul(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("HANGUL")
