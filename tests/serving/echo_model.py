"""A SavedModel that gives back what it gets, and classifies and regresses examples."""

from pathlib import Path

import tensorflow as tf

_TYPES = {
    "float": tf.float32,
    "double": tf.float64,
    "int32": tf.int32,
    "int64": tf.int64,
    "int16": tf.int16,
    "int8": tf.int8,
    "uint8": tf.uint8,
    "uint16": tf.uint16,
    "uint32": tf.uint32,
    "uint64": tf.uint64,
    "bfloat16": tf.bfloat16,
    "complex64": tf.complex64,
    "half": tf.float16,
    "bool": tf.bool,
    "string": tf.string,
}


class Echo(tf.Module):
    """Signatures `float`, `double` … echo one tensor `x`; others are told by their names."""

    @tf.function(
        input_signature=[tf.TensorSpec(None, tf.int32, "number"), tf.TensorSpec(None, tf.string, "word")]
    )
    def pair(self, number, word):
        return {"number": number, "word": word, "word_bytes": word}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs")])
    def classify(self, inputs):
        length = tf.cast(tf.strings.length(inputs), tf.float32)[:, None]
        return {
            "classes": tf.tile([["short", "long"]], [tf.size(inputs), 1]),
            "scores": tf.concat([1.0 / length, length], axis=1),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs")])
    def regress(self, inputs):
        features = {"x": tf.io.FixedLenFeature([1], tf.float32, default_value=[0.0])}
        return {"outputs": tf.io.parse_example(inputs, features)["x"] * 2.0}

    @tf.function(input_signature=[tf.TensorSpec(None, tf.float32, "x")])
    def scalar(self, x):
        return {"sum": tf.reduce_sum(x)}


def _echo_of(dtype):
    return tf.function(lambda x: {"y": tf.identity(x)}, input_signature=[tf.TensorSpec(None, dtype, "x")])


def save(base: Path, version: int = 1) -> Path:
    """Writes `base/version` and returns it."""
    module = Echo()
    signatures = {name: _echo_of(dtype) for name, dtype in _TYPES.items()}
    signatures |= {"classify": module.classify, "regress": module.regress, "scalar": module.scalar}
    signatures |= {"serving_default": signatures["float"], "pair": module.pair}
    tf.saved_model.save(module, str(base / str(version)), signatures=signatures)
    updater = tf.compat.v1.saved_model.signature_def_utils.MethodNameUpdater(str(base / str(version)))
    updater.replace_method_name("classify", "tensorflow/serving/classify")
    updater.replace_method_name("regress", "tensorflow/serving/regress")
    updater.save()
    return base / str(version)
