import numpy as np
import pytest
import tensorflow as tf

from seqapp.models.folded_translator import for_search
from seqapp.models.quantized_product import QuantizedProduct, quantize_bounded
from tests.seqapp.models.test_folded_translator import SOURCE, built, outputs
from tests.support.pairings import pairing
from tests.support.processor import skip_without_quantized_kernels


@pytest.fixture(autouse=True)
def kernels():
    skip_without_quantized_kernels()


def test_a_product_by_hand():
    # 127 steps of 0.5 / 127 for the weights; -1, 0 and 1 lie (nearly) on steps of the vectors.
    product = QuantizedProduct(np.array([[0.5, 0.0], [-0.5, 0.5]], np.float32), np.array([0.0, 1.0], np.float32))
    found = product(quantize_bounded(tf.constant([[1.0, -1.0], [0.0, 1.0]])))
    np.testing.assert_allclose(found, [[1.0, 0.5], [-0.5, 1.5]], atol=0.01)


def test_a_product_is_near_that_in_float32():
    values = np.random.default_rng(1)
    weights = values.normal(0.0, 0.2, [64, 48]).astype(np.float32)
    bias = values.normal(size=48).astype(np.float32)
    vectors = np.tanh(values.normal(size=[16, 64])).astype(np.float32)
    found = QuantizedProduct(weights, bias)(quantize_bounded(tf.constant(vectors)))
    np.testing.assert_allclose(found, vectors @ weights + bias, atol=0.05)


def test_a_row_does_not_depend_on_its_batch():
    product = QuantizedProduct(np.random.default_rng(1).normal(size=[8, 4]).astype(np.float32), np.zeros(4))
    vectors = tf.constant(np.random.default_rng(2).uniform(-0.9, 0.9, [3, 8]), tf.float32)
    together = product(quantize_bounded(vectors))
    np.testing.assert_array_equal(product(quantize_bounded(vectors[1:2])), together[1:2])


@pytest.mark.parametrize("encoder", ["lstm", "transformer"])
def test_outputs_near_those_of_the_network(encoder):
    translator = built(pairing(encoder, "luong"))
    quantized = for_search(translator, quantized=True)
    for one, other in zip(outputs(quantized), outputs(translator), strict=True):
        np.testing.assert_allclose(one, other, atol=0.05)
    state, constants = quantized.start(SOURCE[1:2, :3], tf.constant(2))
    alone, _ = quantized.step(tf.constant([1]), state, constants)
    np.testing.assert_allclose(alone[0], outputs(quantized)[0][1], atol=1e-2)
