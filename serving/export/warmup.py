"""Warm-up requests that travel with an export.

TensorFlow Serving replays ``assets.extra/tf_serving_warmup_requests`` before a version goes into
service: the first client finds kernels ready, and a version that cannot answer never gets traffic.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from seqapp.signatures import CLASSIFY, Signature
from serving.export.description import EXTRA
from serving.export.samples import Samples, sample_request, text_example

WARMUP_FILE = "tf_serving_warmup_requests"
BATCH_SIZES = (1, 8, 32)


def write_warmup_requests(directory: Path, signatures: Sequence[Signature], samples: Samples) -> int:
    """Writes requests over the range of batch sizes and lengths into ``assets.extra`` of a SavedModel.

    ``serving_default`` is asked in batches of 1, 8 and 32 with the shortest, a middle and the longest
    row; every other signature once, with all three.

    Args:
        directory: the SavedModel.
        signatures: of the task.
        samples: rows of features that such a model is asked; at least one.

    Returns:
        The number of requests.
    """
    path = directory / EXTRA / WARMUP_FILE
    path.parent.mkdir(exist_ok=True)
    count = 0
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, rows in _requests(signatures, samples):
            writer.write(_record(signature, rows))
            count += 1
    return count


def _requests(signatures: Sequence[Signature], samples: Samples) -> Iterator[tuple[Signature, Samples]]:
    rows = range(len(next(iter(samples.values()))))
    ordered = sorted(rows, key=lambda row: sum(len(values[row]) for values in samples.values()))
    lengths = [ordered[0], ordered[len(ordered) // 2], ordered[-1]]
    for signature in signatures:
        if signature.name != "serving_default":
            yield signature, _chosen(samples, lengths)
            continue
        for size in BATCH_SIZES:
            for row in lengths:
                yield signature, _chosen(samples, [row] * size)


def _chosen(samples: Samples, rows: Sequence[int]) -> Samples:
    return {name: [values[row] for row in rows] for name, values in samples.items()}


def _record(signature: Signature, samples: Samples) -> bytes:
    log = prediction_log_pb2.PredictionLog()
    if signature.method == CLASSIFY:
        # Only Classify may ask such a signature.
        (column,) = signature.inputs.values()
        classified = log.classify_log.request
        classified.model_spec.signature_name = signature.name
        examples = (text_example(column.feature, text) for text in samples[column.feature])
        classified.input.example_list.examples.extend(examples)
        return log.SerializeToString()
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = signature.name
    for name, values in sample_request(signature.inputs, samples).items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values, dtype=signature.inputs[name].dtype))
    log.predict_log.request.CopyFrom(request)
    return log.SerializeToString()
