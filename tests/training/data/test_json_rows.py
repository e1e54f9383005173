import gzip
import json
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.labelled_file import read_labelled
from training.data.pairs_file import read_pairs
from training.data.row_kind import Languages

EN_KO = Languages("en", "ko")


def put(path: Path, *objects: object) -> Path:
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


@pytest.mark.parametrize("name", ["p.jsonl", "p.ndjson", "p.jsonl.gz", "p.json", "p.txt"])
def test_keys_are_columns(tmp_path: Path, name: str) -> None:
    first, second = {"id": 1, "target": "가", "source": "a"}, {"source": " b ", "target": "나\n다"}
    path = put(tmp_path / name, first, second)
    pairs, report = read_pairs(path)
    assert pairs == [("a", "가"), ("b", "나 다")]
    assert report.lines() == [
        f"{name}: 2 objects read, 2 pairs kept",
        "  JSON lines; source from 'source', target from 'target'",
    ]


def test_other_values_are_skipped_with_the_reason_and_an_example(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    put(path, {"source": "a", "target": "가"}, {"source": 5, "target": "나"}, {"source": "c"})
    with path.open("a", encoding="utf-8") as file:
        file.write('\n{"source": "d", "target": null}\n{"source": ["e"], "target": "마"}\n')
        file.write('{"source": "f", "target": " "}\n')
    pairs, report = read_pairs(path)
    assert pairs == [("a", "가")]
    assert report.read == 7
    assert report.skipped == {
        "source is a number": 1,
        "no key 'target'": 1,
        "empty line": 1,
        "target is null": 1,
        "source is a list": 1,
        "empty target": 1,
    }
    assert str(report.examples["source is a number"]).startswith("p.jsonl, line 2: '{\"source\": 5, ")


@pytest.mark.parametrize(
    "content", ['[{"source": "a", "target": "가"}]', '[\n {"source": "a",\n  "target": "가"}\n]']
)
@pytest.mark.parametrize("name", ["p.json", "p.txt"])
def test_an_array_of_objects_is_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    pairs, report = read_pairs(tmp_path / name)
    assert pairs == [("a", "가")]
    assert report.form.startswith("JSON array; ")


def test_keys_may_be_inside_and_named_by_language(tmp_path: Path) -> None:
    path = put(tmp_path / "p.jsonl", {"id": "7", "translation": {"ko": "가", "en": "a"}})
    assert read_pairs(path, "translation.en", "translation.ko")[0] == [("a", "가")]
    assert read_pairs(path, languages=EN_KO)[0] == [("a", "가")]
    assert read_pairs(path, languages=Languages("ko", "en"))[0] == [("가", "a")]
    with pytest.raises(DataError, match=r"'translation': no such column; .*did you mean 'translation\.\w\w'"):
        read_pairs(path, "translation")
    with pytest.raises(DataError, match="cannot tell which column is the source and which the target"):
        read_pairs(path)


def test_labels_may_be_numbers_and_lists(tmp_path: Path) -> None:
    labels = {"a": 1, "b": True, "c": []}
    path = put(tmp_path / "r.jsonl", *({"text": text, "label": one} for text, one in labels.items()))
    rows, report = read_labelled(path)
    assert rows == [("a", "1"), ("b", "true")]
    assert report.skipped == {"label is a list": 1}
    path = put(
        tmp_path / "m.jsonl",
        {"text": "a", "label": ["x", "y"]},
        {"text": "b", "label": "y|z"},
        {"text": "c", "label": ["x|y"]},
        {"text": "d", "label": []},
    )
    rows, report = read_labelled(path, separator="|")
    assert rows == [("a", "x|y"), ("b", "y|z")]
    assert report.skipped == {"label is a list of labels with '|' inside": 1, "empty label": 1}


def test_a_lone_surrogate_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"source": "a\\ud83d", "target": "\\ud83d\\ude00"}\n')
    assert read_pairs(tmp_path / "p.jsonl")[0] == [("a\ufffd", "😀")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"source": "a", "target": "b"}\n["a", "b"]\n', "line 2 is a list, not an object; expected"),
        ('{"source": "a", "target": "b"}\n"x"\n', "line 2 is a string, not an object"),
        ('{"source": "a", "target": \n', "line 1 is not JSON .Expecting value.: .* expected one obj"),
        ('{\n  "source": "a"\n}\n', "line 1 is not JSON"),
        ('{"a": 1}\n' + "[" * 100_000, "line 2 is not JSON .nested too deeply"),
        ('[{"source": "a"}, 3]', "element 2 of the array is a number, not an object"),
        ('[{"source": "a"},', "the JSON array is damaged: "),
        ("", "has no objects; expected one object per line"),
        ("[]", "has no objects; expected one object per line"),
    ],
)
def test_what_is_no_object_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "p.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_pairs(tmp_path / "p.json")


def test_another_encoding_is_refused_with_the_conversion(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_bytes('{"source": "a", "target": "가나"}\n'.encode("cp949"))
    with pytest.raises(DataError, match=r"line 1 is not UTF-8: .*iconv -f CP949 -t UTF-8 < \S+p\.jsonl"):
        read_pairs(tmp_path / "p.jsonl")
