"""The command `ladder`: what it refuses, and a whole ladder with the smallest models."""

import random
import re

import pytest
from typer.testing import CliRunner

from seqapp.errors import SeqAppError
from tests.support.interrupted import interrupted
from training.commands import application


def invoke(*arguments):
    return CliRunner().invoke(application(), ["ladder", *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "quik"], "--preset: 'quik' is not a preset of the ladder; did you mean 'quick'?"),
        (["--minutes", "0"], "--minutes must be above 0"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--report", "ladder.html"], r"--report must end in \.md"),
        (["--report", "FILE/ladder.md"], "--report: .*FILE cannot be written: .*; name a page in another"),
        (["--report", "r.md", "--data", "FILE", "--pair", "en-de"], "FILE"),
        (["--report", "r.md", "--data", "PAIRS", "--pair", "en"], "--pair: expected source-target"),
        (["--report", "r.md", "--data", "PAIRS", "--minutes", "0.1"], "--minutes must be at least"),
    ],
)
def test_wrong_arguments_are_sentences(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("no pair\n")
    (tmp_path / "PAIRS").write_text("".join(f"{number}\t{number}\n" for number in range(40)))
    found = invoke(*arguments).exception
    assert isinstance(found, SeqAppError)
    assert re.search(message, str(found)), str(found)


@pytest.mark.slow
def test_a_tiny_ladder_stopped_and_gone_on_end_to_end(tmp_path):
    texts = [" ".join(random.Random(i).choices("0123456789", k=3 + i % 12)) for i in range(600)]
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"{text}\t{text[::-1]}\n" for text in dict.fromkeys(texts)))
    page = tmp_path / "docs" / "ladder.md"
    command = ["--preset", "tiny", "--data", pairs, "--pair", "en-de", "--folder", tmp_path / "runs"]
    options = [*map(str, command), "--report", str(page)]
    stopped = interrupted("training", "ladder", *options, line="[2/5]")
    assert stopped.code == 130, stopped.error
    assert "stopped; complete trainings are kept, and the same command goes on" in stopped.error
    assert not page.exists()
    [folder] = (tmp_path / "runs").iterdir()
    complete = {path: path.stat().st_mtime_ns for path in folder.glob("*/metrics.json")}
    assert 2 <= len(complete) < 5

    done = invoke(*options)
    assert done.exit_code == 0, done.exception
    assert complete == {path: path.stat().st_mtime_ns for path in complete}
    english = page.read_text(encoding="utf-8")
    korean = (page.parent / "ko" / "ladder.md").read_text(encoding="utf-8")
    for text in (english, korean):
        assert "pairs.tsv en-de" in text
        assert len(re.findall(r"\.png\)", text)) == 4
    assert "## Rungs without a result" not in english
    scores = re.compile(r"\d+\.\d{3} ± \d\.\d{3}")
    assert scores.findall(english) == scores.findall(korean)
    pictures = list((page.parent / "ladder").iterdir())
    assert len(pictures) == 4
    assert sum(path.stat().st_size for path in pictures) < 2_000_000

    # The same command keeps all runs.
    written = {path: path.stat().st_mtime_ns for path in folder.glob("*/metrics.json")}
    assert len(written) == 5
    assert invoke(*options).exit_code == 0
    assert written == {path: path.stat().st_mtime_ns for path in folder.glob("*/metrics.json")}
