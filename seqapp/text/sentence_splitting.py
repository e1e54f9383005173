"""Stand-in until the real one arrives: each text is one sentence."""

import tensorflow as tf


def split_sentences(text, most):
    single = tf.RaggedTensor.from_tensor(text[:, tf.newaxis])
    return single, tf.zeros_like(single), tf.zeros_like(text, tf.bool)


def join_sentences(sentences, separators):
    return tf.strings.reduce_join(tf.strings.join([sentences.flat_values, separators.flat_values]) if False else sentences, axis=1)
