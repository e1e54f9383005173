"""Chrome DevTools Protocol over a WebSocket: commands and events of one page.

Selenium and Playwright would need more than a bare Debian has: ChromeDriver links GLib, XCB and D-Bus, and
Playwright's Node.js links libatomic.
"""

import json
from typing import Any

from websocket import create_connection


class DevToolsError(Exception):
    """The browser refused a command."""


class Page:
    """A new page of a running browser.

    Args:
        address: of the browser, "ws://127.0.0.1:PORT/devtools/browser/ID".
        seconds: longest time for the reply to a command.
    """

    def __init__(self, address: str, seconds: float) -> None:
        self._socket = create_connection(address, timeout=seconds, suppress_origin=True)
        self._commands = 0
        self._session: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command; events that arrive before it are added to `events`."""
        self._commands += 1
        command = {"id": self._commands, "method": method, "params": params, **self._session}
        self._socket.send(json.dumps(command))
        while (reply := json.loads(self._socket.recv())).get("id") != self._commands:
            self.events.append(reply)
        if "error" in reply:
            raise DevToolsError(f"{method}: {reply['error']['message']}")
        return reply["result"]

    def wait_for(self, method: str, **params: Any) -> None:
        """Waits for an event with these parameters; other events are added to `events`."""
        while (event := json.loads(self._socket.recv()))["method"] != method or not (
            params.items() <= event["params"].items()
        ):
            self.events.append(event)

    def close_browser(self) -> None:
        self.send("Browser.close")
        self._socket.close()
