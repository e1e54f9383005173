"""docs/tutorial.md, its Korean translation and its notebook have the same commands in the same order."""

import json
import re

import pytest

from tests.support.tutorial import ENGLISH, KOREAN, NOTEBOOK, steps

_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_FIGURE = re.compile(r"<!-- figures: (.*), begin -->\n(.*?)<!-- figures: \1, end -->", re.DOTALL)


def cells(kind):
    """The sources of the notebook's cells of a kind."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("page", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_a_block_that_is_not_run_names_its_reason(page):
    found = steps(page)
    assert len(found) > 15
    for step in found:
        assert re.fullmatch(r"|exit status [1-9]|not run: \w.+", step.mark)


def test_the_korean_page_has_the_same_blocks_headings_and_outputs():
    assert steps(KOREAN) == steps(ENGLISH)
    english, korean = (page.read_text(encoding="utf-8") for page in (ENGLISH, KOREAN))
    assert _FIGURE.findall(korean) == _FIGURE.findall(english)
    levels = [
        [len(signs) for signs in _HEADING.findall(re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))]
        for text in (english, korean)
    ]
    assert levels[0] == levels[1]


def test_the_notebook_has_the_python_blocks_in_order():
    code = iter(cells("code"))
    blocks = [step.body.strip() for step in steps(ENGLISH) if step.language == "python"]
    assert [block for block in blocks if block not in code] == []


def test_the_notebook_is_stored_without_outputs():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in code] == [[]] * len(code)
    assert {cell["execution_count"] for cell in code} == {None}


def test_links_of_the_notebook_resolve():
    links = [link for text in cells("markdown") for link in re.findall(r"\]\(([^)#\s]+)", text)]
    assert "ko/tutorial.md" in links
    assert [link for link in links if "://" not in link and not (NOTEBOOK.parent / link).exists()] == []
