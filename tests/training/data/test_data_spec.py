from pathlib import Path

import pytest

from seqapp.errors import ConfigError
from training.data.data_spec import DataSpec
from training.tasks.chapter import Chapter
from training.tasks.registry import CHAPTERS, chapter_of

TRANSLATION, CLASSIFICATION = chapter_of("translation"), chapter_of("classification")


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"number {n}\tzahl {n}\n" for n in range(40)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (DataSpec("libreoffice-help", Path("a.tsv")), "give either --corpus or --data, not both"),
        (DataSpec(valid=Path("a.tsv")), "--valid and --test need --data"),
    ],
)
def test_what_does_not_go_together(source, message):
    with pytest.raises(ConfigError, match=message):
        source.check()


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)
def test_without_a_file_the_tasks_own_corpus(chapter):
    assert DataSpec().chosen(chapter).name == DataSpec().name(chapter) == chapter.default_corpus
    assert DataSpec(data=Path("a.tsv")).chosen(chapter) is None


def test_a_task_without_a_corpus_needs_a_file():
    class Parsing(type(TRANSLATION)):
        task = "parsing"
        default_corpus = ""

    assert issubclass(Parsing, Chapter)
    with pytest.raises(ConfigError, match="give --data FILE; there is no built-in corpus for"):
        DataSpec().chosen(Parsing())


def test_options_follow_from_the_corpus():
    assert DataSpec().completed(TRANSLATION, {}) == {"pair": "en-ko"}
    assert DataSpec(data=Path("a.tsv")).completed(TRANSLATION, {}) == {}
    with pytest.raises(ConfigError, match="--text-column can only be used with --data FILE"):
        DataSpec().completed(CLASSIFICATION, {"text_column": "a"})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("films.csv", "films"), ("my films.tsv.gz", "my_films"), ("영화.v2.csv", "영화.v2"), (".csv", ".csv")],
)
def test_a_files_name_names_the_rows(tmp_path, name, wanted):
    found = DataSpec(data=tmp_path / name).name(TRANSLATION)
    assert found.rpartition("-")[0] == wanted
    assert DataSpec(data=tmp_path / "other" / name).name(TRANSLATION) != found
    assert DataSpec(data=tmp_path / "other" / ".." / name).name(TRANSLATION) == found


def test_the_digest_is_that_of_the_rows(pairs, tmp_path):
    def digest(path, seed=1):
        return DataSpec(data=path).load(TRANSLATION, {}, seed).provenance["rows_sha256"]

    first = digest(pairs)
    moved = tmp_path / "moved.tsv"
    moved.write_bytes(pairs.read_bytes())
    assert digest(moved) == first
    assert digest(pairs, seed=2) != first  # another split
    moved.write_bytes(pairs.read_bytes().replace(b"zahl 7", b"Zahl 7"))
    assert digest(moved) != first
