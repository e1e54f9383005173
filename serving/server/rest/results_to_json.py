"""Classifications, regressions, states and signatures → JSON."""

from __future__ import annotations

import json

import numpy as np
from google.protobuf import json_format
from google.protobuf.message import Message
from tensorflow_serving.apis import classification_pb2, get_model_metadata_pb2, model_pb2, regression_pb2

from serving.server.rest.number_text import float_texts
from serving.server.rest.pretty_writer import PrettyWriter, quoted
from serving.server.status import invalid_argument


def write_classifications(result: classification_pb2.ClassificationResult) -> str:
    """`{"results": [[[label, score], …], …]}`."""
    if not result.classifications:
        raise invalid_argument("Cannot convert empty ClassificationResults to JSON")
    writer = PrettyWriter()
    writer.start_object()
    writer.key("results")
    writer.start_array()
    writer.single_line_arrays = True
    writer.raws([_classes(entry) for entry in result.classifications])
    writer.single_line_arrays = False
    writer.end_array()
    writer.end_object()
    return writer.text()


def write_regressions(result: regression_pb2.RegressionResult) -> str:
    """`{"results": [value, …]}`."""
    if not result.regressions:
        raise invalid_argument("Cannot convert empty RegressionResults to JSON")
    values = np.array([entry.value for entry in result.regressions], np.float32)
    writer = PrettyWriter(single_line_arrays=True)
    writer.start_object()
    writer.key("results")
    writer.start_array()
    writer.raws(float_texts(values))
    writer.end_array()
    writer.end_object()
    return writer.text()


def write_status(status: Message) -> str:
    """A GetModelStatusResponse."""
    return _proto_json(status)


def write_metadata(spec: model_pb2.ModelSpec, signatures: get_model_metadata_pb2.SignatureDefMap) -> str:
    """The model spec and the signatures, default values included."""
    body = {
        "model_spec": json.loads(_proto_json(spec)),
        "metadata": {"signature_def": json.loads(_proto_json(signatures))},
    }
    return json.dumps(body, indent=1, ensure_ascii=False)


def _proto_json(message: Message) -> str:
    return json_format.MessageToJson(
        message,
        preserving_proto_field_name=True,
        indent=1,
        always_print_fields_with_no_presence=True,
        ensure_ascii=False,
    )


def _classes(entry: classification_pb2.Classifications) -> str:
    scores = float_texts(np.array([one.score for one in entry.classes], np.float32))
    pairs = (f"[{quoted(one.label)}, {score}]" for one, score in zip(entry.classes, scores, strict=True))
    return f"[{', '.join(pairs)}]"
