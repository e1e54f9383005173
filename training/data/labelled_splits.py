"""Stratified splits of labelled texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from seqapp.text.label_cells import split_labels
from training.data.splits import Pair, Parts, check_shares, place_of

_PARTS = ("test", "valid")  # in the order in which they are filled; the rest is for training


def split_stratified(
    grouped: Iterable[tuple[str, Pair]],
    valid: float = 0.1,
    test: float = 0.1,
    *,
    seed: int = 0,
    separator: str = "",
    at_most: int | None = None,
) -> Parts:
    """Split by group, stratified by label.

    A group belongs to the most frequent label of its rows, on ties the rarer one; a multi-label row counts
    for its rarest label. The groups of each label, in an order given by the seed and the group names only,
    fill `test` to its share of the rows, then `valid`: as close as whole groups allow, and at least one
    group each if the label has three or more. A label with fewer stays in training. Every label occurs in
    training.

    Args:
        grouped: `(group name, (text, label))`; rows with the same text must be in one group.
        valid, test: shares of the rows of each label, each in [0, 1), with a sum below 1.
        seed: random seed of the split.
        separator: label separator; "" for one label per row.
        at_most: approximate maximum number of rows in each of `valid` and `test`; None for no limit.

    Returns:
        Parts of `(text, label)`, each in input order.

    Raises:
        ConfigError: the shares leave no training rows.
    """
    check_shares(valid, test)
    rows = list(grouped)
    frequency = Counter(label for _, (_, labels) in rows for label in split_labels(labels, separator))
    groups: defaultdict[str, list[str]] = defaultdict(list)  # group → the label that each row counts for
    for group, (_, labels) in rows:
        groups[group].append(_rarest(split_labels(labels, separator), frequency))
    strata: defaultdict[str, list[str]] = defaultdict(list)
    for group in sorted(groups, key=lambda name: place_of(f"{seed}\t{name}")):
        strata[_decisive(groups[group], frequency)].append(group)
    shares = {"valid": valid, "test": test}
    if at_most is not None and rows:
        shares = {name: min(share, at_most / len(rows)) for name, share in shares.items()}
    sizes = {group: len(labels) for group, labels in groups.items()}
    places: dict[str, str] = {}
    for names in strata.values():
        places |= _places(names, sizes, shares)
    _put_every_label_in_training(rows, places, separator)
    parts = Parts([], [], [])
    for group, pair in rows:
        getattr(parts, places.get(group, "train")).append(pair)
    return parts


def _rarest(labels: list[str], frequency: Mapping[str, int]) -> str:
    return min(labels, key=lambda label: (frequency[label], label), default="")


def _decisive(labels: list[str], frequency: Mapping[str, int]) -> str:
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], frequency[label], label))


def _places(names: list[str], sizes: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, str]:
    """Return `{group: part}` for the groups of one label that are held out."""
    held_out = [name for name in _PARTS if shares[name] > 0]
    if len(names) <= len(held_out):
        return {}
    rows = sum(sizes[name] for name in names)
    places: dict[str, str] = {}
    waiting = list(reversed(names))
    for number, part in enumerate(held_out):
        taken, parts_left = 0, len(held_out) - number
        while len(waiting) >= parts_left + 1:
            # Taken if that is closer to the share than leaving it.
            if taken and taken + sizes[waiting[-1]] / 2 > shares[part] * rows:
                break
            places[waiting[-1]] = part
            taken += sizes[waiting.pop()]
    return places


def _put_every_label_in_training(
    rows: list[tuple[str, Pair]], places: dict[str, str], separator: str
) -> None:
    """Move a group of each label without training rows to training, from validation before test."""
    trained: set[str] = set()
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for group, (_, labels) in rows:
        for label in split_labels(labels, separator):
            if group in places:
                holders[label].append(group)
            else:
                trained.add(label)
    for label, groups in holders.items():
        if label not in trained and all(group in places for group in groups):
            del places[min(groups, key=lambda group: places[group] == "test")]
