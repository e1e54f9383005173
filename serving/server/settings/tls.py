"""TLS of the gRPC port, from an SSLConfig."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc

from serving.server.settings.messages import SSLConfig
from serving.server.settings.text_proto import read_text_proto
from serving.server.status import invalid_argument

_KIND = "tensorflow.serving.SSLConfig"


def read_tls_file(path: str) -> grpc.ServerCredentials:
    """Server credentials from a text protobuf with key and certificate in PEM.

    Raises:
        ServingError: it cannot be read, or holds no key or certificate that gRPC takes.
    """
    config = read_text_proto(path, SSLConfig(), _KIND)
    if not config.server_key or not config.server_cert:
        raise invalid_argument(f"{path} must hold server_key and server_cert, both in PEM.")
    credentials = grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        root_certificates=config.custom_ca.encode() or None,
        require_client_auth=config.client_verify,
    )
    _check(path, credentials)
    return credentials


def _check(path: str, credentials: grpc.ServerCredentials) -> None:
    """Opens a port on trial: gRPC checks keys only then, and the real port opens only after loading."""
    with ThreadPoolExecutor(1) as threads:
        server = grpc.server(threads)
        try:
            server.add_secure_port("127.0.0.1:0", credentials)
        except RuntimeError as error:
            raise invalid_argument(f"{path}: server_key and server_cert are no pair of PEM texts.") from error
        finally:
            server.stop(None).wait()
