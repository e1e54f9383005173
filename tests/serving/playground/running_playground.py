"""A playground in this process."""

import json
import socket

import httpx2

from serving.playground.access import BrowserAccess
from serving.playground.application import make_application
from serving.playground.command import open_port
from serving.playground.served_models import ServedModels


class Playground:
    """A playground on a free port of this machine, and requests to it."""

    def __init__(self, address: str, names: tuple[str, ...]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number = probe.getsockname()[1]
        models = ServedModels(address, names)
        application = make_application(models, BrowserAccess("127.0.0.1", number, ["play.example"]))
        self.http = open_port(application, "127.0.0.1", number)
        self.host = f"127.0.0.1:{number}"
        self.client = httpx2.Client(base_url=f"http://{self.host}", trust_env=False, timeout=30)

    def ask(self, model: str, kind: str, **body) -> tuple[int, dict]:
        """Status and JSON of the reply to a question."""
        reply = self.client.post(f"/api/models/{model}/{kind}", json=body)
        return reply.status_code, reply.json()

    def answer(self, model: str, kind: str, **body) -> dict:
        """The answer to a question that has one."""
        status, found = self.ask(model, kind, **body)
        assert status == 200, found
        return found

    def refusal(self, path: str, **request) -> tuple[int, str, str]:
        """Status, kind and message of the error that a request gets."""
        reply = self.client.request(request.pop("method", "GET"), path, **request)
        error = json.loads(reply.text)["error"]
        return reply.status_code, error["kind"], error["message"]

    def close(self) -> None:
        self.client.close()
        self.http.stop()
