import json

import numpy as np
import pytest

from benchmarks.kenlm_peer import (
    MISSING,
    TokenText,
    is_installed,
    kenlm_by_lmplz,
    kenlm_of_task,
    token_texts,
)
from benchmarks.language_model_steps import Step, main, measured_completions, measured_score, table
from benchmarks.language_models.kenlm_row import measured_kenlm
from seqapp.errors import ConfigError
from seqapp.run_directory import save_best, split_file, start_run
from tests.support.tasks import TEXTS, small_language_model, small_task
from training.data.kept_rows import write_rows


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for kind in ("recurrent", "ngram"):
        task = small_language_model(kind, unit="word")
        start_run(folder / kind, task, {})
        save_best(folder / kind, task)
        (folder / kind / "data").mkdir()
        write_rows(split_file(folder / kind, "test"), [(text,) for text in TEXTS])
    return folder


@pytest.mark.parametrize("kind", ["recurrent", "transformer", "interpolated"])
def test_completions_beside_their_products(kind):
    task = small_language_model(kind)
    found = measured_completions(task, ["Save the", "Open", "Click", "파일을"], rounds=3, pause=0.0)
    assert found.subject == "`complete`, batch 4"
    # At least the ends, at most the maximum length.
    assert 4 <= found.tokens <= 4 * task.config.limits.completion_tokens
    assert found.ms > found.peer_ms > 0
    assert found.ratio > 1


def test_an_ngram_model_has_no_products():
    with pytest.raises(ConfigError, match="an n-gram model has no matrix products; expected a network"):
        measured_completions(small_language_model("ngram"), ["Save"], rounds=1)


def test_table_by_hand():
    assert table([Step("`complete`, batch 32", 1_024, 0.61239, 0.3, 2.0413)])[2:] == [
        "| `complete`, batch 32 | 1,024 | 0.6124 | 0.3000 | 2.04 |"
    ]


def test_tokens_as_kenlm_reads_them():
    task = small_language_model("ngram", unit="word", text_tokens=4)
    assert token_texts(task, ["Save zebra file.", "", "Save the the the file."], "[unk]") == [
        TokenText("Save [unk] file.", True),
        TokenText("", True),
        TokenText("Save the the", False),
    ]


def test_the_command(runs, capsys):
    assert main(["--run", str(runs / "recurrent"), "--rounds", "1", "--texts", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [row["subject"] for row in json.loads(lines[-1])] == ["`complete`, batch 2", "`complete`, batch 1"]
    assert main(["--run", str(runs / "ngram"), "--rounds", "1"]) == 0
    out, err = capsys.readouterr()
    if is_installed():
        assert "| `score`, KenLM | " in out
    else:
        assert MISSING in err


def test_a_run_of_another_task(tmp_path, capsys):
    task = small_task()
    start_run(tmp_path / "run", task, {})
    save_best(tmp_path / "run", task)
    assert main(["--run", str(tmp_path / "run")]) == 2
    assert "run holds a translation model; expected a model of the next token" in capsys.readouterr().err


def test_a_program_that_is_not_lmplz(tmp_path):
    task = small_language_model("ngram", unit="word")
    for program, message in (("none", r"none cannot be run \(No such"), ("/bin/false", "-o 5 .* failed")):
        with pytest.raises(ConfigError, match=f"--lmplz: .*{message}"):
            kenlm_by_lmplz(tmp_path / program, task, TEXTS, tmp_path)
    assert (tmp_path / "train.txt").read_text().splitlines()[0] == "Save the file."
    with pytest.raises(ConfigError, match="expected a run of an n-gram model alone"):
        kenlm_by_lmplz(tmp_path, small_language_model("interpolated"), TEXTS, tmp_path)


def test_kenlm_that_is_not_installed():
    if is_installed():
        pytest.skip("KenLM is installed")
    with pytest.raises(ConfigError, match="the package kenlm is not installed"):
        measured_score(small_language_model("ngram"), TEXTS, rounds=1)


def test_kenlm_gives_our_probabilities(runs, tmp_path):
    pytest.importorskip("kenlm")
    for unit in ("word", "subword", "character"):
        task = small_language_model("ngram", unit=unit)
        texts = [*TEXTS, "Save zebra file.", ""]
        peer, _ = kenlm_of_task(task, tmp_path)
        found = peer.log_probabilities(token_texts(task, texts))
        np.testing.assert_allclose(found, task.scores_of(texts).log_probabilities, rtol=1e-4, atol=1e-4)
    row = measured_kenlm(runs / "ngram")
    assert row.perplexity == pytest.approx(
        small_language_model("ngram", unit="word").scores_of(TEXTS).perplexity, rel=1e-4
    )
    assert measured_score(small_language_model("ngram"), TEXTS, rounds=1, pause=0.0).ratio > 0
