"""The rules of docs/style.md that a regular expression can check: documents, help texts, docstrings."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import typer.main

from training.commands import application

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "style.md"
DOCUMENTS = sorted(
    path for path in [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")] if path != GUIDE
)
PACKAGES = ("seqapp", "training", "serving", "benchmarks")
# K1: rates and shares take "per".
RATE = re.compile(
    r"\b(?:epochs|steps|texts|rows|lines|labels|pairs|tokens|requests|sentences|examples|words|clients)"
    r" an? (?:second|minute|request|epoch|step|text|row|line|batch|class|package|machine|client|label)\b"
)
# K4, K5: phrases to avoid while docs/style.md has no glossary.
PHRASES = ("by heart", "but for the", "is a wish", "whoever", "parted by", "run of characters", "catalogue")
# Lines that may contain them: (file, part of the line).
ALLOWED: set[tuple[str, str]] = set()


def phrases(text: str) -> list[str]:
    """The first column of the glossary, a phrase per entry; entries are separated by commas."""
    rows = text.partition("\n## Glossary\n")[2].partition("\n## ")[0].splitlines()
    cells = [row.split("|")[1] for row in rows if row.startswith("|")][2:]  # without header and rule
    return [phrase.strip() for cell in cells for phrase in cell.split(",") if phrase.strip()]


@cache
def banned() -> re.Pattern[str]:
    found = phrases(GUIDE.read_text(encoding="utf-8")) if GUIDE.exists() else []
    words = "|".join(map(re.escape, found or PHRASES))
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


def faults(name: str, text: str, quotes: bool = True) -> list[str]:
    """The lines that break a rule; `quotes` skips what is quoted as code."""
    found = []
    for line in text.splitlines():
        plain = re.sub(r"`[^`]*`", "``", line) if quotes else line
        wrong = RATE.search(plain) or banned().search(plain)
        if wrong and not any(name == file and part in line for file, part in ALLOWED):
            found.append(f"{name}: {wrong[0]!r} in {line.strip()}")
    return found


def docstrings(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds))


def help_texts() -> dict[str, str]:
    """Command → help text, for the commands of `training`, without starting a process."""
    return help_texts_below("training", typer.main.get_command(application()))


def help_texts_below(name: str, command) -> dict[str, str]:
    """Those of a command, and of its commands if it is a group."""
    options = [getattr(parameter, "help", "") or "" for parameter in command.params]
    texts = {name: "\n".join([command.help or "", *options])}
    for inner, one in getattr(command, "commands", {}).items():
        texts |= help_texts_below(f"{name} {inner}", one)
    return texts


def test_the_rules_find_what_they_are_for():
    assert faults("x", "617 steps an epoch") == ["x: 'steps an epoch' in 617 steps an epoch"]
    assert faults("x", "617 steps per epoch, lines and a half") == []
    assert faults("x", "a score had by heart")
    assert faults("x", "quoted: `by heart`") == []
    table = "# A\n\n## Glossary\n\n| Avoid | Write | Korean |\n|---|---|---|\n| a b, c d | e | f |\n"
    assert phrases(f"{table}\n## B\n\n| g |\n") == ["a b", "c d"]


@pytest.mark.skipif(not GUIDE.exists(), reason="documents follow the style guide")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert faults(str(path.relative_to(ROOT)), text) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings(package):
    paths = sorted((ROOT / package).rglob("*.py"))
    assert paths
    found = [line for path in paths for line in faults(str(path.relative_to(ROOT)), docstrings(path))]
    assert found == []


def test_help_of_make():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert faults("make help", done.stdout, quotes=False) == []


@pytest.mark.parametrize("name", help_texts())
def test_help_of_training(name):
    text = help_texts()[name]
    assert faults(name, text, quotes=False) == []
    first = text.split()[0].rstrip(",")
    verbs = {"Train", "List", "Score", "Compare", "Print", "Write", "Draw"}
    assert first in verbs, f"{name}: imperative expected, got {first}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        *("serving", "serving export", "serving serve"),
        *("serving query", "serving playground", "serving loadtest"),
    ],
)
def test_help_of_serving(words):
    done = subprocess.run(
        [sys.executable, "-m", *words.split(), "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout + done.stderr
    assert faults(words, done.stdout + done.stderr, quotes=False) == []
