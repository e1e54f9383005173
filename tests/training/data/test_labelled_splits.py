from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqapp.errors import ConfigError
from training.data.labelled_splits import split_stratified
from training.data.splits import Pair


def rows(**counts: int) -> list[tuple[str, Pair]]:
    """`count` rows of each label, each text a group of its own."""
    return [
        (f"{label} {number}", (f"{label} {number}", label))
        for label, count in counts.items()
        for number in range(count)
    ]


def sizes(grouped: list[tuple[str, Pair]], **options: float) -> list[dict[str, int]]:
    return [dict(Counter(label for _, label in part)) for part in split_stratified(grouped, **options)]  # type: ignore[arg-type]


def test_each_label_has_its_share_and_small_ones_one_row() -> None:
    train, valid, test = sizes(rows(often=80, seldom=20, three=3, two=2, one=1))
    assert test == {"often": 8, "seldom": 2, "three": 1}
    assert valid == {"often": 8, "seldom": 2, "three": 1}
    assert train == {"often": 64, "seldom": 16, "three": 1, "two": 2, "one": 1}


def test_a_part_that_is_not_wanted_and_a_limit() -> None:
    assert sizes(rows(a=100, b=100), valid=0.0, test=0.2)[1:] == [{}, {"a": 20, "b": 20}]
    assert sizes(rows(a=100, b=100), valid=0.2, test=0.2, at_most=10)[1:] == [{"a": 5, "b": 5}] * 2
    assert split_stratified([]) == ([], [], [])


def test_the_seed_decides_and_the_order_does_not() -> None:
    grouped = rows(a=50, b=50)
    first = split_stratified(grouped, seed=1)
    again = split_stratified(grouped[::-1], seed=1)
    assert [sorted(part) for part in first] == [sorted(part) for part in again]
    assert first.test != split_stratified(grouped, seed=2).test


def test_groups_stay_together_and_go_with_most_of_their_rows() -> None:
    # Ten documents with three rows of "a" and one of "b", and ten with three of "b" alone.
    grouped = [(f"d{n}", (f"{n} {i}", "b" if i == 3 else "a")) for n in range(10) for i in range(4)]
    grouped += [(f"e{n}", (f"e{n} {i}", "b")) for n in range(10) for i in range(3)]
    train, valid, test = split_stratified(grouped, valid=0.1, test=0.2)
    assert Counter(label for _, label in test) == {"a": 6, "b": 2 + 6}
    assert Counter(label for _, label in valid) == {"a": 3, "b": 1 + 3}
    documents = [{group for group, pair in grouped if pair in part} for part in (train, valid, test)]
    assert sum(map(len, documents)) == len(set().union(*documents)) == 20


def test_a_group_that_fits_badly_is_left() -> None:
    # 12 rows in groups of 1 and one of 8: test wants 2 and takes what comes nearest.
    grouped = [("big", (f"big {n}", "a")) for n in range(8)] + rows(a=4)
    for seed in range(8):
        test = split_stratified(grouped, valid=0.0, test=2 / 12, seed=seed).test
        assert len(test) in (2, 8) or len(test) == 1


def test_several_labels_a_row_are_split_by_the_rarest() -> None:
    grouped = [(str(n), (str(n), "all|odd" if n % 2 else "all")) for n in range(90)]
    grouped += [(f"r{n}", (f"r{n}", "all|odd|rare")) for n in range(10)]
    test = split_stratified(grouped, separator="|").test
    # Rows that carry a rare label are held out like a class of their own.
    assert sum("rare" in label for _, label in test) == 1
    assert sum(label == "all" for _, label in test) in (4, 5)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcd")), max_size=60),
    st.sampled_from([0.0, 0.1, 0.4]),
    st.sampled_from([0.0, 0.1, 0.4]),
    st.integers(0, 3),
)
def test_nothing_is_lost_groups_are_whole_and_every_label_is_trained(
    drawn: list[tuple[int, str]], valid: float, test: float, seed: int
) -> None:
    grouped = [(f"g{group}", (f"g{group} row {n}", label)) for n, (group, label) in enumerate(drawn)]
    parts = split_stratified(grouped, valid, test, seed=seed)
    assert sorted(pair for part in parts for pair in part) == sorted(pair for _, pair in grouped)
    groups = [{text.split()[0] for text, _ in part} for part in parts]
    assert sum(map(len, groups)) == len(set().union(*groups))
    assert {label for _, label in parts.train} == {label for _, (_, label) in grouped}


def test_shares_are_checked() -> None:
    with pytest.raises(ConfigError, match=r"valid=0\.6, test=0\.5"):
        split_stratified(rows(a=3), valid=0.6, test=0.5)
