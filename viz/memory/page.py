"""Memory: what is in it, which steps wrote it, which units remember it, and what units track."""

import streamlit as st

from lstm_core import Recording
from viz.locale import N_, _
from viz.memory.cached import load_timescale, waiting
from viz.memory.following_section import show_following
from viz.memory.sections import (
    choose_token,
    longest,
    narrowed,
    show_ledger,
    show_remembered,
    show_saturation,
    show_timescale,
    show_unit,
)
from viz.shared import controls, state
from viz.shared.cached import counterpart, describe, has_untrained
from viz.shared.controls import Selection, Window
from viz.shared.head import WIDE, page_controls, page_head, page_picture
from viz.shared.layer_controls import choose_layer
from viz.shared.model_controls import chosen_model
from viz.shared.passage import Passage
from viz.shared.reading import Reading
from viz.shared.tabs import show_tab
from viz.shared.text_controls import recorded, recorded_beside
from viz.theme import cell_type_of

TRACKING = N_("What units track")
IDEA = {
    "LSTM": (
        N_(
            "A cell state is a sum over everything read so far. Timestep k added $i_k\\,g_k$, and each later forget gate $f_j$ multiplied "
            "it: near 1 keeps it, near 0 erases it. So we know exactly how much of the memory each earlier timestep wrote, and how much "
            "of that remains (Murdoch & Szlam 2017)."
        ),
        r"c_t = \sum_{k \le t} \Big(\prod_{k < j \le t} f_j\Big)\, i_k\, g_k \;+\; \Big(\prod_{j \le t} f_j\Big)\, c_0",
    ),
    "GRU": (
        N_(
            "A GRU's hidden state is a sum over everything read so far. Timestep k added $(1 - z_k)\\,n_k$, and each later update gate $z_j$ "
            "multiplied it: near 1 keeps it, near 0 replaces it. So we know exactly how much of the memory each earlier timestep wrote, "
            "and how much of that remains (after Murdoch & Szlam 2017)."
        ),
        r"h_t = \sum_{k \le t} \Big(\prod_{k < j \le t} z_j\Big)\, (1 - z_k)\, n_k \;+\; \Big(\prod_{j \le t} z_j\Big)\, h_0",
    ),
    "RNN": (
        N_(
            "An LSTM's cell state is a sum of what every earlier timestep wrote, so each part can be traced back. A simple RNN recomputes "
            "its whole state at every timestep, so it has no such sum. You can still see what its units track."
        ),
        r"h_t = \tanh(W x_t + U h_{t-1} + b)",
    ),
}


WIDTHS = (270, 140, 240)  # pixels of "Unit", "Step" and "Token of step", with what stands in them while they are empty


def page() -> None:
    state.begin("memory")
    title = _("What is in memory, and who wrote it?")
    model_name, passage = page_head(title, page="memory", explain=explain_here, note=False)
    recording = recorded(model_name, passage)
    if recording is not None:
        show_recording(recording, model_name, passage)
    state.finish()


def explain_here() -> None:
    """The idea and its equation, for the cells of the layer that is shown."""
    config = describe(chosen_model())[0]
    layer = st.session_state["layer"]
    paragraph, equation = IDEA[config.cell(layer if layer in config.layer_names else config.layer_names[0]).type]
    st.markdown(_(paragraph))
    st.latex(equation)


def show_recording(recording: Recording, model_name: str, passage: Passage) -> None:
    controls_box, picture_box = page_controls(), page_picture()
    with controls_box:
        layer_name = choose_layer(recording, describe(model_name)[0], width=WIDE)
        layer = recording.layers[layer_name]
        cell_type, sizes = cell_type_of(layer), layer.sizes
        unit_box, step_box, token_box = (st.container(width=width) for width in WIDTHS)
        whole = Window(0, sizes["step"])
        if sizes["step"] > controls.FEWEST:
            with st.popover(_("More"), icon=":material/tune:"):
                whole = controls.choose_window(sizes["step"])
        window = narrowed(whole, sizes["unit"], from_start=st.session_state["first"] is not None)
        reading = Reading(model_name, passage, layer_name)
        with waiting(_("Measuring how long each unit remembers …"), sizes["step"] * sizes["unit"]):
            hinted = controls.hinted(recording, layer_name, model_name)
            usual = None if cell_type == "RNN" else longest(load_timescale(reading), hinted=hinted)
        why = _("named above: {unit}") if usual == hinted else _("remembers longest: {unit}")
        why = _("most varying") if usual is None else why.format(unit=usual)
        unit, step, _chosen = controls.choose_cell(
            recording, layer_name, window, usual=usual, why=why, as_read=True, boxes=(unit_box, step_box)
        )
        selection = Selection(model_name, passage, layer_name, unit, step)
        if cell_type != "RNN":
            with token_box:
                token = choose_token(layer, unit, window)
        controls.offer_unit(model_name, layer_name, unit)
    if window != whole:
        st.caption(
            _("With {units} units, only steps {first} to {last} are shown.").format(
                units=f"{sizes['unit']:,}", first=f"{window.start:,}", last=f"{window.stop - 1:,}"
            )
        )
    chosen = st.session_state["unit"] is not None

    def beside() -> str | None:
        """The model before training, or after, if it reads this text too."""
        twin = counterpart(model_name) if has_untrained(model_name) else None
        return None if twin is None or recorded_beside(recording, twin, passage) is None else twin

    tracking = (_(TRACKING), lambda: show_following(recording, selection, beside(), window, chosen=chosen))
    if cell_type == "RNN":
        picture_box.info(
            _(
                "A simple RNN has no gates that keep or erase: choose a layer of LSTM or GRU cells to see what each step wrote."
            )
        )
        show_tab({"tracking": tracking})
        return
    with picture_box:
        show_unit(selection, window, token)
    show_tab(
        {
            "ledger": (
                _("Who wrote it: all units"),
                lambda: show_ledger(selection, window, token, chosen=chosen),
            ),
            "remembered": (_("Who remembers it, and how much"), lambda: show_remembered(selection, token, window)),
            "timescale": (
                _("How long each unit remembers (timescale)"),
                lambda: show_timescale(selection, window),
            ),
            "saturation": (
                _("Gate saturation: open and shut"),
                lambda: show_saturation(selection, beside(), sizes["step"]),
            ),
            "tracking": tracking,
        }
    )


page()
