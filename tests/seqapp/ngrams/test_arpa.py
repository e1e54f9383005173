"""ARPA files: what is written is read; files of other tools; files that are cut or wrong."""

import gzip
import io

import numpy as np
import pytest

from seqapp.errors import ConfigError, DataError
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.ngrams.arpa_reader import read_arpa, read_arpa_words
from seqapp.ngrams.arpa_writer import write_arpa
from seqapp.ngrams.kneser_ney import estimate_kneser_ney
from seqapp.ngrams.language_model import NgramLanguageModel

PAD, BOS, EOS, UNK, A, B, C = range(7)
TOKENS = ["<pad>", "[BOS]", "[EOS]", "[UNK]", "▁a", "나\u00a0b", "c"]
TEXTS = [[A, B, EOS], [A, B, EOS], [B, C, EOS]]
# Three words, worked by hand: p(c) has no back-off weight, the bigrams are not sorted, blanks are mixed.
FOREIGN = """made by hand

\\data\\
ngram 1=5
ngram  2 = 3

\\1-grams:
-99 <s> -0.30103
-1\t</s>
-2.0e0  c
-.5 ▁a\t-0.25
-3 <unk>

\\2-grams:
-0.125 ▁a </s>\r
-0.5\t<s> c
-0.25 <s> ▁a 0

\\end\\
"""


@pytest.fixture(scope="module")
def model():
    return estimate_kneser_ney(TEXTS, 3, 7)


def written(model):
    stream = io.BytesIO()
    write_arpa(model, TOKENS, stream)
    return stream.getvalue()


def assert_equal(one, other):
    assert one.vocabulary_size == other.vocabulary_size
    for name in ("keys", "log_probabilities", "backoffs"):
        for left, right in zip(getattr(one, name), getattr(other, name), strict=True):
            assert left.dtype == right.dtype
            np.testing.assert_allclose(left, right, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["model.arpa", "model.arpa.gz"])
def test_what_is_written_is_read(model, tmp_path, name):
    path = tmp_path / name
    write_arpa(model, TOKENS, path)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    assert_equal(read_arpa(path, TOKENS), model)
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_streams(model, pack):
    stream = io.BytesIO(pack(written(model)))
    assert_equal(read_arpa(stream, TOKENS), model)
    assert not stream.closed


def test_a_model_of_unigrams():
    model = estimate_kneser_ney(TEXTS, 1, 7)
    assert_equal(read_arpa(io.BytesIO(written(model)), TOKENS), model)


def test_the_file_by_hand():
    # After <s>, a: (2 - 1) / 3 + 1/2 · 11/60 = 51/120; γ = 1/2. See test_kneser_ney.py.
    lines = written(estimate_kneser_ney(TEXTS, 2, 7)).decode().split("\n")
    assert lines[:5] == ["\\data\\", "ngram 1=6", "ngram 2=6", "", "\\1-grams:"]
    fields = [line.split("\t") for line in lines]
    assert [*fields[5][:2], round(float(fields[5][2]), 5)] == ["-99", "<s>", round(np.log10(1 / 2), 5)]
    assert [(field[1], round(float(field[0]), 5)) for field in fields[6:9]] == [
        ("</s>", round(np.log10(16 / 60), 5)),
        ("<unk>", round(np.log10(6 / 60), 5)),
        ("▁a", round(np.log10(11 / 60), 5)),
    ]
    assert [fields[13][1], round(float(fields[13][0]), 5)] == ["<s> ▁a", round(np.log10(51 / 120), 5)]
    assert lines[-3:] == ["", "\\end\\", ""]


def test_a_file_of_another_tool():
    found = read_arpa(io.BytesIO(FOREIGN.encode()), TOKENS)
    # <unk> shares with b, which is not in the file.
    shared = -3 - np.log10(2)
    logs = np.array([-1, shared, -0.5, shared, -2]) * np.log(10)
    np.testing.assert_allclose(found.log_probabilities[0][EOS:], logs, rtol=1e-6)
    assert found.log_probabilities[0][BOS] == np.float32(LARGE_NEGATIVE)
    assert found.keys[0].tolist() == [BOS * 7 + A, BOS * 7 + C, A * 7 + EOS]
    np.testing.assert_allclose(found.log_probabilities[1], np.array([-0.25, -0.5, -0.125]) * np.log(10))
    lookup = NgramLanguageModel.of(found)
    scores = lookup.sequence(np.array([[BOS, A, EOS, PAD], [BOS, C, C, EOS], [BOS, EOS, PAD, PAD]], np.int32))
    wanted = [[-0.25, -0.125, 0], [-0.5, -2, -1], [-1 - 0.30103, 0, 0]]
    np.testing.assert_allclose(scores / np.log(10), wanted, rtol=1e-5)


def test_without_unk_unknown_tokens_are_next_to_impossible():
    text = FOREIGN.replace("-3 <unk>\n", "").replace("ngram 1=5", "ngram 1=4")
    found = read_arpa(io.BytesIO(text.encode()), TOKENS)
    np.testing.assert_allclose(found.log_probabilities[0][[UNK, B]], -100 * np.log(10), rtol=1e-6)


def test_minus_infinity_and_empty_orders():
    text = FOREIGN.replace("-2.0e0  c", "-inf c").replace("\n\\1-", "ngram 3=0\n\n\\1-")
    found = read_arpa(io.BytesIO(text.replace("\\end\\", "\\3-grams:\n\n\\end\\").encode()), TOKENS)
    assert found.order == 2
    np.testing.assert_allclose(found.log_probabilities[0][C], -100 * np.log(10), rtol=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\\data\\", "data", r"line 19: the file ends without a line \\data\\; is it an ARPA file"),
        ("\n\\end\\\n", "", r"line 17: the file ends without a line \\end\\; copy it again"),
        ("ngram 1=5", "ngram 1=6", r"line 14: expected 6 1-grams, as \\data\\ says, got 5"),
        ("ngram 1=5", "ngram 2=5", r"line 4: expected the number of 1-grams, got 'ngram 2=5'"),
        ("ngram 1=5\nngram  2 = 3\n", "", r"line 5: expected 1 to 7 orders, got 0"),
        ("\\2-grams:", "\\3-grams:", r"line 14: expected \\2-grams:, got '\\\\3-grams:'"),
        ("\\end\\", "\\3-grams:", r"line 19: expected \\end\\, got"),
        ("-.5 ▁a", "half ▁a", r"line 11: expected numbers around 1 word\(s\), got 'half ▁a\\t-0.25'"),
        ("▁a\t-0.25", "▁a\tx", r"line 11: expected numbers around"),
        ("-.5 ▁a", "0.5 ▁a", r"line 11: expected a log-probability of at most 0"),
        ("-.5 ▁a", "nan ▁a", r"line 11: expected a log-probability of at most 0"),
        ("▁a\t-0.25", "▁a\tnan", r"line 11: expected a log-probability of at most 0"),
        ("-1\t</s>", "-1", r"line 9: expected a log-probability, 1 word\(s\) and perhaps"),
        ("<s> c", "<s>", r"line 16: expected a log-probability, 2 word\(s\)"),
        ("-0.5\t<s> c", "-0.5\t<s> d", r"line 16: expected words of the vocabulary, got 'd'"),
        ("-0.5\t<s> c", "-0.5\t<s> ▁a", r"line 17: the n-gram occurs twice"),
        ("-1\t</s>", "-1\t</s>\n-1\t</s>", r"expected 5 1-grams"),
        ("-99 <s> -0.30103\n", "-99 <UNK>\n", r"the n-gram occurs twice"),
        ("-1\t</s>", "-1\t나", r"expected words of the vocabulary, got '나'"),
        ("-3 <unk>", "-3 \udcff", r"expected words of the vocabulary, got '\ufffd'"),
    ],
)
def test_wrong_files(old, new, message):
    assert old in FOREIGN
    text = FOREIGN.replace(old, new, 1).encode("utf-8", "surrogateescape")
    with pytest.raises(DataError, match=message):
        read_arpa(io.BytesIO(text), TOKENS)


def test_a_missing_sentence_end():
    text = FOREIGN.replace("-1\t</s>\n", "").replace("ngram 1=5", "ngram 1=4").replace("▁a </s>", "▁a c")
    with pytest.raises(DataError, match=r"line 11: expected </s> above, got none"):
        read_arpa(io.BytesIO(text.encode()), TOKENS)


def test_a_trigram_without_its_bigram():
    text = FOREIGN.replace("\n\\1-", "ngram 3=1\n\n\\1-")
    text = text.replace("\\end\\", "\\3-grams:\n-1 c c c\n\n\\end\\")
    with pytest.raises(DataError, match="line 21: the 2-gram that this n-gram begins with is missing"):
        read_arpa(io.BytesIO(text.encode()), TOKENS)


def test_ngrams_that_predict_the_sentence_begin_are_left_out():
    text = FOREIGN.replace("ngram  2 = 3", "ngram 2=4").replace("-0.5\t<s> c", "-0.5 <s> c\n-0.1 </s> <s>")
    left_out = read_arpa(io.BytesIO(text.encode()), TOKENS)
    assert_equal(left_out, read_arpa(io.BytesIO(FOREIGN.encode()), TOKENS))


def test_cut_files(model, tmp_path):
    path = tmp_path / "model.arpa.gz"
    write_arpa(model, TOKENS, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 20])
    with pytest.raises(DataError, match=r"model\.arpa\.gz, line \d+: the file is damaged after this line"):
        read_arpa(path, TOKENS)
    plain = written(model)
    for size in range(0, len(plain) - len("\\end\\\n") + 1, 7):
        with pytest.raises(DataError, match=r"stream, line \d+: "):
            read_arpa(io.BytesIO(plain[:size]), TOKENS)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(DataError, match=r"no\.arpa: cannot be read"):
        read_arpa(tmp_path / "no.arpa", TOKENS)
    with pytest.raises(DataError, match="cannot be read"):
        read_arpa(tmp_path, TOKENS)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([*TOKENS[:6], ""], r"without whitespace.* got '' for id 6"),
        ([*TOKENS[:6], "a b"], r"without whitespace.* got 'a b' for id 6"),
        ([*TOKENS[:6], "▁a"], "distinct strings, got '▁a' for two ids"),
        ([*TOKENS[:6], "</s>"], "distinct strings, got '</s>' for two ids"),
        (TOKENS[:6], "tokens: expected 7 strings, got 6"),
    ],
)
def test_tokens_that_cannot_be_written(model, tokens, message):
    with pytest.raises(ConfigError, match=message):
        write_arpa(model, tokens, io.BytesIO())


def test_the_words_of_a_file():
    assert read_arpa_words(io.BytesIO(FOREIGN.encode())) == ["c", "▁a"]
    upper = FOREIGN.replace("<unk>", "<UNK>")
    assert read_arpa_words(io.BytesIO(gzip.compress(upper.encode()))) == ["c", "▁a"]
    # Nothing after the 1-grams is read.
    assert read_arpa_words(io.BytesIO(FOREIGN.partition("-0.125")[0].encode())) == ["c", "▁a"]
    with pytest.raises(DataError, match=r"expected 5 1-grams, as .data. says, got 4"):
        read_arpa_words(io.BytesIO(FOREIGN.replace("-3 <unk>\n", "").encode()))
