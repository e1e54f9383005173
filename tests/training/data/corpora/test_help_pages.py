from training.data.corpora.help_pages import paragraphs

FRAME = '<html><body><h3 id="hd_menu">Menu</h3><div id="DisplayArea">{}</div></body></html>'


def read(body: str) -> dict[str, str]:
    return paragraphs(FRAME.format(body))


def test_reads_paragraphs_and_headings_by_id_but_not_the_frame() -> None:
    page = '<h1 id="hd_id1">Notes</h1><p id="par_id2">Click   <b>OK</b>.\n</p><p id="bm_1">x</p>'
    assert read(page) == {"hd_id1": "Notes", "par_id2": "Click OK."}


def test_a_korean_particle_stays_with_its_word() -> None:
    assert read('<p id="par_id1"><span class="emph">확인</span>을 클릭합니다.</p>') == {
        "par_id1": "확인을 클릭합니다."
    }


def test_entities_soft_hyphens_and_blanks_before_marks() -> None:
    body = '<p id="par_id1">A &lt; B &amp;&nbsp;C <b>x</b> , soft&shy;ly .</p>'
    assert read(body) == {"par_id1": "A < B & C x, softly."}


def test_french_keeps_its_blank_before_a_colon() -> None:
    assert read('<p id="par_id1">Fichier&nbsp;: oui</p>') == {"par_id1": "Fichier : oui"}


def test_line_breaks_and_pictures_separate_words() -> None:
    assert read('<p id="par_id1">one<br>two<img src="a.png">three</p>') == {"par_id1": "one two three"}


def test_code_empty_and_repeated_ids_are_left_out() -> None:
    body = '<p id="par_1" class="code">Dim x</p><p id="par_2"> </p><p id="par_3">a</p><p id="par_3">b</p>'
    assert read(body) == {"par_3": "a"}


def test_the_key_on_a_pc_is_taken_whatever_the_order() -> None:
    mac = '<span hidden="true" id="MAC1" class="MAC"><span class="keycode">Command</span></span>'
    pc = '<span hidden="true" id="default1"><span class="keycode">Ctrl</span></span>'
    for variants in (mac + pc, pc + mac):
        body = f'<p id="par_id1">Press <span class="switchinline">{variants}</span>+F.</p>'
        assert read(body) == {"par_id1": "Press Ctrl+F."}


def test_without_a_default_the_first_variant_but_never_the_mac() -> None:
    variants = "".join(
        f'<span hidden="true" class="{name}">{text}</span>'
        for name, text in (("MAC", "m"), ("CALC", "c"), ("DRAW", "d"))
    )
    assert read(f'<p id="par_id1">[<span class="switchinline">{variants}</span>]</p>') == {"par_id1": "[c]"}
    only_mac = (
        '<p id="par_id1">a<span class="switchinline"><span hidden="true" class="MAC">m</span></span>b</p>'
    )
    assert read(only_mac) == {"par_id1": "ab"}


def test_whole_paragraphs_for_the_mac_are_dropped_others_kept() -> None:
    body = (
        '<span class="switch"><span hidden="true" class="MAC"><p id="par_id1">Command</p></span>'
        '<span hidden="true" class="WIN"><p id="par_id2">Ctrl</p></span></span><p id="par_id3">after</p>'
    )
    assert read(body) == {"par_id2": "Ctrl", "par_id3": "after"}


def test_broken_nesting_loses_no_later_paragraph() -> None:
    body = (
        '<p id="par_1">one <span class="switchinline"><span hidden="true">x</p><p id="par_2">two</p></span>'
    )
    assert read(body)["par_2"] == "two"


def test_an_unclosed_paragraph_ends_at_the_next() -> None:
    assert read('<p id="par_id1">one<p id="par_id2">two</p>') == {"par_id1": "one", "par_id2": "two"}
