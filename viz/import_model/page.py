"""Import: a reader's own model file, its contents, and the questions that it leaves open."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lstm_core.importers import ImportedModel
from lstm_core.importers.imported import UNTOLD_BETWEEN, UNTOLD_NONLINEARITY
from viz.import_model.controls import FOUND, choose_chain, choose_reading
from viz.import_model.opening import made, open_model
from viz.import_model.picture import show_picture
from viz.import_model.reading import drop, read
from viz.import_model.sections import how_to_save, list_opened, show_found, show_layers
from viz.locale import N_, _
from viz.shared import state
from viz.shared.head import page_sides, page_title
from viz.shared.imported_models import Imported
from viz.shared.wording import plain, shortened

OPENS = {"explore": N_("Open"), "step": N_("Open on Step"), "compare": N_("Open on Compare")}  # by the page's folder


def page() -> None:
    state.begin("import")
    page_title(_("See the gates of your own model"), explain=explain)
    first, left, right = page_sides()
    with first:
        given = drop()
        if given:
            read(given)
    found = st.session_state.get(FOUND)
    if found is None or isinstance(found[2], str):
        with right:
            if found is not None:
                st.error(plain(f"{shortened(found[1])}: {found[2]}"), icon=":material/error:")
            how_to_save()
    else:
        digest, file_name, imported = found
        offer(digest, file_name, imported, left, right)
    with left:
        list_opened()
    state.finish()


def explain() -> None:
    st.write(
        _(
            "Drop a PyTorch, Keras, ONNX or TensorFlow file, and every page shows the model's gates on your text. Files of one "
            "model are dropped together. They are read in a separate process, and no code in them runs. Only people with "
            "your link can see it."
        )
    )


def offer(digest: str, file_name: str, imported: ImportedModel, left: DeltaGenerator, right: DeltaGenerator) -> None:
    """Left: the file's contents, the pages that show the model, and the open questions. Right: the model's gates."""
    with left:
        found = st.container()  # what follows from the answers below
        doors = st.container(horizontal=True)
        chain = choose_chain(imported, digest)
        plan = choose_reading(imported, chain, digest)
        for note in (*imported.notes, *chain.notes):
            if not note.startswith((UNTOLD_BETWEEN, UNTOLD_NONLINEARITY)):  # a question above asks that
                st.caption(plain(note))
        if not chain.finite:
            st.warning(
                _(
                    "Some parameters are not numbers (NaN or infinite). The model still opens; what depends on them stays blank."
                ),
                icon=":material/warning:",
            )
        if plan.problem:  # then the question comes first
            doors = st.container(horizontal=True)
        show_layers(plan.chain)
    one = made(imported, plan, digest, file_name) if plan.encoder is not None else ""
    with found:
        show_found(imported, plan, one, file_name)
    with right:
        if plan.problem:
            st.info(plain(plan.problem[0].upper() + plan.problem[1:] + "."), icon=":material/edit:")
        if isinstance(one, Imported):
            text = show_picture(one, digest, plan.example)
        elif one:
            st.error(plain(one), icon=":material/error:")
    with doors:
        asked = pressed(digest, enabled=plan.encoder is not None)
    if asked and isinstance(one, Imported):
        open_model(one, text if text != plan.example else plan.typed, asked)


def pressed(digest: str, *, enabled: bool) -> str:
    """ "Open", which goes to Explore, and its siblings for other pages: which of these pages is asked for; "" for none."""
    asked = ""
    for page, title in OPENS.items():
        # With the file in its key, a press opens the file that the reader saw, not one that was read meanwhile.
        if st.button(
            _(title),
            key=f"open-{digest}" if page == "explore" else f"open-{page}-{digest}",
            type="primary" if page == "explore" else "secondary",
            icon=":material/open_in_new:" if page == "explore" else None,
            disabled=not enabled,
            help=_("On Explore, and in the menu of every page.") if page == "explore" else None,
        ):
            asked = page
    return asked


page()
