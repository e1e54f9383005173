import keras
import pytest

from training.precision import training_precision


def test_layers_made_inside_compute_in_half_precision_with_weights_in_single():
    with training_precision("mixed_bfloat16"):
        inside = keras.layers.Dense(1)
        inside.build([None, 2])
    assert (inside.compute_dtype, inside.kernel.dtype) == ("bfloat16", "float32")
    assert keras.layers.Dense(1).compute_dtype == "float32"


def test_the_former_policy_comes_back_after_an_error():
    before = keras.config.dtype_policy()
    with pytest.raises(RuntimeError, match="stop"), training_precision("mixed_float16"):
        raise RuntimeError("stop")
    assert keras.config.dtype_policy() is before
