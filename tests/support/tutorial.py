"""The commands of a tutorial, read from its Markdown."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs"
ENGLISH = PAGES / "tutorial.md"
KOREAN = PAGES / "ko" / "tutorial.md"
NOTEBOOK = PAGES / "tutorial.ipynb"

_STEP = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FIGURE = "<!-- figures: {}, begin -->\n```\n(.*?)```\n"


@dataclass(frozen=True)
class Step:
    """A block of commands.

    Attributes:
        language: "sh" or "python".
        body: the commands.
        mark: the comment in the line above it: "not run: REASON" or "exit status N"; empty without one.
    """

    language: str
    body: str
    mark: str

    @property
    def is_run(self) -> bool:
        """Whether a test can run it."""
        return not self.mark.startswith("not run: ")

    @property
    def exit_status(self) -> int:
        """What it ends with."""
        return int(self.mark.removeprefix("exit status ") or 0)


def steps(page: Path) -> list[Step]:
    """All blocks of a page, in order."""
    found = _STEP.findall(page.read_text(encoding="utf-8"))
    return [Step(language, body, mark) for mark, language, body in found]


def figure(page: Path, name: str) -> str:
    """The output that a page shows under this name."""
    return re.findall(_FIGURE.format(name), page.read_text(encoding="utf-8"), re.DOTALL)[0]
