from benchmarks.robustness import CHANGES, between, copied, inside, measure, sample

TEXTS = ["one two three four five six", "a b c d e f g"]


def echo(texts):
    return list(texts)


def test_where_signs_go():
    assert between("a b c d", "\n") == "a b\nc d"
    assert inside("a word", "-") == "a wo-rd"


def test_a_sample_has_sentences_of_moderate_length():
    pairs = [("too short", "x"), (TEXTS[0], "y"), (" ".join("a" * 30), "z")]
    assert sample(pairs, 5, 1) == ([TEXTS[0]], ["y"])


def test_an_echo_copies_everything_and_changes_with_its_input():
    found = measure(echo, TEXTS, TEXTS, seed=1)
    assert set(found["changed"]) == set(CHANGES)
    assert found["changed"]["plain"] == {"chrf": 100.0, "same": 1.0}
    assert found["changed"]["all capitals"]["same"] == 0.0
    assert found["joined"]["2 sentences"] == {"one text": 100.0, "one by one": 100.0}
    assert set(found["copied"].values()) == {1.0}


def test_what_is_not_copied_is_counted():
    def forgetful(texts):
        return [text.replace("https", "") for text in texts]

    assert copied(forgetful, TEXTS, seed=1)["URL"] == 0.0
