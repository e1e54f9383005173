"""Warm-up requests that travel with an export.

TensorFlow Serving replays ``assets.extra/tf_serving_warmup_requests`` before a version goes into
service: the first client finds kernels ready, and a version that cannot answer never gets traffic.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from serving.export.description import EXTRA
from serving.export.signatures import Input, sample_columns, text_example

WARMUP_FILE = "tf_serving_warmup_requests"
BATCH_SIZES = (1, 8, 32)


def write_warmup_requests(directory: Path, inputs: dict[str, dict[str, Input]], texts: Sequence[str]) -> int:
    """Writes requests over the range of batch sizes and lengths into ``assets.extra`` of a SavedModel.

    ``serving_default`` is asked in batches of 1, 8 and 32 with the shortest, a middle and the longest
    text; every other signature once, with all three.

    Args:
        directory: the SavedModel.
        inputs: signature → input → column.
        texts: what such a model is asked; at least one.

    Returns:
        The number of requests.
    """
    path = directory / EXTRA / WARMUP_FILE
    path.parent.mkdir(exist_ok=True)
    count = 0
    with tf.io.TFRecordWriter(str(path)) as writer:
        for name, batch in _requests(inputs, texts):
            writer.write(_record(name, inputs[name], batch))
            count += 1
    return count


def _requests(inputs: dict[str, dict[str, Input]], texts: Sequence[str]) -> Iterator[tuple[str, list[bytes]]]:
    ordered = sorted((text.encode("utf-8") for text in texts), key=len)
    lengths = [ordered[0], ordered[len(ordered) // 2], ordered[-1]]
    for name in inputs:
        if name != "serving_default":
            yield name, lengths
    for size in BATCH_SIZES:
        for text in lengths:
            yield "serving_default", [text] * size


def _record(signature: str, inputs: dict[str, Input], texts: list[bytes]) -> bytes:
    log = prediction_log_pb2.PredictionLog()
    if any(column.example for column in inputs.values()):
        # Only Classify may ask such a signature.
        classified = log.classify_log.request
        classified.model_spec.signature_name = signature
        classified.input.example_list.examples.extend(text_example(text) for text in texts)
        return log.SerializeToString()
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = signature
    for name, values in sample_columns(inputs, texts).items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values, dtype=inputs[name].dtype))
    log.predict_log.request.CopyFrom(request)
    return log.SerializeToString()
