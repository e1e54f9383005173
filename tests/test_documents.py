"""What the documents show exists: targets, variables, commands, options, files, names."""

import ast
import importlib.util
import json
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import typer.main

from seqapp.signatures import declared_signatures
from seqapp.tasks.registry import task_class
from tests.support.make_environment import variables
from training.commands import application
from training.data.corpora.registry import CORPORA
from training.tasks.registry import CHAPTERS

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.ko.md"]
DOCUMENTS = [*READMES, *sorted((ROOT / "docs").glob("*.md"))]
SHELL = "sh"
PRESETS = {name: chapter.presets for name, chapter in CHAPTERS.items()}
SIGNATURES = {name: {one.name: one for one in declared_signatures(task_class(name))} for name in CHAPTERS}

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_COMMENT = re.compile(r"[ \t]+# .*$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def blocks(document: Path, language: str) -> list[str]:
    """Fenced blocks of one language."""
    text = document.read_text(encoding="utf-8")
    return [body for name, body in _BLOCK.findall(text) if name == language]


def spans(document: Path) -> list[str]:
    """Inline code outside of fenced blocks."""
    return _SPAN.findall(_BLOCK.sub("", document.read_text(encoding="utf-8")))


def commands(document: Path) -> list[list[str]]:
    """Every shell command shown, in words: fenced ones, and spans that are a make or python command."""
    lines = []
    for block in blocks(document, SHELL):
        lexer = shlex.shlex(_COMMENT.sub("", block), posix=True, punctuation_chars=";|&<>\n")
        lexer.whitespace, lexer.whitespace_split = " \t", True
        words: list[str] = []
        for word in [*lexer, "\n"]:
            if set(word) <= set(";|&\n"):
                lines += [words] if words else []
                words = []
            else:
                words.append(word)
    lines += [shlex.split(span) for span in spans(document) if span.startswith(("make ", "python -m "))]
    return lines


def make_commands(document: Path) -> list[list[str]]:
    return [words[1:] for words in commands(document) if words[0] == "make"]


def task_of(words: list[str]) -> str:
    """The task of a make command: TASK= of its words."""
    return dict(word.split("=", 1) for word in words if "=" in word).get("TASK", "translation")


def python_commands(document: Path) -> list[tuple[str, list[str]]]:
    """(module, words after it) of every `python -m …`."""
    found = []
    for words in commands(document):
        if words[0].endswith("python") and words[1:2] == ["-m"]:
            found.append((words[2], words[3:]))
    return found


@cache
def makefile() -> tuple[set[str], set[str]]:
    """Targets and variables of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    of_task = {name[2:].replace("-", "_").upper() for name in options("training", "fit")}
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE)), variables() | of_task


@cache
def options(module: str, command: str) -> set[str]:
    """The options of `python -m module command`; fails if there is no such command."""
    if module == "training":
        known = typer.main.get_command(application()).commands
        assert command in known, f"python -m training has no command {command!r}"
        return {name for parameter in known[command].params for name in parameter.opts} | {"--help"}
    assert module == "serving", f"python -m {module} is documented without a check of its options here"
    done = subprocess.run(
        [sys.executable, "-m", module, command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "unknown command" not in done.stderr, done.stderr
    return set(re.findall(r"--[a-z][a-z_-]*", done.stdout + done.stderr)) | {"--help"}


@every_document
def test_make_commands_exist(document):
    targets, known = makefile()
    for words in make_commands(document):
        for word in words:
            name, equals, value = word.partition("=")
            assert name in (known if equals else targets), f"{document.name}: make {' '.join(words)}"
            if name == "PRESET":
                assert value in PRESETS[task_of(words)]


@every_document
def test_variables_in_code_exist(document):
    _, known = makefile()
    for span in spans(document):
        name, equals, value = span.partition("=")
        if equals and re.fullmatch("[A-Z_]+", name):
            assert name in known, f"{document.name}: {span}"
            if name == "PRESET":
                assert any(value in names for names in PRESETS.values()), f"{document.name}: {span}"


@every_document
def test_python_commands_exist(document):
    for module, words in python_commands(document):
        if not words or module.startswith("benchmarks."):
            found = importlib.util.find_spec(module)
            assert found, f"{document.name}: python -m {module}"
            for option in (word.partition("=")[0] for word in words if word.startswith("--")):
                written = Path(str(found.origin)).read_text(encoding="utf-8")
                assert f'"{option}"' in written, f"{document.name}: python -m {module} {option}"
            continue
        command, *rest = words
        for word in rest:
            if word.startswith("--"):
                option = word.partition("=")[0]
                shown = f"{document.name}: python -m {module} {command} {option}"
                assert option in options(module, command), shown
            else:
                options(module, command)


@every_document
def test_options_in_code_exist(document):
    known = set().union(
        *(options("training", name) for name in ("fit", "evaluate", "translate", "corpora")),
        *(options("serving", name) for name in ("export", "serve", "query")),
    )
    for span in spans(document):
        if span.startswith("--"):
            assert re.split("[= ]", span)[0] in known, f"{document.name}: {span}"


@every_document
def test_links_resolve(document):
    links = [link for link in _LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    for link in links:
        assert (document.parent / link.partition("#")[0]).exists(), f"{document.name}: {link}"


@every_document
def test_named_files_exist(document):
    for span in spans(document):
        if re.fullmatch(r"(seqapp|training|serving|tests|docs|benchmarks)/[\w./]*", span):
            assert (ROOT / span).exists(), f"{document.name}: {span}"


def test_tree_in_readme_exists():
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"(seqapp|training|serving|tests|benchmarks|docs)/ +(.*)", line):
            folder, words = match.groups()
            for name in re.findall(r"(\w+)/", words):
                assert (ROOT / folder / name).is_dir(), line


@every_document
def test_python_blocks_compile(document):
    for block in blocks(document, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                assert importlib.util.find_spec(str(node.module)), f"{document.name}: from {node.module}"


@every_document
def test_requests_are_json_for_known_signatures(document):
    for words in commands(document):
        if words[0] != "curl" or "-d" not in words:
            continue
        body = json.loads(words[words.index("-d") + 1])
        (model,) = (match[1] for word in words if (match := re.search(r"/models/(\w+)", word)))
        inputs = SIGNATURES[model][body.get("signature_name", "serving_default")].inputs
        columns = body.get("inputs")
        rows = [columns] if columns else body.get("instances", [])
        for row in rows:
            assert set(row if isinstance(row, dict) else ["text"]) == set(inputs), f"{document.name}: {body}"
        for example in body.get("examples", []):
            assert [column.example for column in inputs.values()] == [True], f"{document.name}: {body}"
            assert set(example) == {"text"}, f"{document.name}: {body}"
        assert rows or body["examples"]


@pytest.mark.parametrize(
    ("document", "task"),
    [
        *((path, "translation") for path in READMES),
        *((ROOT / "docs/serving.md", task) for task in SIGNATURES),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_signatures_are_named(document, task):
    named = set(spans(document))
    for name, signature in SIGNATURES[task].items():
        missing = {name, *signature.outputs, *signature.inputs} - named
        assert not missing, f"{document.name} does not name {sorted(missing)} of {name}"


@pytest.mark.parametrize("document", READMES, ids=lambda path: path.name)
def test_readmes_name_what_one_needs(document):
    targets = {word for words in make_commands(document) for word in words if "=" not in word}
    assert {"train", "test", "serve", "query", "evaluate"} <= targets
    named = {value for words in make_commands(document) for word in words for value in word.split("=")[1:]}
    assert named & {pair for corpus in CORPORA.values() for pair in corpus.pairs}
