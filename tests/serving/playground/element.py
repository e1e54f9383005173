"""An element of a page, and the keys that a test may press."""

from typing import Any

from tests.serving.playground.devtools import DevToolsError, Page

# Name of the key: its `keyCode`.
KEYS = {"Tab": 9, "End": 35, "ArrowLeft": 37, "ArrowRight": 39}
_CHOOSE = """function() {
  this.selected = true;
  for (const name of ['input', 'change'])
    this.closest('select').dispatchEvent(new Event(name, {bubbles: true}));
}"""
_CENTRE = """function() {
  this.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
  const {x, y, width, height} = this.getBoundingClientRect();
  return width && height ? [x + width / 2, y + height / 2] : null;
}"""
_EMPTY = "function() { this.value = ''; this.dispatchEvent(new Event('input', {bubbles: true})); }"


class Element:
    """An element, identified by its handle in the browser."""

    def __init__(self, page: Page, handle: str) -> None:
        self._page = page
        self._handle = handle

    @property
    def text(self) -> str:
        """The visible text."""
        return self.get("innerText")

    @property
    def is_displayed(self) -> bool:
        return self.call("function() { return this.checkVisibility(); }")

    @property
    def has_focus(self) -> bool:
        return self.call("function() { return this === document.activeElement; }")

    def get(self, name: str) -> Any:
        """A property, such as `value` or `className`."""
        return self.call("function(name) { return this[name]; }", name)

    def attribute(self, name: str) -> str | None:
        return self.call("function(name) { return this.getAttribute(name); }", name)

    def call(self, function: str, *values: Any) -> Any:
        """The JSON value of a function of JavaScript whose `this` is the element."""
        reply = self._page.send(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            objectId=self._handle,
            arguments=[{"value": value} for value in values],
            returnByValue=True,
        )
        return value_of(reply)

    def click(self) -> None:
        """Clicks into the middle; an option of a list is chosen."""
        if self.get("tagName") == "OPTION":
            self.call(_CHOOSE)
            return
        self.point_at()
        for kind in ("mousePressed", "mouseReleased"):
            self._mouse(kind, button="left", clickCount=1)

    def point_at(self) -> None:
        """Moves the mouse pointer to the middle."""
        self._mouse("mouseMoved")

    def _mouse(self, kind: str, **values: Any) -> None:
        centre = self.call(_CENTRE)
        assert centre, f"{self.get('outerHTML')} has no size"
        self._page.send("Input.dispatchMouseEvent", type=kind, x=centre[0], y=centre[1], **values)

    def clear(self) -> None:
        self.call(_EMPTY)

    def type(self, text: str) -> None:
        """Adds characters at the end, key by key."""
        self.call("function() { this.focus(); this.setSelectionRange?.(1e6, 1e6); }")
        for character in text:
            self._page.send("Input.dispatchKeyEvent", type="keyDown", key=character, text=character)
            self._page.send("Input.dispatchKeyEvent", type="keyUp", key=character)


def press(page: Page, key: str) -> None:
    """Presses one of `KEYS` in the element with the focus."""
    for kind in ("rawKeyDown", "keyUp"):
        page.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key])


def value_of(reply: dict[str, Any]) -> Any:
    """The value of a reply of `Runtime`; an exception of JavaScript is raised."""
    if "exceptionDetails" in reply:
        details = reply["exceptionDetails"]
        raise DevToolsError(details.get("exception", {}).get("description", details["text"]))
    return reply["result"].get("value")
