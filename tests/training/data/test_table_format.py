import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqapp.errors import DataError
from training.data.table_format import TableFormat, compared, detect_format

NAMES = ("text", "label")


def detected(content: str, name: str = "r.tsv", names: tuple[str, ...] = NAMES) -> TableFormat:
    return detect_format(Path(name), content.splitlines(keepends=True), names, 2)


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|"])
@pytest.mark.parametrize("name", ["r.tsv", "r.csv", "r", "r.csv.gz"])
def test_names_of_columns_decide_whatever_the_file_is_called(delimiter: str, name: str) -> None:
    content = f"id{delimiter}Label{delimiter}text\n1{delimiter}a{delimiter}b, c; d | e\n"
    assert detected(content, name) == TableFormat(delimiter)


def test_without_names_the_tab_or_what_the_file_is_called_by() -> None:
    assert detected("so, so\t1\nwell, well\t0\n").delimiter == "\t"
    assert detected("Hello, world\nYes, please\n" * 9, "r.csv").delimiter == ","
    assert detected("Hallo, du;1\nNein, nein;0\n", "r.csv").delimiter == ";"
    assert detected("a\t1\nb\t0\n", "r.csv").delimiter == "\t"
    # Every one of enough lines has the same number of bars: that is no chance.
    assert detected("a, b|1\nc|2\nd|3\ne, f|2\ng|1\n").delimiter == "|"
    assert detected("Hello, world\nYes, please\n").delimiter == "\t"
    assert detected("") == TableFormat("\t")


PLAIN = [
    ('text\tlabel\nHe said "no"\t1\n"No" he said\t0\n', "quotes in and around words"),
    ('text\tlabel\n"never closed\t1\nb\t0\n', "a field that begins with a quote"),
    ('text\tlabel\n"Wow, great\t1\nso great"\t0\nb\t1\n', "an opening and a closing one, far apart"),
    ('text\tlabel\n"Hello."\t1\n"Yes," he said.\t0\n', "a text that is a quotation"),
    ('"Yes."\tja\nNo.\t"nein"\n', "some quotations among other texts"),
    ('text\tlabel\n5" pipe\t1\n"\t0\n', "inches and a lone quote"),
]


@pytest.mark.parametrize("content", [content for content, _ in PLAIN], ids=[why for _, why in PLAIN])
def test_quotes_that_are_text(content: str) -> None:
    assert detected(content) == TableFormat("\t")


QUOTED = [
    ('text\tlabel\n"two\nlines"\t1\nb\t0\n', "a line break, text first"),
    ('label\ttext\n1\t"two\nlines"\n0\tb\n', "a line break, text last"),
    ('label\ttext\tid\n1\t"three\n\nlines"\t7\n0\tb\t8\n', "an empty line inside, text in the middle"),
    ('text\tlabel\n"a\tb"\t1\nb\t0\n', "a tab"),
    ('text\tlabel\n"""The"" book"\t1\nb\t0\n', "quotes written twice"),
    ('"text"\t"label"\n"a"\t"1"\n', "all fields in quotes"),
    ('text\tlabel\n"a ""b"" c\nd\te"\t1\n', "all of it in one field"),
    ('text\tlabel\n"a\tb\nc"\t1\n"d\ne"\t0\n', "a tab and a line break, and a line break alone"),
]


@pytest.mark.parametrize("content", [content for content, _ in QUOTED], ids=[why for _, why in QUOTED])
def test_quotes_that_enclose_fields(content: str) -> None:
    assert detected(content) == TableFormat("\t", quoted=True)


@pytest.mark.parametrize(
    "content",
    [
        'text\tlabel\n"two\nlines"\t1\n"stray\t0\nb\t1\n',
        'label\ttext\n1\t"two\nlines"\n0\t"No" he said\n',
        'text\tlabel\n"three\n\nlines"\t1\n"No" he said\t0\n',
    ],
)
def test_halves_of_rows_are_refused_rather_than_read(content: str) -> None:
    with pytest.raises(DataError, match=r"line 2 begins a quoted field that continues in the next line"):
        detected(content)


@pytest.mark.parametrize("row", ['"never closed,1\nb,2\n', 'a,"b"c\n'])
def test_broken_quotes_of_a_comma_separated_file(row: str) -> None:
    with pytest.raises(DataError, match=r"r\.csv: line \d or the row .*is not CSV: .*in double quotes"):
        detected("text,label\n" + row, "r.csv")


_TEXTS = st.text('ab가 ,;|\t\n"', min_size=1)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(_TEXTS, st.sampled_from(["pos", "neg", "0"])), min_size=1),
    st.sampled_from("\t,;|"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_a_csv_library_writes_with_all_texts_in_quotes_is_read(
    rows: list[tuple[str, str]], delimiter: str, quoting: int
) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows([NAMES, *rows])
    lines = [f"{line}\n" for line in file.getvalue().split("\n")[:-1]]
    found = detect_format(Path("r.tsv"), lines, NAMES, 2)
    assert list(map(tuple, found.records(lines))) == [NAMES, *rows]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(_TEXTS, st.sampled_from(["pos", "neg", "0"])), min_size=1), st.sampled_from("\t,;|")
)
def test_what_a_csv_library_writes_with_quotes_where_needed_is_read(
    rows: list[tuple[str, str]], delimiter: str
) -> None:
    rows = [(text.replace("\t", "/"), label) for text, label in rows]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([NAMES, *rows])
    lines = [f"{line}\n" for line in file.getvalue().split("\n")[:-1]]
    found = detect_format(Path("r.tsv"), lines, NAMES, 2)
    assert list(map(tuple, found.records(lines))) == [NAMES, *rows]


def test_a_lone_return_is_text() -> None:
    lines = ["text,label\r\n", '"a\rb\r\n', 'c",1\r\n', "d\re,0\r\n"]
    found = detect_format(Path("r.csv"), lines, NAMES, 2)
    assert list(found.records(lines)) == [["text", "label"], ["a b\nc", "1"], ["d e", "0"]]


def test_what_names_are_compared_by() -> None:
    assert compared(" \u1100\u1161 \u00a0B") == compared("가 b")
