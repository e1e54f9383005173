"""The report from made-up results: sentences, tables, both languages."""

import re

import pytest

from seqapp.errors import ConfigError
from training.evaluation.length_bands import Band
from training.ladder.alignments import Attention, Sentence, attention_of, best_attending, chosen_rows
from training.ladder.english import WORDS as ENGLISH
from training.ladder.evidence import evidence, verdict_of
from training.ladder.korean import WORDS as KOREAN
from training.ladder.machine import Machine, this_machine
from training.ladder.publish import check_report, publish
from training.ladder.report import escaped, report
from training.ladder.results import Aligned, Alignments, Difference, Measured, Results
from training.ladder.rungs import RUNGS


def language_model(bits, rate=None):
    scores = {"bits_per_byte": bits, "bits_per_byte_interval": [bits - 0.01, bits + 0.01]}
    return Measured(scores, 10, rate, 60.0)


def translator(chrf, *bleu):
    lengths = (("0-7", 5.0, 20), ("8-11", 9.0, 12))
    bands = [Band(*one, value) for one, value in zip(lengths, bleu, strict=True)]
    return Measured({"chrf": chrf, "bleu": chrf / 2}, 1000, 2000.0, 60.0, bands)


def aligned(chrf, text="a *b* c"):
    tokens = ["▁a", "▁b", "</s>"], ["▁가", "▁나"]
    return Aligned(chrf, text, "가 나", "가 다", *tokens, [[0.9, 0.0, 0.1], [0.8, 0.1, 0.1]])


RESULTS = Results(
    preset="base",
    date="2026-01-02",
    seed=3,
    machine=Machine(2, True),
    data="pairs_1.tsv",
    pair="en-ko",
    rows={"language-modelling": (100, 20, 20), "translation": (100, 20, 32)},
    minutes=60.0,
    minutes_each={"language-modelling": 9.5, "translation": 5.25},
    at_once=2,
    measured={
        "ngram": language_model(1.5),
        "simple-rnn": language_model(1.4, 3000.0),
        "lstm": language_model(1.3, 2500.0),
        "causal-self-attention": language_model(1.25, 5000.0),
        "fixed-vector": translator(30.0, 20.0, 5.0),
        "luong-general": translator(50.0, 31.0, 29.5),
        "self-attention": translator(40.0, 20.0, 19.0),
    },
    failed={"gru": "the loss was NaN | infinite"},
    differences={
        "ngram": Difference(-0.1, (-0.12, -0.08)),
        "fixed-vector": Difference(20.0, (18.0, 22.0)),
        "self-attention": Difference(10.0, (-1.0, 21.0)),
    },
    alignments=Alignments("luong-general", aligned(88.0), aligned(5.25)),
)


def test_words_for_every_rung():
    for words in (ENGLISH, KOREAN):
        assert set(words.rungs) == set(RUNGS)
        assert len({own.name for own in words.rungs.values()}) == len(RUNGS)


def test_both_languages_have_the_same_fields():
    for name, english, korean in zip(ENGLISH._fields, ENGLISH, KOREAN, strict=True):
        if isinstance(english, str):
            assert set(re.findall(r"{(\w+)", english)) == set(re.findall(r"{(\w+)", korean)), name


def test_evidence_of_a_score():
    assert evidence(RUNGS["ngram"], RESULTS, ENGLISH) == (
        "bits per byte is 1.500 ± 0.010, and 1.400 ± 0.010 with simple RNN: a difference of -0.100 "
        "[-0.120, -0.080]. Simple RNN is better."
    )


def test_evidence_of_the_fixed_vector_is_bleu_by_length():
    found = evidence(RUNGS["fixed-vector"], RESULTS, ENGLISH)
    assert found.startswith(
        "BLEU is 20.0 on sources of 0-7 words and 5.0 on 8-11; Luong, general has 31.0 and 29.5. chrF is 30.0"
    )


def test_evidence_of_a_rung_whose_answer_failed():
    found = evidence(RUNGS["simple-rnn"], RESULTS, ENGLISH)
    assert found == "there is no result of GRU to compare with."


def test_evidence_of_speed_and_without_a_difference():
    assert evidence(RUNGS["causal-self-attention"], RESULTS, ENGLISH) == (
        "5,000 tokens/s in training; LSTM: 2,500 tokens/s. bits per byte is 1.250 ± 0.010, and 1.300 ± 0.010 "
        "with LSTM."
    )


def test_verdicts():
    assert verdict_of(Difference(-0.1, (-0.2, -0.05)), lower_is_better=True) == "better"
    assert verdict_of(Difference(-0.1, (-0.2, -0.05)), lower_is_better=False) == "worse"
    assert verdict_of(Difference(0.1, (-0.2, 0.4)), lower_is_better=False) == "equal"
    assert verdict_of(Difference(0.1, None), lower_is_better=False) == "better"


@pytest.mark.parametrize("words", [ENGLISH, KOREAN], ids=["English", "Korean"])
def test_page(words):
    page = report(RESULTS, words, "ladder", "ko/ladder.md")
    assert "pairs\\_1.tsv en-ko" in page
    assert "2026-01-02" in page
    assert "AVX-512" in page
    assert "NaN \\| infinite" in page
    assert "a \\*b\\* c" in page
    assert "![" in page
    assert "(ladder/bits-per-byte.png)" in page
    assert words.no_labels in page
    assert words.rungs["ngram"].weakness in page
    assert RUNGS["lstm"].equation[0] in page
    assert "{" not in re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    [row] = [line for line in page.splitlines() if line.startswith(f"| {words.rungs['lstm'].name} |")]
    assert "1.300 ± 0.010" in row
    assert "2,500" in row


def test_a_page_without_alignments_and_bands():
    measured = {"luong-general": Measured({"chrf": 1.0, "bleu": 0.0}, 1, 2.0, 3.0)}
    few = RESULTS._replace(measured=measured, alignments=None, failed={}, differences={})
    page = report(few, ENGLISH, "ladder", "x.md")
    assert ENGLISH.no_alignments in page
    assert ENGLISH.length_unknown in page
    assert ENGLISH.failed not in page


def test_pages_and_pictures_are_written_together(tmp_path):
    page = tmp_path / "docs" / "ladder.md"
    check_report(page)
    first = publish(RESULTS, page)
    korean = page.parent / "ko" / page.name
    names = ("bad-alignment", "bits-per-byte", "bleu-by-length", "good-alignment")
    assert first == [page, korean, *(page.parent / "ladder" / f"{name}.png" for name in names)]
    for one in (page, korean):
        pictures = re.findall(r"\]\((\S+\.png)\)", one.read_text(encoding="utf-8"))
        assert len(pictures) == 4
        assert all((one.parent / picture).is_file() for picture in pictures)
    assert sum(path.stat().st_size for path in first) < 2_000_000
    bad = RESULTS._replace(preset="unknown")
    before = page.read_bytes()
    with pytest.raises(KeyError):
        publish(bad, page)
    assert page.read_bytes() == before
    assert sorted(path.name for path in page.parent.iterdir()) == ["ko", "ladder", "ladder.md"]
    publish(RESULTS._replace(alignments=None), page)
    assert not (page.with_suffix("") / "good-alignment.png").exists()


def test_report_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"--report: .*file cannot be written: .*; name a page in another"):
        check_report(tmp_path / "file" / "ladder.md")
    with pytest.raises(ConfigError, match=r"--report must end in \.md"):
        check_report(tmp_path / "ladder.txt")


def test_chosen_rows():
    sentences = [Sentence(100.0, 5, 9), Sentence(60.0, 6, 6), Sentence(60.0, 7, 7), Sentence(10.0, 6, 6)]
    assert chosen_rows(sentences) == (1, 3)
    assert chosen_rows([*sentences, Sentence(1.0, 41, 9), Sentence(0.0, 9, 0)]) == (1, 3)
    assert chosen_rows(sentences[1:3]) == (0, 1)
    assert chosen_rows(sentences[:2]) is None


def test_best_attending():
    assert best_attending(RESULTS.measured) == "luong-general"
    assert best_attending({"fixed-vector": translator(30.0, 1.0, 1.0)}) is None


def test_attention_by_hand():
    # Received: 1.7, 0.1 and, by EOS, 0.2; both target tokens attend to the first.
    assert attention_of(aligned(1.0)) == Attention(3, 2, 1, 2)


def test_lessons():
    assert Attention(9, 9, 0, 5).lesson == "stuck"
    assert Attention(9, 9, 4, 4).lesson == "unread"
    assert Attention(9, 9, 3, 4).lesson == "read"


def test_machine(tmp_path):
    processors = tmp_path / "cpuinfo"
    processors.write_text("processor : 0\nflags : fpu avx2 avx512f\n")
    assert this_machine(processors).avx512 in {True, False}
    assert this_machine(processors).cores >= 1


def test_escaped():
    assert escaped("a|b\n`c` <d> $e") == "a\\|b \\`c\\` \\<d\\> \\$e"
