import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.hypotheses import Hypotheses
from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.run_directory import load_run, save_run
from seqapp.special_ids import EOS_ID, PAD_ID
from seqapp.tasks.translation import TranslationTask
from seqapp.tasks.translation_confidence import Confidence, mean_log_probabilities
from tests.support.tasks import PAIRS
from tests.support.translation import PARTS, TASK, TEXTS

FITTED = TranslationTask(TASK.config, TASK.subwords, TASK.model, confidence=Confidence(2.0, 1.0, 40.0))
WITH_CONFIDENCE = ("serving_default", "alternatives", "explain", "translate_with_options")
EXAMPLES = {"source": [pair[0] for pair in PAIRS], "target": [pair[1] for pair in PAIRS]}


def confidences(signature: str, texts: list[bytes]) -> np.ndarray:
    return np.array(FITTED.answers_of(texts, signature)["confidence"])


def test_sigmoid_by_hand():
    """2 · -0.5 + 1 = 0, and 2 · -1 + 1 = -1."""
    found = Confidence(2.0, 1.0, 40.0).probabilities(tf.constant([-0.5, -1.0, -1e9])).numpy()
    np.testing.assert_allclose(found, [0.5, 1 / (1 + np.e), 0.0], rtol=1e-6)


def test_mean_counts_the_end_but_no_padding():
    ids = tf.constant([[[7, 8, EOS_ID, PAD_ID], [7, EOS_ID, PAD_ID, PAD_ID]]])
    found = Hypotheses(ids, tf.constant([[-1.0, -2.0]]), tf.constant([[-6.0, -9.0]]))
    assert mean_log_probabilities(found).numpy().tolist() == [-2.0]


@pytest.mark.parametrize("signature", WITH_CONFIDENCE)
def test_confidence_is_declared_and_answered(signature):
    declared = {one.name: one for one in FITTED.signatures()}
    found = confidences(signature, TEXTS)
    assert str(declared[signature].outputs["confidence"]) == "float32[B]"
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()


def test_it_is_that_of_the_written_tokens():
    """The mean is the score without its length penalty, ((5 + n) / 6)^α, over n tokens."""
    found = FITTED.answers_of(PARTS, "explain")
    counts = np.array([sum(token != b"" for token in row) for row in found["target_tokens"]])
    penalty = ((5 + counts) / 6) ** FITTED.config.search.length_penalty
    means = np.array(found["score"]) * penalty / counts
    np.testing.assert_allclose(found["confidence"], 1 / (1 + np.exp(-2 * means - 1)), rtol=1e-4)


def test_least_probable_sentence_of_a_text_decides():
    alone = confidences("serving_default", PARTS)
    together = confidences("serving_default", [b" ".join(PARTS)])
    np.testing.assert_allclose(together, [alone.min()], rtol=1e-5)


def test_empty_text_has_the_highest_confidence():
    np.testing.assert_allclose(confidences("serving_default", [b"", b"  "]), 1 / (1 + np.exp(-1)), rtol=1e-6)


def test_signatures_agree():
    plain = confidences("serving_default", TEXTS)
    for signature in ("explain", "translate_with_options"):
        np.testing.assert_allclose(confidences(signature, TEXTS), plain, rtol=1e-5)


def test_without_a_fit_there_is_no_such_output():
    assert TASK.confidence is None
    assert "confidence" not in TASK.answers_of(PARTS)
    assert not [one.name for one in TASK.signatures() if "confidence" in one.outputs]


def test_calibration_replaces_traced_signatures(monkeypatch):
    task = TranslationTask(TASK.config, TASK.subwords, TASK.model)
    assert "confidence" not in task.answers_of(PARTS)
    means = {text: float(number % 3 - 3) for number, text in enumerate(sorted({*EXAMPLES["source"]}))}

    def translated(texts):
        found = [means[text.decode()] for text in texts.numpy()]
        answers = ["same" if mean > -3 else "" for mean in found]
        return {"translation": tf.constant(answers), "mean": tf.constant(found)}

    monkeypatch.setattr(task, "_with_means", translated)
    rows = EXAMPLES["source"] * 20
    task.calibrate({"source": rows, "target": ["same"] * len(rows)})
    assert task.confidence.slope > 0
    (found,) = task.answers_of(PARTS[:1])["confidence"]
    assert 0 <= found <= 1


def test_untrained_network_has_no_usable_translations():
    task = TranslationTask(TASK.config, TASK.subwords, TASK.model, confidence=Confidence(2.0, 1.0, 40.0))
    task.calibrate({"source": ["Save the file."] * 20, "target": ["다"] * 20})
    assert task.confidence is None


def test_few_rows_are_not_translated(monkeypatch):
    task = TranslationTask(TASK.config, TASK.subwords, TASK.model, confidence=Confidence(2.0, 1.0, 40.0))
    monkeypatch.setattr(task, "_with_means", None)
    task.calibrate(EXAMPLES)
    assert task.confidence is None


def test_run_keeps_it_and_older_runs_have_none(tmp_path):
    save_run(tmp_path / "run", FITTED, tmp_path / "origin", {})
    path = tmp_path / "run" / "assets" / "confidence.json"
    assert path.read_text() == '{\n  "slope": 2.0,\n  "intercept": 1.0,\n  "chrf": 40.0\n}\n'
    assert load_run(tmp_path / "run").confidence == FITTED.confidence
    path.unlink()
    assert load_run(tmp_path / "run").confidence is None


def test_served_form_keeps_it_and_a_new_training_does_not():
    assert FITTED.for_serving().confidence == FITTED.confidence
    assert FITTED.continued(FITTED.config, EXAMPLES).confidence is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"slope": -1, "intercept": 0, "chrf": 40}', "[" * 100_000])
def test_damaged_file(tmp_path, text):
    path = tmp_path / "confidence.json"
    path.write_text(text)
    with pytest.raises(RunDirectoryError, match=r"confidence\.json does not hold .*; copy the whole"):
        Confidence.load(path)


@pytest.mark.parametrize("numbers", [(-0.1, 0, 40), (np.inf, 0, 40), (1, np.nan, 40), (1, 0, 101)])
def test_numbers_out_of_range(numbers):
    with pytest.raises(ConfigError, match="expected a finite number from"):
        Confidence(*numbers)
