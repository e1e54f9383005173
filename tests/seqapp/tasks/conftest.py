"""What the small translator explains, once a session."""

import pytest


@pytest.fixture(scope="session")
def explained():
    """`TEXTS` with their translations, tokens and alignments."""
    import tensorflow as tf

    from tests.support.translation import TASK, TEXTS

    return {name: value.numpy() for name, value in TASK.explain(tf.constant(TEXTS)).items()}
