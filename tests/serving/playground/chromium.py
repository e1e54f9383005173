"""Headless Chromium, driven through Selenium."""

import base64
import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

PARTS = {"chromium": "chromium", "chromedriver": "chromium-driver"}
# As root there is no sandbox; nothing but the loopback address is to be reached.
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-proxy-server", "--window-size=1200,1000"),
)
SECONDS = 40  # the cores may be busy


def missing() -> str:
    """What to install for these tests; "" if everything is there."""
    if importlib.util.find_spec("selenium") is None:
        return "no browser tests: `pip install selenium` (extra development) first"
    packages = [package for program, package in PARTS.items() if shutil.which(program) is None]
    if packages:
        return f"no browser tests: `apt-get install {' '.join(packages)}` first"
    return ""


class Browser:
    """A browser with its own profile.

    Args:
        profile: an empty folder.
        language: of the browser, such as "ko".
        width: of a phone's screen in pixels; 0 for a window.
        scheme: of the system, "light" or "dark".
    """

    def __init__(self, profile: Path, language: str = "en", width: int = 0, scheme: str = "light") -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for flag in (*FLAGS, f"--user-data-dir={profile}", f"--lang={language}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        if width:
            metrics = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": True}
            self._command("Emulation.setDeviceMetricsOverride", **metrics)
        self.use_scheme(scheme)

    def use_scheme(self, scheme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._command("Emulation.setEmulatedMedia", features=features)

    def open(self, url: str) -> None:
        """Opens a page anew, also where only the fragment differs."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def find(self, selector: str) -> Any:
        """The first element of a CSS selector, once it is there."""
        return self.wait(lambda: next(iter(self.all(selector)), None), selector)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def text(self, selector: str) -> str:
        """The visible text of the first element; "" if there is none."""
        script = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return self.driver.execute_script(script, selector)

    def run(self, script: str, *values: Any) -> Any:
        return self.driver.execute_script(script, *values)

    def wait(self, condition: Callable[[], Any], what: str = "condition") -> Any:
        """The first value of the condition that is true."""
        from selenium.webdriver.support.ui import WebDriverWait

        body = "return document.body.innerText"
        message = f"{what} did not come"
        try:
            return WebDriverWait(self.driver, SECONDS, 0.05).until(lambda _: condition(), message)
        except Exception as error:
            raise AssertionError(f"{message}; the page shows: {self.run(body)}") from error

    def wait_for_text(self, selector: str, text: str) -> None:
        self.wait(lambda: text in self.text(selector), f"{text!r} in {selector}")

    def type(self, text: str) -> None:
        """Replaces the text of the page, key by key."""
        area = self.find("#text")
        area.clear()
        area.send_keys(text)

    def press(self, *keys: str) -> None:
        """Sends keys, by their names in Selenium, to the element with the focus."""
        from selenium.webdriver.common.keys import Keys

        self.driver.switch_to.active_element.send_keys(*(getattr(Keys, key, key) for key in keys))

    def point_at(self, element: Any) -> None:
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).move_to_element(element).perform()

    def complaints(self) -> list[str]:
        """What the console says since the last call, but for replies that failed."""
        entries = self.driver.get_log("browser")
        return [one["message"] for one in entries if one["source"] != "network"]

    def picture(self, path: Path) -> None:
        """Writes the whole page as PNG."""
        shot = self._command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self.driver.quit()
        self.driver.command_executor.close()

    def _command(self, name: str, **values: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, values)
