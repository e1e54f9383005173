"""A registry of npm packages on the loopback address, with one package that is small enough to read."""

import base64
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from tests.support.source_distributions import pack
from training.data.corpora.npm_packages import NpmPackage


@contextmanager
def registry_with(
    name: str, version: str, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[NpmPackage]:
    """Serves a package of `files` to an npm that reads no configuration of the machine."""
    manifest = {"name": name, "version": version}
    own = {"package.json": json.dumps(manifest).encode(), **files}
    archive = pack({f"package/{path}": content for path, content in own.items()})
    path = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = f"http://{self.headers['Host']}"
            if unquote(self.path) == f"/{name}":  # npm escapes the slash after a scope
                dist = {"tarball": f"{host}{path}", "integrity": integrity}
                document = {
                    "name": name,
                    "dist-tags": {"latest": version},
                    "versions": {version: {**manifest, "dist": dist}},
                }
                self._answer(200, json.dumps(document).encode())
            else:
                self._answer(*((200, archive) if self.path == path else (404, b"{}")))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        let_npm_see_only(f"http://127.0.0.1:{server.server_port}/", monkeypatch)
        try:
            yield NpmPackage(name, version, hashlib.sha256(archive).hexdigest())
        finally:
            server.shutdown()
            thread.join()


def let_npm_see_only(registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the machine: packages come from `registry` or not at all."""
    for name in [name for name in os.environ if name.lower().startswith("npm_config_")]:
        monkeypatch.delenv(name)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("npm_config_userconfig", os.devnull)
    monkeypatch.setenv("npm_config_registry", registry)
    monkeypatch.setenv("npm_config_update_notifier", "false")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
