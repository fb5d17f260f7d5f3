"""What if: clamp a gate, a cell state or a hidden state at a value, and see how the predictions change."""

import streamlit as st

from lstm_core import Recording
from viz.locale import _
from viz.shared import controls, exported, state
from viz.shared.cached import describe
from viz.shared.finding_picker import about_finding
from viz.shared.head import page_head, page_sides
from viz.shared.layer_controls import choose_layer
from viz.shared.model_controls import chosen_model
from viz.shared.passage import Passage
from viz.shared.reading import Reading
from viz.shared.tabs import show_tab
from viz.shared.text_controls import recorded
from viz.what_if.controls import choose_interventions
from viz.what_if.heatmaps_section import show_heatmaps
from viz.what_if.intro import explain
from viz.what_if.knock_out_section import show_knock_out
from viz.what_if.link_format import told
from viz.what_if.sections import intervened_or_reason, show_change, show_moves

MOST_LINKED = 3  # of the units that are changed


def page() -> None:
    state.begin("what_if")
    title = _("What if a gate had stayed open?")
    model_name, passage = page_head(title, page="what_if", explain=explain_here, note=False)
    recording = recorded(model_name, passage)
    if recording is not None:
        show_what_if(recording, model_name, passage)
    state.finish()


def explain_here() -> None:
    config = describe(chosen_model())[0]
    layer = st.session_state["layer"]
    explain(config, layer if layer in config.layer_names else config.layer_names[0])


def show_what_if(recording: Recording, model_name: str, passage: Passage) -> None:
    """The change on the left, its effect on the right; below, what is looked at less often."""
    first, left, right = page_sides()
    with first:
        layer_name = choose_layer(recording, describe(model_name)[0])
    with left:
        interventions = choose_interventions(Reading(model_name, passage, layer_name), first)
        more = st.popover(_("More"), icon=":material/tune:")
        about_finding("what_if")
        with st.container(horizontal=True):
            for unit in (interventions[-1].units or ())[:MOST_LINKED]:
                controls.offer_unit(model_name, layer_name, unit, key=f"changed-{unit}")
    exported.tell("held", "; ".join(map(told, interventions)))
    steps = recording.layers[layer_name].sizes["step"]
    with more:
        window = controls.choose_window(steps)
    with right:
        result = intervened_or_reason(model_name, passage, interventions, steps)
    if result is None:
        return
    with right, st.container(key="effect"):
        step = show_change(recording, result, model_name, window, more)
        show_heatmaps(recording, result, model_name, passage, interventions, window, more)

    def ranking() -> None:
        show_knock_out(recording, model_name, passage, interventions)

    def moves() -> None:
        show_moves(recording, result, model_name, window, step)

    with st.container(key="below"):
        show_tab(
            {
                "ranking": (_("Which units does the model need?"), ranking),
                "moves": (_("How far each prediction moves"), moves),
            }
        )


page()
