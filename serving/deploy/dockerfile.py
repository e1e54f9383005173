"""Reads the Dockerfile and checks its structure; no engine is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from serving.deploy.report import Finding, UnreadableError, finding, read

NAME = "Dockerfile"
_KNOWN = {
    *("FROM", "ARG", "ENV", "COPY", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    *("LABEL", "RUN", "STOPSIGNAL", "WORKDIR"),
}
_PINNED = re.compile(r"[\w./-]+(:\d+\.\d+\.\d+)?(@sha256:[0-9a-f]{64})?")
_EXTERNAL = ("model",)


@dataclass
class Dockerfile:
    """What the instructions say.

    Attributes:
        images: of each FROM.
        environment: the ENV and ARG values, with what they refer to filled in.
        copies: for each target path what is copied there.
        ports: of EXPOSE.
        user: of the last USER.
        entrypoint: the words of ENTRYPOINT; [] if it is in shell form or missing.
        command: the words of CMD, likewise.
        health: the words of HEALTHCHECK's CMD, likewise.
    """

    images: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    ports: set[int] = field(default_factory=set)
    user: str = ""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def read_dockerfile(folder: Path) -> Dockerfile:
    """The Dockerfile of a folder.

    Raises:
        UnreadableError: it is missing, or has an instruction that is not known here.
    """
    described = Dockerfile()
    for keyword, value in _instructions(read(folder, NAME)):
        _take(described, keyword, value)
    return described


def check_dockerfile(folder: Path) -> list[Finding]:
    """The structure that the image needs."""
    how = "only parsed: structure by rules of our own, no build"
    try:
        return [finding(NAME, how, _faults(folder, read_dockerfile(folder)))]
    except UnreadableError as error:
        return [finding(NAME, how, [str(error)])]


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    for line in filter(None, map(str.strip, joined.splitlines())):
        keyword, _, value = line.partition(" ")
        if keyword.upper() not in _KNOWN:
            raise UnreadableError(f"{NAME} has the instruction {keyword!r}, which is not known.")
        yield keyword.upper(), value.strip()


def _take(described: Dockerfile, keyword: str, value: str) -> None:
    if keyword == "FROM":
        described.images.append(value.split()[0])
    elif keyword in ("ARG", "ENV"):
        name, _, given = value.partition("=")
        described.environment[name] = _filled(given, described.environment)
    elif keyword == "COPY":
        *sources, target = (_filled(word, described.environment) for word in value.split())
        for source in sources:
            into = f"{target}{source}" if target.endswith("/") else target
            described.copies[into] = source
    elif keyword == "EXPOSE":
        described.ports |= {int(port.partition("/")[0]) for port in value.split()}
    elif keyword == "USER":
        described.user = value
    elif keyword == "ENTRYPOINT":
        described.entrypoint = _words(value)
    elif keyword == "CMD":
        described.command = _words(value)
    elif keyword == "HEALTHCHECK":
        described.health = _words(value.partition("CMD")[2].strip())


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match[1], ""), text)


def _words(value: str) -> list[str]:
    """The words of an exec form; [] for a shell form."""
    try:
        words = json.loads(value)
    except json.JSONDecodeError:
        return []
    return [str(word) for word in words] if isinstance(words, list) else []


def _faults(folder: Path, described: Dockerfile) -> Iterator[str]:
    if not described.images:
        yield f"{NAME} has no FROM."
    for image in described.images:
        match = _PINNED.fullmatch(image)
        if not match or not any(match.groups()):
            yield f"{NAME} is FROM {image}: expected a full version or a digest, tensorflow/serving:X.Y.Z."
    user = described.user.partition(":")[0]
    if not user.isdigit() or int(user) == 0:
        yield (
            f"{NAME} ends as user {described.user or 'root'!r}: expected USER with a number other than 0,"
            " by which Kubernetes sees that it is not root."
        )
    for keyword, words in (("ENTRYPOINT", described.entrypoint), ("CMD", described.command)):
        if not words:
            yield f'{NAME} has no {keyword} in exec form, ["word", …]: a shell in between keeps signals.'
    if not described.health:
        yield f'{NAME} has no HEALTHCHECK … CMD ["word", …].'
    for target, source in described.copies.items():
        if source not in _EXTERNAL and not (folder / source).exists():
            yield f"{NAME} copies {source} to {target}: there is no such file beside it."
