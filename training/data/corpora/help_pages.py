"""Paragraphs of a LibreOffice help page, by ids that are equal in all languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_CODE_CLASSES = frozenset({"code", "codeintable", "smathcode"})
_BLANKS = re.compile(r"\s+")
_SOFT_HYPHEN = "\xad"
# Inline tags often leave a space before punctuation; in French, a space before : ; ! ? is correct.
_BLANK_BEFORE_MARK = re.compile(r" ([.,)\]])(?=\s|$)")
# Start of the content; the page frame (menus, scripts) has no paragraph ids.
_BODY_BEGINS = '<div id="DisplayArea"'
_MAC, _DEFAULT = "MAC", "default"


def paragraphs(page: str) -> dict[str, str]:
    """Return the text of a help page as `{paragraph id: text}`, in page order.

    Only elements whose id begins with `par_` or `hd_` are read: those ids are shared by all languages.
    Program code is excluded. Of text variants per system or application, the one for Linux or Windows is
    used: the default variant, else the first one that is not for the Mac. Whitespace is collapsed.
    """
    parser = _PageParser()
    parser.feed(page[max(0, page.find(_BODY_BEGINS)) :])
    parser.close()
    return parser.found


class _Switch:
    """A text with variants per system or application."""

    def __init__(self) -> None:
        self.variants: dict[str, str] = {}

    def choose(self) -> str:
        if _DEFAULT in self.variants:
            return self.variants[_DEFAULT]
        return next((text for name, text in self.variants.items() if name != _MAC), "")


class _Variant:
    """A variant of a switch, while it is parsed."""

    def __init__(self, switch: _Switch, name: str) -> None:
        self.switch = switch
        self.name = name


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self._spans: list[_Switch | _Variant | None] = []
        # Text buffers, innermost last: the paragraph, and a variant inside it.
        self._texts: list[list[str]] = []
        self._block = ""
        self._id = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "span":
            self._open_span({name: value or "" for name, value in attrs})
        elif tag in _BLOCKS:
            self._open_block(tag, {name: value or "" for name, value in attrs})
        elif tag in ("br", "img"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and self._spans:
            self._close_span()
        elif tag == self._block:
            self._close_block()

    def handle_data(self, data: str) -> None:
        if self._texts:
            self._texts[-1].append(data)

    def _open_block(self, tag: str, attributes: dict[str, str]) -> None:
        if self._block:  # an unclosed paragraph ends at the next one
            self._close_block()
        identity = attributes.get("id", "")
        classes = set(attributes.get("class", "").split())
        if identity.startswith(("par_", "hd_")) and not classes & _CODE_CLASSES:
            self._block, self._id, self._texts = tag, identity, [[]]

    def _close_block(self) -> None:
        text = _BLANKS.sub(" ", "".join(self._texts[0]).replace(_SOFT_HYPHEN, "")).strip()
        text = _BLANK_BEFORE_MARK.sub(r"\1", text)
        if text and not self._for_mac_only():
            self.found.setdefault(self._id, text)
        self._block, self._id, self._texts = "", "", []

    def _open_span(self, attributes: dict[str, str]) -> None:
        classes = attributes.get("class", "").split()
        if "switchinline" in classes or "switch" in classes:
            self._spans.append(_Switch())
            return
        outer = self._spans[-1] if self._spans else None
        if isinstance(outer, _Switch) and attributes.get("hidden"):
            self._spans.append(_Variant(outer, classes[0] if classes else _DEFAULT))
            if self._texts:
                self._texts.append([])
        else:
            self._spans.append(None)

    def _close_span(self) -> None:
        span = self._spans.pop()
        if isinstance(span, _Variant) and len(self._texts) > 1:
            span.switch.variants.setdefault(span.name, "".join(self._texts.pop()))
        elif isinstance(span, _Switch):
            self.handle_data(span.choose())

    def _for_mac_only(self) -> bool:
        return any(isinstance(span, _Variant) and span.name == _MAC for span in self._spans)
