import io

import numpy as np
import pytest
from rich.console import Console

from seqapp.config import LinearConfig
from seqapp.run_directory import load_task, start_run
from tests.support.classification import LABELLED, small_classifier
from training.tasks.classification.recipe import ClassificationRecipe
from training.tasks.registry import chapter_of

SEVERAL = [("a film", "x|y"), ("a book", "z"), ("a song", "y")]
TEXTS = [text for text, _ in LABELLED]


def recipe(**settings):
    return ClassificationRecipe(small_classifier(**settings))


def weights_of(batches):
    return sorted(weight for *_, weights in batches.epochs(0, 1) for weight in weights.numpy().tolist())


def surprise(task):
    """Mean negative log-likelihood of the labels."""
    targets = task.labels.targets([label for _, label in LABELLED])
    return float(-(targets * np.log(task.probabilities_of(TEXTS))).sum(axis=1).mean())


def test_the_chapter_finds_it():
    assert isinstance(chapter_of("classification").recipe(small_classifier()), ClassificationRecipe)


def test_what_is_shown_depends_on_the_labels():
    assert recipe().progress_labels.score == "validation_accuracy"
    assert recipe(labelled=SEVERAL, label_separator="|").progress_labels.score == "validation_micro_f1"


def test_class_weights_are_for_training_only():
    weighted = ClassificationRecipe(small_classifier(class_weights=True))
    unequal = [*LABELLED[:1] * 3, LABELLED[1]]
    assert weights_of(weighted.make_batches(unequal, True)) == pytest.approx([2 / 3] * 3 + [2.0])
    assert weights_of(weighted.make_batches(unequal, False)) == [1.0] * 4


def test_the_linear_model_is_fitted_first_and_weighted_last():
    own, out = recipe(), io.StringIO()
    console = Console(file=out, width=200)
    own.prepare(LABELLED, LABELLED, console)
    assert "linear model fitted in" in out.getvalue()
    # It is there, and has no say yet.
    assert np.abs(own.task.linear_scores_of(TEXTS)).max() > 0.1
    assert float(own.task.calibration.linear_weight) == 0.0
    before = surprise(own.task)
    found = own.validate(LABELLED)()
    assert found.scores["validation_accuracy"] == 1.0
    assert float(own.task.calibration.linear_weight) > 0
    assert surprise(own.task) < before
    assert surprise(own.task) == pytest.approx(found.scores["validation_loss"], rel=1e-3)
    answers, cut = own.answers([*TEXTS, "정말 " * 60])
    assert [answer.split("\t")[0] for answer in answers[:4]] == [label for _, label in LABELLED]
    assert cut == [False] * 4 + [True]


def test_finish_fits_the_typicality_and_writes_it(tmp_path):
    own, out = recipe(), io.StringIO()
    run, console = tmp_path / "run", Console(file=out, width=100)
    start_run(run, own.task, {})
    own.finish(LABELLED * 5, run, console)
    assert load_task(run).typicality == own.task.typicality
    own.finish(LABELLED, run, console)
    assert load_task(run).typicality is None
    assert out.getvalue() == (
        "typicality fitted on 20 validation texts\n"
        "typicality not fitted: needs a linear model and 19 validation texts\n"
    )


def test_without_a_linear_model_the_temperature_alone():
    own, out = recipe(linear=None), io.StringIO()
    own.prepare(LABELLED, LABELLED, Console(file=out))
    assert out.getvalue() == ""
    before = surprise(own.task)
    own.validate(LABELLED)()
    assert float(own.task.calibration.linear_weight) == 0.0
    assert surprise(own.task) <= before + 1e-6


@pytest.mark.parametrize(
    ("rows", "settings"), [(LABELLED, {}), (SEVERAL, {"labelled": SEVERAL, "label_separator": "|"})]
)
def test_validation_scores_and_samples(rows, settings):
    own = recipe(**settings)
    found = own.validate(rows)()
    assert own.progress_labels.score in found.scores
    assert found.scores["validation_loss"] == -found.scores[own.progress_labels.monitor] > 0
    assert 0 <= found.scores[own.progress_labels.score] <= 1
    assert len(found.samples) == 3
    assert found.samples[0].startswith(rows[0][0])
    assert f"(labelled {rows[0][1]})" in found.samples[0]


def test_the_summary_counts_what_is_cut():
    own = recipe()
    assert "cut" not in own.summary(own.make_batches(LABELLED, True))
    found = own.summary(own.make_batches([*LABELLED, ("정말 " * 60, "부정")], True))
    assert found.startswith("5 texts of 2 labels, ")
    assert "1 texts cut at 24 tokens" in found


def many_labels(rows, labels=40):
    """Texts of 6 to 12 words: frequent ones, and in one place of four words of the label's own."""
    draw = np.random.default_rng(1)
    letters = np.array(list("abcdefghijklmnop"))
    words = np.array(["".join(draw.choice(letters, size=draw.integers(2, 9))) for _ in range(4000)])
    topics = draw.integers(500, 4000, size=(labels, 25))

    def text(label):
        size = draw.integers(6, 13)
        usual = np.minimum(draw.zipf(1.3, size=size), 3999)
        own = draw.choice(topics[label], size=size)
        return " ".join(words[np.where(draw.random(size) < 0.25, own, usual)])

    drawn = draw.integers(0, labels, size=rows)
    return [(text(label), f"label {label:02}") for label in drawn]


@pytest.mark.slow
def test_many_labels_are_not_below_the_baseline():
    rows = many_labels(4000)
    train, valid, test = rows[:2400], rows[2400:2800], rows[2800:]
    own = recipe(labelled=train, linear=LinearConfig(buckets=2**20))  # the network is untrained
    own.prepare(train, valid, Console(file=io.StringIO()))
    own.validate(valid)()
    served, baseline = own.score(test), own.score_baseline(train, valid, test)
    assert baseline["accuracy"] > 0.5
    # 6 of 1,200 texts: a fraction of the standard error.
    assert served["accuracy"] >= baseline["accuracy"] - 0.005
    assert served["macro_f1"] >= baseline["macro_f1"] - 0.005
