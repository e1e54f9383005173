"""The certificates that make_test_certificates.sh makes are taken by the server, and trusted by clients."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest

from serving.server.settings.tls import read_tls_file
from serving.server.status import ServingError
from tests.serving.deploy.conftest import SOURCE

SCRIPT = SOURCE / "make_test_certificates.sh"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls") / "a folder"
    done = subprocess.run([SCRIPT, folder, "server"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"in {folder}" in done.stdout
    return folder


@contextmanager
def secured(config):
    """A gRPC server with the TLS of this file; its port."""
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port("127.0.0.1:0", read_tls_file(str(config)))
    server.start()
    yield port
    server.stop(None).wait()


def is_trusted(target, *pem, name=None, seconds=10):
    options = [("grpc.ssl_target_name_override", name)] if name else []
    with grpc.secure_channel(target, grpc.ssl_channel_credentials(*pem), options) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=seconds)
        except grpc.FutureTimeoutError:
            return False
        return True


def test_the_server_takes_them_and_clients_trust_it(certificates):
    authority = (certificates / "ca.pem").read_bytes()
    with secured(certificates / "ssl.config") as port:
        for host in ("127.0.0.1", "localhost"):
            assert is_trusted(f"{host}:{port}", authority)
        assert is_trusted(f"127.0.0.1:{port}", authority, name="server")
        assert not is_trusted(f"127.0.0.1:{port}", authority, name="elsewhere", seconds=0.5)


def test_with_client_verify_only_known_clients_come_in(certificates):
    config = certificates / "verify.config"
    text = (certificates / "ssl.config").read_text()
    config.write_text(text.replace("client_verify: false", "client_verify: true"))
    pem = [(certificates / name).read_bytes() for name in ("ca.pem", "client.key", "client.pem")]
    with secured(config) as port:
        assert is_trusted(f"127.0.0.1:{port}", *pem)
        # Without a certificate the handshake fails, over and over.
        assert not is_trusted(f"127.0.0.1:{port}", pem[0], seconds=0.5)


def test_keys_are_for_their_owner_alone(certificates):
    for path in [certificates, *certificates.iterdir()]:
        if path.name != "verify.config":
            assert path.stat().st_mode & 0o077 == 0, path


def test_it_needs_a_folder():
    done = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "FOLDER" in done.stderr


def test_keys_of_no_use_are_told_when_they_are_read(tmp_path):
    config = tmp_path / "ssl.config"
    config.write_text('server_key: "nonsense" server_cert: "nonsense"')
    with pytest.raises(ServingError, match="are no pair of PEM texts"):
        read_tls_file(str(config))
