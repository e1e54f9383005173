"""The embedded server: models, a gRPC port and a REST port in one process."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import TracebackType

from serving.server.inference.example_methods import ExampleMethods
from serving.server.inference.saved_model import SessionOptions
from serving.server.lifecycle.loader import ModelLoader
from serving.server.lifecycle.manager import ModelManager
from serving.server.lifecycle.manager_options import ManagerOptions
from serving.server.lifecycle.served_model import ServedModel
from serving.server.lifecycle.warmup import WarmUp
from serving.server.logs import log
from serving.server.metrics.recorder import Recorder, RequestLog
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.options import ServerOptions
from serving.server.ports import PortInUseError
from serving.server.rest.access import AccessPolicy, is_loopback
from serving.server.rest.application import RestApplication
from serving.server.rest.handler import RestHandler
from serving.server.rest.http_port import HttpPort
from serving.server.rpc.grpc_port import GrpcPort
from serving.server.rpc.health import Health
from serving.server.rpc.model_service import ModelService
from serving.server.rpc.prediction_service import PredictionService
from serving.server.rpc.reflection import add_reflection
from serving.server.settings.models_file_watch import ModelsFileWatch
from serving.server.settings.session_file import read_session_file
from serving.server.settings.tls import read_tls_file

_REST_READ_THREADS = 4  # status, metadata and metrics take milliseconds


class EmbeddedServer:
    """Serves SavedModels as TensorFlow Serving does.

    The ports are bound when it is made, opened by `start` once every model is available, and closed
    by `stop`. Usable as a context manager.

    Args:
        options: what to serve, and where.

    Raises:
        PortInUseError: a port is taken.
        ServingError: INVALID_ARGUMENT for a wrong model configuration.
    """

    def __init__(self, options: ServerOptions) -> None:
        self.options = options
        self._stopped = False
        self.metrics = ServerMetrics()
        self._request_log = RequestLog(options.request_log_file) if options.request_log_file else None
        self._examples = ExampleMethods(
            options.check_method_names, options.max_rows_per_request, options.max_request_bytes
        )
        self._loader = _loader(options, self.metrics)
        self.models = ModelManager(self._loader, _manager_options(options), self._forget)
        self._recorder = Recorder(self.metrics, self._request_log, self.models.is_listed)
        self._health = Health() if options.health else None
        self._rest_threads = ThreadPoolExecutor(options.rest_threads, "rest")
        self._rest_read_threads = ThreadPoolExecutor(_REST_READ_THREADS, "rest-read")
        self._grpc = self._make_grpc()
        try:
            self._rest = self._make_rest()
        except PortInUseError:
            self._grpc.begin_stop()  # it has its port already
            raise
        self._models_file = self._make_watch()

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
            timeout: seconds to wait for the models; None waits without limit.

        Raises:
            ServingError: a model cannot be loaded.
            PortInUseError: a port was lost meanwhile.
        """
        self.models.start(self.options.models)
        self.models.wait_until_available(timeout=timeout)
        if self._stopped:  # while it waited
            return
        if self._models_file:
            self._models_file.start()
        self._grpc.start()
        if self.options.grpc_port is not None:
            log.info("Running gRPC ModelServer at %s ...", self.grpc_address)
        if self.options.grpc_socket_path:
            log.info("Running gRPC ModelServer at UNIX socket %s ...", self.options.grpc_socket_path)
        if self._rest:
            self._rest.start()
            log.info("Exporting HTTP/REST API at:%s ...", self.rest_address)

    def stop(self) -> None:
        """Refuses new requests, answers those in work within `drain_seconds`, unloads the models."""
        self._stopped = True
        if self._health:
            self._health.leave()
        if self._models_file:
            self._models_file.stop()
        end = time.monotonic() + self.options.drain_seconds
        answered = self._grpc.begin_stop()
        if self._rest:
            self._rest.stop()
        answered.wait()
        # Closing a model ends the runs that are out of time, and so the threads that wait for them.
        self.models.stop(patience=max(0.0, end - time.monotonic()))
        self._grpc.join()
        self._rest_threads.shutdown()
        self._rest_read_threads.shutdown()
        self._loader.stop()
        if self._request_log:
            self._request_log.close()

    def __enter__(self) -> EmbeddedServer:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _forget(self, model: ServedModel) -> None:
        paths = [str(version.directory) for version in model.versions.values()]
        self.metrics.forget(model.name, paths)

    def _make_grpc(self) -> GrpcPort:
        options = self.options
        prediction = PredictionService(
            self.models,
            as_content=options.tensor_content,
            examples=self._examples,
            recorder=self._recorder,
        )
        models = ModelService(self.models, self.metrics, reload=options.reload_config)
        services = [prediction.add_to, models.add_to]
        if self._health:
            services.append(self._health.add_to)
        services.append(partial(add_reflection, with_health=options.health))
        return GrpcPort(
            services,
            host=options.host,
            port=options.grpc_port,
            socket_path=options.grpc_socket_path,
            threads=options.grpc_threads,
            max_message_bytes=options.max_request_bytes,
            drain_seconds=options.drain_seconds,
            channel_arguments=options.grpc_channel_arguments,
            credentials=read_tls_file(options.tls_file) if options.tls_file else None,
        )

    def _make_rest(self) -> HttpPort | None:
        options = self.options
        if options.rest_port is None:
            return None
        limits = options.rest_limits
        if options.max_request_bytes < limits.max_body_bytes:
            limits = replace(
                limits, max_body_bytes=options.max_request_bytes, max_body_flag="max_request_bytes"
            )
        handler = RestHandler(
            self.models,
            timeout=options.rest_timeout_s,
            access=AccessPolicy(
                check_host=is_loopback(options.host),
                allowed_hosts=options.allowed_hosts,
                allowed_origins=options.allowed_origins,
                any_origin=options.cors,
            ),
            limits=limits,
            examples=self._examples,
            recorder=self._recorder,
            metrics_path=options.metrics_path,
            metrics=self.metrics,
        )
        application = RestApplication(handler, self._rest_threads, self._rest_read_threads, limits)
        return HttpPort(application, options.host, options.rest_port, options.drain_seconds, limits)

    def _make_watch(self) -> ModelsFileWatch | None:
        options = self.options
        if not options.models_file or options.models_file_wait_s <= 0:
            return None
        return ModelsFileWatch(options.models_file, options.models_file_wait_s, self.models.reconfigure)


def _loader(options: ServerOptions, metrics: ServerMetrics) -> ModelLoader:
    config = read_session_file(options.session_config_file) if options.session_config_file else None
    return ModelLoader(
        SessionOptions(options.saved_model_tags, options.intra_op_threads, options.inter_op_threads, config),
        metrics,
        batching=options.batching,
        per_model_batching=options.per_model_batching,
        warm_up=WarmUp(metrics, options.warm_up_iterations) if options.warm_up else None,
        max_rows=options.max_rows_per_request,
    )


def _manager_options(options: ServerOptions) -> ManagerOptions:
    return ManagerOptions(
        poll_wait_s=options.poll_wait_s,
        load_threads=options.load_threads,
        unload_threads=options.unload_threads,
        max_load_retries=options.max_load_retries,
        load_retry_wait_s=options.load_retry_wait_s,
        labels_for_unavailable=options.labels_for_unavailable,
    )
