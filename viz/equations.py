"""The cell's equations with a unit's own numbers in place, as LaTeX."""

import xarray as xr

from viz.theme import SIGNAL


def cell_arithmetic(layer: xr.Dataset, unit: int, step: int) -> list[str]:
    """How did c_t and h_t of one unit come about at one step? One line, each number in its signal's colour.

    `layer` is a whole layer of a recording. A layer that reads backwards follows step t + 1, not t - 1.
    """
    reverse = layer.attrs.get("direction") == "reverse"
    before, name = (step + 1, "t+1") if reverse else (step - 1, "t-1")
    own = layer.sel(unit=unit)
    values = {signal: float(own[signal].isel(step=step)) for signal in SIGNAL}
    known = 0 <= before < layer.sizes["step"]
    previous = float(own["cell"].isel(step=before)) if known else float(own["initial_cell"])
    shown = {signal: _number(value, signal) for signal, value in values.items()}
    kept, written = _factor(previous, "cell"), _factor(values["candidate"], "candidate")
    return [
        rf"c_t = f_t \, c_{{{name}}} + i_t \, g_t = {shown['forget']} \times {kept} + "
        rf"{shown['input']} \times {written} = {shown['cell']} \qquad "
        rf"h_t = o_t \tanh(c_t) = {shown['output']} \times \tanh({shown['cell']}) = {shown['hidden']}"
    ]


def _factor(value: float, signal: str) -> str:
    """A number after a multiplication sign, in parentheses where it is negative."""
    return f"({_number(value, signal)})" if value < 0 else _number(value, signal)


def _number(value: float, signal: str) -> str:
    written = f"{value:.3f}"
    return rf"\textcolor{{{SIGNAL[signal].colour}}}{{{written}}}"
