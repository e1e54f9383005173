import gzip

import pytest
import tensorflow as tf

from seqapp.errors import RunDirectoryError
from seqapp.features import Label, Text
from seqapp.run_directory import split_file
from seqapp.signatures import Input
from serving.export.samples import FALLBACK_TEXTS, joined, of_texts, run_samples, sample_request

FEATURES = (Text("source", ""), Text("target", ""))
LABELLED = (Text("words", ""), Label("kind", ""))


def write_split(run, contents: bytes):
    path = split_file(run, "test")
    path.parent.mkdir()
    path.write_bytes(contents)


def test_rows_come_from_the_whole_range_of_lengths(tmp_path):
    rows = [("x" * length, "y") for length in range(1, 101)]
    write_split(tmp_path, gzip.compress("".join(f"{a}\t{b}\n" for a, b in rows).encode()))
    found = run_samples(tmp_path, FEATURES)
    assert [len(text) for text in found["source"]] == list(range(1, 97, 4))
    assert found["target"] == [b"y"] * 24


def test_a_document_is_cut_between_characters(tmp_path):
    write_split(tmp_path, gzip.compress("\n".join(["파일", "파" * 30_000, "x" * 2**16, ""]).encode()))
    found = run_samples(tmp_path, (Text("text", ""),))
    assert [len(text) for text in found["text"]] == [6, 2**16 - 1, 2**16]
    assert found["text"][1].decode() == "파" * (2**16 // 3)


def test_a_run_without_splits(tmp_path):
    found = run_samples(tmp_path, LABELLED)
    assert found["words"] == [text.encode() for text in FALLBACK_TEXTS]
    assert found["kind"] == [b""] * 3


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (b"a\tb\n", "cannot be read"),
        (gzip.compress(b"a\tb\n" * 99)[:-12], "cannot be read"),
        (gzip.compress(b"a\tb\na\n"), "expected 2 columns in line 2 .* got 1"),
    ],
    ids=["plain", "cut", "half a row"],
)
def test_a_damaged_split(tmp_path, contents, told):
    write_split(tmp_path, contents)
    with pytest.raises(RunDirectoryError, match=told):
        run_samples(tmp_path, FEATURES)


def test_rows_of_both():
    assert joined(of_texts([b"a"], LABELLED), {"words": [b"b"], "kind": [b"c"]}) == {
        "words": [b"a", b"b"],
        "kind": [b"", b"c"],
    }


def test_an_example_holds_the_feature_by_its_name():
    inputs = {
        "inputs": Input("string", "", feature="words", example=True),
        "option": Input("float32", "", default=-1.0),
    }
    columns = sample_request(inputs, {"words": [b"one", b"\xff"], "kind": [b"", b""]})
    features = {"words": tf.io.FixedLenFeature([], tf.string)}
    parsed = tf.io.parse_example(tf.constant(columns["inputs"]), features)
    assert parsed["words"].numpy().tolist() == [b"one", b"\xff"]
    assert columns["option"] == [-1.0, -1.0]
