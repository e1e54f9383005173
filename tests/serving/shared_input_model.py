"""A SavedModel in graph style: signatures that share an input tensor, defaults, and malformed ones."""

from pathlib import Path

import tensorflow as tf

_v1 = tf.compat.v1


def save(base: Path, version: int = 1) -> Path:
    """Writes `base/version` and returns it. Regress doubles `x`; classify scores it as `positive`."""
    with tf.Graph().as_default(), _v1.Session() as session:
        signatures = _example_signatures() | _tensor_signatures()
        builder = _v1.saved_model.builder.SavedModelBuilder(str(base / str(version)))
        builder.add_meta_graph_and_variables(session, ["serve"], signatures)
        builder.save()
    return base / str(version)


def _example_signatures():
    """Of serialized examples, all with one input tensor; the names of the malformed ones say why."""
    inputs = _v1.placeholder(tf.string, [None], "tf_example")
    x = tf.io.parse_example(inputs, {"x": tf.io.FixedLenFeature([1], tf.float32, [0.0])})["x"]
    labels = tf.fill(tf.shape(x), "positive")
    twice = tf.concat([x, x], axis=1)
    regressions = {
        "regress": x * 2.0,
        "regress_flat": x[:, 0],
        "regress_wide": twice,
        "regress_short": x[1:],
        "regress_integers": tf.cast(x, tf.int32),
    }
    classifications = {
        "classify": {"classes": labels, "scores": x},
        "serving_default": {"classes": labels},
        "scores_only": {"scores": x},
        "scores_and_more": {"scores": x, "more": x},
        "neither": {"label": labels},
        "three_outputs": {"classes": labels, "scores": x, "more": x},
        "flat_scores": {"scores": x[:, 0]},
        "short_scores": {"scores": x[1:]},
        "string_scores": {"scores": labels},
        "number_classes": {"classes": x},
        "wide_scores": {"classes": labels, "scores": twice},
    }
    others = {
        "regress_other_output": _signature("regress", {"inputs": inputs}, {"output": x}),
        "other_input": _signature("classify", {"examples": inputs}, {"scores": x}),
        "two_inputs": _signature("classify", {"inputs": inputs, "more": inputs}, {"scores": x}),
        "number_inputs": _signature("classify", {"inputs": _v1.placeholder(tf.float32)}, {"scores": x}),
    }
    return (
        {name: _signature("regress", {"inputs": inputs}, {"outputs": y}) for name, y in regressions.items()}
        | {name: _signature("classify", {"inputs": inputs}, y) for name, y in classifications.items()}
        | others
    )


def _tensor_signatures():
    """Of Predict: `with_default` answers `ten * 10 + one`, where `one` is 5 unless given."""
    ten, one = _v1.placeholder(tf.float32, name="ten"), _v1.placeholder(tf.float32, name="one")
    both = _signature("predict", {"ten": ten, "one": one}, {"y": ten * 10.0 + one})
    both.defaults["one"].CopyFrom(tf.make_tensor_proto([5.0]))
    return {
        "with_default": both,
        "half": _signature("predict", {"ten": ten}, {"y": tf.cast(ten, tf.float16)}),
        "uneven": _signature("predict", {"ten": ten}, {"a": tf.identity(ten), "b": ten[1:]}),
    }


def _signature(method, inputs, outputs):
    def infos(tensors):
        return {name: _v1.saved_model.utils.build_tensor_info(one) for name, one in tensors.items()}

    method = f"tensorflow/serving/{method}"
    build = _v1.saved_model.signature_def_utils.build_signature_def
    return build(infos(inputs), infos(outputs), method)
