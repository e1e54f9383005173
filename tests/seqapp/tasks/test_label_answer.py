import numpy as np
import tensorflow as tf

from seqapp.tasks.label_answer import label_answer
from tests.support.classification import small_classifier


def test_several_labels():
    task = small_classifier(labelled=[("a", "x|y"), ("b", "z"), ("c", "y")], label_separator="|")
    scores = np.array([[3.0, -1.0, 1.0], [-1.0, -2.0, -3.0]], np.float32)
    labels, probability, best = label_answer(
        task.calibration.probabilities(tf.constant(scores), exclusive=False), task.labels
    )
    assert labels.numpy().tolist() == [b"x|z", b""]
    np.testing.assert_allclose(probability, 1 / (1 + np.exp([-3.0, 1.0])), rtol=1e-5)
    assert best.numpy().tolist() == [0, 0]
    assert task.classify_text(tf.constant(["a"]))["label"].shape == (1,)
