"""Writing of the report: both pages and the pictures, whole or not at all."""

import shutil
from pathlib import Path

from seqapp.atomic_files import scratch_directory
from seqapp.errors import ConfigError
from training.ladder.english import WORDS as ENGLISH
from training.ladder.korean import WORDS as KOREAN
from training.ladder.pictures import draw_pictures
from training.ladder.report import report
from training.ladder.results import Results

_KOREAN_FOLDER = "ko"


def check_report(page: Path) -> None:
    """Create the folders of the report.

    Raises:
        ConfigError: not a Markdown file, or a folder that cannot be written.
    """
    if page.suffix != ".md":
        raise ConfigError(f"--report must end in .md, got {page}")
    try:
        (page.parent / _KOREAN_FOLDER).mkdir(parents=True, exist_ok=True)
        with scratch_directory(page.parent, f".{page.stem}-"):
            pass
    except OSError as error:
        raise _not_writable(page, error) from None


def publish(results: Results, page: Path) -> list[Path]:
    """Write the English page, the Korean one in the folder `ko` beside it, and the pictures.

    All are made in a directory beside the page first, so that an error leaves the former report as it was.

    Returns:
        The written files.

    Raises:
        ConfigError: a folder that cannot be written.
    """
    korean, pictures = page.parent / _KOREAN_FOLDER / page.name, page.with_suffix("")
    try:
        with scratch_directory(page.parent, f".{page.stem}-") as scratch:
            drawn = scratch / "pictures"
            drawn.mkdir()
            draw_pictures(results, drawn)
            texts = {
                page: report(results, ENGLISH, pictures.name, f"{_KOREAN_FOLDER}/{page.name}"),
                korean: report(results, KOREAN, f"../{pictures.name}", f"../{page.name}"),
            }
            for place, text in texts.items():
                (scratch / f"{place.parent.name}.md").write_text(text, encoding="utf-8")
            if pictures.exists():
                shutil.move(pictures, scratch / "former")
            drawn.rename(pictures)
            for place in texts:
                (scratch / f"{place.parent.name}.md").replace(place)
    except OSError as error:
        raise _not_writable(page, error) from None
    return [*texts, *sorted(pictures.iterdir())]


def _not_writable(page: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"--report: {page.parent} cannot be written: {error.strerror or error}; name a page in another folder"
    )
