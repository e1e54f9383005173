from pathlib import Path

import pytest

from seqapp.errors import ConfigError
from training.corpora.catalogue import CATALOGUE, DEFAULT_CORPUS, Corpus, get
from training.corpora.splits import Splits


def test_every_entry_says_all_one_should_know() -> None:
    assert next(iter(CATALOGUE)) == DEFAULT_CORPUS == "libreoffice-help"
    for name, corpus in CATALOGUE.items():
        assert corpus.name == name
        assert all((corpus.task, corpus.pairs, corpus.licence, corpus.size, corpus.obtained, corpus.split))
        assert get(name) is corpus


def test_help_has_both_directions_of_three_languages() -> None:
    assert get("libreoffice-help").pairs == ("en-ko", "ko-en", "en-fr", "fr-en", "en-de", "de-en")


def test_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"corpus='libreofice': .*did you mean 'libreoffice-help'\?.*--data"
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
    with pytest.raises(ConfigError, match=r"pair='en-xx': .*one of en-ko, ko-en\..*--data pairs\.tsv"):
        corpus.load("en-xx", tmp_path)
