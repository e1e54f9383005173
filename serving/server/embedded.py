"""The embedded server: models, a gRPC port and a REST port in one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from serving.server.inference.example_methods import ExampleMethods
from serving.server.inference.saved_model import SavedModelSession, SessionOptions
from serving.server.lifecycle.manager import ManagerOptions, ModelManager
from serving.server.lifecycle.version import Closeable
from serving.server.logs import log
from serving.server.options import ServerOptions
from serving.server.rest.application import RestApplication
from serving.server.rest.handler import RestHandler
from serving.server.rest.http_port import HttpPort
from serving.server.rpc.grpc_port import GrpcPort
from serving.server.rpc.model_service import ModelService
from serving.server.rpc.prediction_service import PredictionService


class EmbeddedServer:
    """Serves SavedModels as TensorFlow Serving does.

    The ports are taken when it is made, opened by `start` once every model is there, and given back
    by `stop`. Usable as a context manager.

    Args:
        options: what to serve and where.

    Raises:
        PortInUseError: a port is taken.
        ServingError: INVALID_ARGUMENT for a wrong model configuration.
    """

    def __init__(self, options: ServerOptions) -> None:
        self.options = options
        self.models = ModelManager(self._load, _manager_options(options))
        self._examples = ExampleMethods(options.check_method_names)
        self._rest_threads = ThreadPoolExecutor(options.rest_threads, "rest")
        self._grpc = self._make_grpc()
        self._rest = self._make_rest()

    @property
    def grpc_address(self) -> str:
        """`HOST:PORT` of gRPC."""
        return f"{self.options.host}:{self._grpc.port}"

    @property
    def rest_address(self) -> str:
        """`HOST:PORT` of REST; "" without one."""
        return f"{self.options.host}:{self._rest.port}" if self._rest else ""

    def start(self, timeout: float | None = None) -> None:
        """Loads the models, then opens the ports.

        Args:
            timeout: seconds to wait for the models; None waits for ever.

        Raises:
            ServingError: a model cannot be loaded.
        """
        self.models.start(self.options.models)
        self.models.wait_until_available(timeout=timeout)
        self._grpc.start()
        if self.options.grpc_port is not None:
            log.info("Running gRPC ModelServer at %s ...", self.grpc_address)
        if self.options.grpc_socket_path:
            log.info("Running gRPC ModelServer at UNIX socket %s ...", self.options.grpc_socket_path)
        if self._rest:
            self._rest.start()
            log.info("Exporting HTTP/REST API at:%s ...", self.rest_address)

    def stop(self) -> None:
        """Answers what is in work, refuses the rest, unloads the models."""
        if self._rest:
            self._rest.stop()
        self._grpc.stop()
        self._rest_threads.shutdown()
        self.models.stop()

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _load(self, name: str, version: int, directory: Path) -> Closeable:
        options = self.options
        return SavedModelSession(
            directory,
            SessionOptions(options.saved_model_tags, options.intra_op_threads, options.inter_op_threads),
        )

    def _make_grpc(self) -> GrpcPort:
        options = self.options
        services = [
            PredictionService(self.models, as_content=options.tensor_content, examples=self._examples).add_to,
            ModelService(self.models).add_to,
        ]
        return GrpcPort(
            services,
            host=options.host,
            port=options.grpc_port,
            socket_path=options.grpc_socket_path,
            threads=options.grpc_threads,
            max_message_bytes=options.max_request_bytes,
            drain_seconds=options.drain_seconds,
            channel_arguments=options.grpc_channel_arguments,
        )

    def _make_rest(self) -> HttpPort | None:
        options = self.options
        if options.rest_port is None:
            return None
        handler = RestHandler(
            self.models, timeout=options.rest_timeout_s, cors=options.cors, examples=self._examples
        )
        application = RestApplication(handler, self._rest_threads, options.max_request_bytes)
        return HttpPort(application, options.host, options.rest_port, options.drain_seconds)


def _manager_options(options: ServerOptions) -> ManagerOptions:
    return ManagerOptions(
        poll_wait_s=options.poll_wait_s,
        load_threads=options.load_threads,
        unload_threads=options.unload_threads,
        max_load_retries=options.max_load_retries,
        load_retry_wait_s=options.load_retry_wait_s,
        labels_for_unavailable=options.labels_for_unavailable,
    )
