"""Memory: what is in it, which steps wrote it, which units remember it, and what units track."""

import streamlit as st

from lstm_core import Recording
from viz.locale import N_, _
from viz.memory.cached import load_timescale, waiting
from viz.memory.following_section import show_following
from viz.memory.sections import longest, narrowed, show_ledger, show_remembered, show_saturation, show_timescale
from viz.shared import controls, state
from viz.shared.cached import counterpart, describe, has_untrained
from viz.shared.controls import Selection
from viz.shared.finding_picker import about_finding, offer_findings
from viz.shared.passage import Passage
from viz.shared.reading import Reading
from viz.shared.tabs import show_tab
from viz.shared.text_controls import choose_text, recorded, recorded_beside
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


def page() -> None:
    state.begin("memory")
    st.title(_("What is in memory, and who wrote it?"), anchor=False)
    idea = st.container()
    model_name, passage = choose_text()
    recording = recorded(model_name, passage)
    if recording is not None:
        show_recording(recording, model_name, passage, idea)
    else:
        with idea:
            explain("LSTM")
    state.finish()


def explain(cell_type: str) -> None:
    """The idea, its equation, and known findings, one click away."""
    paragraph, equation = IDEA[cell_type]
    st.markdown(_(paragraph))
    st.latex(equation)
    offer_findings("memory")
    about_finding("memory")


def show_recording(
    recording: Recording, model_name: str, passage: Passage, idea: st.delta_generator.DeltaGenerator
) -> None:
    layer_box, window_box = st.columns([2, 6])
    with layer_box:
        layer_name = controls.choose_layer(recording, describe(model_name)[0])
    cell_type, sizes = cell_type_of(recording.layers[layer_name]), recording.layers[layer_name].sizes
    with idea:
        explain(cell_type)
    with window_box:
        whole = controls.choose_window(sizes["step"])
    window = narrowed(whole, sizes["unit"], from_start=st.session_state["first"] is not None)
    if window != whole:
        st.caption(
            _("With {units} units, only steps {first} to {last} are shown.").format(
                units=f"{sizes['unit']:,}", first=f"{window.start:,}", last=f"{window.stop - 1:,}"
            )
        )
    with waiting(_("Measuring how long each unit remembers …"), sizes["step"] * sizes["unit"]):
        hinted = controls.hinted(recording, layer_name, model_name)
        reading = Reading(model_name, passage, layer_name)
        usual = None if cell_type == "RNN" else longest(load_timescale(reading), hinted=hinted)
    why = _("named above: {unit}") if usual == hinted else _("remembers longest: {unit}")
    why = _("most varying") if usual is None else why.format(unit=usual)
    unit, step, _chosen = controls.choose_cell(recording, layer_name, window, usual=usual, why=why, as_read=True)
    selection, chosen = Selection(model_name, passage, layer_name, unit, step), st.session_state["unit"] is not None

    def beside() -> str | None:
        """The model before training, or after, if it reads this text too."""
        twin = counterpart(model_name) if has_untrained(model_name) else None
        return None if twin is None or recorded_beside(recording, twin, passage) is None else twin

    def tracking() -> None:
        show_following(recording, selection, beside(), window, chosen=chosen)

    if cell_type == "RNN":
        st.info(
            _(
                "A simple RNN has no gates that keep or erase: choose a layer of LSTM or GRU cells to see what each step wrote."
            )
        )
        st.subheader(_(TRACKING), anchor=False)
        tracking()
        return
    token = show_ledger(recording, selection, window, chosen=chosen)
    show_remembered(recording, selection, token, window)
    show_tab(
        {
            "timescale": (
                _("How long each unit remembers (timescale)"),
                lambda: show_timescale(recording, selection, window),
            ),
            "saturation": (
                _("Gate saturation: open and shut"),
                lambda: show_saturation(selection, beside(), sizes["step"]),
            ),
            "tracking": (_(TRACKING), tracking),
        }
    )


page()
