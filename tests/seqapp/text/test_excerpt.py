from seqapp.text.excerpt import excerpt, excerpts


def test_a_short_text_is_shown_whole_and_escaped() -> None:
    assert excerpt("a\rb '가'") == "\"a\\rb '가'\""


def test_no_more_than_300_characters_come_out() -> None:
    assert excerpt("가" * 99) == f"'{'가' * 40}…'"
    assert excerpts(["a", "b"]) == "'a', 'b'"
    assert excerpts([]) == ""
    found = excerpts(["\x00" * 9999] * 1000)
    assert len(found) < 300
    assert found.endswith(" and 999 more")
