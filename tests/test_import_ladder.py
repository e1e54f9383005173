"""The import ladder: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A rung may import the rungs before it; the members of one rung do not import each other.
LADDER = (
    {
        *("errors", "interrupts", "startup", "features", "signatures"),
        *("special_ids", "large_negative", "ngram_hashing"),
    },
    {"argument_checks", "atomic_files", "config", "keras_backend", "language_tags"},
    {"abstention", "search_options", "completion_options"},
    {"text", "layers", "decoding", "losses", "optimizers", "linear", "ngrams"},
    {"models"},
    {"keras_classes"},
    {"tasks"},
    {"run_directory", "fine_tuning"},
    {"run"},
)
# The linear model reads characters as the text package gives them.
SIDEWAYS = {("linear", "text")}
# Each of these imports, last, the module that registers the Keras classes of all of them.
REGISTERS = {"layers", "models", "losses", "optimizers"}
# What belongs to one task, by package: no task knows of another.
_ALL = {"translation", "classification", "language_modelling"}
TASKS = {"seqapp/tasks": _ALL, "training/tasks": _ALL}
PACKAGES = {"seqapp": set(), "training": {"seqapp"}, "serving": {"seqapp"}}


def imports(path: Path) -> set[str]:
    """Full names of the modules a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides the ladder"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_downward(package):
    assert files(package)
    for path in files(package):
        for name in imports(path):
            top = name.split(".")[0]
            allowed = (
                top == package or top in PACKAGES[package] or top not in {*PACKAGES, "tests", "benchmarks"}
            )
            assert allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_rungs_of_seqapp():
    rung_of = {name: number for number, names in enumerate(LADDER) for name in names}
    for path in files("seqapp"):
        own = path.relative_to(ROOT / "seqapp").parts[0].removesuffix(".py")
        if own == "__main__":
            own = "argument_checks"
        if own == "__init__":
            assert not {name for name in imports(path) if name.startswith("seqapp")}
            continue
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != "seqapp" or len(parts) < 2 or parts[1] in {own, "__version__"}:
                continue
            allowed = rung_of[parts[1]] < rung_of[own] or (own, parts[1]) in SIDEWAYS
            allowed = allowed or (own in REGISTERS and parts[1] == "keras_classes")
            assert allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_ladder_names_what_there_is():
    there = {
        path.name.removesuffix(".py") for path in (ROOT / "seqapp").iterdir() if path.name[0] not in "_."
    }
    assert there == {name for names in LADDER for name in names}


@pytest.mark.parametrize("package", TASKS)
def test_tasks_do_not_know_each_other(package):
    prefix = package.replace("/", ".")
    for path in files(package):
        own = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
        if own not in TASKS[package]:
            continue
        for name in imports(path):
            other = name.removeprefix(f"{prefix}.").split(".")[0]
            foreign = name.startswith(f"{prefix}.") and other in TASKS[package] - {own}
            assert not foreign, f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("package", TASKS)
def test_only_the_registry_names_the_tasks(package):
    prefix = package.replace("/", ".")
    for path in files(package.split("/")[0]):
        place = path.relative_to(ROOT)
        if place.as_posix() == f"{package}/registry.py":
            continue
        if TASKS[package] & {part.removesuffix(".py") for part in place.parts}:
            continue
        for name in imports(path):
            other = name.removeprefix(f"{prefix}.").split(".")[0]
            named = name.startswith(f"{prefix}.") and other in TASKS[package]
            assert not named, f"{place} imports {name}"
