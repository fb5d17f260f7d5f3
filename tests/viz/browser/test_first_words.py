"""The first words of a visit stand in the HTML of every address, in the reader's language, as text."""

import gettext
import runpy
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
import streamlit as st
from starlette.routing import Router

from tests.support.coroutines import finished
from viz import locale
from viz.browser import first_words
from viz.browser.first_words import Words, routes, to_the_first_page

ROOT = Path(__file__).parents[3]
APP = runpy.run_path(str(ROOT / "app.py"), run_name="read")  # as neither the server nor a visit
WORDS: dict[str, Words] = APP["WORDS"]
FOLDERS = {address: folder for folder, address, _title, _icon in APP["PAGES"]}


class Marked(gettext.NullTranslations):
    """Each sentence in brackets that HTML would take for its own."""

    def gettext(self, message: str) -> str:
        return f"<b>{message}</b> & co"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    found = Marked()
    monkeypatch.setattr(locale, "catalogue", lambda _language: found)
    before = locale.follow(lambda: "de")
    yield
    locale.follow(before)


def sent(path: str, *, base: str = "", waiting: str = "Wait.") -> tuple[int, dict[bytes, bytes], str]:
    """Status, headers and HTML that a server with these routes sends."""
    parts: list[dict] = []
    option = pytest.MonkeyPatch()
    with option.context() as patch:
        read = st.get_option
        patch.setattr(st, "get_option", lambda name: base if name == "server.baseUrlPath" else read(name))
        words = {"" if path == "explore" else path: one for path, one in WORDS.items()}
        found = [to_the_first_page("explore"), *routes(words, lambda: waiting)]

        async def ask() -> None:
            async def collect(part: dict) -> None:
                parts.append(part)

            scope = {"type": "http", "method": "GET", "path": path, "query_string": b"model=x", "headers": []}
            await Router(found)(scope, None, collect)  # type: ignore[arg-type]

        finished(ask())
    return parts[0]["status"], dict(parts[0]["headers"]), b"".join(part.get("body", b"") for part in parts).decode()


def test_every_page_has_words():
    assert set(WORDS) == set(FOLDERS)
    assert len({words.heading for words in WORDS.values()}) == len({words.about for words in WORDS.values()}) == 10


@pytest.mark.parametrize("address", WORDS)
def test_the_heading_is_the_one_that_the_page_will_have(address):
    page = (ROOT / "viz" / FOLDERS[address] / "page.py").read_text(encoding="utf-8")
    assert f'_("{WORDS[address].heading}")' in page


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("base", ["", "gates/lstm"])
@pytest.mark.parametrize("address", ["", *(address for address in WORDS if address != "explore")])
def test_the_html_has_the_words_of_the_page_in_the_readers_language_as_text(address, base):
    status, headers, html = sent(f"/{base}/{address}" if base else f"/{address}", base=base, waiting="Load <script>.")
    words = WORDS[address or "explore"]
    assert status == 200
    assert headers[b"cache-control"] == b"no-cache"
    assert f"<h1>{escape(f'<b>{words.heading}</b> & co')}</h1>" in html
    assert f"<p>{escape(f'<b>{words.about}</b> & co')}</p>" in html
    assert '<p role="status">Load &lt;script&gt;.</p>' in html
    assert '<div id="first-words" lang="de" hidden>' in html
    assert html.count("<h1>") == 1
    assert "<b>" not in html


@pytest.mark.parametrize("base", ["", "gates/lstm"])
def test_the_first_pages_own_address_leads_to_it_with_all_that_was_asked(base):
    status, headers, _html = sent(f"/{base}/explore" if base else "/explore", base=base)
    assert status == 307
    assert headers[b"location"] == b"./?model=x"


def test_the_html_is_streamlits_but_for_the_words():
    html = sent("/memory")[2]
    start, end = html.index('<div id="first-words"'), html.index('<div id="root"></div>')
    without = html[:start] + html[end:]
    assert without == first_words.INDEX.read_text(encoding="utf-8").replace("Streamlit</title>", "Gatescope</title>")
    assert '@font-face { font-family: "First words"; src: url("./static/media/' in html


def test_what_is_no_page_is_left_to_streamlit():
    assert sent("/static/js/index.js")[0] == 404
    assert sent("/_stcore/health")[0] == 404


def test_another_html_of_streamlit_is_left_as_it_is(monkeypatch, tmp_path):
    other = tmp_path / "index.html"
    for content in (None, "<html><body><main></main></body></html>"):
        if content:
            other.write_text(content, encoding="utf-8")
        monkeypatch.setattr(first_words, "INDEX", other)
        assert routes(WORDS, str) == []
