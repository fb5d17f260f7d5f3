"""The first words of a visit: they are in the HTML itself, so they are read before Streamlit has started in the browser.

Streamlit's own HTML is an empty page until its scripts run and the server has answered, which takes longest while PyTorch
is loading. Ours has the same HTML with the page's title, what it shows and that it is coming beside the place where
Streamlit draws. As soon as the page has drawn something of its own, they are gone (`first_words.js`).
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from viz.locale import _, language

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

__all__ = ["WAITING_KEY", "Words", "routes", "to_the_first_page", "with_words"]

WAITING_KEY = "waiting"  # of a container that says what the first words say, in its own time: see first_words.js
HERE = Path(__file__).parent
INDEX = Path(st.__file__).parent / "static" / "index.html"
ROOT = '<div id="root"></div>'  # where Streamlit draws
TITLE = "<title>Streamlit</title>"
_FONT = re.compile(r'href="(\./static/media/SourceSans[\w.-]+\.woff2)"')  # fetched before all else


class Words(NamedTuple):
    """What is read first on a page, in English; both are looked up in the catalogue when they are shown."""

    heading: str
    about: str


def routes(pages: Mapping[str, Words], waiting: Callable[[], str]) -> "list[BaseRoute]":
    """Routes for `st.App`: Streamlit's HTML with the words of each page, by its address; "" is the first page's.

    `waiting` says, in the reader's language, what is waited for. No routes if this Streamlit's HTML is another.
    """
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    index = INDEX.read_text(encoding="utf-8") if INDEX.is_file() else ""
    if ROOT not in index:
        return []

    def route(path: str, words: Words) -> Route:
        async def answer(_request: object) -> HTMLResponse:
            return HTMLResponse(with_words(index, words, waiting()), headers={"Cache-Control": "no-cache"})

        return Route(path, answer, include_in_schema=False)

    return [route(_below_base(path), words) for path, words in pages.items()]


def to_the_first_page(path: str) -> "BaseRoute":
    """A route for `st.App`: from the first page's own address, which Streamlit does not know, to "/"; the query stays."""
    from starlette.requests import Request
    from starlette.responses import RedirectResponse
    from starlette.routing import Route

    async def answer(request: Request) -> RedirectResponse:
        query = request.url.query
        return RedirectResponse(f"./?{query}" if query else "./")  # relative: a proxy may have cut off what is above

    return Route(_below_base(path), answer, include_in_schema=False)


def _below_base(path: str) -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{path}" if base else f"/{path}"


def with_words(index: str, words: Words, waiting: str) -> str:
    """Streamlit's HTML with the words of a page beside the place where Streamlit draws."""
    script, pages = ((HERE / name).read_text(encoding="utf-8") for name in ("first_words.js", "pages.css"))
    ours = (
        f'<div id="first-words" lang="{escape(language())}" hidden>\n<style>\n{_style(index)}</style>\n'
        f"<h1>{escape(_(words.heading))}</h1>\n<p>{escape(_(words.about))}</p>\n"
        f'<p role="status">{escape(waiting)}</p>\n</div>\n<style>\n{pages}</style>\n<script>\n{script}</script>\n'
    )
    return index.replace(TITLE, "<title>Gatescope</title>", 1).replace(ROOT, ours + ROOT, 1)


def _style(index: str) -> str:
    """The style sheet, with the colours of `.streamlit/config.toml` and the font that Streamlit's HTML fetches first."""
    face = "".join(
        f'@font-face {{ font-family: "First words"; src: url("{address}"); font-weight: 200 900; font-display: optional; }}\n'
        for address in _FONT.findall(index)[:1]
    )
    paper, ink = _both("backgroundColor", "canvas"), _both("textColor", "canvastext")
    colours = f":root {{ --first-paper: {paper}; --first-ink: {ink}; }}\n"
    return face + colours + (HERE / "first_words.css").read_text(encoding="utf-8")


def _both(option: str, usual: str) -> str:
    """A colour of the light and of the dark theme."""
    light, dark = (st.get_option(f"theme.{theme}.{option}") or usual for theme in ("light", "dark"))
    return f"light-dark({light}, {dark})"
