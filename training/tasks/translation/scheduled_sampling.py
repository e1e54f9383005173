"""Scheduled sampling: some target inputs of a training step are drawn from the model itself."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts, check_number
from seqapp.models.translator import Translator


class ScheduledSampling(keras.Model):
    """A translator whose training inputs are partly its own draws.

    Each training call replaces target inputs after BOS, each with probability r, by draws from the model's
    distribution; r rises linearly from 0 to `rate` over `total_steps` calls. A call has two passes:

    1. Drawing, step by step, without dropout and without a gradient: the distribution at position t is
       conditional on all inputs before it, drawn ones included.
    2. Teacher forcing on the mixed inputs, one recurrence. No gradient passes through the draws.

    Bengio et al. differ in one point: their draws come from the pass that is trained, with its dropout.
    Calls that are not training are plain teacher forcing. The draws are a function of seed and call.

    Source: Bengio et al. 2015, "Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks",
    with the linear schedule of section 2.4.

    Args:
        translator: the model; it has all weights. Its decoder is recurrent.
        rate: r in the last of the `total_steps` calls, in [0, 1].
        total_steps: number of training calls.
        seed: random seed of the draws.

    Raises:
        ConfigError: a number is out of its range.
    """

    def __init__(self, translator: Translator, rate: float, total_steps: int, seed: int = 0) -> None:
        super().__init__(autocast=False, name="scheduled_sampling")
        check_number("rate", rate, 0.0, 1.0)
        check_counts(total_steps=total_steps)
        self.translator = translator
        self.rate = rate
        self.total_steps = total_steps
        self.seed = seed
        self.calls = self.add_weight(
            name="calls", shape=(), dtype="int64", initializer="zeros", trainable=False
        )

    def build(self, input_shape=None) -> None:
        """Args: input_shape: without meaning here, since the widths are settings."""
        if not self.translator.built:
            self.translator.build()
        self.built = True

    def current_rate(self):
        """float32 []: r in the next training call."""
        done = tf.cast(self.calls, tf.float32) / max(1, self.total_steps - 1)
        return self.rate * tf.minimum(done, 1.0)

    def call(self, inputs, training=False):
        """Logits of every target position, see `Translator`; in training of the mixed inputs."""
        if training:
            inputs = {**inputs, "target": self.mixed_inputs(inputs["source"], inputs["target"])}
            self.calls.assign_add(1)
        return self.translator(inputs, training=training)

    def mixed_inputs(self, source, target):
        """Target inputs [B, T], some of them drawn with the rate and the random numbers of the next call.

        Args:
            source: int32 [B, S], padded on the right.
            target: int32 [B, T], BOS first.
        """
        seed = tf.stack([tf.constant(self.seed, tf.int64), tf.cast(self.calls, tf.int64)])
        drawn = tf.random.stateless_uniform(tf.shape(target), seed) < self.current_rate()
        length = tf.shape(target)[1]
        state, constants = self.translator.start(source, length)

        def advance(t, tokens, state, inputs):
            logits, state = self.translator.step(tokens, state, constants)
            of_step = tf.random.experimental.stateless_fold_in(seed, t)
            draws = tf.random.stateless_categorical(logits, 1, of_step, dtype=target.dtype)[:, 0]
            tokens = tf.where(drawn[:, t], draws, target[:, t])
            return t + 1, tokens, state, inputs.write(t, tokens)

        first = target[:, 0]
        inputs = tf.TensorArray(target.dtype, length, element_shape=first.shape).write(0, first)
        start = (tf.constant(1), first, state, inputs)
        *_, inputs = tf.while_loop(lambda t, *_: t < length, advance, start, parallel_iterations=1)
        return tf.ensure_shape(tf.transpose(inputs.stack()), target.shape)
