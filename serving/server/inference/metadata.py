"""GetModelMetadata: the signatures of a model, for both ports."""

from __future__ import annotations

from collections.abc import Sequence

from tensorflow_serving.apis import get_model_metadata_pb2

from serving.server.inference.predict import Runner
from serving.server.status import invalid_argument

SIGNATURE_DEF = "signature_def"


def signature_map(model: Runner) -> get_model_metadata_pb2.SignatureDefMap:
    """All signatures of a model, the initialiser's included."""
    signatures = get_model_metadata_pb2.SignatureDefMap()
    for name, signature in model.signatures.items():
        signatures.signature_def[name].CopyFrom(signature)
    return signatures


def check_fields(fields: Sequence[str]) -> None:
    """Refuses a request that names no metadata field, or another than signature_def.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    if not fields:
        raise invalid_argument("GetModelMetadataRequest must specify at least one metadata_field")
    for field in fields:
        if field != SIGNATURE_DEF:
            raise invalid_argument(f"Metadata field {field} is not supported")
