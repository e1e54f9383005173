import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqapp.errors import ConfigError, DataError
from training.data.splits import Parts, drop_seen_sources, source_key, split_at_random, split_by_group


def test_the_same_source_whatever_its_case_blanks_and_composition() -> None:
    assert source_key(" Save  the\tFile ") == source_key("save the file")
    assert source_key("\u1112\u1161\u11ab\uff21") == source_key("한a")


def test_groups_stay_together_and_fall_alike_in_every_corpus() -> None:
    pages = [f"page{number}" for number in range(400)]
    first = split_by_group([(page, (page, str(i))) for page in pages for i in range(3)], valid=0.1, test=0.2)
    second = split_by_group([(page, (page, "other")) for page in reversed(pages)], valid=0.1, test=0.2)
    places = [{source for source, _ in part} for part in first]
    assert places == [{source for source, _ in part} for part in second]
    assert sum(map(len, places)) == len(set().union(*places))
    # 400 pages, a fifth and a tenth, give or take three deviations.
    assert 56 <= len(places[2]) <= 104
    assert 22 <= len(places[1]) <= 58


def test_the_place_of_a_page_never_changes() -> None:
    # By hand: sha256("a")'s first bytes are ca97…, so 0.79; of "f" 252f…, so 0.145.
    assert split_by_group([("a", ("a", "x")), ("f", ("f", "y"))], valid=0.1, test=0.15) == (
        [("a", "x")],
        [],
        [("f", "y")],
    )


def test_seen_sources_are_dropped_from_later_parts_only() -> None:
    parts = Parts([("A b", "1")], [("a  B", "2"), ("c", "3")], [("C", "4"), ("a b", "5"), ("d", "6")])
    assert drop_seen_sources(parts) == ([("A b", "1")], [("c", "3")], [("d", "6")])


def test_random_split_counts_and_depends_on_the_seed() -> None:
    pairs = [(f"source {number}", "t") for number in range(100)]
    parts = split_at_random(pairs, valid=0.1, test=0.05, seed=1)
    assert [len(part) for part in parts] == [85, 10, 5]
    assert parts == split_at_random(pairs, valid=0.1, test=0.05, seed=1)
    assert parts.test != split_at_random(pairs, valid=0.1, test=0.05, seed=2).test


def test_random_split_takes_at_least_one_and_not_too_many() -> None:
    small = split_at_random([(str(number), "t") for number in range(3)])
    assert [len(part) for part in small] == [1, 1, 1]
    large = split_at_random([(str(number), "t") for number in range(50_000)], valid=0.0, test=0.5)
    assert [len(part) for part in large] == [48_000, 0, 2_000]


@given(st.lists(st.tuples(st.sampled_from("abcdefAB"), st.text(max_size=2)), min_size=20, max_size=40))
def test_random_split_keeps_every_pair_once_and_no_source_straddles(pairs: list[tuple[str, str]]) -> None:
    if len({source_key(source) for source, _ in pairs}) < 3:
        return
    parts = split_at_random(pairs, valid=0.2, test=0.2)
    assert sorted([*parts.train, *parts.valid, *parts.test]) == sorted(pairs)
    keys = [{source_key(source) for source, _ in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys))
    assert parts.train


def test_too_few_sources_to_split() -> None:
    with pytest.raises(DataError, match=r"2 distinct source sentences.*at least 3.*--valid"):
        split_at_random([("a", "1"), ("b", "2"), ("B", "3")])


@pytest.mark.parametrize("shares", [(-0.1, 0.1), (0.5, 0.5), (1.0, 0.0), (float("nan"), 0.1)])
def test_shares_that_leave_nothing(shares: tuple[float, float]) -> None:
    with pytest.raises(ConfigError, match=r"valid=.*test="):
        split_at_random([("a", "b")] * 9, *shares)
