"""A component in the browser: its files made known to Streamlit, and which parts each visit's browser was sent."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from viz.browser.modules import javascript

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

    from viz.browser.parts import Part  # it imports numpy, and the first page waits for none of that

__all__ = ["Sent", "component"]

HERE = Path(__file__).parent


def component(name: str, folder: Path) -> "ComponentRenderer":
    """Make NAME.js of this folder, and NAME.html and NAME.css where they are there, a component of Streamlit's.

    The styles that all of them share (`shared.css`) come before its own.
    """
    html, css = folder / f"{name}.html", folder / f"{name}.css"
    return st.components.v2.component(
        f"gatescope.{name}",
        html=_read(html) if html.exists() else None,
        css=_read(HERE / "shared.css") + _read(css) if css.exists() else None,
        js=javascript(name, folder),
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class Sent:
    """Which parts the browser of this visit has, of the component with this key; the key is that of `parts.js` too."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.ids: set[str] = st.session_state.setdefault(f"{key}_sent", set())

    def told(self, name: str) -> Any:
        """What the browser told under this name; nothing where the reader has just left the page."""
        return st.session_state.get(self.key, {}).get(name)

    def missing(self) -> None:
        """Take back what the browser says that it lacks."""
        self.ids.difference_update(map(str, self.told("missing") or []))

    def new(self, parts: Mapping[str, Callable[[], "Part"]]) -> dict[str, "Part"]:
        """Make the parts that the browser lacks; from now on it has them."""
        made = {id_: make() for id_, make in parts.items() if id_ not in self.ids}
        self.ids.update(made)
        return made

    def only(self, ids: Iterable[str]) -> None:
        """What else the browser has will not be shown again."""
        self.ids.intersection_update(ids)
