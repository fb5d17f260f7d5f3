"""What the page Gradients asks: of what the gradient is taken, with respect to what, and which unit's equations are shown."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import LegalTokens, ModelConfig, NextToken, Recording, Values
from lstm_core.analysis import LOSS, Target
from lstm_core.readouts import Labels, Nothing, Readout
from viz.shared import exported, state
from viz.shared.wording import step_noun
from viz.theme import SIGNAL, signal_of

MOST_LISTED = 1_000  # names in a list to choose from; of more, one is typed
INSIDE, READ = "inside", "read"
REACH = "reach"
ROWS = ("index", REACH, "similarity")
HOW = {"step": "at one step", "loss": "the mean loss"}


@dataclass(frozen=True, eq=False)
class Part:
    """One of the things with respect to which gradients are known."""

    name: str  # of a signal where it is one's own: its colour
    title: str
    symbol: str
    values: xr.DataArray  # (step, unit), (step, projection) or (step, feature)


def choose_target(config: ModelConfig, recording: Recording) -> Target:
    """ "Target", "Target step" and "Of": one thing that the model says after one step, or its mean loss.

    Left empty, the step is the last after which it is known what came, and the thing what came or, where that is not known,
    what is likeliest.
    """
    readout, steps = config.readout, recording.prediction.sizes["step"]
    if isinstance(readout, Nothing):
        return LOSS
    comes = isinstance(readout, NextToken | LegalTokens)
    has_loss = steps > 1 and (comes or (isinstance(readout, Values) and readout.ahead))
    left, middle, right = st.columns([5, 3, 4])
    state.reset_unless("target", HOW if has_loss else ["step"])
    with left:
        one = f"{_said(readout, config)} {HOW['step']}"
        how = state.widget(
            st.segmented_control,
            "target",
            "Target",
            list(HOW) if has_loss else ["step"],
            required=True,
            format_func=lambda value: one if value == "step" else HOW[value],
            help="The number L whose gradient is taken.",
        )
    if how == "loss":
        return LOSS
    state.reset_unless("target_step", range(steps))
    usual = max(0, steps - 2) if comes else steps - 1
    with middle:
        about = f"Counted from 0; empty for {usual}."
        step = state.widget(
            st.number_input, "target_step", "Target step", 0, steps - 1, placeholder=f"{usual}, the end", help=about
        )
    step = usual if step is None else int(step)
    with right:
        return Target(step, _choose_of(config, recording, step))


def _said(readout: Readout, config: ModelConfig) -> str:
    noun = step_noun(config.encoder)
    match readout:
        case NextToken():
            return f"next {noun}"
        case LegalTokens():
            return f"legal {noun}"
        case Labels():
            return "label"
    return "value"


def _choose_of(config: ModelConfig, recording: Recording, step: int) -> str | None:
    """ "Of": which of all that the model says there; None for what came. After the last step nothing did: the likeliest."""
    said = recording.prediction
    comes = isinstance(config.readout, NextToken | LegalTokens)
    names = [str(name) for name in said["class" if "probability" in said else "feature"].to_numpy()]
    if len(names) == 1:
        return None
    usual = None if comes and step + 1 < said.sizes["step"] else _likeliest(said, names, step)
    words = (
        "what came next" if usual is None else f"{usual}, {'the likeliest' if 'probability' in said else 'the first'}"
    )
    if len(names) > MOST_LISTED:
        return str(state.widget(st.text_input, "target_of", "Of", placeholder=words)) or usual
    state.reset_unless("target_of", names)
    chosen = state.widget(
        st.selectbox, "target_of", "Of", ["", *dict.fromkeys(names)], format_func=lambda name: name or words
    )
    return str(chosen) or usual


def _likeliest(said: xr.Dataset, names: list[str], step: int) -> str:
    if "probability" not in said:
        return names[0]
    return names[int(np.nan_to_num(said["probability"].transpose("step", "class").to_numpy()[step]).argmax())]


def parts_of(found: xr.Dataset) -> dict[str, Part]:
    """With respect to what are there gradients, memory first? By the name that a link has."""
    cell_type = str(found.attrs["cell_type"])
    parts = {}
    for name in ("cell", "hidden"):
        if name in found:
            signal = signal_of(name, cell_type)
            parts[name] = Part(name, f"{signal.title} {signal.symbol}", signal.symbol, found[name])
    if "projected" in found:
        parts["projected"] = Part("projected", "Projected state", "h'", found["projected"])
    for gate in ("forget", "input", "candidate", "output", "reset", "update", "hidden"):
        if gate in found["gate"].to_numpy():
            inside = found["preactivation"].sel(gate=gate, drop=True)
            signal = signal_of(gate, cell_type)
            parts[INSIDE if gate == "hidden" else gate] = (
                Part(gate, "Inside the activation a", "a", inside)
                if gate == "hidden"
                else Part(gate, f"{signal.title} a_{signal.symbol}", f"a_{signal.symbol}", inside)
            )
    parts[READ] = Part(READ, "Inputs x", "x", found["read"])
    return parts


def choose_part(found: xr.Dataset) -> Part:
    """ "With respect to": the memory, unless chosen."""
    parts = parts_of(found)
    state.reset_unless("gradient", parts, default=next(iter(parts)))
    chosen = state.widget(
        st.pills,
        "gradient",
        "With respect to",
        list(parts),
        kind="-".join(parts),  # another cell's parts are another widget's
        required=True,
        format_func=lambda name: parts[name].title,
        help="Of a gate, with respect to what stands inside its sigmoid or tanh: that is what weights are taught by.",
        wrap=True,
    )
    return parts[str(chosen)]


def choose_rows() -> str:
    """ "Sort units" of a gradient: by their number, by how far their gradients reach, or those that act alike together."""
    state.reset_unless("rows", ROWS)
    about = (
        "By reach: on top the units whose gradient stays largest over all steps. By similarity: of their hidden states."
    )
    return str(state.widget(st.segmented_control, "rows", "Sort units", ROWS, required=True, help=about))


def choose_neuron(found: xr.Dataset) -> tuple[int, int, bool]:
    """ "Unit" and "Step": whose equations are shown, and whether the reader did choose.

    Left empty, the step is the target's, of a mean loss the last but one, and the unit the one with the largest
    gradient there.
    """
    steps, units = found.sizes["step"], found.sizes["unit"]
    state.reset_unless("unit", range(units))
    state.reset_unless("step", range(steps))
    target = int(found.attrs["target_step"])
    usual, where = (target, "the target's") if target >= 0 else (max(0, steps - 2), "the last but one")
    left, right, _ = st.columns([2, 2, 6])
    with left:
        unit = state.widget(st.number_input, "unit", "Unit", 0, units - 1, placeholder="largest gradient")
    with right:
        step = state.widget(st.number_input, "step", "Step", 0, steps - 1, placeholder=where)
    chosen = unit is not None and step is not None
    step = usual if step is None else int(step)
    if unit is None:
        memory = found["cell" if "cell" in found else "hidden"].transpose("step", "unit").to_numpy()[step]
        unit = int(np.nan_to_num(np.abs(memory)).argmax())
    exported.tell("unit", unit)
    exported.tell("step", step)
    return int(unit), step, chosen


def colour_of(part: Part) -> str | None:
    """The colour of its signal; None for what is no signal of its own."""
    return SIGNAL[part.name].colour if part.name in SIGNAL else None
