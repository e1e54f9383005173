"""What can be asked of every model."""

from __future__ import annotations

from collections.abc import Mapping

from serving.client.fitted_request import ask_fitted
from serving.client.metadata import DEFAULT_SIGNATURE, Metadata, VersionStatus
from serving.client.methods import Methods, operation
from serving.client.operations import ask
from serving.client.transport import Call, Columns, InputTensor, Operation


class GeneralMethods(Methods):
    """Methods for models of any task."""

    declaration = None

    @operation()
    def predict(
        self,
        inputs: Mapping[str, InputTensor],
        *,
        signature: str = DEFAULT_SIGNATURE,
        timeout: float | None = None,
    ) -> Operation[Columns]:
        """Any signature: named columns in, nested lists by output name out.

        Options that `inputs` lacks get the defaults of the model's metadata, for every row.

        Raises:
            TypeError: an input that is no `InputTensor`.
        """
        for name, column in inputs.items():
            if not isinstance(column, InputTensor):
                raise TypeError(
                    f"inputs[{name!r}]: expected a InputTensor, got {type(column).__name__};"
                    " give InputTensor('string', [...]), or of another dtype, from serving.client"
                )
        call = Call(self.target, signature, timeout or self.timeout, inputs)
        return (yield from ask_fitted(call, self.retries))

    @operation()
    def metadata(self, *, timeout: float | None = None) -> Operation[Metadata]:
        """The model's signatures by name, with their inputs and outputs."""
        call = Call(self.target, "", timeout or self.timeout, kind="metadata")
        reply = yield from ask(call, self.retries)
        return reply["signatures"]

    @operation()
    def status(self, *, timeout: float | None = None) -> Operation[list[VersionStatus]]:
        """The versions of the model and their states, newest first."""
        call = Call(self.target, "", timeout or self.timeout, kind="status")
        reply = yield from ask(call, self.retries)
        return reply["versions"]
