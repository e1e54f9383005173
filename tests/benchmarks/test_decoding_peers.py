"""The comparison with CTranslate2: its texts, its rows, and the command on a run of random weights."""

import json
import subprocess
import sys

import pytest

from benchmarks.decoding_peers import Texts, answers, measure, read_texts
from seqapp.errors import DataError


def test_texts_with_and_without_references(tmp_path):
    data = tmp_path / "texts.tsv"
    data.write_text("a b\tx\n\nc\ty\nd\tz\n", encoding="utf-8")
    assert read_texts(data, 2) == Texts(["a b", "c"], ["x", "y"])
    data.write_text("a b\tx\nc\n", encoding="utf-8")
    assert read_texts(data, 9) == Texts(["a b", "c"], [])


@pytest.mark.parametrize("contents", [b"", b" \n", b"\xff\xfe"])
def test_a_file_without_texts(tmp_path, contents):
    data = tmp_path / "texts.txt"
    data.write_bytes(contents)
    with pytest.raises(DataError, match="data: expected"):
        read_texts(data, 3)


def test_batches_keep_the_order():
    sizes = []

    def translate(texts):
        sizes.append(len(texts))
        return [text.upper() for text in texts]

    assert answers(translate, list("abcde"), 2) == list("ABCDE")
    assert sizes == [2, 2, 1]


def test_answers_are_compared_with_the_first_translator():
    translators = {"ours": lambda texts: list(texts), "other": lambda texts: ["w", *texts[1:]]}
    texts = ["w x y z a", "w x y z b", "w x y z c"]
    found = measure(translators, Texts(texts, texts), size=1, rounds=1)
    assert (found["ours"]["equal"], found["other"]["equal"]) == (3, 0)
    assert found["ours"]["ratio"] == found["ours"]["cpu_ratio"] == 1.0
    assert found["ours"]["bleu"] > found["other"]["bleu"]
    assert "bleu" not in measure(translators, Texts(texts, []), size=1, rounds=1)["ours"]


@pytest.mark.slow
def test_command(tmp_path):
    pytest.importorskip("ctranslate2")
    from seqapp.run_directory import save_best, start_run
    from tests.support.tasks import small_task, write_version

    task = small_task(encoder="transformer", decoder="transformer")
    start_run(tmp_path / "run", task, {})
    save_best(tmp_path / "run", task)
    write_version(task, tmp_path / "exported" / "1")
    data = tmp_path / "texts.tsv"
    data.write_text("".join(f"Save the file {i}\tfile {i}\n" for i in range(40)), encoding="utf-8")
    options = {"--texts": 40, "--singles": 2, "--rounds": 2, "--threads": 1, "--beams": 3}
    command = [sys.executable, "-m", "benchmarks.decoding_peers", "--run", str(tmp_path / "run")]
    command += ["--data", str(data), "--model", str(tmp_path / "exported")]
    command += [str(part) for option in options.items() for part in option]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout.splitlines()[-1])
    found = rows["beam 3, batches of 32"]
    assert list(found) == ["run, float32", "CTranslate2, float32", "CTranslate2, int8", "exported/1"]
    assert found["exported/1"]["equal"] == found["exported/1"]["sentences"] == 40
    assert rows["beam 3, batches of 1"]["exported/1"]["sentences"] == 2
    assert "sentences/s" in done.stdout
