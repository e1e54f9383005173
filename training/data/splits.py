"""Reproducible training, validation and test splits without shared sources."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seqapp.errors import ConfigError, DataError

Pair = tuple[str, str]
Row = tuple[str, ...]  # features of an example, in the order of the task
_MOST_HELD_OUT = 2000


@dataclass(frozen=True)
class Splits:
    """Rows in three parts, with provenance.

    Attributes:
        train, valid, test: rows; no source of `valid` or `test` occurs in another part.
        provenance: corpus, versions, pair and counts, JSON-serialisable.
        report: lines with the counts read, skipped and kept.
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
    """Return feature → values of all rows."""
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def source_key(text: str) -> str:
    """Return the key by which sources are compared: NFKC, case-folded, whitespace collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def split_by_group(grouped: Iterable[tuple[str, Pair]], valid: float = 0.03, test: float = 0.03) -> Parts:
    """Split by group (a page, a document).

    The part depends only on the group name, so that the same pages are held out in every language pair and
    every later version of the corpus.

    Args:
        grouped: `(group name, pair)`.
        valid, test: shares of the groups, each in [0, 1), with a sum below 1.

    Raises:
        ConfigError: the shares leave no training rows.
    """
    check_shares(valid, test)
    parts = Parts([], [], [])
    for group, pair in grouped:
        place = place_of(group)
        part = parts.test if place < test else parts.valid if place < test + valid else parts.train
        part.append(pair)
    return parts


def split_at_random(pairs: list[Pair], valid: float = 0.05, test: float = 0.05, seed: int = 0) -> Parts:
    """Split by source sentence: pairs with the same source are in one part.

    Args:
        pairs: `(source, target)`; their order is kept.
        valid, test: shares of the distinct sources; a positive share takes at least 1 and at most 2,000,
            since more hardly reduce the variance of a score.
        seed: random seed of the split.

    Raises:
        ConfigError: the shares leave no training rows.
        DataError: too few distinct sources for all parts.
    """
    check_shares(valid, test)
    keys = sorted({source_key(source) for source, _ in pairs}, key=lambda key: place_of(f"{seed}\t{key}"))
    tests = share_of_sources(test, len(keys))
    valids = share_of_sources(valid, len(keys))
    if tests + valids >= len(keys):
        raise DataError(
            f"only {len(keys)} distinct source {'sentence' if len(keys) == 1 else 'sentences'}; at least "
            f"{1 + (valid > 0) + (test > 0)} are needed for train/valid/test. Add pairs, or pass --valid and "
            "--test."
        )
    test_keys, valid_keys = set(keys[:tests]), set(keys[tests : tests + valids])
    parts = Parts([], [], [])
    for pair in pairs:
        key = source_key(pair[0])
        part = parts.test if key in test_keys else parts.valid if key in valid_keys else parts.train
        part.append(pair)
    return parts


def drop_seen_sources(parts: Parts) -> Parts:
    """Drop sources of `train` from `valid`, and sources of either from `test`."""
    seen = {source_key(source) for source, _ in parts.train}
    valid = [pair for pair in parts.valid if source_key(pair[0]) not in seen]
    seen |= {source_key(source) for source, _ in valid}
    test = [pair for pair in parts.test if source_key(pair[0]) not in seen]
    return Parts(parts.train, valid, test)


def place_of(name: str) -> float:
    """Return a hash of the name in [0, 1), stable across processes unlike Python's `hash`."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def share_of_sources(share: float, count: int) -> int:
    """Return how many of `count` distinct sources are held out: at least 1 of a positive share."""
    return min(max(1, round(share * count)), _MOST_HELD_OUT) if share > 0 else 0


def check_shares(valid: float, test: float) -> None:
    """Raise `ConfigError` unless both shares are in [0, 1) with a sum below 1."""
    if not (0 <= valid < 1 and 0 <= test < 1 and valid + test < 1):
        raise ConfigError(
            f"valid and test must be shares in [0, 1) with a sum below 1, got valid={valid}, test={test}; "
            "for example valid=0.05, test=0.05"
        )
