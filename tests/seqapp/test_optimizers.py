import json
import random
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.optimizers import FusedAdam

# Two replicas on two logical CPUs, each with its own rows; prints the weights after five steps.
TWO_REPLICAS = """
import json, sys, keras, tensorflow as tf
from seqapp.optimizers import FusedAdam

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    table = keras.Variable(tf.reshape(tf.range(12.0), [6, 2]))
    bias = keras.Variable([1.0, -1.0])
    kind = {"FusedAdam": FusedAdam, "Adam": keras.optimizers.Adam}[sys.argv[1]]
    optimizer = kind(0.1, epsilon=1e-3, global_clipnorm=0.5)
    optimizer.build([table, bias])

def replica(rows):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((tf.gather(table.value, rows) + bias) ** 2)
    optimizer.apply(tape.gradient(loss, [table.value, bias.value]), [table, bias])

@tf.function
def step():
    rows = lambda context: tf.constant([context.replica_id_in_sync_group, 3])
    strategy.run(replica, args=(strategy.experimental_distribute_values_from_function(rows),))

for _ in range(5):
    step()
copies = [strategy.experimental_local_results(weight.value) for weight in (table, bias)]
print(json.dumps([[copy.numpy().tolist() for copy in each] for each in copies]))
"""


def weights_after(optimizer, graph, steps=5):
    generator = np.random.default_rng(1)
    table = keras.Variable(generator.normal(size=(6, 3)), dtype="float32")
    bias = keras.Variable(generator.normal(size=(3,)), dtype="float32")
    gradients = [
        (generator.normal(size=(2, 3)).astype("float32"), generator.normal(size=(3,)).astype("float32"))
        for _ in range(steps)
    ]
    optimizer.build([table, bias])

    def apply(rows, values):
        some_rows = tf.IndexedSlices(rows, tf.constant([4, 1]), tf.constant([6, 3]))
        optimizer.apply([some_rows, values], [table, bias])

    run = tf.function(apply) if graph else apply
    for rows, values in gradients:
        run(tf.constant(rows), tf.constant(values))
    return table.numpy(), bias.numpy(), int(optimizer.iterations.numpy())


@pytest.mark.parametrize("graph", [True, False])
@pytest.mark.parametrize("clip", [None, 0.5])
def test_steps_are_those_of_keras(graph, clip):
    ours = weights_after(FusedAdam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3, global_clipnorm=clip), graph)
    theirs = weights_after(
        keras.optimizers.Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3, global_clipnorm=clip), graph
    )
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


OPTIONS = [
    {"gradient_accumulation_steps": 2},
    {"gradient_accumulation_steps": 2, "amsgrad": True},
    {"weight_decay": 0.1},
    {"clipvalue": 0.2},
    {"clipnorm": 0.3},
    {"global_clipnorm": 0.3},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
]


@pytest.mark.parametrize("graph", [True, False])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_are_those_of_keras(options, graph):
    ours = weights_after(FusedAdam(0.1, epsilon=1e-3, **options), graph)
    theirs = weights_after(keras.optimizers.Adam(0.1, epsilon=1e-3, **options), graph)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_amsgrad_keeps_the_largest_second_moment():
    # Gradients 3, then 0: v̂ stays at its first value, where plain Adam's v shrinks.
    def weight_after(**options):
        weight = keras.Variable([1.0])
        optimizer = FusedAdam(0.1, beta_2=0.5, **options)
        optimizer.build([weight])
        for gradient in ([3.0], [0.0]):
            optimizer.apply([tf.constant(gradient)], [weight])
        return weight.numpy().item()

    # 1 - 0.1 - α m / √v̂ with α = 0.1 √(1 - 0.5²) / (1 - 0.9²), m = 0.27, v̂ = 4.5; plain: v = 2.25.
    np.testing.assert_allclose(weight_after(amsgrad=True), 0.841986, rtol=1e-5)
    np.testing.assert_allclose(weight_after(), 0.817955, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_weights_of_other_types(dtype):
    found = []
    for kind in (FusedAdam, keras.optimizers.Adam):
        weight = keras.Variable([1.0, -2.0], dtype=dtype)
        optimizer = kind(0.25, epsilon=1e-3)
        optimizer.build([weight])
        for gradient in ([3.0, -0.5], [1.0, 0.25]):
            optimizer.apply([tf.constant(gradient)], [weight])
        found.append(tf.cast(weight.value, "float64").numpy())
    # Keras rounds the exponential decay rates to float32 first, in float64 as well.
    np.testing.assert_allclose(*found, rtol={"float64": 1e-5, "float16": 2e-2, "bfloat16": 5e-2}[dtype])


def test_a_learning_rate_schedule_counts_steps():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1, 3], [0.1, 0.01, 0.5])
    ours = weights_after(FusedAdam(schedule), True)
    theirs = weights_after(keras.optimizers.Adam(schedule), True)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def small_model(optimizer, dtype=None):
    random.seed(3)  # Keras draws its seeds from it; tf.random.set_seed would end other tests' tokenizers
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(1, dtype=dtype)])
    model.compile(optimizer=optimizer, loss="mse")
    return model


DATA = np.random.default_rng(5).normal(size=(8, 3)).astype("float32"), np.ones([8, 1], "float32")


@pytest.mark.slow
@pytest.mark.parametrize("options",
    [{}, {"amsgrad": True}, {"gradient_accumulation_steps": 2}, {"loss_scale_factor": 8.0}],
    ids=str,
)
def test_a_compiled_model_continues_from_its_file(options, tmp_path):
    model = small_model(FusedAdam(0.1, **options))
    model.fit(*DATA, batch_size=4, epochs=2, verbose=0, shuffle=False)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert type(again.optimizer) is FusedAdam
    reference = small_model(keras.optimizers.Adam(0.1, **options))
    reference.fit(*DATA, batch_size=4, epochs=3, verbose=0, shuffle=False)
    for each in (model, again):
        each.fit(*DATA, batch_size=4, epochs=1, verbose=0, shuffle=False)
        for one, other in zip(each.get_weights(), reference.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_mixed_precision_scales_the_loss():
    model = small_model(keras.optimizers.LossScaleOptimizer(FusedAdam(0.1)), "mixed_float16")
    before = model.get_weights()
    model.fit(*DATA, batch_size=4, epochs=2, verbose=0)
    assert all((one != other).any() for one, other in zip(before, model.get_weights(), strict=True))
    assert np.isfinite(model.get_weights()[0]).all()


@pytest.mark.slow
def test_jit_compilation():
    found = []
    for jit in (True, False):
        model = small_model(FusedAdam(0.1))
        model.compile(optimizer=model.optimizer, loss="mse", jit_compile=jit)
        model.fit(*DATA, batch_size=4, epochs=2, verbose=0, shuffle=False)
        found.append(model.get_weights()[0])
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-6)


def test_unknown_arguments_are_refused():
    with pytest.raises(ValueError, match="beta_3"):
        FusedAdam(0.1, beta_3=0.5)


@pytest.mark.slow
def test_replicas_step_as_those_of_keras():
    found = {}
    for name in ("FusedAdam", "Adam"):
        command = [sys.executable, "-c", TWO_REPLICAS, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        found[name] = json.loads(done.stdout.splitlines()[-1])
    for (first, second), (wanted, _) in zip(found["FusedAdam"], found["Adam"], strict=True):
        assert first == second
        np.testing.assert_allclose(first, wanted, rtol=1e-4, atol=1e-5)


def test_accumulation_under_a_strategy_is_refused():
    # Not MirroredStrategy: making one resets TensorFlow's context, and with it other tests' resources.
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        FusedAdam(0.1)
        with pytest.raises(ConfigError, match="gradient_accumulation_steps: Keras cannot accumulate"):
            FusedAdam(0.1, gradient_accumulation_steps=2)


def test_by_hand():
    # The first step of Adam goes by the learning rate against the sign of the gradient.
    weight = keras.Variable([1.0, 1.0])
    optimizer = FusedAdam(0.1)
    optimizer.build([weight])
    optimizer.apply([tf.constant([3.0, -0.2])], [weight])
    np.testing.assert_allclose(weight.numpy(), [0.9, 1.1], rtol=1e-5)


def test_gradients_of_one_row_add_up():
    # Keras alone squares each before it adds them.
    table = keras.Variable([[1.0], [1.0]])
    optimizer = FusedAdam(0.1)
    optimizer.build([table])
    gradient = tf.IndexedSlices(tf.constant([[1.0], [-3.0]]), tf.constant([1, 1]), tf.constant([2, 1]))
    optimizer.apply([gradient], [table])
    np.testing.assert_allclose(table.numpy(), [[1.0], [1.1]], rtol=1e-5)


def test_serialisation():
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(FusedAdam(0.2, beta_1=0.7))
    )
    assert isinstance(again, FusedAdam)
    assert again.get_config()["beta_1"] == 0.7
