import io

import pytest
from rich.console import Console

from seqapp.losses import TokenLoss
from seqapp.run_directory import load_task, start_run
from tests.support.tasks import PAIRS, small_task
from training.tasks.registry import chapter_of
from training.tasks.translation.recipe import TranslationRecipe


@pytest.fixture(scope="module")
def recipe():
    return TranslationRecipe(small_task())


def test_the_chapter_finds_it():
    assert isinstance(chapter_of("translation").recipe(small_task()), TranslationRecipe)


def test_the_summary_counts_what_is_dropped(recipe):
    batches = recipe.make_batches(PAIRS * 2, True)
    assert "dropped" not in recipe.summary(batches)
    found = recipe.summary(recipe.make_batches([*PAIRS, ("word " * 60, "낱말")], True))
    assert found.startswith("4 pairs, ")
    assert "; 1 pairs dropped (too long); " in found
    assert recipe.units_per_epoch(batches) == batches.tokens


def test_nothing_is_fitted_before_the_first_epoch(recipe):
    out = io.StringIO()
    recipe.prepare(PAIRS, PAIRS, Console(file=out))
    assert out.getvalue() == ""
    assert isinstance(recipe.loss(), TokenLoss)
    assert recipe.metric().name == recipe.progress_labels.accuracy


def test_validation_reads_as_many_sentences_as_the_settings_say():
    found = TranslationRecipe(small_task(validation_sentences=2)).validate(PAIRS)()
    assert set(found.scores) == {"validation_chrf"}
    assert len(found.samples) == 2
    assert found.samples[0].startswith("Save the file.\n      → ")


def test_scores_stand_beside_those_of_the_nearest_sentence(recipe):
    baseline = recipe.score_baseline(PAIRS, PAIRS[:1], PAIRS[:2])
    assert baseline["name"] == recipe.baseline == "nearest"
    assert baseline["exact_match"] == 1.0
    scores = recipe.score(PAIRS[:2])
    assert scores["sentences"] == 2
    assert recipe.score_line(scores).endswith("(2 sentences)")
    assert "exact match 100.0%" in recipe.score_line(baseline)


def test_an_answer_per_line_and_whether_it_was_cut(recipe):
    answers, cut = recipe.answers(["Click OK.", "", "word " * 200])
    assert len(answers) == 3
    assert answers[1] == ""
    assert cut == [False, False, True]
    assert recipe.answers([]) == ([], [])
    assert "(reference: 확인을 클릭합니다.)" in recipe.samples(PAIRS[2:3])[0]


def test_finish_fits_the_confidence_and_writes_it(tmp_path):
    """Ten references are the model's own translation, which makes it usable, and ten are not."""
    task, out = small_task(), io.StringIO()
    run, console = tmp_path / "run", Console(file=out, width=100)
    start_run(run, task, {})
    source = PAIRS[0][0]
    (own,) = task.translations_of([source])
    rows = [(source, own)] * 10 + [(source, "±")] * 10
    recipe = TranslationRecipe(task)
    recipe.finish(rows, run, console)
    assert load_task(run).confidence == task.confidence
    assert task.answers_of([source])["confidence"] == [pytest.approx(0.5, abs=0.01)]
    recipe.finish(rows[:12], run, console)
    assert load_task(run).confidence is None
    assert out.getvalue() == (
        "confidence fitted on 20 validation translations: usable from chrF 40\n"
        "confidence not fitted: needs 10 translations on each side of chrF 40\n"
    )
