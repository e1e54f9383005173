"""`python -m serving` itself: help, unknown commands, nothing heavy for a light command."""

import subprocess
import sys


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "serving", *arguments], capture_output=True, text=True)


def test_without_arguments_it_lists_what_there_is():
    done = run()
    assert done.returncode == 0
    assert "serve" in done.stdout
    assert "query" in done.stdout


def test_an_unknown_command_names_the_known_ones():
    done = run("serv")
    assert done.returncode == 2
    assert "'serv'" in done.stderr
    assert "query" in done.stderr
