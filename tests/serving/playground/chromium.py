"""Headless Chromium, driven through the Chrome DevTools Protocol."""

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.serving.playground.devtools import Page
from tests.serving.playground.element import Element, press, value_of
from tests.serving.playground.obtained_chromium import Chromium

# As root there is no sandbox; nothing but the loopback address is to be reached.
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-proxy-server", "--hide-scrollbars", "--disable-dev-shm-usage", "--remote-debugging-port=0"),
)
SECONDS = 40  # the cores may be busy


class Browser:
    """A browser with its own profile and one page.

    Args:
        chromium: the program.
        profile: an empty folder.
        language: of the browser, such as "ko".
        width, height: of the page in CSS pixels.
        scale: device pixels per CSS pixel.
        mobile: whether the screen is one of a phone.
        scheme: of the system, "light" or "dark".
    """

    def __init__(
        self,
        chromium: Chromium,
        profile: Path,
        language: str = "en",
        *,
        width: int = 1200,
        height: int = 1000,
        scale: float = 1,
        mobile: bool = False,
        scheme: str = "light",
    ) -> None:
        own = (f"--user-data-dir={profile}", f"--lang={language}", f"--accept-lang={language}")
        self._log = profile / "chromium.log"
        with self._log.open("wb") as log:
            command = [str(chromium.program), *FLAGS, *own, "about:blank"]
            environment = {**os.environ, **chromium.environment}
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            self._page = Page(self._address(profile / "DevToolsActivePort"), SECONDS)
            for domain in ("Page", "Runtime", "Log"):
                self._page.send(f"{domain}.enable")
            self._page.send("Page.setLifecycleEventsEnabled", enabled=True)
            screen = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile}
            self._page.send("Emulation.setDeviceMetricsOverride", **screen)
            self.use_scheme(scheme)
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    def _address(self, file: Path) -> str:
        """The address that the browser writes to a file when it is ready."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            lines = file.read_text().splitlines() if file.is_file() else []
            if len(lines) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(0.05)
        raise AssertionError(f"the browser did not start: {self._log.read_text(errors='replace')[-2000:]}")

    def use_scheme(self, scheme: str) -> None:
        """Sets the colour scheme of the system, and that it avoids motion."""
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        listed = [{"name": name, "value": value} for name, value in features.items()]
        self._page.send("Emulation.setEmulatedMedia", features=listed)

    def open(self, url: str) -> None:
        """Opens a page anew, also where only the fragment differs."""
        for address in ("about:blank", url):
            reply = self._page.send("Page.navigate", url=address)
            assert "errorText" not in reply, reply
            loaded = {"loaderId": reply["loaderId"], "name": "load"}
            if not any(loaded.items() <= event["params"].items() for event in self._page.events):
                self._page.wait_for("Page.lifecycleEvent", **loaded)

    def find(self, selector: str) -> Element:
        """The first element of a CSS selector, once it is there."""
        return self.wait(lambda: next(iter(self.all(selector)), None), selector)

    def all(self, selector: str) -> list[Element]:
        script = f"[...document.querySelectorAll({json.dumps(selector)})]"
        found = self._page.send("Runtime.evaluate", expression=script)
        value_of(found)
        listed = self._page.send(
            "Runtime.getProperties", objectId=found["result"]["objectId"], ownProperties=True
        )
        handles = [one["value"]["objectId"] for one in listed["result"] if one["name"].isdecimal()]
        return [Element(self._page, handle) for handle in handles]

    def text(self, selector: str) -> str:
        """The visible text of the first element; "" if there is none."""
        script = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return self.run(script, selector)

    def run(self, script: str, *values: Any) -> Any:
        """The JSON value that the body of a function returns for `arguments`."""
        expression = f"(function() {{ {script} }})(...{json.dumps(values)})"
        return value_of(self._page.send("Runtime.evaluate", expression=expression, returnByValue=True))

    def wait(self, condition: Callable[[], Any], what: str = "condition") -> Any:
        """The first value of the condition that is true."""
        end = time.monotonic() + SECONDS
        while not (found := condition()):
            shown = self.run("return document.body?.innerText")
            assert time.monotonic() < end, f"{what} did not come; the page shows: {shown}"
            time.sleep(0.05)
        return found

    def wait_for_text(self, selector: str, text: str) -> None:
        self.wait(lambda: text in self.text(selector), f"{text!r} in {selector}")

    def type(self, text: str) -> None:
        """Replaces the text of the page, key by key."""
        area = self.find("#text")
        area.clear()
        area.type(text)

    def press(self, key: str) -> None:
        """Presses a key, such as "Tab", in the element with the focus."""
        press(self._page, key)

    def complaints(self) -> list[str]:
        """What the console says since the last call, but for replies that failed."""
        self.run("")  # what was said before has arrived with this reply
        found = [one for event in self._page.events for one in _said(event)]
        self._page.events.clear()
        return found

    def picture(self, path: Path, area: tuple[float, float, float, float] | None = None) -> None:
        """Writes the whole page, or an area `(x, y, width, height)` in CSS pixels, as PNG."""
        clip = {}
        if area:
            clip["clip"] = {**dict(zip(("x", "y", "width", "height"), area, strict=True)), "scale": 1}
        shot = self._page.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, **clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self._page.close_browser()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _said(event: dict[str, Any]) -> list[str]:
    """What an event of the console or the log says."""
    values = event["params"]
    if event["method"] == "Log.entryAdded" and values["entry"]["source"] != "network":
        return [values["entry"]["text"]]
    if event["method"] == "Runtime.consoleAPICalled":
        return [f"console.{values['type']}: {values['args']}"]
    if event["method"] == "Runtime.exceptionThrown":
        return [str(values["exceptionDetails"])]
    return []
