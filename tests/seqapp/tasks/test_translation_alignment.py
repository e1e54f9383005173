import numpy as np
import tensorflow as tf

from tests.support.pairings import pairing
from tests.support.tasks import small_task
from tests.support.translation import TEXTS


def test_alignment_sums_to_one_where_there_is_text(explained):
    sums = explained["alignment"].sum(axis=2)
    written = explained["target_tokens"] != b""
    np.testing.assert_allclose(sums[written], 1.0, rtol=1e-5)
    assert not sums[~written].any()
    padded = explained["source_tokens"] == b""
    assert not explained["alignment"].transpose(0, 2, 1)[padded].any()


def test_without_attention_the_alignment_is_uniform():
    task = small_task(model=pairing("gru", "fixed_context"))
    found = {name: value.numpy() for name, value in task.explain(tf.constant(TEXTS[:2])).items()}
    read = found["source_tokens"] != b""
    written = found["target_tokens"] != b""
    assert read.sum(axis=1).min() >= 1
    expected = read[:, np.newaxis] / read.sum(axis=1)[:, np.newaxis, np.newaxis] * written[:, :, np.newaxis]
    np.testing.assert_allclose(found["alignment"], expected, rtol=1e-6)
