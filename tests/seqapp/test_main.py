"""The command `seqapp`: its table of commands, help, and what is missing."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import seqapp
from seqapp.__main__ import COMMANDS
from serving.__main__ import _COMMANDS as SERVING
from training.commands import application

ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "seqapp", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_help_lists_every_command_with_a_line():
    for arguments in ((), ("--help",)):
        done = run(*arguments)
        assert done.returncode == 0
        for name, (_, _, does) in COMMANDS.items():
            assert f"  {name:<15}{does}\n" in done.stdout
            assert does.endswith(".")
            assert not does.split()[0].endswith("s"), "imperative"
        assert max(map(len, done.stdout.splitlines())) <= 100


def test_every_command_of_both_packages_is_there():
    shown = [one for one in application().registered_commands if not one.hidden]
    groups = {one.typer_instance.info.name for one in application().registered_groups}
    of_training = groups | {one.name or one.callback.__name__ for one in shown}
    assert {name for name, (_, extra, _) in COMMANDS.items() if extra == "training"} == of_training
    assert {name: COMMANDS[name][0] for name in SERVING} == {name: one[0] for name, one in SERVING.items()}


@pytest.mark.parametrize("module", sorted({module for module, _, _ in COMMANDS.values()}))
def test_every_module_has_a_main(module):
    assert callable(importlib.import_module(module).main)


def test_version():
    assert run("--version").stdout == f"seqapp {seqapp.__version__}\n"


def test_the_nearest_command_is_named():
    done = run("evalute")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: 'evalute' is not a command of seqapp; did you mean 'evaluate'?\n"
    assert "; commands: corpora, inspect-data, fit" in run("xyz").stderr


@pytest.mark.slow
def test_options_of_a_command_are_shown_under_its_name():
    done = run("fit", "--help", COLUMNS="200")
    assert "seqapp fit [OPTIONS]" in done.stdout
    assert "--init-from" in done.stdout


@pytest.mark.slow
def test_a_user_s_mistake_is_one_line_and_exit_code_2(tmp_path):
    done = run("evaluate", "--run", str(tmp_path / "none"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: run: expected a run directory")
    done = run("export", "--run", str(tmp_path / "none"), "--model", str(tmp_path / "model"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: run: expected a run directory")


@pytest.mark.parametrize(
    ("command", "extra", "package"), [("fit", "training", "typer"), ("query", "serving", "grpc")]
)
def test_a_missing_extra_is_named(command, extra, package, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n")
    arguments = ["--text", "a"] if command == "fit" else ["--model", "m", "a"]
    done = run(command, *arguments, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == f"error: seqapp {command} needs the {extra} extra: pip install 'seqapp[{extra}]'\n"


@pytest.mark.slow
def test_another_keras_backend_is_one_line(tmp_path):
    done = run("translate", "--run", str(tmp_path), KERAS_BACKEND="jax")
    assert done.returncode == 2
    assert done.stderr.startswith("error: KERAS_BACKEND: seqapp needs 'tensorflow', got 'jax'")
