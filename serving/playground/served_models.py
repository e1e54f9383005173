"""The models that the page may use, and their server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from serving.client.asynchronous import AsyncClient, async_transport_for
from serving.client.errors import ClientError, ModelNotFoundError
from serving.client.metadata import Metadata, TensorInfo, VersionStatus
from serving.client.operations import RetryPolicy
from serving.client.tasks.registry import recognise
from serving.client.transport import AsyncTransport
from serving.playground.replies import kind_of

USUAL_NAMES = ("translation", "classification", "language-modelling")
"""Names to look for when none is given; the protocol has no request that lists the models of a server."""

_STATUS_SECONDS = 3.0
_MAX_REPLY_BYTES = 32 * 1024 * 1024
_COMING = {"START", "LOADING"}


class ServedModels:
    """Named models of one server. Its methods are for one event loop.

    Args:
        address: of the server, as `Client` takes it.
        names: models that may be reached; empty for those of `USUAL_NAMES` that the server has.
        timeout: seconds per request.
    """

    def __init__(self, address: str, names: Sequence[str] = (), timeout: float = 30.0) -> None:
        self.address = address
        self._names = tuple(names) or USUAL_NAMES
        self._found = bool(names)
        self._timeout = timeout
        self._transport: AsyncTransport | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def client(self, name: str, version: int | None = None) -> AsyncClient:
        """A client of the model, over the one connection of all."""
        if self._transport is None:  # here, since it belongs to the running event loop
            self._transport = async_transport_for(self.address, _MAX_REPLY_BYTES)
        return AsyncClient(
            self.address, model=name, version=version, timeout=self._timeout, transport=self._transport
        )

    async def states(self) -> list[dict[str, Any]]:
        """Name, state and versions of each model; of models without a given name, those that exist."""
        states = await asyncio.gather(*map(self._state, self._names))
        if self._found:
            return states
        return [state for state in states if state["state"] != "missing"]

    async def _state(self, name: str) -> dict[str, Any]:
        client = self.client(name)
        client.retries = RetryPolicy(attempts=1)  # the page asks again
        try:
            versions = await client.status(timeout=_STATUS_SECONDS)
        except ClientError as error:
            state = "missing" if isinstance(error, ModelNotFoundError) else kind_of(error)[0]
            return {"name": name, "state": state, "versions": [], "message": str(error)}
        return {"name": name, **state_of(versions)}

    async def close(self) -> None:
        """Closes the connection to the server."""
        if self._transport is not None:
            await self._transport.close()


def state_of(versions: Sequence[VersionStatus]) -> dict[str, Any]:
    """What the page shows of a model's versions.

    Returns:
        `state`: available, loading or unavailable; `versions`: numbers of the available ones, newest first;
        `message`: why the newest is not available, or "".
    """
    available = sorted((one.version for one in versions if one.state == "AVAILABLE"), reverse=True)
    message = next((one.error for one in versions if one.error and one.state != "AVAILABLE"), "")
    if available:
        return {"state": "available", "versions": available, "message": message}
    coming = any(one.state in _COMING for one in versions)
    return {"state": "loading" if coming else "unavailable", "versions": [], "message": message}


def described(metadata: Metadata) -> dict[str, Any]:
    """The task that the signatures are of, or null, and the signatures with their inputs and outputs."""
    task = recognise(metadata)
    return {
        "task": task.name if task else None,
        "signatures": {
            name: {
                "method": signature.method.rpartition("/")[2],
                "inputs": {key: _described_tensor(info) for key, info in signature.inputs.items()},
                "outputs": {key: _described_tensor(info) for key, info in signature.outputs.items()},
            }
            for name, signature in sorted(metadata.items())
            if signature.method
        },
    }


def _described_tensor(info: TensorInfo) -> dict[str, Any]:
    return {"dtype": info.dtype, "shape": info.shape, "optional": info.optional, "default": info.default}
