"""Training, validation and test parts in which every label has its share."""

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
    """Splits so that a group stays together and each label is held out in the shares asked for.

    A group goes with the label that most of its rows carry, of equals the rarer one; a row of
    several labels counts for its rarest. Of each label's groups, in an order that the seed and the
    groups' names alone decide, `test` takes its share of the rows, then `valid`: as near as whole
    groups allow, and at least one group each where the label has three groups or more. A label with
    fewer stays in training. Every label stands in training, whatever the groups are like.

    Args:
        grouped: `(group name, (text, label))`; rows with the same text must be of one group.
        valid, test: shares of each label's rows, each in [0, 1), together less than 1.
        seed: another seed, another split.
        separator: what stands between the labels of a row; "" for one label a row.
        at_most: about how many rows `valid` and `test` each have at most; None for no limit.

    Returns:
        Parts of `(text, label)`, each in the order given.

    Raises:
        ConfigError: the shares leave nothing to train on.
    """
    check_shares(valid, test)
    rows = list(grouped)
    frequency = Counter(label for _, (_, labels) in rows for label in split_labels(labels, separator))
    groups: defaultdict[str, list[str]] = defaultdict(list)  # group → the deciding label of each row
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
    """Returns `{group: part}` for the groups of one label that are held out."""
    wanted = [name for name in _PARTS if shares[name] > 0]
    if len(names) <= len(wanted):
        return {}
    rows = sum(sizes[name] for name in names)
    places: dict[str, str] = {}
    waiting = list(reversed(names))
    for number, part in enumerate(wanted):
        taken, still_to_serve = 0, len(wanted) - number
        while len(waiting) >= still_to_serve + 1:
            # Taken when that comes nearer to the share than leaving it would.
            if taken and taken + sizes[waiting[-1]] / 2 > shares[part] * rows:
                break
            places[waiting[-1]] = part
            taken += sizes[waiting.pop()]
    return places


def _put_every_label_in_training(
    rows: list[tuple[str, Pair]], places: dict[str, str], separator: str
) -> None:
    """Takes back a group of each label that has no row in training: validation gives before test."""
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
