from pathlib import Path

import pytest

from seqapp.errors import ConfigError
from training.data.corpora.registry import CORPORA, Corpus, choose, get
from training.data.splits import Splits


def test_every_entry_says_all_one_should_know() -> None:
    assert next(iter(CORPORA)) == "libreoffice-help"
    for name, corpus in CORPORA.items():
        assert corpus.name == name
        assert all((corpus.licence, corpus.size, corpus.obtained, corpus.split))
        assert bool(corpus.pairs) == (corpus.task == "translation")
        assert get(name) is corpus


def test_help_has_both_directions_of_three_languages() -> None:
    assert get("libreoffice-help").pairs == ("en-ko", "ko-en", "en-fr", "fr-en", "en-de", "de-en")


def test_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"--corpus 'libreofice': .*did you mean 'libreoffice-help'\?.*--data"
    ):
        get("libreofice")
    with pytest.raises(ConfigError, match="expected one of libreoffice-help"):
        get("xyz")


def test_load_hands_the_pair_to_the_reader_and_checks_it(tmp_path: Path) -> None:
    asked: list[tuple[str, Path]] = []

    def reader(pair: str, cache: Path) -> Splits:
        asked.append((pair, cache))
        return Splits([], [], [])

    corpus = Corpus("c", "translation", ("en-ko", "ko-en"), "MIT", "1 pair", "made up", "none", reader)
    corpus.load("ko-en", tmp_path)
    corpus.load(cache_directory=tmp_path)
    assert asked == [("ko-en", tmp_path), ("en-ko", tmp_path)]
    with pytest.raises(ConfigError, match=r"--pair 'en-fr': .*one of en-ko, ko-en\..*--data pairs\.tsv"):
        corpus.load("en-fr", tmp_path)


def test_a_task_takes_no_corpus_of_another() -> None:
    assert choose("vader-sentiment", "classification") is get("vader-sentiment")
    expected = r"is for classification, but .* one of libreoffice-help, or --task"
    with pytest.raises(ConfigError, match=expected):
        choose("vader-sentiment", "translation")
    with pytest.raises(ConfigError, match="the task is parsing; expected --data FILE"):
        choose("vader-sentiment", "parsing")


@pytest.mark.parametrize("pair", ["en-KO", "en-ko-KR", "en_US-ko", "eng-kor"])
def test_a_pair_is_known_in_any_spelling(pair: str) -> None:
    assert get("libreoffice-help").check_pair(pair) == "en-ko"


def test_a_corpus_of_labels_has_no_pair(tmp_path: Path) -> None:
    asked: list[str] = []

    def reader(pair: str, cache: Path) -> Splits:
        asked.append(pair)
        return Splits([], [], [])

    corpus = Corpus("c", "classification", (), "MIT", "1 text", "made up", "none", reader)
    corpus.load(None, tmp_path)
    assert (asked, corpus.check_pair(""), corpus.check_pair(None)) == ([""], "", "")
    with pytest.raises(ConfigError, match=r"--pair 'en-ko': the corpus c has no language pairs"):
        corpus.load("en-ko", tmp_path)


def test_documents_of_a_corpus(tmp_path: Path) -> None:
    with_documents = {name for name, corpus in CORPORA.items() if corpus.documents_reader}
    assert with_documents == {name for name, corpus in CORPORA.items() if corpus.task == "language-modelling"}
    with pytest.raises(ConfigError, match="--documents: the corpus vader-sentiment has no documents"):
        get("vader-sentiment").load(cache_directory=tmp_path, documents=True)
