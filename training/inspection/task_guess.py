"""Guess of the task of files from options, formats and column names."""

import re
from collections.abc import Mapping
from typing import Any

from training.data.data_file import DataFile
from training.data.data_reader import file_head, form_of
from training.data.own_texts import TEXTS
from training.data.row_files import RowFiles
from training.tasks.registry import CHAPTERS

_DEFAULT, _LABELLED, _TEXTS_ALONE = "translation", "classification", "language-modelling"
_FEWEST_LINES = 10


def guessed_task(files: RowFiles, options: Mapping[str, Any]) -> tuple[str, str]:
    """Return the task of the files, and what shows it.

    In this order: an option that one task alone has; two parallel files, or a translation memory; a
    directory; columns or keys called like the features of a task; a last column whose values recur, such as
    labels; columns called like all features of a task, of several that share them; plain text without tabs;
    otherwise translation, as in `fit`. Where the files show a task without the given options, it is the one
    with the fewest columns that has them.

    Args:
        files: not empty.
        options: values of the options of all tasks.
    """
    tasks, option = _by_option(options)
    if len(tasks) == 1:
        return tasks[0], option
    found = _by_files(files)
    if found[0] in tasks:
        return found
    return min(tasks, key=lambda task: len(CHAPTERS[task].columns)), option


def _by_files(files: RowFiles) -> tuple[str, str]:
    file = files.files[0]
    if files.target is not None:
        return _DEFAULT, "two parallel files"
    if file.path.is_dir():
        return _LABELLED, "a directory"
    head = file_head(file)
    if file.extension == ".tmx" or head.startswith(("<?xml", "<tmx", "<!DOCTYPE")):
        return _DEFAULT, "a translation memory"
    return (
        _by_names(head)
        or _by_recurrence(file, head)
        or _by_names(head, all_features=True)
        or _by_plain_text(file, head)
        or (_DEFAULT, "the default")
    )


def _by_option(options: Mapping[str, Any]) -> tuple[list[str], str]:
    """Return the tasks with the given option that the fewest tasks have, and the option; all without one."""
    found = (list(CHAPTERS), "")
    for name, value in options.items():
        tasks = [
            task for task, chapter in CHAPTERS.items() if name in {one.name for one in chapter.all_options()}
        ]
        if value and 0 < len(tasks) < len(found[0]):
            found = tasks, f"--{name.replace('_', '-')}"
    return found


def _by_names(head: str, all_features: bool = False) -> tuple[str, str] | None:
    """Return the task with most features in the names; of several, with `all_features`, the complete one."""
    first = head.partition("\n")[0]
    names = {cell.strip(" '\r").lower() for cell in re.split(r'[\t,;|"{}:]', first)}
    found = {task: [name for name in chapter.columns if name in names] for task, chapter in CHAPTERS.items()}
    most = max(map(len, found.values()))
    likely = [task for task, columns in found.items() if len(columns) == most]
    if all_features:
        likely = [task for task in likely if len(CHAPTERS[task].columns) == most]
    if not most or len(likely) != 1:
        return None
    return likely[0], f"columns called {' and '.join(found[likely[0]])}"


def _by_plain_text(file: DataFile, head: str) -> tuple[str, str] | None:
    if not head or "\t" in head or form_of(file, TEXTS) != "lines":
        return None
    return _TEXTS_ALONE, "plain text without tabs"


def _by_recurrence(file: DataFile, head: str) -> tuple[str, str] | None:
    whole_lines = head.split("\n")[:-1]
    cells = [line.rpartition("\t")[2].strip() for line in whole_lines if "\t" in line]
    if len(cells) < _FEWEST_LINES or 2 * len(set(cells)) > len(cells):
        return None
    return _LABELLED, f"values that recur in the last column of {file}"
