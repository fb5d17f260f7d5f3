"""Memory: what is in it, who wrote it, who remembers, and what units follow."""

import streamlit as st

from lstm_core import Recording
from viz.memory.cached import load_timescale, waiting
from viz.memory.following_section import show_following
from viz.memory.sections import longest, narrowed, show_ledger, show_remembered, show_saturation, show_timescale
from viz.shared import controls, state
from viz.shared.cached import describe, model_names, twin
from viz.shared.controls import Selection
from viz.shared.example_picker import take_finding
from viz.shared.examples import FINDINGS
from viz.shared.passage import Passage
from viz.shared.reading import Reading
from viz.shared.text_controls import choose_text, recorded, recorded_beside
from viz.theme import cell_type_of

IDEA = {
    "LSTM": (
        "A cell state is a sum over everything that was read. Token k wrote $i_k\\,g_k$ into it, and at every later step the forget gate "
        "multiplied what was written by $f_j$: near 1 keeps it, near 0 erases it. So we know exactly how much of the memory each earlier token "
        "wrote, and how much of that is left (Murdoch & Szlam 2017).",
        r"c_t = \sum_{k \le t} \Big(\prod_{k < j \le t} f_j\Big)\, i_k\, g_k \;+\; \Big(\prod_{j \le t} f_j\Big)\, c_0",
    ),
    "GRU": (
        "A GRU's hidden state is a sum over everything that was read. Token k wrote $(1 - z_k)\\,n_k$ into it, and at every later step the update "
        "gate multiplied what was written by $z_j$: near 1 keeps it, near 0 replaces it. So we know exactly how much of the memory each earlier "
        "token wrote, and how much of that is left (after Murdoch & Szlam 2017).",
        r"h_t = \sum_{k \le t} \Big(\prod_{k < j \le t} z_j\Big)\, (1 - z_k)\, n_k \;+\; \Big(\prod_{j \le t} z_j\Big)\, h_0",
    ),
    "RNN": (
        "An LSTM's cell state is a sum of what every earlier token wrote, so that one can say who wrote what is in memory. A simple RNN computes all "
        "of its state anew at every step: it has no such ledger, but its units can be asked what they follow.",
        r"h_t = \tanh(W x_t + U h_{t-1} + b)",
    ),
}


def page() -> None:
    state.begin("memory")
    st.title("What is in memory, and who wrote it?", anchor=False)
    idea = st.container()
    model, passage = choose_text()
    recording = recorded(model, passage)
    if recording is not None:
        show_recording(recording, model, passage, idea)
    else:
        with idea:
            explain("LSTM", model, passage)
    state.finish()


def explain(cell_type: str, model: str, passage: Passage) -> None:
    """The idea, its equation, and what is known to be found, one click away."""
    paragraph, equation = IDEA[cell_type]
    st.markdown(paragraph)
    st.latex(equation)
    known = [finding for finding in FINDINGS.values() if finding.model in model_names()]
    boxes = st.columns([2, *(5 for _ in known)], vertical_alignment="center") if known else []
    for box, finding in zip(boxes[1:], known, strict=True):
        box.button(finding.title, on_click=take_finding, args=(finding,), icon=":material/visibility:", width="stretch")
    if boxes:
        boxes[0].markdown("**Look for this:**")
    for finding in known:
        if (finding.model, finding.text) == (model, passage.text):
            st.info(finding.look_for, icon=":material/visibility:")


def show_recording(recording: Recording, model: str, passage: Passage, idea: st.delta_generator.DeltaGenerator) -> None:
    layer_box, window_box = st.columns([2, 6])
    with layer_box:
        layer = controls.choose_layer(recording, describe(model)[0])
    cell_type, sizes = cell_type_of(recording.layers[layer]), recording.layers[layer].sizes
    with idea:
        explain(cell_type, model, passage)
    with window_box:
        whole = controls.choose_window(sizes["step"])
    window = narrowed(whole, sizes["unit"], from_start=st.session_state["first"] is not None)
    if window != whole:
        st.caption(f"Of {sizes['unit']:,} units, steps {window.start:,} to {window.stop - 1:,} of these are shown.")
    with waiting("Measuring how long each unit remembers …", sizes["step"] * sizes["unit"]):
        hinted = controls.hinted(recording, layer, model)
        usual = None if cell_type == "RNN" else longest(load_timescale(Reading(model, passage, layer)), hinted=hinted)
    why = "named above" if usual == hinted else "remembers longest"
    why = "most varying" if usual is None else f"{why}: {usual}"
    unit, step, _ = controls.choose_cell(recording, layer, window, usual=usual, why=why, as_read=True)
    selection, chosen = Selection(model, passage, layer, unit, step), st.session_state["unit"] is not None
    peer = recorded_beside(recording, twin(model), passage)
    other = None if peer is None else twin(model)
    if cell_type == "RNN":
        st.info(
            "A simple RNN has no gates that keep or erase: choose a layer of LSTM or GRU cells to see who wrote what."
        )
    else:
        token = show_ledger(recording, selection, window, chosen=chosen)
        show_remembered(recording, selection, token, window)
        show_timescale(recording, selection, window)
        show_saturation(selection, other, sizes["step"])
    show_following(recording, selection, other, window, chosen=chosen)


page()
