from seqapp.config import SubwordsConfig
from training.inspection.sample import evenly_spaced
from training.inspection.token_lengths import token_lengths


def test_tokens_with_eos():
    rows = [("ab ab ab", "x"), ("", "x y")] * 20
    found = token_lengths(rows, [0, 1], SubwordsConfig(vocabulary_size=300))
    assert list(found) == [0, 1]
    assert found[0][1] == 1  # EOS alone
    assert found[0][0] > found[0][1]
    assert found[1][0] < found[1][1]
    assert len(found[0]) == 40


def test_texts_without_any_character():
    assert token_lengths([(" ", "a")], [0], SubwordsConfig()) == {0: [1]}


def test_a_sample_is_evenly_spaced():
    rows = [(str(number),) for number in range(10)]
    assert evenly_spaced(rows, 3) == [("0",), ("3",), ("6",)]
    assert evenly_spaced(rows, 10) is rows
