"""The benchmark of a classifier: what it asks, and the command on a real export."""

import json
import subprocess
import sys

import pytest

from benchmarks.classifier import measure, results, table, texts_of_words
from seqapp.errors import DataError


def test_texts_of_twenty_words():
    words = [f"w{number}" for number in range(30)]
    texts = texts_of_words([" ".join(words[:7]), " ".join(words[7:])], 3)
    assert texts[0].split() == words[:20]
    assert texts[1].split() == words[20:] + words[:10]
    assert [len(text.split()) for text in texts] == [20] * 3


def test_few_words_still_give_different_texts():
    texts = texts_of_words([" ".join(map(str, range(40)))], 32)
    assert len(set(texts)) == 32
    assert texts_of_words(["영화"], 1) == [" ".join(["영화"] * 20)]


def test_no_words():
    with pytest.raises(DataError, match="--data"):
        texts_of_words([], 32)


def test_the_first_round_does_not_count():
    seen = []
    calls = measure({"one": (lambda texts: seen.append(texts) or [], [["a"], ["b"]])}, repeats=3)
    assert len(calls["one"]) == 6
    assert seen == [["a"], ["b"]] * 4


def test_results():
    found = results({"one": [0.1, 0.2, 0.5]}, {"one": 4})
    assert found["one"] == {"texts_per_second": 15.0, "median_ms": 200.0, "p95_ms": 200.0, "calls": 3}
    assert "200.00" in table(found)[1]


def run(*arguments) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.classifier", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_model_without_versions(tmp_path):
    done = run("--model", tmp_path)
    assert done.returncode == 2
    assert "holds no version" in done.stderr


@pytest.mark.slow
def test_command(tmp_path):
    from serving.export.samples import of_texts
    from serving.export.warmup import write_warmup_requests
    from tests.support.classification import LABELLED, small_classifier
    from tests.support.tasks import small_task, write_version

    version = tmp_path / "classifier" / "1"
    task = small_classifier()
    write_version(task, version)
    few = ("--batches", 1, "--singles", 2, "--repeats", 2)
    without = run("--model", version.parent)
    assert without.returncode == 2
    assert "--data" in without.stderr

    samples = of_texts([text.encode() for text, _ in LABELLED], task.features)
    write_warmup_requests(version, task.signatures(), samples)
    data = tmp_path / "lines.tsv"
    data.write_text("아주 좋은 영화\t긍정\n", encoding="utf-8")
    for more in ([], ["--data", data]):
        done = run("--model", version.parent, *few, *more)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.splitlines()[-1])
        assert found["batch_of_32"]["calls"] == 2
        assert found["one"]["calls"] == found["explain_one"]["calls"] == 4
        assert "texts/s" in done.stdout

    write_version(small_task(), tmp_path / "translation" / "1")
    done = run("--model", tmp_path / "translation")
    assert done.returncode == 2
    assert "expected an exported classifier" in done.stderr
