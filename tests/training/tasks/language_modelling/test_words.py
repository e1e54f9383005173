"""Training and scoring where tokens are whole words."""

import json

import pytest
from typer.testing import CliRunner

from seqapp.run_directory import start_run
from tests.support.tasks import TEXTS, small_language_model
from training.commands import application
from training.data.splits import Row
from training.evaluation.text_surprise import text_surprise
from training.tasks.language_modelling.comparison_limits import language_model_limits
from training.tasks.language_modelling.recipe import LanguageModellingRecipe
from training.tasks.registry import chapter_of

ROWS: list[Row] = [("Save zebra file.",), ("Click OK.",)]


def invoke(*arguments):
    result = CliRunner().invoke(application(), list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result.output


def test_the_main_score_is_the_perplexity_per_word():
    recipe = LanguageModellingRecipe(small_language_model("ngram", unit="word"))
    scored = recipe.scored_outputs(ROWS, resamples=0)
    # 3 and 2 words, and 2 ends; one of the 5 words is unknown.
    assert (scored.scores["tokens"], scored.scores["unknown_words"]) == (7, 0.2)
    line = recipe.score_line(scored.scores)
    perplexity = scored.scores["perplexity"]
    assert line == f"perplexity per word {perplexity:.1f}  unknown words 20.0%  (2 texts)"
    assert [(one["words"], one["unknown_words"]) for one in scored.outputs] == [(3, 1), (2, 0)]
    measures = chapter_of("language-modelling").measures(recipe.task.config, ROWS, scored.outputs)
    assert measures["perplexity"].value == pytest.approx(perplexity, rel=1e-3)
    assert measures["unknown_words"].value == 0.2


def test_the_best_epoch_has_the_lowest_perplexity():
    recipe = LanguageModellingRecipe(small_language_model("recurrent", unit="word"))
    found = recipe.validate(ROWS)().scores
    assert found["validation_perplexity"] == -found["validation_score"]
    assert recipe.progress_labels.score_name == "perplexity per word"
    subwords = LanguageModellingRecipe(small_language_model("recurrent"))
    assert set(subwords.validate(ROWS)().scores) == {"validation_bits_per_byte", "validation_score"}


def test_runs_with_other_unknown_words_have_no_differences():
    words = [{"bytes": 9, "tokens": 3, "unknown_words": 1}, {"bytes": 4, "tokens": 2, "unknown_words": 0}]
    assert language_model_limits(words, words) == ((), frozenset())
    more = [{**words[0], "unknown_words": 2}, words[1]]
    subwords = [{"bytes": 9, "tokens": 3}, {"bytes": 4, "tokens": 2}]
    everything = {"bits_per_byte", "perplexity", "unknown_words"}
    for first, other, note in (
        (words, more, "no differences: 1 of 2 texts have another number of unknown words than in the first"),
        (words, subwords, "no differences: only one of the runs has words as tokens"),
        (subwords, words, "no differences: only one of the runs has words as tokens"),
    ):
        limits = language_model_limits(first, other)
        assert limits.without_difference == everything
        assert limits.notes[0].startswith(note)


def test_the_surprise_of_an_unknown_word_is_shown_with_its_letters(tmp_path):
    task = small_language_model("ngram", unit="word")
    found = text_surprise(task, "Save zebra 파일을".encode())
    assert found.tokens == ["Save", "zebra", "파일을", "</s>"]
    assert found.unknown_words == 1
    assert found.perplexity == pytest.approx(task.scores_of(["Save zebra 파일을"]).perplexity, rel=1e-5)
    run = tmp_path / "run"
    start_run(run, task, {})
    task.model.save_weights(run / "model.weights.h5")
    out = invoke("plot", "surprise", "--run", run, "Save zebra")
    assert ".png  perplexity per word " in out
    assert out.rstrip().endswith(", 1 unknown word")


@pytest.mark.slow
def test_words_from_a_file_to_a_comparison_with_subwords(tmp_path):
    data = tmp_path / "texts.txt"
    lines = [f"{text} {n} of {n * 8 + place}" for n in range(60) for place, text in enumerate(TEXTS)]
    data.write_text("\n".join(lines), encoding="utf-8")
    named = ["--task", "language-modelling", "--preset", "ngram", "--data", data]
    out = invoke(
        "fit", *named, "--run", tmp_path / "w", "--set", "subwords.unit=word", "subwords.vocabulary_size=300"
    )
    assert "held-out test  perplexity per word " in out
    invoke("fit", *named, "--run", tmp_path / "s", "--set", "subwords.vocabulary_size=400")
    test = json.loads((tmp_path / "w/metrics.json").read_text())["test"]
    assert 0 < test["unknown_words"] < 0.5
    assert "perplexity per word" in invoke("runs", tmp_path)
    for first, other in (("w", "s"), ("s", "w")):
        out = invoke("compare", tmp_path / first, tmp_path / other)
        assert f"note: {tmp_path / other}: no differences: only one of the runs" in out.replace("\n", " ")
