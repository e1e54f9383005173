from pathlib import Path

from training.data.shards.row_partitions import (
    PARTITION_BYTES,
    hash_of,
    number_of_partitions,
    partition,
    refine,
)
from training.data.shards.stored_rows import partition_file, read_hashed
from training.data.splits import place_of

ROWS = [(f"source {number}", f"target {number}") for number in range(40)]


def test_partitions_are_ranges_of_the_hash(tmp_path: Path) -> None:
    assert partition([*ROWS, ("  SOURCE  7", "other"), ("held", "out")], tmp_path, 4, 3, {"held"}) == 1
    found = [list(read_hashed(partition_file(tmp_path, number))) for number in range(4)]
    assert sorted(row[1:] for rows in found for row in rows) == sorted([*ROWS, ("  SOURCE  7", "other")])
    for number, rows in enumerate(found):
        assert rows
        assert all(number / 4 <= int(row[0], 16) / 2**64 < (number + 1) / 4 for row in rows)
    assert hash_of("source 7", 3) / 2**64 == place_of("3\tsource 7")
    assert sum({row[1] for row in rows} >= {"source 7", "  SOURCE  7"} for rows in found) == 1


def test_a_refined_partition_is_sorted_and_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text("b\tx\t1\na\ty\t2\nb\tx\t3\nb\tz\t\n", encoding="utf-8")
    found = refine(path, lambda row: "" if row[1] else "no target", lambda row: row[1])
    assert list(read_hashed(path)) == [("a", "y", "2"), ("b", "x", "1"), ("b", "x", "3")]
    assert (found.rows, found.sources) == (3, 2)
    assert found.left_out == {"no target": (("z", ""), 1)}
    assert found.values == {"1": 1, "2": 1, "3": 1}


def test_number_of_partitions() -> None:
    sizes = [0, PARTITION_BYTES, PARTITION_BYTES + 1, 2**60]
    assert list(map(number_of_partitions, sizes)) == [1, 1, 2, 512]
