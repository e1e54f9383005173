import pytest

from serving.client.tasks.language_modelling import join_completion

SYLLABLE = "저".encode()


@pytest.mark.parametrize(
    ("prompt", "completion", "joined"),
    [
        ("Sav", "e it.", b"Save it."),
        ("", "", b""),
        (b"a" + SYLLABLE[:1], "저장", b"a" + "저장".encode()),
        (SYLLABLE[:2], "저", SYLLABLE),
        (SYLLABLE[:2], "", SYLLABLE[:2]),
        (b"\xff", "a", b"\xffa"),
        ("\ud800", "a", b"\xed\xa0\x80a"),
    ],
)
def test_a_character_that_is_cut_is_the_completion_s(prompt, completion, joined):
    assert join_completion(prompt, completion) == joined
