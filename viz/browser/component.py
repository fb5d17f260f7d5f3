"""A component in the browser: registers its files with Streamlit, and tracks which parts each browser has been sent."""

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


def component(name: str, folder: Path, *, markup: str = "") -> "ComponentRenderer":
    """Register NAME.js in this folder, with MARKUP.html and MARKUP.css if they exist, as a Streamlit component.

    `markup` is `name` unless told. The shared styles (`shared.css`) come before its own.
    """
    html, css = folder / f"{markup or name}.html", folder / f"{markup or name}.css"
    return st.components.v2.component(
        f"gatescope.{name}",
        html=_read(html) if html.exists() else None,
        css=_read(HERE / "shared.css") + _read(css) if css.exists() else None,
        js=javascript(name, folder),
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class Sent:
    """The parts that this visit's browser has, for the component with this key; `parts.js` uses the same key."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.ids: set[str] = st.session_state.setdefault(f"{key}_sent", set())

    def told(self, name: str) -> Any:
        """What the browser reported under this name; None if the reader has just left the page."""
        return st.session_state.get(self.key, {}).get(name)

    def missing(self) -> None:
        """Forget the parts that the browser reports missing."""
        self.ids.difference_update(map(str, self.told("missing") or []))

    def new(self, parts: Mapping[str, Callable[[], "Part"]]) -> dict[str, "Part"]:
        """Make the parts that the browser lacks; from now on it has them."""
        made = {id_: make() for id_, make in parts.items() if id_ not in self.ids}
        self.ids.update(made)
        return made

    def only(self, ids: Iterable[str]) -> None:
        """Forget all parts but these: the others will not be shown again."""
        self.ids.intersection_update(ids)
