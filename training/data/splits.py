"""Training, validation and test parts that share no sentence, the same on every machine."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seqapp.errors import ConfigError, DataError

Pair = tuple[str, str]
Row = tuple[str, ...]  # the features of an example, in the task's order
_MOST_HELD_OUT = 2000


@dataclass(frozen=True)
class Splits:
    """Rows in three parts, and where they came from.

    Attributes:
        train, valid, test: the rows. No source of `valid` or `test` occurs in another part.
        provenance: corpus, versions, pair and counts; can be written as JSON.
        report: lines to print: how many were read, skipped (and why) and kept.
    """

    train: Sequence[Row]
    valid: Sequence[Row]
    test: Sequence[Row]
    provenance: dict[str, Any] = field(default_factory=dict)
    report: list[str] = field(default_factory=list)


class Parts(NamedTuple):
    """Three lists of pairs."""

    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]


def columns_of(rows: Sequence[Row], names: Sequence[str]) -> dict[str, list[str]]:
    """Feature → its values, of rows in the order of `names`."""
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def source_key(text: str) -> str:
    """Returns what makes two sources the same: NFKC, case folded, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def split_by_group(grouped: Iterable[tuple[str, Pair]], valid: float = 0.03, test: float = 0.03) -> Parts:
    """Splits so that all pairs of a group (a page, a document) fall into the same part.

    The part depends on the group's name alone, so that the same pages are held out of every
    language pair and of every later version of the corpus.

    Args:
        grouped: `(group name, pair)`.
        valid, test: the shares of the groups, each in [0, 1), together less than 1.

    Raises:
        ConfigError: the shares leave nothing to train on.
    """
    check_shares(valid, test)
    parts = Parts([], [], [])
    for group, pair in grouped:
        place = place_of(group)
        part = parts.test if place < test else parts.valid if place < test + valid else parts.train
        part.append(pair)
    return parts


def split_at_random(pairs: list[Pair], valid: float = 0.05, test: float = 0.05, seed: int = 0) -> Parts:
    """Splits by source sentence: pairs of one source never fall into two parts.

    Args:
        pairs: `(source, target)`; each part keeps their order.
        valid, test: shares of the distinct sources; a share above 0 takes at least one and at
            most 2,000: more do not make a score much steadier, and are lost to training.
        seed: another seed, another split.

    Raises:
        ConfigError: the shares leave nothing to train on.
        DataError: too few distinct sources to have one in each part.
    """
    check_shares(valid, test)
    keys = sorted({source_key(source) for source, _ in pairs}, key=lambda key: place_of(f"{seed}\t{key}"))
    tests = _share(test, len(keys))
    valids = _share(valid, len(keys))
    if tests + valids >= len(keys):
        raise DataError(
            f"pairs: {len(keys)} distinct source sentences cannot be split into training, validation and "
            f"test; at least {1 + (valid > 0) + (test > 0)} are needed. Bring more pairs, or files of "
            "their own with --valid and --test."
        )
    test_keys, valid_keys = set(keys[:tests]), set(keys[tests : tests + valids])
    parts = Parts([], [], [])
    for pair in pairs:
        key = source_key(pair[0])
        part = parts.test if key in test_keys else parts.valid if key in valid_keys else parts.train
        part.append(pair)
    return parts


def drop_seen_sources(parts: Parts) -> Parts:
    """Drops from `valid` what `train` has as a source, and from `test` what either has."""
    seen = {source_key(source) for source, _ in parts.train}
    valid = [pair for pair in parts.valid if source_key(pair[0]) not in seen]
    seen |= {source_key(source) for source, _ in valid}
    test = [pair for pair in parts.test if source_key(pair[0]) not in seen]
    return Parts(parts.train, valid, test)


def place_of(name: str) -> float:
    """Returns a place in [0, 1) that depends on the name only; Python's own hash changes each time."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def _share(share: float, count: int) -> int:
    return min(max(1, round(share * count)), _MOST_HELD_OUT) if share > 0 else 0


def check_shares(valid: float, test: float) -> None:
    """Raises ConfigError unless both shares are in [0, 1) and leave something to train on."""
    if not (0 <= valid < 1 and 0 <= test < 1 and valid + test < 1):
        raise ConfigError(
            f"valid and test must be shares in [0, 1) that leave something to train on, got valid={valid}, "
            f"test={test}; for example valid=0.05, test=0.05."
        )
