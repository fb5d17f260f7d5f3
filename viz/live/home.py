""" "Take this page home": a download of one file that shows the same, and needs neither a server nor a network."""

from typing import Any

import streamlit as st

from viz.live.one_file import export_page
from viz.live.options import LiveOptions
from viz.live.pair import Pair
from viz.locale import _
from viz.shared.cached import has_untrained, load_model, trained
from viz.shared.exports import slug
from viz.shared.model_facts import UNTRAINED

__all__ = ["take_home"]


def take_home(model_name: str, options: LiveOptions, *, page: str) -> None:
    """A button for the file, which is made on demand; it opens on `page`, "explore" or "step"."""
    name = trained(model_name)
    before = options["before"] != (name != model_name)

    def made() -> str:
        pair = Pair(name, load_model(name), load_model(name + UNTRAINED) if has_untrained(name) else None)
        shown: dict[str, Any] = {**options, "before": before}
        return export_page(pair, page=page, **shown)

    st.download_button(
        _("Take this page home"),
        data=made,
        file_name=f"gatescope-{slug(name) or 'model'}.html",
        mime="text/html",
        on_click="ignore",
        type="tertiary",
        icon=":material/home:",
        help=_("One file that works without a network: type, step and compare in it, or put it on a site of your own."),
    )
