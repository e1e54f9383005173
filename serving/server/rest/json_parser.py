"""An iterative JSON parser over bytes with RapidJSON's dialect, errors and offsets."""

from __future__ import annotations

import math
import re
from typing import Any

from serving.server.status import ServingError, invalid_argument

_BLANK = re.compile(rb"[ \t\n\r]*")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]*)?")
_WORDS = {b"n": (b"null", None), b"t": (b"true", True), b"f": (b"false", False)}
_NOT_FINITE = re.compile(rb"-?(?:NaN|Inf(?:inity)?)")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX = re.compile(rb"[0-9a-fA-F]{4}")
_ESCAPES = {
    b'"': '"', b"\\": "\\", b"/": "/", b"b": "\b", b"f": "\f", b"n": "\n", b"r": "\r", b"t": "\t",
}  # fmt: skip
_UINT64_MAX = 2**64 - 1
_INT64_MIN = -(2**63)
_MAX_DEPTH = 1_000_000  # a bound on time: a body of nothing but brackets must not keep a core busy


def parse_bytes(body: bytes) -> Any:
    """The first JSON value of `body`.

    Raises:
        ServingError: INVALID_ARGUMENT, "JSON Parse error: WHAT at offset: BYTES".
    """
    return _Parser(body).document()


class _Parser:
    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 3 if body.startswith(b"\xef\xbb\xbf") else 0

    def document(self) -> Any:
        self.blanks()
        if self.at >= len(self.body):
            raise self.error("The document is empty.")
        return self.value()

    def value(self) -> Any:
        """One value; containers are kept on a stack of our own, so depth costs memory only."""
        stack: list[tuple[Any, str | None]] = []
        while True:
            if len(stack) > _MAX_DEPTH:
                raise self.error(f"Nested deeper than {_MAX_DEPTH} levels.")
            start = self.peek()
            if start == b"[":
                self.at += 1
                self.blanks()
                container: Any = []
                if self.peek() == b"]":
                    self.at += 1
                    done = container
                else:
                    stack.append((container, None))
                    continue
            elif start == b"{":
                self.at += 1
                self.blanks()
                container = {}
                if self.peek() == b"}":
                    self.at += 1
                    done = container
                else:
                    stack.append((container, self.key()))
                    continue
            else:
                done = self.scalar(start)
            while stack:
                container, key = stack.pop()
                closed = self.add(container, key, done)
                if closed:
                    done = container
                    continue
                stack.append((container, None if key is None else self.key()))
                break
            else:
                return done

    def add(self, container: Any, key: str | None, item: Any) -> bool:
        """Puts a finished item into its container; True if the container ends after it."""
        if key is None:
            container.append(item)
            end, wrong = b"]", "Missing a comma or ] after an array element."
        else:
            container.setdefault(key, item)
            end, wrong = b"}", "Missing a comma or } after an object member."
        self.blanks()
        mark = self.peek()
        if mark not in (b",", end):
            raise self.error(wrong)
        self.at += 1
        if mark == b",":
            self.blanks()
        return mark == end

    def key(self) -> str:
        if self.peek() != b'"':
            raise self.error("Missing a name for object member.")
        key = self.string()
        self.blanks()
        if self.peek() != b":":
            raise self.error("Missing a colon after a name of object member.")
        self.at += 1
        self.blanks()
        return key

    def scalar(self, start: bytes) -> Any:
        if start == b'"':
            return self.string()
        if start in _WORDS:
            word, value = _WORDS[start]
            if not self.body.startswith(word, self.at):
                raise self.error("Invalid value.", self.at + 1)
            self.at += len(word)
            return value
        return self.number()

    def number(self) -> int | float:
        special = _NOT_FINITE.match(self.body, self.at)
        if special:
            self.at = special.end()
            return float(special.group())
        match = _NUMBER.match(self.body, self.at)
        if match is None:
            raise self.error("Invalid value.", self.at + (self.peek() == b"-"))
        if match[1] == b".":
            raise self.error("Miss fraction part in number.", match.end(1))
        if match[2] and not match[2][-1:].isdigit():
            raise self.error("Miss exponent in number.", match.end(2))
        text, self.at = match.group(), match.end()
        if match[1] is None and match[2] is None and len(text) <= 20:
            whole = int(text)
            if _INT64_MIN <= whole <= _UINT64_MAX:
                return whole
        value = float(text)
        if math.isinf(value):
            raise self.error("Number too big to be stored in double.", match.start())
        return value

    def string(self) -> str:
        start = self.at
        self.at += 1
        parts: list[str] = []
        while True:
            plain = _PLAIN.match(self.body, self.at)
            assert plain is not None  # noqa: S101  the pattern matches the empty string
            parts.append(plain.group().decode("utf-8", "surrogateescape"))
            self.at = plain.end()
            mark = self.peek()
            if mark == b'"':
                self.at += 1
                return "".join(parts)
            if mark in (b"", b"\x00"):
                raise self.error("Missing a closing quotation mark in string.", start)
            if mark != b"\\":
                raise self.error("Invalid encoding in string.")
            parts.append(self.escape())

    def escape(self) -> str:
        start = self.at
        mark = self.body[self.at + 1 : self.at + 2]
        self.at += 2
        if mark in _ESCAPES:
            return _ESCAPES[mark]
        if mark != b"u":
            raise self.error("Invalid escape character in string.", start)
        high = self.hex4(start)
        if not 0xD800 <= high <= 0xDFFF:
            return chr(high)
        if high > 0xDBFF or not self.body.startswith(b"\\u", self.at):
            raise self.error("The surrogate pair in string is invalid.", start)
        self.at += 2
        low = self.hex4(start)
        if not 0xDC00 <= low <= 0xDFFF:
            raise self.error("The surrogate pair in string is invalid.", start)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))

    def hex4(self, start: int) -> int:
        digits = _HEX.match(self.body, self.at)
        if digits is None:
            raise self.error("Incorrect hex digit after \\u escape in string.", start)
        self.at = digits.end()
        return int(digits.group(), 16)

    def blanks(self) -> None:
        match = _BLANK.match(self.body, self.at)
        if match is not None:
            self.at = match.end()

    def peek(self) -> bytes:
        return self.body[self.at : self.at + 1]

    def error(self, what: str, at: int | None = None) -> ServingError:
        return invalid_argument(f"JSON Parse error: {what} at offset: {self.at if at is None else at}")
