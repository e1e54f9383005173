"""The page in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.serving.playground.chromium import Browser
from tests.serving.playground.obtained_chromium import BrowserUnavailableError, obtain

pytestmark = pytest.mark.slow

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ANSWER = ".panel .answer"
# Texts whose contrast with the colour behind them is below WCAG AA: 4.5, or 3 for large letters.
LOW_CONTRAST = """
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = (colour) => {
  const [r, g, b] = rgba(colour).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (node) => {
  const colour = getComputedStyle(node).backgroundColor;
  return rgba(colour)[3] > 250 || !node.parentElement ? colour : behind(node.parentElement);
};
const shows = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
return [...document.querySelectorAll('body *')]
  .filter((node) => shows(node) && node.checkVisibility() && !node.closest('.hidden, :disabled, option'))
  .map((node) => {
    const [high, low] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    return [(high + 0.05) / (low + 0.05), node, parseFloat(getComputedStyle(node).fontSize)];
  })
  .filter(([contrast, , size]) => contrast < (size >= 24 ? 3 : 4.5))
  .map(([contrast, node]) => `${contrast.toFixed(2)} ${node.className} ${node.textContent}`);
"""


@pytest.fixture(scope="session")
def start_browser(tmp_path_factory) -> Iterator[Callable[..., Browser]]:
    """Starts browsers, which end with the session."""
    try:
        chromium = obtain()
    except BrowserUnavailableError as error:
        pytest.skip(f"no browser: {error}")
    with ExitStack() as stack:

        def start(**settings) -> Browser:
            made = Browser(chromium, tmp_path_factory.mktemp("profile"), **settings)
            stack.callback(made.close)
            return made

        yield start


@pytest.fixture(scope="session")
def browser(start_browser) -> Browser:
    """An English one with a window."""
    return start_browser()


@pytest.fixture(scope="session")
def phone(start_browser) -> Browser:
    """A Korean one, 360 pixels wide."""
    return start_browser(language="ko", width=360, height=800, scale=2, mobile=True)


def url(playground, model: str, text: str = "") -> str:
    return f"http://{playground.host}/#model={model}&text={text}"


def texts(browser, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText)"
    return browser.run(script, selector)


def classes(tokens) -> list[str]:
    return [name for token in tokens for name in token.get("className").split() if "lit" in name]


def test_a_translation_comes_while_typing(browser, playground):
    browser.open(url(playground, "reverser"))
    browser.wait_for_text(".state", "ready")
    browser.type("a b")
    browser.wait_for_text(ANSWER, "b a")
    browser.find("#text").type(" c d")
    browser.wait_for_text(ANSWER, "d c b a")
    browser.wait(lambda: texts(browser, ".alternatives li > span:first-child") == ["d c b a", "a b c d"])
    browser.type("")
    browser.find("#text").type(" ")
    browser.wait(lambda: browser.text(ANSWER) == "", "an empty answer")
    assert browser.complaints() == []


def test_the_newest_answer_wins(browser, playground):
    browser.open(url(playground, "reverser"))
    browser.wait_for_text(".state", "ready")
    # Each change is a request of its own, and the later ones are answered first or at the same time.
    browser.run("""
        const area = document.querySelector('#text');
        for (let place = 0; place < 30; place++) setTimeout(() => {
          area.value = 'x '.repeat(3000 - 100 * place) + place;
          area.dispatchEvent(new Event('input'));
        }, 330 * place);
    """)
    browser.wait(lambda: browser.text(ANSWER).startswith("29 "), "the last answer")


def test_tokens_light_the_tokens_that_they_are_aligned_with(browser, playground):
    browser.open(url(playground, "reverser", "one two three"))
    browser.find(".tokens[data-row=target] .token")
    source, target = (browser.all(f".tokens[data-row={row}] .token") for row in ("source", "target"))
    assert [token.text for token in target] == ["three", "two", "one", "</s>"]
    target[0].point_at()
    browser.wait(lambda: "lit-3" in source[2].get("className"), "light")
    assert classes(source[:2]) == []
    source[0].point_at()
    browser.wait(lambda: "lit-3" in target[2].get("className"), "light")
    assert classes(source) == []
    browser.find("h1").point_at()
    browser.wait(lambda: classes(source + target) == [], "darkness")
    assert target[0].attribute("aria-label") == "three: three 100 %"


def test_attention_as_heat_map_and_lines(browser, playground):
    browser.open(url(playground, "reverser", "one two"))
    browser.find(".tokens")
    for summary in browser.all(".side-by-side summary"):
        summary.click()
    assert texts(browser, ".heat-map th") == ["one", "two", "two", "one", "</s>"]
    shares = "return [...document.querySelectorAll('.heat-map tbody td')].map((one) => one.textContent)"
    assert browser.run(shares) == ["0.00", "1.00", "1.00", "0.00", "0.00", "0.00"]
    browser.wait(lambda: len(browser.all(".attention-lines line")) == 2, "two lines")


def test_alignment_by_keyboard(browser, playground):
    browser.open(url(playground, "reverser", "one two three"))
    browser.find(".tokens[data-row=target] .token")
    source, target = (browser.all(f".tokens[data-row={row}] .token") for row in ("source", "target"))
    browser.run("document.querySelector('#text').focus()")
    for _ in range(30):
        browser.press("Tab")
        if source[0].has_focus:
            break
    assert "lit-3" in target[2].get("className")
    browser.press("ArrowRight")
    assert "lit-3" in target[1].get("className")
    browser.press("Tab")
    browser.press("End")
    browser.press("ArrowLeft")
    assert target[2].has_focus
    assert classes(source) == ["lit-3"]
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_language(browser, phone, playground):
    phone.open(url(playground, "reverser", "a b"))
    phone.wait_for_text("h1", "플레이그라운드")
    assert phone.run("return document.documentElement.lang") == "ko"
    browser.open(url(playground, "reverser", "a b"))
    browser.wait_for_text(ANSWER, "b a")
    browser.find("header button[lang=ko]").click()
    browser.wait_for_text(".state", "준비됨")
    browser.wait_for_text(ANSWER, "b a")
    assert browser.run("return document.documentElement.lang") == "ko"
    browser.open(url(playground, "reverser"))
    browser.wait_for_text("h1", "플레이그라운드")
    browser.find("header button[lang=en]").click()
    browser.wait_for_text("h1", "playground")


def test_a_script_is_shown_as_a_text(browser, playground):
    browser.open(url(playground, "reverser"))
    browser.wait_for_text(".state", "ready")
    browser.type(SCRIPT)
    browser.wait_for_text(ANSWER, "<script>alert(1)</script><img")
    assert browser.all("body script, body img") == []
    assert browser.run("return document.querySelectorAll('head script').length") == 1
    assert browser.complaints() == []


@pytest.mark.parametrize("rest", [False, True])
def test_a_server_that_goes_away_and_comes_back(browser, reverser, free_port, start_playground, rest):
    ports = {"grpc_port": free_port(), "rest_port": free_port()}
    address = f"http://127.0.0.1:{ports['rest_port']}" if rest else f"127.0.0.1:{ports['grpc_port']}"
    away = start_playground(address, "reverser")
    browser.open(url(away, "reverser", "a b"))
    browser.wait_for_text(".panel .problem", "The model server does not reply.")
    browser.wait_for_text(".state", "no connection")
    with _server(reverser, ports):
        browser.wait_for_text(ANSWER, "b a")
        browser.wait(lambda: not browser.find(".panel .problem").is_displayed, "no problem")
    browser.find("#text").type(" c")
    browser.wait_for_text(".panel .problem", "The model server does not reply.")
    assert browser.text(ANSWER) == "b a"
    with _server(reverser, ports):
        browser.wait_for_text(ANSWER, "c b a")
        browser.wait(lambda: not browser.find(".panel .problem").is_displayed, "no problem")


def _server(base, ports):
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions

    return EmbeddedServer(ServerOptions([ModelConfig(base.name, str(base))], drain_seconds=1, **ports))


def test_a_model_that_is_still_loading(browser, reverser, start_playground, tmp_path):
    from serving.server.lifecycle.config import ModelConfig
    from tests.serving.server.test_operations import predict_request, warm_up_records

    slow = tmp_path / "slow"
    shutil.copytree(reverser, slow)
    warm_up_records(slow / "1", predict_request("busy", steps=[100_000]), count=6)
    with _server(reverser, {"grpc_port": 0, "rest_port": 0}) as server:
        loading = start_playground(server.grpc_address, "slow")
        server.models.reconfigure([*server.models.configs().values(), ModelConfig("slow", str(slow))])
        browser.open(url(loading, "slow", "a b"))
        browser.wait_for_text(".panel .problem", "The model is still loading.")
        browser.wait_for_text(".state", "loading")
        browser.wait_for_text(ANSWER, "b a")
        assert browser.text(".state") == "ready"


def test_two_versions_side_by_side(browser, tmp_path, start_playground):
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.lifecycle.policy import AllVersions
    from serving.server.options import ServerOptions
    from tests.serving.small_model import save

    base = tmp_path / "marked"
    save(base, 1, "old: ")
    save(base, 2, "new: ")
    models = [ModelConfig("marked", str(base), AllVersions())]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0, drain_seconds=1)) as server:
        both = start_playground(server.grpc_address, "marked")
        browser.open(f"http://{both.host}/#text=a+b&model=marked&model2=marked&version2=1")
        browser.wait_for_text(ANSWER, "new: b a")
        browser.wait_for_text(".panel + .panel .answer", "old: b a")
        browser.find(".panel option[value='1']").click()
        browser.wait_for_text(ANSWER, "old: b a")


def test_a_playground_that_ends(browser, served, start_playground):
    ending = start_playground(served.grpc_address, "reverser")
    browser.open(url(ending, "reverser", "a b"))
    browser.wait_for_text(ANSWER, "b a")
    ending.http.stop()
    browser.find("#text").type(" c")
    browser.wait_for_text(".problem", "The playground does not reply.")
    assert browser.text(ANSWER) == "b a"


def test_options(browser, playground):
    browser.open(url(playground, "reverser", "a b"))
    browser.wait_for_text(ANSWER, "b a")
    browser.find("details.card summary").click()
    assert browser.find("input[name=seed]").get("disabled")
    browser.find("input[name=prefix]").type("c ")
    browser.wait_for_text(ANSWER, "c b a")
    assert browser.all(".token") == []
    browser.run("document.querySelector('input[name=temperature]').focus()")
    browser.press("ArrowRight")
    assert not browser.find("input[name=seed]").get("disabled")
    browser.find(".options button").click()
    browser.wait(lambda: browser.text(ANSWER) == "b a", "the translation without options")
    assert browser.all(".token")


def test_classification(browser, playground):
    browser.open(url(playground, "sentiment", "a good film"))
    browser.wait_for_text(ANSWER, "positive")
    good = browser.find(".words .raises")
    assert good.get("title") == "+1.50"
    browser.wait(lambda: texts(browser, ".marked .bar-name") == ["positive"], "a marked label")
    browser.run("""
        const input = document.querySelector('input[name=threshold]');
        input.value = 0.1; input.dispatchEvent(new Event('input'));
    """)
    assert texts(browser, ".marked .bar-name") == ["positive", "negative"]
    browser.open(url(playground, "mute", "a good film"))
    browser.wait_for_text(ANSWER, "positive")
    assert browser.all(".words") == []


def test_language_models(browser, of_language):
    browser.open(url(of_language, "ngram", "Save"))
    browser.wait(lambda: browser.all(".completion .piece"), "tokens with their surprise")
    browser.wait(lambda: browser.all("button.bar-row"), "next tokens")
    title = browser.text(".view > .card:last-child h3")
    browser.find(".completion .piece").point_at()
    browser.wait(lambda: browser.text(".view > .card:last-child h3") != title, "other tokens")
    browser.open(url(of_language, "ngram", "Save"))
    browser.find("button.bar-row").click()
    browser.wait(lambda: browser.find("#text").get("value") != "Save", "the token in the text")
    browser.open(url(of_language, "masked", "Save the"))
    browser.find(".main-card button").click()
    browser.wait(lambda: browser.all(".bars li"), "tokens for the mark")
    assert browser.find("#text").get("value").count("[MASK]") == 1


def test_a_form_for_any_signature(browser, playground):
    browser.open(url(playground, "echo"))
    browser.find("form button[type=submit]")
    assert not browser.find("#text").is_displayed
    browser.open(url(playground, "reverser", "a b"))
    browser.find("option[value=form]").click()
    browser.find("form option[value=score]").click()
    assert browser.find("form [name=text]").get("value") == "a b"
    browser.find("form [name=translation]").type("b c")
    browser.find("form button[type=submit]").click()
    browser.wait_for_text(".outputs", '["b","c"]')
    browser.find("header button[lang=ko]").click()
    browser.wait_for_text("form button", "보내기")
    browser.find("header button[lang=en]").click()
    browser.wait_for_text("form button", "Send")


def test_side_by_side_and_a_link(browser, playground):
    browser.open(url(playground, "reverser", "good day"))
    browser.wait_for_text(ANSWER, "day good")
    browser.all(".text button")[2].click()
    second = ".panel + .panel"
    browser.wait_for_text(f"{second} .answer", "positive")
    browser.wait_for_text(ANSWER, "day good")
    browser.all(".text button")[1].click()
    browser.wait_for_text(".text .notes", "link")
    link = browser.run("return location.href")
    assert link.endswith("#text=good+day&model=reverser&model2=sentiment")
    browser.open(link)
    browser.wait_for_text(f"{second} .answer", "positive")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("model", ["reverser", "sentiment", "echo"])
def test_a_phone(phone, playground, tmp_path, model, scheme):
    phone.use_scheme(scheme)
    phone.open(url(playground, model, "good " * 20 + "unbreakable" * 12))
    if model != "echo":
        phone.wait(lambda: phone.text(ANSWER), "an answer")
    phone.find("form" if model == "echo" else ".tokens, .words")
    phone.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert phone.run("return [document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    assert phone.run(LOW_CONTRAST) == []
    phone.picture(tmp_path / f"{model}-{scheme}.png")
