from collections import Counter

from training.data.reading_report import ReadingReport


def test_lines_most_frequent_reason_first() -> None:
    report = ReadingReport("a.tsv", "lines", 2000, 1990, Counter({"empty line": 3, "no tab": 7}), ["odd."])
    assert report.lines() == [
        "a.tsv: 2,000 lines read, 1,990 pairs kept",
        "  skipped 7: no tab",
        "  skipped 3: empty line",
        "  note: odd.",
    ]
