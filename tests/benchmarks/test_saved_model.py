"""The benchmark of an export: what it asks, and the command on a real export."""

import json
import subprocess
import sys

import pytest

from benchmarks.saved_model import Measure, make_batches, of_words, read_sentences, read_settings, results
from seqapp.config import TranslationConfig
from seqapp.errors import DataError, ExportError


def test_sentences_of_twelve_words_or_the_nearest():
    sentences = ["one two", " ".join("abcdefghijkl"), "one two three"]
    assert of_words(sentences, 12) == [" ".join("abcdefghijkl")]
    assert of_words(sentences, 4) == ["one two three"]


def test_full_batches_from_everywhere():
    sentences = [f"{number:>{1 + number % 7}}" for number in range(32 * 4 + 5)]
    found = make_batches(sentences, 2, by_length=False)
    assert [len(batch) for batch in found] == [32, 32]
    assert found[0] == sentences[:32]
    assert found[1] == sentences[64:96]
    lengths = [len(sentence) for batch in make_batches(sentences, 9, by_length=True) for sentence in batch]
    assert len(lengths) == 32 * 4
    assert lengths == sorted(lengths)


def test_sentences_of_a_file(tmp_path):
    data = tmp_path / "lines.tsv"
    data.write_text("".join(f"line {number}\t{number} line\n\n" for number in range(40)), encoding="utf-8")
    found = read_sentences(data, TranslationConfig())
    assert found[:2] == ["line 0", "line 1"]
    assert len(found) == 40


@pytest.mark.parametrize("contents", [b"one\n", b"\xff\xfe" * 50])
def test_a_file_that_cannot_be_used(tmp_path, contents):
    data = tmp_path / "lines.txt"
    data.write_bytes(contents)
    with pytest.raises(DataError, match="expected"):
        read_sentences(data, TranslationConfig())


def test_results():
    found = results({"two": Measure(2, [0.1, 0.2, 0.5], [0.05, 0.05, 0.05])})["two"]
    assert found["sentences_per_second"] == 7.5  # six sentences in 0.8 s
    assert found["median_ms"] == 200
    assert found["products_median_ms"] == 50
    assert found["ratio"] == 0.25  # the median of 0.5, 0.25, 0.1


@pytest.mark.slow
def test_a_model_without_versions(tmp_path):
    command = [sys.executable, "-m", "benchmarks.saved_model", "--model", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "holds no version" in done.stderr


def test_a_model_that_is_no_translator(tmp_path):
    with pytest.raises(ExportError, match=r"expected an exported translator; .* is of unknown origin"):
        read_settings(tmp_path)


@pytest.mark.slow
def test_command(tmp_path):
    from tests.support.tasks import small_task, write_version

    write_version(small_task(), tmp_path / "1")
    data = tmp_path / "lines.txt"
    data.write_text("".join(f"Save the file {number}.\n" for number in range(64)), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.saved_model", "--model", str(tmp_path), "--data", str(data)]
    done = subprocess.run(
        [*command, "--batches", "1", "--singles", "2", "--repeats", "2"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["beam_width"] == 3
    assert found["32_of_like_lengths"]["calls"] == 2
    assert found["one_of_4_words"]["calls"] == 4
    assert "sentences/s" in done.stdout
