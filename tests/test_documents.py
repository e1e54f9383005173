"""Documents show what exists: commands and their options, files, links and anchors, names, requests."""

import ast
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import typer.main

from seqapp.signatures import declared_signatures
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from seqapp.tasks.registry import task_class
from tests.support.make_environment import variables
from training.commands import application
from training.tasks.registry import CHAPTERS

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.ko.md"]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
CHANGELOG = ROOT / "CHANGELOG.md"  # names old options on purpose
DOCUMENTS = [*READMES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "benchmarks/README.md", *PAGES]
SHELL = "sh"
PRESETS = {name: chapter.presets for name, chapter in CHAPTERS.items()}
SIGNATURES = {name: {one.name: one for one in declared_signatures(task_class(name))} for name in CHAPTERS}
# A task of two kinds of models.
MASKED = {one.name: one for one in declared_signatures(MaskedLanguageModellingTask)}
# Models that a page names with NAME=.
TASK_OF_MODEL = {**{name: name for name in CHAPTERS}, "first": "translation"}
TASK_PAGES = {name: ROOT / f"docs/tasks/{name}.md" for name in CHAPTERS}
TEMPLATE = [
    *("Try it", "Data", "Presets and cost", "Reading the scores"),
    *("Signatures", "Limitations", "How the model works"),
]
TOOLS = {"pip", "pytest"}  # whose options are their own
GROUPS = {"plot", "arpa"}  # commands with commands of their own
OTHER_OPTIONS = {"--init"}  # of docker run

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_COMMENT = re.compile(r"[ \t]+# .*$", re.MULTILINE)
_LINK = re.compile(r"(?:\]\(|<img src=\")([^)\"\s]+)[)\"]")
_HEADING = re.compile(r"^(#+) +(.+)$", re.MULTILINE)
_OPTION = re.compile(r"--[a-z][a-z_-]*")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
every_readme = pytest.mark.parametrize("document", READMES, ids=name_of)
every_task = pytest.mark.parametrize("task", CHAPTERS)


def blocks(document: Path, language: str) -> list[str]:
    """Fenced blocks of one language."""
    text = document.read_text(encoding="utf-8")
    return [body for name, body in _BLOCK.findall(text) if name == language]


def prose(document: Path) -> str:
    """The text without fenced blocks."""
    return _BLOCK.sub("", document.read_text(encoding="utf-8"))


def spans(document: Path) -> list[str]:
    """Inline code."""
    return _SPAN.findall(prose(document))


def headings(document: Path) -> list[tuple[int, str]]:
    """(level, text) of every heading."""
    return [(len(signs), text) for signs, text in _HEADING.findall(prose(document))]


def anchors(document: Path) -> set[str]:
    """The fragments that GitHub gives to the headings."""
    seen: Counter[str] = Counter()
    found = set()
    for _, text in headings(document):
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def commands(document: Path) -> list[list[str]]:
    """Every shell command shown, in words: fenced ones, and spans that are a command of this project."""
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
    shown = [span for span in spans(document) if span.startswith(("make ", "python -m ", "seqapp "))]
    return lines + [shlex.split(span.translate(str.maketrans("[]", "  "))) for span in shown]


def make_commands(document: Path) -> list[list[str]]:
    return [words[1:] for words in commands(document) if words[0] == "make"]


def task_of(words: list[str]) -> str:
    """The task of a make command: TASK= of its words."""
    return dict(word.split("=", 1) for word in words if "=" in word).get("TASK", "translation")


def python_commands(document: Path) -> list[tuple[str, list[str]]]:
    """(module, words after it) of every `python -m …`, and of `seqapp …`, the installed command."""
    found = []
    for words in commands(document):
        if words[0].endswith("python") and words[1:2] == ["-m"]:
            found.append((words[2], words[3:]))
        elif words[0] == "seqapp":
            found.append((words[0], words[1:]))
    return found


@cache
def makefile() -> tuple[set[str], set[str]]:
    """Targets and variables of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    taken = options("training", "fit") | options("training", "ladder")
    of_task = {name[2:].replace("-", "_").upper() for name in taken}
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE)), variables() | of_task


@cache
def options(module: str, command: str) -> set[str]:
    """The options of `python -m module command`, of a group with its command; fails if there is none."""
    if module == "training":
        found = typer.main.get_command(application())
        for name in command.split():
            assert name in found.commands, f"python -m training has no command {command!r}"
            found = found.commands[name]
        return {name for one in found.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    assert module in ("seqapp", "serving"), f"python -m {module}: its options are not checked"
    done = subprocess.run(
        [sys.executable, "-m", module, *command.split(), "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    refused = re.search("unknown command|No such command|No module named", done.stderr)
    assert not refused, f"python -m {module} {command}: {done.stderr}"
    return set(_OPTION.findall(done.stdout + done.stderr)) | {"--help"}


@cache
def options_of_benchmarks() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").rglob("*.py"))
    return {option for source in sources for option in re.findall(r'"(--[a-z-]+)"', source)}


@every_document
def test_make_commands_exist(document):
    targets, known = makefile()
    for words in make_commands(document):
        for word in words:
            name, equals, value = word.partition("=")
            assert name in (known if equals else targets), f"make {' '.join(words)}"
            if name == "PRESET":
                assert value in PRESETS[task_of(words)]


@every_document
def test_variables_in_code_exist(document):
    _, known = makefile()
    for span in spans(document):
        name, equals, value = span.partition("=")
        if equals and re.fullmatch("[A-Z_]+", name):
            assert name in known, span
            if name == "PRESET":
                assert any(value in names for names in PRESETS.values()), span


@every_document
def test_python_commands_exist(document):
    for module, words in python_commands(document):
        if module in TOOLS:
            continue
        if not words or module.startswith("benchmarks."):
            found = importlib.util.find_spec(module)
            assert found, f"python -m {module}"
            if found.submodule_search_locations and module.startswith("benchmarks."):
                found = importlib.util.find_spec(f"{module}.__main__")
            written = Path(str(found.origin)).read_text(encoding="utf-8")
            # Such a benchmark passes what it does not know to `fit`.
            passed_on = options("training", "fit") if "parse_known_args" in written else ()
            for word in words:
                option = word.partition("=")[0]
                known = option in passed_on or f'"{option}"' in written
                assert not word.startswith("--") or known, f"python -m {module} {option}"
            continue
        command, *rest = words
        if command in GROUPS:
            command = f"{command} {rest[0]}"
        known = options(module, command)
        for word in rest:
            option = word.partition("=")[0]
            assert not word.startswith("--") or option in known, f"{module} {command} {option}"


@every_document
def test_options_in_code_exist(document):
    training = ("fit", "evaluate", "compare", "runs", "translate", "corpora", "plot surprise", "arpa read")
    known = OTHER_OPTIONS.union(
        options_of_benchmarks(),
        *(options("training", name) for name in training),
        *(options("serving", name) for name in ("export", "serve", "query", "playground", "loadtest")),
    )
    for span in spans(document):
        if span.startswith("--"):
            assert re.split("[= ]", span)[0] in known, span


@pytest.mark.parametrize("document", [*DOCUMENTS, CHANGELOG], ids=name_of)
def test_links_and_anchors_resolve(document):
    for link in _LINK.findall(prose(document)):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@every_document
def test_named_files_exist(document):
    for span in spans(document):
        if re.fullmatch(r"(seqapp|training|serving|tests|docs|benchmarks)/[\w./]*", span):
            assert "TASK" in span or (ROOT / span).exists(), span


def test_every_page_is_linked():
    linked = {
        (document.parent / link.partition("#")[0]).resolve()
        for document in DOCUMENTS
        for link in _LINK.findall(prose(document))
    }
    assert [name_of(page) for page in PAGES if page not in linked] == []


def test_tree_in_the_architecture_exists():
    folders = set()
    for line in (ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"(seqapp|training|serving|tests|benchmarks|docs)/ +(.*)", line):
            folder, words = match.groups()
            folders.add(folder)
            for name in re.findall(r"(\w+)/", words):
                assert (ROOT / folder / name).is_dir(), line
    assert {"seqapp", "training", "serving"} <= folders


@every_document
def test_python_blocks_compile(document):
    for block in blocks(document, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                assert importlib.util.find_spec(str(node.module)), f"from {node.module}"


@every_document
def test_requests_are_json_for_known_signatures(document):
    for words in commands(document):
        if words[0] != "curl" or "-d" not in words:
            continue
        body = json.loads(words[words.index("-d") + 1])
        (model,) = (match[1] for word in words if (match := re.search(r"/models/([\w-]+)", word)))
        inputs = SIGNATURES[TASK_OF_MODEL[model]][body.get("signature_name", "serving_default")].inputs
        required = {name for name, column in inputs.items() if column.feature}
        columns = body.get("inputs")
        rows = [columns] if columns else body.get("instances", [])
        for row in rows:
            alone = inputs if len(inputs) == 1 else []  # a value without a name is that of the only input
            given = set(row if isinstance(row, dict) else alone)
            assert required <= given <= set(inputs), body
        for example in body.get("examples", []):
            assert [column.example for column in inputs.values()] == [True], body
            assert set(example) == {"text"}, body
        assert rows or body["examples"]


@every_readme
def test_answers_in_readmes_have_the_outputs(document):
    lines = [line for block in blocks(document, SHELL) for line in block.splitlines()]
    answers = [json.loads(line[2:]) for line in lines if line.startswith("# {")]
    shown = [set(answer["predictions"][0]) for answer in answers]
    assert shown == [set(SIGNATURES[task]["serving_default"].outputs) for task in SIGNATURES]


@every_task
def test_signatures_are_named(task):
    named = set(spans(ROOT / "docs/serving.md"))
    for name, signature in SIGNATURES[task].items():
        missing = {name, *signature.outputs, *signature.inputs} - named
        assert not missing, f"docs/serving.md does not name {sorted(missing)} of {name}"
    assert set(SIGNATURES[task]) <= set(spans(TASK_PAGES[task]))


def test_signatures_of_masked_language_models_are_named():
    named = set(spans(ROOT / "docs/serving.md"))
    for name, signature in MASKED.items():
        assert {name, *signature.outputs, *signature.inputs} <= named


@every_task
def test_task_pages_follow_the_template(task):
    assert [text for level, text in headings(TASK_PAGES[task]) if level == 2] == TEMPLATE


@every_task
def test_presets_are_as_described(task):
    text = (ROOT / "docs/presets.md").read_text(encoding="utf-8")
    title = task.replace("-", " ").capitalize()
    (section,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    lines = [line.strip("|").split("|") for line in section.splitlines() if "|" in line]
    rows = [[cell.strip(" `") for cell in line] for line in lines]
    table = {name: values for name, *values in rows}
    presets = [PRESETS[task][name] for name in rows[0][1:]]
    assert len(presets) == len(PRESETS[task])
    for row, name, number in (("epochs", "epochs", int), ("learning rate", "learning_rate", float)):
        assert [value if value == "–" else number(value) for value in table[row]] == [
            "–" if f"training.{name}" in preset.without_effect else getattr(preset.training, name)
            for preset in presets
        ]


@every_readme
def test_readmes_stay_short(document):
    assert len(document.read_text(encoding="utf-8").splitlines()) <= 120


def test_readmes_have_the_same_sections_and_commands():
    english, korean = READMES
    assert [level for level, _ in headings(english)] == [level for level, _ in headings(korean)]
    assert commands(english) == commands(korean)
    assert blocks(english, "python") == blocks(korean, "python")


@every_readme
@every_task
def test_readmes_have_a_row_for_every_task(document, task):
    rows = [line for line in prose(document).splitlines() if line.startswith("|")]
    (row,) = [line for line in rows if f"(docs/tasks/{task}.md) | `make train" in line]
    (command,) = [span for span in _SPAN.findall(row) if span.startswith("make train")]
    assert task_of(shlex.split(command)) == task


@every_readme
def test_readmes_name_what_one_needs(document):
    targets = {word for words in make_commands(document) for word in words if "=" not in word}
    assert {"train", "serve", "query"} <= targets


def test_contributors_find_the_tests():
    targets = {word for words in make_commands(ROOT / "CONTRIBUTING.md") for word in words}
    assert {"setup", "unit", "test", "lint", "bench"} <= targets
