import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.linear.ngram_scorer import NgramScorer
from seqapp.run_directory import load_run, save_run
from seqapp.tasks.classification import ClassificationTask
from seqapp.tasks.typicality import Typicality, fit_typicality, quantiles
from tests.support.classification import LABELLED, small_classifier

TEXTS = [text for text, _ in LABELLED] * 5
STRANGE = "Ω≈ç√∫˜µ≤≥÷"
WITH_TYPICALITY = ("serving_default", "probabilities", "explain")


def scorer_of(*texts: str) -> NgramScorer:
    """A scorer that has the character n-grams of these texts, of 1 to 2 characters, and no words."""
    scorer = NgramScorer(2, longest=2, buckets=2**16, words=0)
    used = np.unique(scorer.ngrams(scorer.characters(tf.constant(texts))))
    used = used[used >= 0]
    scorer.assign(used, np.ones(len(used)), np.zeros((len(used), 2)), [0, 0])
    return scorer


def known(task: ClassificationTask) -> ClassificationTask:
    """The task, its linear model with the n-grams of `TEXTS`, its typicality fitted to them."""
    linear = task.linear
    used = np.unique(linear.ngrams(linear.characters(tf.constant(TEXTS))))
    used = used[used >= 0]
    linear.assign(used, np.ones(len(used)), np.zeros((len(used), linear.classes)), [0] * linear.classes)
    task.fit_typicality(TEXTS)
    return task


TASK = known(small_classifier())


def test_p_values_by_hand():
    """(1 + shares at most as large) / (1 + 3)."""
    found = Typicality((0.25, 0.5, 0.5)).p_values(tf.constant([0.0, 0.25, 0.3, 0.5, 1.0])).numpy()
    assert found.tolist() == [0.25, 0.5, 0.5, 1.0, 1.0]


def test_known_share_by_hand():
    """Of " ab" the n-grams are " ", "a", "b", " ", " a", "ab", "b "; "ac" shares " ", "a", " " and " a"."""
    scorer = scorer_of("ab")
    characters = scorer.characters(tf.constant(["ab", "ac", "", " "]))
    shares = scorer.known_share(characters, scorer.ngrams(characters)).numpy().tolist()
    assert shares == pytest.approx([1.0, 4 / 7, 0.0, 0.0])


def test_at_most_a_share_of_like_texts_is_below_it():
    draw = np.random.default_rng(1)
    held_out, others = draw.random((2, 500))
    found = Typicality(quantiles(held_out, 1000)).p_values(tf.constant(others, tf.float32)).numpy()
    for share in (0.05, 0.2, 0.5):
        assert np.mean(found <= share) == pytest.approx(share, abs=0.05)


def test_quantiles_of_many_values():
    assert quantiles(np.array([3.0, 1.0, 2.0]), 5) == (1.0, 2.0, 3.0)
    assert quantiles(np.arange(9.0)[::-1], 5) == (0.0, 2.0, 4.0, 6.0, 8.0)


@pytest.mark.parametrize("signature", WITH_TYPICALITY)
def test_typical_and_other_texts(signature):
    declared = {one.name: one for one in TASK.signatures()}
    found = TASK.answers_of([TEXTS[0], STRANGE, ""], signature)["typicality"]
    assert str(declared[signature].outputs["typicality"]) == "float32[B]"
    assert found[0] == 1.0
    assert found[1] == found[2] == pytest.approx(1 / 21)


def test_alone_as_in_a_batch():
    texts = [*TEXTS[:4], STRANGE, "", " ", "a film " * 40, "bad 🙂"]
    together = TASK.answers_of(texts)["typicality"]
    assert [TASK.answers_of([text])["typicality"][0] for text in texts] == together


def test_scores_are_those_without_it():
    plain = small_classifier()
    plain.linear.assign(np.arange(128), np.ones(128), np.ones((128, 2)), [0.0, 1.0])
    fitted = ClassificationTask(
        plain.config, plain.subwords, plain.labels, plain.linear, plain.calibration, plain.model,
        typicality=Typicality((0.5,)),
    )  # fmt: skip
    assert fitted.answers_of(TEXTS)["probability"] == plain.answers_of(TEXTS)["probability"]
    assert "typicality" not in plain.answers_of(TEXTS)
    assert not [one.name for one in plain.signatures() if "typicality" in one.outputs]


def test_calibration_fits_it_and_replaces_traced_signatures():
    task = small_classifier()
    assert "typicality" not in task.answers_of(TEXTS)
    task.calibrate({"text": TEXTS, "label": [label for _, label in LABELLED] * 5})
    assert task.answers_of(TEXTS)["typicality"]


def test_none_for_few_texts_and_without_a_linear_model():
    assert fit_typicality(scorer_of("ab"), ["ab"] * 18) is None
    assert fit_typicality(scorer_of("ab"), ["ab"] * 19).shares == (1.0,) * 19
    task = small_classifier(linear=None)
    task.fit_typicality(TEXTS)
    assert task.typicality is None
    alone = ClassificationTask(task.config, task.subwords, task.labels, typicality=Typicality((0.5,)))
    assert "typicality" not in alone.answers_of(TEXTS[:1])


def test_run_keeps_it_and_older_runs_have_none(tmp_path):
    save_run(tmp_path / "run", TASK, tmp_path / "origin", {})
    path = tmp_path / "run" / "assets" / "typicality.json"
    assert load_run(tmp_path / "run").typicality == TASK.typicality
    path.unlink()
    assert load_run(tmp_path / "run").typicality is None


def test_a_new_training_begins_without_it():
    texts, labels = zip(*LABELLED, strict=True)
    assert TASK.for_serving().typicality == TASK.typicality
    assert TASK.continued(TASK.config, {"text": texts, "label": labels}).typicality is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"shares": []}', '{"shares": [2]}', "[" * 100_000])
def test_damaged_file(tmp_path, text):
    path = tmp_path / "typicality.json"
    path.write_text(text)
    with pytest.raises(RunDirectoryError, match=r"typicality\.json does not hold .*; copy the whole"):
        Typicality.load(path)


@pytest.mark.parametrize("shares", [(), (0.5, 0.25), (-0.1,), (1.1,), (float("nan"),)])
def test_shares_out_of_range(shares):
    with pytest.raises(ConfigError, match="expected rising numbers from 0 to 1"):
        Typicality(shares)
