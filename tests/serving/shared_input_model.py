"""A SavedModel in graph style, whose classify and regress signatures share their input tensor."""

from pathlib import Path

import tensorflow as tf

_v1 = tf.compat.v1


def save(base: Path, version: int = 1) -> Path:
    """Writes `base/version` and returns it. Regress doubles `x`; classify scores it as `positive`."""
    with tf.Graph().as_default(), _v1.Session() as session:
        inputs = _v1.placeholder(tf.string, [None], "tf_example")
        x = tf.io.parse_example(inputs, {"x": tf.io.FixedLenFeature([1], tf.float32, [0.0])})["x"]
        labels = tf.fill(tf.shape(x), "positive")
        signatures = {
            "regress": _signature("regress", inputs, outputs=x * 2.0),
            "classify": _signature("classify", inputs, classes=labels, scores=x),
        }
        builder = _v1.saved_model.builder.SavedModelBuilder(str(base / str(version)))
        builder.add_meta_graph_and_variables(session, ["serve"], signatures)
        builder.save()
    return base / str(version)


def _signature(method, inputs, **outputs):
    info = _v1.saved_model.utils.build_tensor_info
    return _v1.saved_model.signature_def_utils.build_signature_def(
        {"inputs": info(inputs)},
        {name: info(tensor) for name, tensor in outputs.items()},
        f"tensorflow/serving/{method}",
    )
