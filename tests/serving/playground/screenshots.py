"""Writes the pictures of the playground in the READMEs, of a running server.

The server has a translator from English to Korean and a sentiment classifier, as `make train` exports them.
Hangul needs a font, such as Noto Sans CJK.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.serving.playground.chromium import Browser
from tests.serving.playground.obtained_chromium import obtain
from tests.serving.playground.running_playground import Playground

WIDTH, HEIGHT, SCALE = 800, 1600, 1.25
LANGUAGES = {"en": "", "ko": ".ko"}
MARGIN = 12
# The area of all displayed elements that a selector finds: x, y, width and height.
AREA = """
const all = [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility())
  .map((one) => one.getBoundingClientRect());
const [left, top] = [Math.min(...all.map((one) => one.left)), Math.min(...all.map((one) => one.top))];
return [left + scrollX, top + scrollY, Math.max(...all.map((one) => one.right)) - left,
  Math.max(...all.map((one) => one.bottom)) - top];
"""


@dataclass(frozen=True)
class Picture:
    """A picture of the page.

    Attributes:
        name: of the file without language and suffix.
        scheme: of the system, "light" or "dark".
        text: the text that is sent.
        ready: selector of what is there when the replies are.
        opened: selectors of the sections to open.
        shown: selector of the elements to be seen.
        pointed_at: selector of the element under the mouse pointer.
    """

    name: str
    scheme: str
    text: str
    ready: Sequence[str]
    opened: Sequence[str] = ()
    shown: str = ".text, .panel"
    pointed_at: str = "h1"


PICTURES = (
    Picture(
        "translation",
        "light",
        "Click OK to save the document.",
        ready=(".alternatives li", ".tokens[data-row=target] .token"),
        opened=(".side-by-side details:first-child", ".side-by-side details:last-child"),
        pointed_at=".tokens[data-row=target] .token",
    ),
    Picture(
        "classification",
        "dark",
        "A wonderful film, never boring, but with a terrible ending.",
        ready=(".bars li", ".words"),
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Writes `NAME.png` in English and `NAME.ko.png` in Korean for each of PICTURES."""
    arguments = parser().parse_args(argv)
    models = {"translation": arguments.translation, "classification": arguments.classification}
    arguments.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        playground = Playground(arguments.grpc, tuple(models.values()))
        stack.callback(playground.close)
        for language, suffix in LANGUAGES.items():
            profile = stack.enter_context(tempfile.TemporaryDirectory())
            browser = Browser(obtain(), Path(profile), language, width=WIDTH, height=HEIGHT, scale=SCALE)
            stack.callback(browser.close)
            for picture in PICTURES:
                path = arguments.out / f"{picture.name}{suffix}.png"
                take(browser, picture, f"http://{playground.host}/", models[picture.name], path)
                sys.stdout.write(f"{path}: {path.stat().st_size / 1000:.0f} kB\n")
    return 0


def take(browser: Browser, picture: Picture, page: str, model: str, path: Path) -> None:
    """Opens the page with a text, waits for the replies, and writes the picture."""
    browser.use_scheme(picture.scheme)
    browser.open(f"{page}#{urlencode({'model': model, 'text': picture.text})}")
    for selector in (*picture.ready, ".panel-body[aria-busy=false]"):
        browser.find(selector)
    for selector in picture.opened:
        browser.run("document.querySelector(arguments[0]).open = true", selector)
        browser.find(f"{selector} svg, {selector} table")
    browser.run("document.activeElement.blur()")
    browser.find(picture.pointed_at).point_at()
    x, y, width, height = browser.run(AREA, picture.shown)
    browser.picture(path, (x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN))


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser("python -m tests.serving.playground.screenshots", description=__doc__)
    options.add_argument("--grpc", default="127.0.0.1:8500", metavar="HOST:PORT", help="port of the server")
    for task in ("translation", "classification"):
        options.add_argument(f"--{task}", default=task, metavar="NAME", help="name of the model")
    options.add_argument("--out", type=Path, default=Path("docs/pictures"), metavar="DIRECTORY")
    return options


if __name__ == "__main__":
    raise SystemExit(main())
