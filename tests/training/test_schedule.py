import keras
import numpy as np

from training.schedule import WarmupCosine


def test_by_hand():
    # Two steps of rise to 1.0; then half a cosine over four steps down to 0.2, its middle is 0.6.
    schedule = WarmupCosine(peak=1.0, final=0.2, warmup_steps=2, total_steps=6)
    np.testing.assert_allclose(
        [schedule(step) for step in (0, 1, 3, 5, 50)], [0.5, 1.0, 0.6, 0.2, 0.2], rtol=1e-6
    )


def test_without_warmup_it_starts_at_the_peak():
    np.testing.assert_allclose(WarmupCosine(1.0, 0.0, 0, 1000)(0), 1.0, atol=1e-4)


def test_serialisation():
    schedule = WarmupCosine(1.0, 0.2, 2, 6)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert again.get_config() == schedule.get_config()
