"""The buttons in a page's top right corner, and the dialog with its QR code."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from viz.browser.component import component
from viz.browser.modules import messages
from viz.browser.presenting import presenting, set_presenting
from viz.locale import _, translated

HERE = Path(__file__).parent
KEY = "share_bar"
LINK = "share_link"  # in the session: of which a QR code is to be shown
LONGEST = 1_800  # characters: a code of more has dots that no phone tells apart
STYLE = (HERE / "present.css").read_text(
    encoding="utf-8"
)  # sent with the page, so that nothing moves once the buttons come
MESSAGES = messages(KEY, HERE)

_component = component(KEY, HERE)


def share_bar(paths: Sequence[str]) -> None:
    """Draw the buttons. `paths`: the addresses of all pages, as their links say them."""
    with st.container(key="share", width="content"):
        _component(
            key=KEY,
            data={"strings": translated(MESSAGES), "paths": list(paths), "presenting": presenting()},
            on_code_change=_asked,
            on_presenting_change=_presented,
            height="content",
        )
    link = st.session_state.pop(LINK, None)
    if link is not None:
        st.dialog(_("This page on a phone"))(_show)(link)


def _presented() -> None:
    """The figures of this run are drawn for a projector, or no longer."""
    set_presenting(st.session_state.get(KEY, {}).get("presenting") == "on")


def _asked() -> None:
    link = st.session_state.get(KEY, {}).get("code")
    if isinstance(link, str) and urlsplit(link).scheme in {"http", "https"}:
        st.session_state[LINK] = link


def _show(link: str) -> None:
    """The code as a picture, drawn here: no service learns of the link."""
    if len(link) > LONGEST:
        st.info(_("The link is too long for a QR code: shorten the text, or copy the link."))
    else:
        st.image(qr_code(link), width=460, alt=_("QR code of this page's link"))
    st.code(link, language=None, wrap_lines=True)


def qr_code(link: str) -> str:
    """A QR code of a link as SVG, black on white with the quiet zone that readers of codes need."""
    import segno  # as late as this: no page needs it to be drawn

    found = BytesIO()
    segno.make(link, error="l", micro=False).save(found, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return found.getvalue().decode()
