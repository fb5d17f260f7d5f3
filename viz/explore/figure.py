"""The heatmaps and traces of Explore as Plotly figures, with their downloads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from lstm_core import Recording
from lstm_core.cells import CellType
from viz.explore.unit_detail import about, show_traces
from viz.figures import heatmaps, traces
from viz.locale import N_, _
from viz.shared import controls
from viz.shared.cached import describe
from viz.shared.clicks import set_by_click
from viz.shared.controls import Selection, Window
from viz.shared.downloads import figure_downloads, recording_downloads, show
from viz.shared.passage import Passage
from viz.shared.prediction_text import about_predictions, prediction_panels
from viz.shared.wording import gaps_in_words, step_noun, step_nouns
from viz.theme import cell_type_of

CHART = "heatmaps"
LISTED = 5  # predictions above each step, where a model chooses among many
TRACED = 4  # units that have lines until the reader chooses
COLOURS: dict[CellType, str] = {
    "LSTM": N_(
        "Gates: strong colour = open, pale = closed. Candidate, cell and hidden state: orange above zero, blue below."
    ),
    "GRU": N_("Gates: strong colour = open, pale = closed. Candidate and hidden state: orange above zero, blue below."),
    "RNN": N_("The hidden state is orange above zero and blue below."),
}


@dataclass(frozen=True, eq=False)
class Shown:
    """What a figure shows of a recording."""

    recording: Recording
    model_name: str
    passage: Passage
    layer_name: str
    window: Window
    signals: list[str]
    order: list[int]  # the units that have rows, from the top

    @property
    def choice(self) -> tuple[object, ...]:
        return self.model_name, self.layer_name, self.passage


def show_heatmaps(shown: Shown) -> Callable[..., go.Figure]:
    """The heatmaps. Returns a function that draws them again, for a download."""
    config = describe(shown.model_name)[0]
    layer, prediction = shown.recording.layers[shown.layer_name], shown.recording.prediction
    tokens = step_noun(config.encoder), step_nouns(config.encoder)
    draw = partial(
        heatmaps,
        layer.isel(step=shown.window.steps),
        signals=shown.signals,
        order=shown.order,
        **prediction_panels(prediction, shown.window.steps, config.readout, count=LISTED),
        dark=controls.is_dark(),
    )
    alt = _("Heatmaps of every unit (rows) at every {token} (columns), one for each signal").format(token=tokens[0])
    show(draw, key=CHART, alt=alt)
    sentences = (
        _("Each column is a {token}, each row a unit.").format(token=tokens[0]),
        _(COLOURS[cell_type_of(layer)]),
        about_predictions(prediction, tokens, count=LISTED),
        _("**Click a cell to follow its unit.** Drag to zoom, double-click to reset."),
    )
    st.caption(" ".join(sentences) + gaps_in_words(layer[shown.signals].isel(step=shown.window.steps)))
    return draw


def listen(shown: Shown, selection: Selection, *, chosen: bool) -> None:
    """Let clicks on the heatmaps choose unit and step, and mark the chosen cell."""
    marked = chosen and selection.unit in shown.order
    set_by_click(
        CHART,
        lambda picked: {"unit": shown.order[picked.row], "step": shown.window.start + picked.column},
        shown=(shown.choice, shown.window.start, tuple(shown.order)),
        row=shown.order.index(selection.unit) if marked else None,
        column=selection.step - shown.window.start if chosen else None,
    )


def show_unit(
    shown: Shown, selection: Selection, draw: Callable[..., go.Figure] | None, units: list[int], *, chosen: bool
) -> None:
    """One unit step by step, beside `units`; all downloads; and facts about the model."""
    layer, selected = shown.recording.layers[shown.layer_name], (selection.step, selection.unit)
    window = shown.window
    lines = partial(traces, layer.isel(step=window.steps), units=units, selected=selected, dark=controls.is_dark())
    show_traces(shown.recording, selection, lines)
    st.divider()
    downloads = st.columns([2, 2, 2, 2], vertical_alignment="center")
    with downloads[0]:
        if draw is not None:
            figure_downloads(_("Heatmaps"), partial(draw, selected=selected if chosen else None), key=CHART)
    with downloads[1]:
        figure_downloads(_("Traces"), lines, key="traces")
    recording_downloads(shown.recording, shown.layer_name, window.steps, boxes=downloads[2:])
    about(shown.model_name)
