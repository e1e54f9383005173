"""The options that give the training data, shared by several commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from training.commands.signatures import in_place_of, keywords, with_signature
from training.data.corpora.registry import DEFAULT_CACHE
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles

_FORMATS = "TSV, CSV, JSON lines or TMX, plain or .gz"


def _option(help_text: str, *names: str) -> Any:
    return typer.Option(*names, help=help_text)


_Corpus = Annotated[
    str | None, _option("built-in corpus, see `corpora` (default: the first one of the task)")
]
_Data = Annotated[
    list[str] | None,
    _option(
        f"train on this file instead of a corpus: {_FORMATS}; a quoted pattern ('part-*.tsv'), a directory "
        "of labels, or - for standard input; may be repeated",
        "--data",
    ),
]
_Source = Annotated[Path | None, _option("train on two parallel files: one source per line")]
_Target = Annotated[Path | None, _option("the translation of each line of --source")]
_Files = list[str] | None
_Valid = Annotated[_Files, _option("validation rows for --data (default: held out of --data)")]
_Test = Annotated[_Files, _option("test rows for --data (default: held out of --data)")]
_Clean = Annotated[
    bool,
    _option(
        "leave out training rows that harm: identical sides, length ratio, wrong script, too many copies, "
        "few letters; each reason is counted",
        "--clean",
    ),
]
_OnDisk = Annotated[
    bool | None,
    _option(
        "keep the training rows of --data in files below --cache, for data larger than memory (default: from "
        "256 MiB of text)",
        "--on-disk/--in-memory",
    ),
]
_Cache = Annotated[
    Path, _option("directory for downloaded corpora, translations by teachers and rows on disk")
]


def _parallel(part: str, side: str) -> Any:
    return Annotated[Path | None, _option(f"{part} rows as parallel files: the {side} side")]


_OPTIONS: dict[str, tuple[Any, Any]] = {
    "corpus": (_Corpus, None),
    "data": (_Data, None),
    "source": (_Source, None),
    "target": (_Target, None),
    "valid": (_Valid, None),
    "valid_source": (_parallel("validation", "source"), None),
    "valid_target": (_parallel("validation", "target"), None),
    "test": (_Test, None),
    "test_source": (_parallel("test", "source"), None),
    "test_target": (_parallel("test", "target"), None),
    "clean": (_Clean, False),
    "on_disk": (_OnDisk, None),
    "cache": (_Cache, DEFAULT_CACHE),
}


def with_data_options(command: Callable[..., None]) -> Callable[..., None]:
    """Wrap a Typer command so that its keyword ``source`` is the `DataSpec` of the options.

    Typer reads options from the signature, so the wrapper gets one with a parameter per option, in the place
    of ``source``.
    """

    def run(**values: Any) -> None:
        given = {name: values.pop(name) for name in _OPTIONS}
        command(**values, source=_spec(given))

    return with_signature(run, command, in_place_of("source", command, keywords(_OPTIONS)))


def _spec(given: dict[str, Any]) -> DataSpec:
    def part(name: str, prefix: str) -> GivenFiles:
        return GivenFiles(tuple(given[name] or ()), given[f"{prefix}source"], given[f"{prefix}target"])

    return DataSpec(
        given["corpus"],
        part("data", ""),
        part("valid", "valid_"),
        part("test", "test_"),
        given["clean"],
        given["cache"],
        given["on_disk"],
    )
