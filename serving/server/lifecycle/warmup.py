"""Replays the requests that an export carries, before its version is served.

Any record that fails fails the load: better no new version than one whose first request fails.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import prediction_log_pb2

from serving.server.inference.example_methods import ExampleMethods
from serving.server.inference.predict import Runner, predict
from serving.server.inference.tensor_proto import decode
from serving.server.logs import log
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.status import Code, ServingError, as_serving_error, invalid_argument

_FILE = Path("assets.extra") / "tf_serving_warmup_requests"
_MOST = 1000


@dataclass(frozen=True)
class WarmUp:
    """Replays warm-up records.

    Attributes:
        metrics: records duration and number of records.
        iterations: how often each record is replayed.
    """

    metrics: ServerMetrics
    iterations: int = 1

    def __call__(self, model: Runner, directory: Path) -> None:
        """Replays the records of a version, if it has any.

        Raises:
            ServingError: a record that cannot be read or answered.
        """
        path = directory / _FILE
        if not path.is_file():
            return
        begun = time.monotonic()
        status, count = "OK", 0
        try:
            for count, record in enumerate(_records(path), start=1):
                if count > _MOST:
                    raise invalid_argument(
                        f"Number of warmup records exceeds the maximum ({_MOST}) at {path}"
                    )
                for _ in range(self.iterations):
                    _replay(model, record)
        except ServingError as error:
            status = error.code.name
            raise ServingError(error.code, f"Warm-up record {count} of {path}: {error.message}") from error
        finally:
            seconds = time.monotonic() - begun
            self.metrics.warmup_latency.observe(seconds, str(directory), status)
            self.metrics.warmup_records.add(str(directory), status, amount=count)
        log.info(
            "Finished reading warmup data for model at %s. Records: %d, %.2f s", directory, count, seconds
        )


def _records(path: Path) -> Iterator[prediction_log_pb2.PredictionLog]:
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            yield prediction_log_pb2.PredictionLog.FromString(record)
    except DecodeError as error:
        raise invalid_argument(f"Failed to parse warmup record: it is no PredictionLog ({error})") from error
    except (tf.errors.OpError, ValueError) as error:
        refused = as_serving_error(error)
        message = f"{refused.message}. Please verify your warmup data is in TFRecord format."
        raise ServingError(Code.DATA_LOSS, message) from error


def _replay(model: Runner, record: prediction_log_pb2.PredictionLog) -> None:
    kind = record.WhichOneof("log_type")
    if kind == "predict_log":
        request = record.predict_log.request
        inputs = {alias: decode(proto) for alias, proto in request.inputs.items()}
        filter_ = list(request.output_filter)
        predict(model, request.model_spec.signature_name, inputs, output_filter=filter_)
    elif kind == "classify_log":
        request = record.classify_log.request
        ExampleMethods().classify(model, request.model_spec.signature_name, request.input, None)
    elif kind == "regress_log":
        request = record.regress_log.request
        ExampleMethods().regress(model, request.model_spec.signature_name, request.input, None)
    elif kind == "multi_inference_log":
        ExampleMethods().multi_inference(model, record.multi_inference_log.request, None)
    else:
        raise ServingError(Code.UNIMPLEMENTED, f"Unsupported log_type for warmup: {kind}")
