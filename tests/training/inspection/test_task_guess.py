from pathlib import Path

import pytest

from training.data.data_file import DataFile
from training.data.row_files import RowFiles
from training.inspection.task_guess import guessed_task


def guess(path: Path, **options):
    return guessed_task(RowFiles((DataFile(path),)), options)[0]


@pytest.mark.parametrize(
    ("name", "text", "task"),
    [
        ("a.csv", "id,document,label\n1,good,1\n", "classification"),
        ("a.tsv", "Text\tLabel\n", "classification"),
        ("a.csv", "id,source,text,label\n", "classification"),
        ("a.tsv", "source\ttarget\n", "translation"),
        ("a.jsonl", '{"text": "good", "label": 1}\n', "classification"),
        ("a.jsonl", '{"source": "a", "target": "b"}\n', "translation"),
        ("a.tmx", "<tmx>", "translation"),
        ("a.tsv", "".join(f"text {row}\t{row % 2}\n" for row in range(10)), "classification"),
        ("a.tsv", "".join(f"text {row}\tTeil {row}\n" for row in range(10)), "translation"),
        ("a.tsv", "en\tko\na\tb\n", "translation"),
    ],
)
def test_names_format_and_recurring_values(tmp_path, name, text, task):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert guess(tmp_path / name) == task


def test_an_option_of_one_task_decides(tmp_path):
    (tmp_path / "a.tsv").write_text("source\ttarget\n", encoding="utf-8")
    assert guess(tmp_path / "a.tsv", label_column="target", pair=None) == "classification"
    assert guess(tmp_path / "a.tsv", label_column=None, class_weights=False) == "translation"


def test_a_directory_has_labels_and_two_files_are_parallel(tmp_path):
    assert guess(tmp_path) == "classification"
    both = RowFiles((DataFile("a.en"),), DataFile("a.ko"))
    assert guessed_task(both, {}) == ("translation", "two parallel files")
