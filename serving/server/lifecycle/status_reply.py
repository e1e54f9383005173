"""The reply of GetModelStatus, for both ports."""

from __future__ import annotations

from tensorflow_serving.apis import get_model_status_pb2

from serving.server.lifecycle.manager import ModelManager
from serving.server.status import not_found


def model_status(
    models: ModelManager, name: str, version: int | None = None
) -> get_model_status_pb2.GetModelStatusResponse:
    """The state of one version, or of all ever seen, newest first.

    Raises:
        ServingError: NOT_FOUND.
    """
    reply = get_model_status_pb2.GetModelStatusResponse()
    for known in models.versions(name):
        if version is not None and known.number != version:
            continue
        entry = reply.model_version_status.add(version=known.number, state=int(known.state))
        if known.error is not None:
            entry.status.error_code = int(known.error.code)
            entry.status.error_message = known.error.message
        else:
            entry.status.SetInParent()
    if not reply.model_version_status:
        if version is not None:
            raise not_found(f"Could not find version {version} of model {name}")
        raise not_found(f"Could not find any versions of model {name}")
    return reply
