"""The entry point: `streamlit run app.py`. It is imported once, for the server, and run as a script for each visit."""

from pathlib import Path
from time import sleep

import streamlit as st
from streamlit.navigation.page import Page

import viz
from viz import launch
from viz.browser.first_words import WAITING_KEY, Words, routes, to_the_first_page
from viz.browser.printing import printable
from viz.locale import N_, _
from viz.share import STYLE as SHARE_STYLE
from viz.share import share_bar
from viz.shared.garbage import collect_when_idle

ROOM = Path(viz.__file__).parent
PAGES = (  # folder in viz/, address, title, icon
    ("explore", "explore", N_("Explore"), "grid_on"),
    ("step", "step", N_("Step"), "footprint"),
    ("compare", "compare", N_("Compare"), "compare"),
    ("memory", "memory", N_("Memory"), "history_edu"),
    ("gradients", "gradients", N_("Gradients"), "undo"),
    ("what_if", "what-if", N_("What if"), "alt_route"),
    ("train", "train", N_("Train"), "model_training"),
    ("import_model", "import", N_("Import"), "upload_file"),
    ("units", "units", N_("Units"), "scatter_plot"),
    ("models", "models", N_("Models"), "view_list"),
)
WORDS = {  # of each address, what is read before the page is there
    "explore": Words(
        N_("What does an LSTM do while it reads?"),
        N_("Every gate, every unit, every character: the real numbers of a trained model on your text."),
    ),
    "step": Words(
        N_("One step of an LSTM, in numbers"),
        N_("One cell reads one character: its drawing, its equations and what it predicts, with the real numbers."),
    ),
    "compare": Words(
        N_("What did training change?"),
        N_("The same text, read by the trained model and by the same model before training."),
    ),
    "memory": Words(
        N_("What is in memory, and who wrote it?"),
        N_("How much of a cell state each earlier timestep wrote, and how much of that remains."),
    ),
    "gradients": Words(
        N_("How far back does a gradient reach?"),
        N_("How much a later prediction depends on each earlier step, through an LSTM and through a simple RNN."),
    ),
    "what-if": Words(
        N_("What if a gate had stayed open?"),
        N_("Fix a gate, a cell state or a hidden state at a value, run the model again, and compare."),
    ),
    "train": Words(
        N_("Watch gates being learnt"),
        N_("Pick a task, start, and watch noise become gates that open and shut for a reason."),
    ),
    "units": Words(
        N_("What does each unit do?"),
        N_("Every unit over a whole text: where it is high and low, what it follows, and how that was tested."),
    ),
    "models": Words(
        N_("Which models are there, and how good are they?"),
        N_("What each model reads, what it learnt from, and its score on held-out data."),
    ),
    "import": Words(
        N_("See the gates of your own model"),
        N_("Drop a PyTorch, Keras or ONNX file, and every page shows the model's gates on your text."),
    ),
}


def chosen_page() -> Page:
    return st.navigation(
        [
            st.Page(
                ROOM / folder / "page.py",
                title=_(title),
                icon=f":material/{icon}:",
                url_path=path,
                default=path == "explore",
            )
            for folder, path, title, icon in PAGES
        ],
        position="top",
    )


def main() -> None:
    page = chosen_page()
    st.set_page_config(page_title=f"{page.title} · Gatescope", page_icon=str(ROOM / "icon.png"), layout="wide")
    st.html(
        "<style>.stMainBlockContainer { padding: 4.25rem max(1rem, 2vw) 4rem; }"
        # Streamlit's grey has a contrast of 4.2 to 1; small text needs 4.5.
        '[data-testid="stCaptionContainer"] { color: light-dark(#59626D, #A9B3BF); opacity: 1; }'
        # An open menu is as wide as its options need, which the field need not be.
        '[data-testid="stSelectboxVirtualDropdown"] { width: max-content !important; min-width: var(--trigger-width); '
        "max-width: min(36rem, 100vw - 3.25rem); } "
        '[data-testid="stSelectbox"] input, [data-testid="stSelectboxVirtualDropdown"] [role="option"] * '
        "{ text-overflow: ellipsis; }"
        '@media (max-width: 640px) { [data-testid="stSelectboxVirtualDropdown"] [role="option"] * { white-space: normal; font-size: 0.85rem; line-height: 1.15; } }'
        # A displayed equation is two pixels larger than its box; a keyboard could then not scroll to it.
        ".katex-display { padding: 0.3em; }"
        # White on the dark theme's light blue has a contrast of 2.3 to 1.
        '[data-testid="stBaseButton-primary"]:enabled { color: light-dark(#FFFFFF, #0B0F14) !important; }'
        f"{SHARE_STYLE}</style>"
    )
    # In every run: without it all elements below would be new ones in the next run, and a field would lose the focus.
    waiting = st.empty()
    if not launch.loaded():  # the first visit after a start that did not load, such as `streamlit run app.py`
        with waiting.container(key=WAITING_KEY):
            words = WORDS.get(page.url_path, WORDS["explore"])  # the address of the first page is empty
            st.title(_(words.heading), anchor=False)
            st.caption(_(words.about))
            st.caption(_(launch.WAITING))
        sleep(0.1)  # so that this is sent: importing torch blocks everything else in this process
        try:
            launch.load()
        except launch.CannotLoadError as error:
            st.error(str(error), icon=":material/error:")
            st.stop()
        waiting.empty()
    printable()
    base = f"/{st.get_option('server.baseUrlPath').strip('/')}/".replace("//", "/")
    share_bar([base, *(base + path for _folder, path, _title, _icon in PAGES[1:])])
    collect_when_idle()
    page.run()


if __name__ == "app":  # as `streamlit run` imports it, to make the server of it
    words = {"" if path == "explore" else path: one for path, one in WORDS.items()}
    found = [to_the_first_page("explore"), *routes(words, launch.waiting_for)]
    app = st.App(Path(__file__), lifespan=launch.loading, routes=found)
elif __name__ == "__main__":  # Streamlit leaves it as the main module, which a spawned process imports again
    main()
