import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import AttentionDecoderConfig, FitConfig, TransformerEncoderConfig, TranslatorConfig
from seqapp.errors import ConfigError
from seqapp.models.translator import Translator
from seqapp.optimizers import FusedAdam
from training.optimizer import make_optimizer, not_decayed
from training.schedule import learning_rate_schedule

RATE = {"learning_rate": 0.1, "schedule": "constant", "warmup_fraction": 0.0}


def optimizer_of(settings, batches, model):
    return make_optimizer(settings, learning_rate_schedule(settings, batches), model)


def stepped(gradients, **settings):
    """A weight matrix and a bias, 1 each, after a step with each of the gradients, one per batch."""
    model = keras.Sequential([keras.Input([1]), keras.layers.Dense(1, kernel_initializer="ones")])
    matrix, bias = model.weights
    bias.assign([1.0])
    optimizer = optimizer_of(FitConfig(**{**RATE, "clip_norm": 1e6, **settings}), len(gradients), model)
    optimizer.build(model.trainable_variables)
    for gradient in gradients:
        optimizer.apply([tf.fill([1, 1], gradient), tf.fill([1], gradient)], [matrix, bias])
    return matrix.numpy().item(), bias.numpy().item()


def test_weight_decay_is_decoupled_and_of_matrices_only():
    # The first step of Adam is the learning rate; the decay is 0.1 · 0.5 of the weight, before it.
    np.testing.assert_allclose(stepped([3.0], weight_decay=0.5), [0.95 - 0.1, 1 - 0.1], rtol=1e-5)
    np.testing.assert_allclose(stepped([3.0]), [0.9, 0.9], rtol=1e-5)


def test_accumulated_batches_make_one_step():
    # 2 and -1 on average 0.5: one step down, where two steps would not end there.
    np.testing.assert_allclose(stepped([2.0, -1.0], accumulated_batches=2), [0.9, 0.9], rtol=1e-5)
    assert abs(stepped([2.0, -1.0])[0] - 0.9) > 0.01
    # The third batch waits for a fourth.
    np.testing.assert_allclose(stepped([2.0, -1.0, 5.0], accumulated_batches=2), [0.9, 0.9], rtol=1e-5)


def test_the_schedule_counts_steps_of_the_optimizer():
    # Warm-up over two steps: 0.05, then 0.1, at steps of Adam of one sign each.
    settings = {"accumulated_batches": 2, "warmup_fraction": 0.5}
    np.testing.assert_allclose(stepped([1.0] * 8, **settings)[0], 1 - 0.05 - 3 * 0.1, rtol=1e-5)


def test_the_average_is_clipped_not_each_batch():
    # Matrix and bias: averages 0.5 (norm √½, kept) and 1 (scaled down to 0.5). Batches clipped one by one
    # would have the average 0 first.
    gradients = [100.0, -99.0, 1.0, 1.0]
    found = stepped(gradients, accumulated_batches=2, clip_norm=2.0**0.5 / 2)
    expected = stepped([0.5, 0.5], clip_norm=1e6)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_more_accumulated_batches_than_there_are():
    with pytest.raises(ConfigError, match="accumulated_batches must be at most 3, the batches of this"):
        stepped([1.0] * 3, accumulated_batches=4)


def test_half_precision_scales_the_loss():
    model = keras.Sequential([keras.Input([1]), keras.layers.Dense(1)])
    settings = {"accumulated_batches": 2, "weight_decay": 0.1}
    scaled = optimizer_of(FitConfig(precision="mixed_float16", **settings), 10, model)
    assert isinstance(scaled, keras.optimizers.LossScaleOptimizer)
    assert scaled.inner_optimizer.gradient_accumulation_steps == 2
    assert type(optimizer_of(FitConfig(precision="mixed_bfloat16"), 10, model)) is FusedAdam


def test_weights_without_decay():
    config = TranslatorConfig(
        embedding_size=8,
        encoder=TransformerEncoderConfig(units=8, heads=2, positions="learned", max_positions=5),
        decoder=AttentionDecoderConfig(units=12, cell="gru", score="additive", order="bahdanau"),
    )
    model = Translator(20, config)
    model.build()
    without = {weight.name for weight in not_decayed(model)}
    assert without == {"embeddings", "table", "bias", "gamma", "beta", "output_bias", "score_vector"}
    decayed = {weight.name for weight in model.trainable_variables} - without
    assert decayed == {"kernel", "recurrent_kernel"}
