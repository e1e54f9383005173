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
        ("a.csv", "text\nClick OK.\n", "language-modelling"),
        ("a.csv", "id,text\n1,Click OK.\n", "language-modelling"),
        ("a.jsonl", '{"text": "Click OK."}\n', "language-modelling"),
        ("a.tsv", "text\tstars\n" + "".join(f"a {row}\t{row % 2}\n" for row in range(10)), "classification"),
        ("a.txt", "Click OK, then Save.\nOpen a file.\n", "language-modelling"),
        ("a.txt", "Click OK.\t확인을 클릭합니다.\n", "translation"),
        ("a.csv", "Click OK.,확인을 클릭합니다.\n", "translation"),
        ("a.txt", "", "translation"),
    ],
)
def test_names_format_and_recurring_values(tmp_path, name, text, task):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert guess(tmp_path / name) == task


def test_an_option_of_one_task_decides(tmp_path):
    (tmp_path / "a.tsv").write_text("source\ttarget\n", encoding="utf-8")
    assert guess(tmp_path / "a.tsv", label_column="target", pair=None) == "classification"
    assert guess(tmp_path / "a.tsv", label_column=None, class_weights=False) == "translation"


def test_an_option_of_several_tasks_leaves_the_choice_among_them(tmp_path):
    for name, text, task in (
        ("a.csv", "body,label\n", "classification"),
        ("b.csv", "id,body\n", "language-modelling"),
        ("c.csv", "source,target\n", "language-modelling"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert guess(tmp_path / name, text_column="body") == task
    assert guess(tmp_path / "b.csv", text_column="body", label_column="id") == "classification"


def test_a_directory_has_labels_and_two_files_are_parallel(tmp_path):
    assert guess(tmp_path) == "classification"
    both = RowFiles((DataFile("a.en"),), DataFile("a.ko"))
    assert guessed_task(both, {}) == ("translation", "two parallel files")
