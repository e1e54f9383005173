from training.inspection.script_shares import script_line, script_shares


def test_texts_in_another_script_than_that_of_the_language():
    found = script_shares(["저장", "Save", "서버 HTTP", "12"], "ko")
    assert found["scripts"] == {"Latn": 8 / 12, "Hang": 4 / 12}
    assert (found["other_script"], found["example"], found["without_letters"]) == (1, "'Save'", 1)
    assert script_line(found, 4) == (
        "Latn 66.7%, Hang 33.3%; texts without letters: 1; "
        "texts not in the script of Korean (ko): 1 (25.0%), e.g. 'Save'"
    )


def test_without_a_language_no_script_is_expected():
    found = script_shares(["Save", "저장"])
    assert "other_script" not in found
    assert script_line(found, 2) == "Latn 66.7%, Hang 33.3%"
    assert script_line(script_shares(["1"]), 1) == "no letters; texts without letters: 1"
