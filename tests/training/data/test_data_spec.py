import io
from pathlib import Path

import pytest
from rich.console import Console

from seqapp.errors import ConfigError
from training.data.data_file import DataFile
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles
from training.data.row_files import RowFiles
from training.data.shards.storage import text_bytes
from training.data.shards.stored_rows import StoredRows
from training.tasks.chapter import Chapter
from training.tasks.registry import CHAPTERS, chapter_of

TRANSLATION, CLASSIFICATION = chapter_of("translation"), chapter_of("classification")


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"number {n}\tzahl {n}\n" for n in range(40)), encoding="utf-8")
    return path


def own(*files):
    return DataSpec(data=GivenFiles(files))


def sides(source=None, target=None):
    return GivenFiles(source=source and Path(source), target=target and Path(target))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (DataSpec("libreoffice-help", GivenFiles(["a.tsv"])), "give either --corpus or --data, not both"),
        (DataSpec("libreoffice-help", sides("a", "b")), "give either --corpus or --source, not both"),
        (DataSpec(data=GivenFiles(["a"], Path("a"), Path("b"))), "either --data or --source with --target"),
        (DataSpec(data=sides("a.en")), "--source needs --target, the file with the translation"),
        (DataSpec(data=sides(target="a.ko")), "--target needs --source, the file with the source"),
        (DataSpec(data=sides("a", "b"), test=sides("c")), "--test-source needs --test-target"),
        (DataSpec(valid=GivenFiles(["a.tsv"])), "--valid and --test need --data"),
        (DataSpec(data=GivenFiles(["a"]), valid=GivenFiles(["-"])), "--valid -: standard input can only"),
        (DataSpec(clean=True), "--clean needs --data"),
    ],
)
def test_what_does_not_go_together(spec, message):
    with pytest.raises(ConfigError, match=message):
        spec.check(TRANSLATION)


def test_two_parallel_files_are_pairs():
    spec = DataSpec(data=sides("a.en", "a.ko"))
    spec.check(TRANSLATION)
    with pytest.raises(ConfigError, match="--source and --target are two files of pairs; classif"):
        spec.check(CLASSIFICATION)


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)
def test_without_a_file_the_tasks_own_corpus(chapter):
    assert DataSpec().chosen(chapter).name == DataSpec().name(chapter) == chapter.default_corpus
    assert own("a.tsv").chosen(chapter) is None


def test_a_task_without_a_corpus_needs_a_file():
    class Parsing(type(TRANSLATION)):
        task = "parsing"
        default_corpus = ""

    assert issubclass(Parsing, Chapter)
    with pytest.raises(ConfigError, match="give --data FILE; there is no built-in corpus for"):
        DataSpec().chosen(Parsing())


def test_options_follow_from_the_corpus():
    assert DataSpec().completed(TRANSLATION, {}) == {"pair": "en-ko"}
    assert own("a.tsv").completed(TRANSLATION, {}) == {}
    with pytest.raises(ConfigError, match="--text-column can only be used with --data FILE"):
        DataSpec().completed(CLASSIFICATION, {"text_column": "a"})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("films.csv", "films"), ("my films.tsv.gz", "my_films"), ("영화.v2.csv", "영화.v2"), (".csv", ".csv")],
)
def test_a_files_name_names_the_rows(tmp_path, name, wanted):
    found = own(tmp_path / name).name(TRANSLATION)
    assert found.rpartition("-")[0] == wanted
    assert own(tmp_path / "other" / name).name(TRANSLATION) != found
    assert own(tmp_path / "other" / ".." / name).name(TRANSLATION) == found


def test_several_files_have_one_name(tmp_path):
    for number in range(3):
        (tmp_path / f"part-{number}.tsv.gz").touch()
    name = own(tmp_path / "part-*.tsv.gz").name(TRANSLATION)
    assert name.rpartition("-")[0] == "part"
    shards = [tmp_path / f"part-{number}.tsv.gz" for number in range(3)]
    assert own(*shards).name(TRANSLATION) == name
    assert own(*shards[:2]).name(TRANSLATION) != name
    assert own(tmp_path / "a.tsv", tmp_path / "b.tsv").name(TRANSLATION).startswith("files-")
    assert own("-").name(TRANSLATION).startswith("standard-input-")
    pair = DataSpec(data=sides(tmp_path / "corpus.v2.en", tmp_path / "corpus.v2.ko")).name(TRANSLATION)
    assert pair.startswith("corpus.v2-")
    assert pair != own(tmp_path / "corpus.v2.en").name(TRANSLATION)
    (tmp_path / "films.v2").mkdir()
    assert own(tmp_path / "films.v2").name(CLASSIFICATION).startswith("films.v2-")


def test_the_digest_is_that_of_the_rows(pairs, tmp_path):
    def digest(path, seed=1):
        return own(path).load(TRANSLATION, {}, seed).provenance["rows_sha256"]

    first = digest(pairs)
    moved = tmp_path / "moved.tsv"
    moved.write_bytes(pairs.read_bytes())
    assert digest(moved) == first
    assert digest(pairs, seed=2) != first  # another split
    moved.write_bytes(pairs.read_bytes().replace(b"zahl 7", b"Zahl 7"))
    assert digest(moved) != first


def test_large_data_stay_on_disk(pairs, tmp_path, monkeypatch):
    def train(on_disk=None):
        spec = DataSpec(data=GivenFiles([pairs]), cache=tmp_path / "cache", on_disk=on_disk)
        return spec.load(TRANSLATION, {}, 1, Console(file=io.StringIO()))

    in_memory, on_disk = train(), train(on_disk=True)
    assert isinstance(in_memory.train, list)
    assert isinstance(on_disk.train, StoredRows)
    assert on_disk.provenance["rows_sha256"] != in_memory.provenance["rows_sha256"]
    monkeypatch.setattr("training.data.data_spec.IN_MEMORY_BYTES", pairs.stat().st_size - 1)
    assert isinstance(train().train, StoredRows)
    assert isinstance(train(on_disk=False).train, list)


def test_the_size_of_text(tmp_path):
    (tmp_path / "a.tsv").write_bytes(b"x" * 10)
    (tmp_path / "b.tsv.gz").write_bytes(b"x" * 100)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "c.txt").write_bytes(b"x" * 1000)
    names = ("a.tsv", "b.tsv.gz", "folder")
    assert text_bytes(RowFiles(tuple(DataFile(tmp_path / name) for name in names))) == 1410
    assert text_bytes(RowFiles((DataFile(tmp_path / "a.tsv"),), DataFile(tmp_path / "a.tsv"))) == 20
