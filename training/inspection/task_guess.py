"""Guess of the task of files from options, formats and column names."""

import re
from collections.abc import Mapping
from typing import Any

from training.data.data_file import DataFile
from training.data.data_reader import file_head
from training.data.row_files import RowFiles
from training.tasks.registry import CHAPTERS

_DEFAULT, _LABELLED = "translation", "classification"
_FEWEST_LINES = 10


def guessed_task(files: RowFiles, options: Mapping[str, Any]) -> tuple[str, str]:
    """Return the task of the files, and what shows it.

    In this order: an option, which is of the first task that has it; two parallel files, or a translation
    memory; a directory; columns or keys called like the features of a task; a last column whose values recur,
    such as labels; otherwise translation, as in `fit`.

    Args:
        files: not empty.
        options: values of the options of all tasks.
    """
    if found := _by_option(options):
        return found
    file = files.files[0]
    if files.target is not None:
        return _DEFAULT, "two parallel files"
    if file.path.is_dir():
        return _LABELLED, "a directory"
    head = file_head(file)
    if file.extension == ".tmx" or head.startswith(("<?xml", "<tmx", "<!DOCTYPE")):
        return _DEFAULT, "a translation memory"
    return _by_names(head) or _by_recurrence(file, head) or (_DEFAULT, "the default")


def _by_option(options: Mapping[str, Any]) -> tuple[str, str] | None:
    for name, value in options.items():
        tasks = [
            task for task, chapter in CHAPTERS.items() if name in {one.name for one in chapter.all_options()}
        ]
        if value and tasks:
            return tasks[0], f"--{name.replace('_', '-')}"
    return None


def _by_names(head: str) -> tuple[str, str] | None:
    first = head.partition("\n")[0]
    names = {cell.strip(" '\r").lower() for cell in re.split(r'[\t,;|"{}:]', first)}
    found = {task: [name for name in chapter.columns if name in names] for task, chapter in CHAPTERS.items()}
    most = max(map(len, found.values()))
    likely = [task for task, columns in found.items() if len(columns) == most]
    if not most or len(likely) > 1:
        return None
    return likely[0], f"columns called {' and '.join(found[likely[0]])}"


def _by_recurrence(file: DataFile, head: str) -> tuple[str, str] | None:
    whole_lines = head.split("\n")[:-1]
    cells = [line.rpartition("\t")[2].strip() for line in whole_lines if "\t" in line]
    if len(cells) < _FEWEST_LINES or 2 * len(set(cells)) > len(cells):
        return None
    return _LABELLED, f"values that recur in the last column of {file}"
