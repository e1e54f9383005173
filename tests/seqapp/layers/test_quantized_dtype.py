import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.quantized_dtype import quantized_dtype

INPUTS = [tf.random.normal(shape, seed=1) for shape in [(2, 4, 3), (2, 5), (2, 5, 6)]]


def model():
    x, final_state, memory = (keras.Input([*[None] * (len(i.shape) - 2), i.shape[-1]]) for i in INPUTS)
    vectors, _ = AttentionDecoder(6)(x, final_state=final_state, memory=memory)
    return keras.Model([x, final_state, memory], vectors)


@pytest.mark.slow
# Keras warns of every layer that it leaves as it is.
@pytest.mark.filterwarnings("ignore:.* does not have a `quantize` method implemented")
@pytest.mark.parametrize("mode", ["int8", "int4"])
def test_quantized_sublayers_are_saved_and_loaded(tmp_path, mode):
    first = model()
    before = first(INPUTS)
    first.quantize(mode)
    quantized = first(INPUTS)
    assert 0 < np.abs(quantized - before).max() < 0.2
    path = tmp_path / "model.keras"
    for _ in range(2):  # what was loaded can be saved again
        first.save(path)
        first = keras.saving.load_model(path)
        np.testing.assert_array_equal(first(INPUTS), quantized)
    decoder = first.layers[-1]
    assert decoder.combine.kernel.dtype == "int8"
    assert decoder.stack[0].cell.kernel.dtype == "float32"


def test_without_quantized_sublayers_nothing_is_added():
    assert quantized_dtype(model().layers[-1]) == {}
