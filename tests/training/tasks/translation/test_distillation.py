"""Sequence-level distillation: rows of the student, and the command."""

import io
import json
import random

import pytest
from rich.console import Console
from typer.testing import CliRunner

from seqapp.run_directory import (
    METRICS_FILE,
    load_run,
    load_task,
    read_config,
    save_best,
    split_file,
    start_run,
)
from tests.support.tasks import PAIRS, small_config, small_task
from training.commands import application
from training.data.kept_rows import read_kept, write_rows
from training.tasks.chapter import Preparation
from training.tasks.translation.distillation import distilled_rows
from training.tasks.translation.teacher import describe_teacher
from training.tasks.translation.translation_store import TranslationStore

ROWS = [("Save.", "저장"), ("Open.", "열기"), ("Close.", "닫기"), ("Save.", "저장하기")]


@pytest.fixture
def prepared(tmp_path):
    """A teacher whose translations are kept already: the configuration of the student, and the means."""
    run = tmp_path / "teacher"
    start_run(run, small_task(), {})
    save_best(run, small_task())
    (run / METRICS_FILE).write_text("{}")
    (run / "data").mkdir()
    write_rows(split_file(run, "train"), PAIRS)
    config = small_config(distil_from=str(run))
    name = describe_teacher(config)["teacher_sha256"]
    store = TranslationStore(tmp_path / "cache" / "distillation" / f"{name}.jsonl")
    store.add(["Save.", "Open.", "Close."], ["저장합니다", "열기", None])
    out = io.StringIO()
    return config, Preparation(tmp_path / "cache", Console(file=out, width=300), lambda note: None), out


def test_targets_are_the_translations_and_references_where_there_are_none(prepared):
    config, means, out = prepared
    found = distilled_rows(config, ROWS, [("save  the FILE.", "?"), ("Print.", "?")], means)
    assert found == [("Save.", "저장합니다"), ("Open.", "열기"), ("Close.", "닫기"), ("Save.", "저장합니다")]
    lines = out.getvalue().splitlines()
    assert "3 sources, 3 of them translated before" in lines[0]
    assert lines[1].startswith("note: 1 of 2 test sources are training sources of the teacher")


def test_references_as_further_rows(prepared):
    config, means, out = prepared
    config = config.with_changes(training=config.training.with_changes(distil_with_references=True))
    assert distilled_rows(config, ROWS, [], means) == [
        *[("Save.", "저장합니다"), ("Open.", "열기"), ("Close.", "닫기")],
        *[("Save.", "저장"), ("Save.", "저장하기")],
    ]
    assert "note:" not in out.getvalue()


def invoke(*words):
    result = CliRunner().invoke(application(), ["fit", *map(str, words)], env={"COLUMNS": "300"})
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.slow
def test_the_command_translates_once_and_continues_where_it_stopped(tmp_path):
    draw = random.Random(1)
    lines = dict.fromkeys(" ".join(draw.choices("0123456789", k=draw.randint(1, 3))) for _ in range(600))
    (tmp_path / "rows.tsv").write_text("".join(f"{line}\t{line}\n" for line in lines))
    data = ["--data", tmp_path / "rows.tsv", "--pair", "en-de"]
    teacher, cache = tmp_path / "teacher", tmp_path / "cache"
    invoke(*data, "--preset", "tiny", "--epochs", 6, "--run", teacher)
    sources = {source for source, _ in read_kept(split_file(teacher, "train"))}

    run = tmp_path / "student"
    student = ["--preset", "fast", "--distil-from", teacher, "--cache", cache, "--epochs", 1]
    student += ["--set", "training.min_steps=0"]
    output = invoke(*data, *student, "--run", run)
    assert f"{len(sources)} sources, 0 of them translated before" in output
    assert f"teacher: {len(sources)} sources translated in" in output
    trained = read_kept(run / "data" / "distilled.tsv.gz")
    found = load_run(teacher).translations_of([source for source, _ in trained[:64]])
    assert any(found)
    assert [text or source for text, (source, _) in zip(found, trained, strict=False)] == [
        target for _, target in trained[:64]
    ]
    assert read_kept(split_file(run, "train")) == read_kept(split_file(teacher, "train"))
    config = read_config(run)
    assert config["settings"]["training"]["distil_from"] == str(teacher)
    assert config["data"]["distillation"]["beam_width"] == 4
    assert json.loads((run / METRICS_FILE).read_text())["test"]["sentences"] > 0

    (store,) = (cache / "distillation").iterdir()
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])
    kept = len(dict(json.loads(line) for line in store.read_bytes().splitlines()[1:-1]))
    out, notes = io.StringIO(), []
    means = Preparation(cache, Console(file=out, width=300), notes.append)
    rows = read_kept(split_file(run, "train"))
    assert distilled_rows(load_task(run).config, rows, [], means) == trained
    assert f"{len(sources)} sources, {kept} of them translated before" in out.getvalue()
    missing = len(sources) - kept
    assert notes[-1] == f"{missing} of {missing} translations by the teacher are kept in {store}"
