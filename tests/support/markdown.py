"""Code in Markdown documents."""

import re
from pathlib import Path

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def code_blocks(document: Path, language: str) -> list[str]:
    """Bodies of the fenced blocks of one language."""
    return [body for name, body in _BLOCK.findall(document.read_text(encoding="utf-8")) if name == language]
