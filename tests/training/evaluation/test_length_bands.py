"""BLEU by source length, by hand."""

from sacrebleu.metrics import BLEU

from training.evaluation.length_bands import length_bands


def test_bands_by_hand():
    sources = ["a dog"] * 10 + [" ".join(["word"] * 9)] * 10
    found = ["ein Hund läuft im Park."] * 10 + ["ganz falsch hier heute ja"] * 10
    references = ["ein Hund läuft im Park."] * 20
    short, long = length_bands(sources, found, references, BLEU())
    assert (short.name, short.words, short.sentences, short.bleu) == ("0-7", 2.0, 10, 100.0)
    assert (long.name, long.words) == ("8-11", 9.0)
    assert long.bleu < 5
    assert length_bands(sources[:9], found[:9], references[:9], BLEU()) == []


def test_metric_is_the_given_one():
    args = ["a"] * 10, ["파일을 저장"] * 10, ["파일을저장"] * 10
    [words] = length_bands(*args, BLEU())
    [characters] = length_bands(*args, BLEU(tokenize="char"))
    assert characters.bleu > words.bleu
