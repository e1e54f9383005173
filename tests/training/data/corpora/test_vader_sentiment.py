import json
from pathlib import Path

import pytest

from seqapp.errors import CorpusUnavailableError
from tests.support.source_distributions import let_pip_see_only, offer, pack
from training.data.corpora import vader_sentiment
from training.data.corpora.vader_sentiment import RatedText, clean, label_of, lexicon, load, rated, split
from training.data.splits import source_key


def ratings(**files: list[tuple[str, float, str]]) -> bytes:
    names = {
        "amazon": "amazonReviewSnippets",
        "film": "movieReviewSnippets",
        "editorial": "nytEditorialSnippets",
        "tweet": "tweets",
    }
    return pack(
        {
            f"hutto_ICWSM_2014/{name}_GroundTruth.txt": "".join(
                f"{identity}\t{mean}\t{text}\r\n" for identity, mean, text in files.get(kind, [])
            ).encode()
            for kind, name in names.items()
        }
    )


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bytes) -> None:
    lexicon_lines = "great\t3.1\t0.7\t[3, 4]\r\n( '}{' )\t1.6\t0.6\t[1, 2]\r\nbad \t-2.5\t0.6\t[-2, -3]"
    files = {
        "additional_resources/hutto_ICWSM_2014.tar.gz": packed,
        "vaderSentiment/vader_lexicon.txt": lexicon_lines.encode(),
    }
    let_pip_see_only(tmp_path / "index", monkeypatch)
    monkeypatch.setattr(
        vader_sentiment, "SOURCE", offer(tmp_path / "index", "vaderSentiment", "3.3.2", files)
    )


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        ("ate &amp; slept &lt;3", "ate & slept <3"),
        ("at &amp;#38; t", "at & t"),
        ("the ''end''", 'the "end"'),
        ("Cube?s drama, is it?so what?", "Cube's drama, is it?so what?"),
        ("all comics    even those", "all comics even those"),
        ("Amélie – 9 ½ \\o/ 'quoted'", "Amélie – 9 ½ \\o/ 'quoted'"),
    ],
)
def test_clean(raw: str, repaired: str) -> None:
    assert clean(raw) == repaired


def test_the_threshold_belongs_to_the_labels() -> None:
    assert [label_of(mean) for mean in (0.5, 0.49, 0.0, -0.49, -0.5)] == [
        *("positive", "neutral", "neutral", "neutral", "negative")
    ]


def test_rated_and_lexicon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = ratings(
        amazon=[("7_1", 2.5, "wow!"), ("7_2", -0.1, "it''s here")],
        film=[("1", -3.0, "Wow !"), ("2", 3.0, "WOW!")],
        tweet=[("1", 1.5, "tab\tinside")],
    )
    install(tmp_path, monkeypatch, packed)
    assert rated(tmp_path) == [
        RatedText("amazon 7", "wow!", 2.5),
        RatedText("amazon 7", 'it"s here', -0.1),
        RatedText("film 1", "Wow !", -3.0),
        RatedText("tweet 1", "tab inside", 1.5),
    ]
    assert lexicon(tmp_path) == [("great", 3.1), ("( '}{' )", 1.6), ("bad", -2.5)]


def test_load_holds_documents_together_and_leaves_neutral_ones_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    means = (-2.0, 2.0, 0.0, 2.0)
    packed = ratings(
        amazon=[
            (f"{document}_{number}", mean, f"review {document} says {number}")
            for document in range(50)
            for number, mean in enumerate(means)
        ],
        film=[(str(number), -1.0 + 2 * (number % 2), f"film {number}") for number in range(100)],
    )
    install(tmp_path, monkeypatch, packed)
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    # Documents are split by their four sentences, and only then loses each its neutral one.
    assert sum(map(len, parts)) == 250
    assert all(23 <= len(part) <= 27 for part in parts[1:])
    for part in parts:
        reviews = [text.split()[1] for text, _ in part if text.startswith("review")]
        assert all(reviews.count(document) == 3 for document in reviews)
    assert {label for _, label in splits.test} == {"positive", "negative"}
    assert splits.report[:3] == [
        "vader-sentiment: 300 sentences read, 250 texts kept",
        "  skipped 50: neutral: mean rating between -0.5 and 0.5",
        "  train {}, valid {}, test {}".format(*map(len, parts)),
    ]
    assert splits.provenance["source"]["version"] == "3.3.2"
    negative = sum(label == "negative" for _, label in splits.test)
    assert splits.provenance["labels"]["negative"]["test"] == negative
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance

    train, valid, test = split(rated(tmp_path))
    assert [(row.text, label_of(row.mean)) for row in test if row.mean] == splits.test
    held_out = {row.group for row in [*valid, *test]}
    assert 38 <= sum(row.mean == 0.0 for row in train) <= 42
    assert not held_out & {row.group for row in train}


def test_not_to_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_pip_see_only(tmp_path, monkeypatch)
    with pytest.raises(
        CorpusUnavailableError, match=r"vaderSentiment-3\.3\.2\.tar\.gz.*--data reviews\.tsv --text-column"
    ):
        load(tmp_path / "cache")


@pytest.mark.slow
def test_the_real_corpus(tmp_path: Path) -> None:
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert [len(part) for part in parts] == [15_527, 1_898, 1_920]
    keys = [{source_key(text) for text, _ in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys)) == 19_345
    assert len(rated(tmp_path)) == 23_554
    assert len(lexicon(tmp_path)) == 7_520
