"""The door: `streamlit run app.py`."""

from pathlib import Path
from time import sleep

import streamlit as st

import viz
from viz import loading
from viz.browser.printing import printable

PAGES = Path(viz.__file__).parent


def main() -> None:
    st.set_page_config(page_title="Gatescope", page_icon=str(PAGES / "icon.png"), layout="wide")
    st.html(
        "<style>.stMainBlockContainer { padding-top: 4rem; padding-bottom: 4rem; }"
        # Streamlit's own grey has a contrast of 4.2 to 1; text as small needs 4.5.
        '[data-testid="stCaptionContainer"] { color: light-dark(#59626D, #A9B3BF); opacity: 1; }'
        # A displayed equation is two pixels larger than its box, which a keyboard could then not scroll to.
        ".katex-display { padding: 0.3em; }"
        # White on the dark theme's light blue has a contrast of 2.3 to 1.
        '[data-testid="stBaseButton-primary"]:enabled { color: light-dark(#FFFFFF, #0B0F14) !important; }</style>'
    )
    page = st.navigation(
        [
            st.Page(PAGES / "explore" / "page.py", title="Explore", icon=":material/grid_on:", default=True),
            st.Page(PAGES / "step" / "page.py", title="Step", icon=":material/footprint:", url_path="step"),
            st.Page(PAGES / "compare" / "page.py", title="Compare", icon=":material/compare:", url_path="compare"),
            st.Page(PAGES / "memory" / "page.py", title="Memory", icon=":material/history_edu:", url_path="memory"),
            st.Page(PAGES / "gradients" / "page.py", title="Gradients", icon=":material/undo:", url_path="gradients"),
            st.Page(PAGES / "what_if" / "page.py", title="What if", icon=":material/alt_route:", url_path="what-if"),
            st.Page(PAGES / "train" / "page.py", title="Train", icon=":material/model_training:", url_path="train"),
            st.Page(
                PAGES / "import_model" / "page.py", title="Import", icon=":material/upload_file:", url_path="import"
            ),
        ],
        position="top",
    )
    if not loading.loaded():  # the first visit after a start that did not load, as `streamlit run app.py` does not
        waiting = st.empty()
        with waiting.container():
            st.title(page.title, anchor=False)
            st.caption(loading.WAITING)
        sleep(0.1)  # until that is sent: importing torch keeps all else in this process waiting
        try:
            loading.load()
        except loading.CannotLoadError as error:
            st.error(str(error), icon=":material/error:")
            st.stop()
        waiting.empty()
    printable()
    page.run()


if __name__ == "__main__":  # Streamlit leaves it as the main module, which a process that is spawned imports again
    main()
