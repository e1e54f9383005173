"""Asks a SavedModel as TensorFlow Serving does: in a graph session, in a process of its own.

Run as a script it needs nothing but tensorflow and tensorflow_text, so that no code of the exporting
process can help. Standard input: JSON ``{"model": directory, "requests": [{"signature": name,
"columns": {input: list}}, …]}``. Last line of standard output: JSON list of ``{output: nested
list}``, one for each request. Strings are base64 in both.
"""

import base64
import json
import sys
import time


def answer(job):
    """The answers to the requests of a job, see the module's text."""
    import numpy as np
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  registers its ops

    tf.compat.v1.disable_eager_execution()
    answers = []
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta_graph = tf.compat.v1.saved_model.load(session, ["serve"], job["model"])
        for request in job["requests"]:
            signature = meta_graph.signature_def[request["signature"]]
            feeds = {}
            for name, column in request["columns"].items():
                tensor = signature.inputs[name]
                if tensor.dtype == tf.string.as_datatype_enum:
                    values = np.array([base64.b64decode(item) for item in column], dtype=object)
                else:
                    values = np.array(column, dtype=tf.as_dtype(tensor.dtype).as_numpy_dtype)
                feeds[tensor.name] = values
            fetches = {name: tensor.name for name, tensor in signature.outputs.items()}
            began = time.monotonic()
            answer = session.run(fetches, feeds)
            seconds = time.monotonic() - began
            answers.append({name: _plain(value) for name, value in answer.items()})
            print(f"{request['signature']} of {len(values)} in {seconds:.3f} s", file=sys.stderr)  # noqa: T201
    return answers


def _plain(value):
    if value.dtype == object:
        return _encoded(value.tolist())
    return value.tolist()


def _encoded(item):
    return [_encoded(part) for part in item] if isinstance(item, list) else base64.b64encode(item).decode()


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin))))  # noqa: T201
