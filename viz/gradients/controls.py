"""The choices of the page Gradients: the target, with respect to what, and which unit's equations are shown."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import LegalTokens, ModelConfig, NextToken, Recording, Values
from lstm_core.analysis import LOSS, Target
from lstm_core.readouts import Labels, Nothing, Readout
from viz.locale import N_, _
from viz.shared import controls, exported, state
from viz.shared.wording import step_noun
from viz.theme import SIGNAL, signal_of

MOST_LISTED = 1_000  # names in a list to choose from; with more, the name is typed
INSIDE, READ = "inside", "read"
REACH = "reach"
ROWS = {"index": N_("index"), REACH: N_("reach"), "similarity": N_("similarity")}
HOW = ("step", "loss")


@dataclass(frozen=True, eq=False)
class Part:
    """A signal with respect to which the gradient is known."""

    name: str  # of the signal that gives the colour, if any
    title: str
    symbol: str
    values: xr.DataArray  # (step, unit), (step, projection) or (step, feature)


def choose_target(config: ModelConfig, recording: Recording) -> Target:
    """ "Target", "Target step" and "Of": one prediction after one step, or the mean loss.

    Left empty, the step is the last with a known next token, and "Of" that token or, if it is unknown, the likeliest.
    """
    readout, steps = config.readout, recording.prediction.sizes["step"]
    if isinstance(readout, Nothing):
        return LOSS
    comes = isinstance(readout, NextToken | LegalTokens)
    has_loss = steps > 1 and (comes or (isinstance(readout, Values) and readout.ahead))
    state.reset_unless("target", HOW if has_loss else ["step"])
    titles = {"step": _one_step(readout, config), "loss": _("the mean loss")}
    how = state.widget(
        st.segmented_control,
        "target",
        _("Target"),
        list(HOW) if has_loss else ["step"],
        required=True,
        format_func=lambda value: titles[value],
        help=_("The number L whose gradient is taken."),
    )
    left, right = st.columns(2)
    if how == "loss":
        return LOSS
    state.reset_unless("target_step", range(steps))
    usual = max(0, steps - 2) if comes else steps - 1
    with left:
        about = _("Counted from 0; empty for {step}.").format(step=usual)
        end = _("end: {step}").format(step=usual)
        step = state.widget(st.number_input, "target_step", _("Target step"), 0, steps - 1, placeholder=end, help=about)
    step = usual if step is None else int(step)
    with right:
        return Target(step, _choose_of(config, recording, step))


def _one_step(readout: Readout, config: ModelConfig) -> str:
    noun = step_noun(config.encoder)
    match readout:
        case NextToken():
            return _("next {token} at one step").format(token=noun)
        case LegalTokens():
            return _("legal {token} at one step").format(token=noun)
        case Labels():
            return _("label at one step")
    return _("value at one step")


def _choose_of(config: ModelConfig, recording: Recording, step: int) -> str | None:
    """ "Of": which of the model's outputs there; None for the token that came, and the likeliest after the last step."""
    prediction = recording.prediction
    comes = isinstance(config.readout, NextToken | LegalTokens)
    names = [str(name) for name in prediction["class" if "probability" in prediction else "feature"].to_numpy()]
    if len(names) == 1:
        return None
    usual = None if comes and step + 1 < prediction.sizes["step"] else _likeliest(prediction, names, step)
    likeliest = _("{name}, the likeliest") if "probability" in prediction else _("{name}, the first")
    words = _("what came next") if usual is None else likeliest.format(name=usual)
    if len(names) > MOST_LISTED:
        return str(state.widget(st.text_input, "target_of", _("Of"), placeholder=words)) or usual
    state.reset_unless("target_of", names)
    chosen = state.widget(
        st.selectbox, "target_of", _("Of"), ["", *dict.fromkeys(names)], format_func=lambda name: name or words
    )
    return str(chosen) or usual


def _likeliest(prediction: xr.Dataset, names: list[str], step: int) -> str:
    if "probability" not in prediction:
        return names[0]
    return names[int(np.nan_to_num(prediction["probability"].transpose("step", "class").to_numpy()[step]).argmax())]


def parts_of(found: xr.Dataset) -> dict[str, Part]:
    """The signals with known gradients, memory first, by the name that a link has."""
    cell_type = str(found.attrs["cell_type"])
    parts = {}
    for name in ("cell", "hidden"):
        if name in found:
            signal = signal_of(name, cell_type)
            parts[name] = Part(name, f"{_(signal.title)} {signal.symbol}", signal.symbol, found[name])
    if "projected" in found:
        parts["projected"] = Part("projected", _("Projected state"), "h'", found["projected"])
    for gate in ("forget", "input", "candidate", "output", "reset", "update", "hidden"):
        if gate in found["gate"].to_numpy():
            inside = found["preactivation"].sel(gate=gate, drop=True)
            signal = signal_of(gate, cell_type)
            parts[INSIDE if gate == "hidden" else gate] = (
                Part(gate, _("Pre-activation a"), "a", inside)
                if gate == "hidden"
                else Part(gate, f"{_(signal.title)} a_{signal.symbol}", f"a_{signal.symbol}", inside)
            )
    parts[READ] = Part(READ, _("Inputs x"), "x", found["read"])
    return parts


def choose_part(found: xr.Dataset) -> Part:
    """ "With respect to": the memory by default."""
    parts = parts_of(found)
    state.reset_unless("gradient", parts, default=next(iter(parts)))
    chosen = state.widget(
        st.pills,
        "gradient",
        _("With respect to"),
        list(parts),
        kind="-".join(parts),  # another cell's parts are another widget's
        required=True,
        format_func=lambda name: parts[name].title,
        help=_("Of a gate: its pre-activation a, the input of its sigmoid or tanh, from which the weights learn."),
        wrap=True,
    )
    return parts[str(chosen)]


def choose_rows() -> str:
    """ "Sort units" of a gradient: by number, by how far their gradients reach, or by similarity."""
    state.reset_unless("rows", ROWS)
    about = _("By reach: the units whose gradient stays largest over all steps first. By similarity: of hidden states.")
    return str(
        state.widget(
            st.segmented_control,
            "rows",
            _("Sort units"),
            list(ROWS),
            format_func=lambda name: _(ROWS[name]),
            required=True,
            help=about,
        )
    )


def choose_neuron(found: xr.Dataset, model_name: str, layer_name: str) -> tuple[int, int, bool]:
    """ "Unit" and "Step": whose equations are shown, and whether the reader chose them.

    Left empty, the step is the target's, for a mean loss the last but one, and the unit has the largest gradient there.
    """
    steps, units = found.sizes["step"], found.sizes["unit"]
    state.reset_unless("unit", range(units))
    state.reset_unless("step", range(steps))
    target = int(found.attrs["target_step"])
    usual, where = (target, _("the target's")) if target >= 0 else (max(0, steps - 2), _("the last but one"))
    left, right, rest = st.columns([2, 2, 6], vertical_alignment="bottom")
    with left:
        unit = state.widget(st.number_input, "unit", _("Unit"), 0, units - 1, placeholder=_("largest gradient"))
    with right:
        step = state.widget(st.number_input, "step", _("Step"), 0, steps - 1, placeholder=where)
    chosen = unit is not None and step is not None
    step = usual if step is None else int(step)
    if unit is None:
        memory = found["cell" if "cell" in found else "hidden"].transpose("step", "unit").to_numpy()[step]
        unit = int(np.nan_to_num(np.abs(memory)).argmax())
    with rest:
        controls.offer_unit(model_name, layer_name, int(unit))
    exported.tell("unit", unit)
    exported.tell("step", step)
    return int(unit), step, chosen


def colour_of(part: Part) -> str | None:
    """The colour of its signal; None if it is not a recorded signal."""
    return SIGNAL[part.name].colour if part.name in SIGNAL else None
