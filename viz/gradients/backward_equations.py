"""An LSTM's backward equations with a unit's own numbers in place, as LaTeX."""

from math import isfinite, tanh

import numpy as np
import pandas as pd
import xarray as xr

from viz.locale import N_, _
from viz.theme import legible, signal_of

TOP = 8  # weights of a unit that are listed
DROPPED = N_("often dropped")


def backward_lines(
    equations: xr.Dataset, gradients: xr.Dataset, layer: xr.Dataset, unit: int, step: int, *, dark: bool = False
) -> list[str]:
    """How are the gradients of one unit at one step computed from each other? Ten equations, each as left &= right.

    `equations` are `lstm_core.analysis.backward`'s, of `gradients` and the `layer` of the recording. Signals have their
    colours, gradients none. In a layer that reads backwards the later step is t - 1.
    """
    own = _Unit(equations, layer, unit, step, dark=dark)
    direct = float(gradients["direct"].sel(unit=unit).isel(step=step))
    return [*_of_signals(own, direct), *_inside_gates(own)]


def _of_signals(own: "_Unit", direct: float) -> list[str]:
    later, before = own.later, own.before
    d_hidden, d_cell, cell = own.gradient("hidden"), own.gradient("cell"), own.value("cell")
    shown = own.coloured(tanh(cell), "cell")
    opened = own.coloured(1 - tanh(cell) ** 2, "cell")
    remaining, carried = own.from_later()
    return [
        rf"{_d('h_t')} &= \text{{{_('direct')}}} + U^\top {_d(f'a_{{{later}}}')} = "
        rf"{number(direct)} + {_factor(d_hidden - direct)} = {number(d_hidden)}",
        rf"{_d('o_t')} &= {_d('h_t')} \cdot \tanh c_t = {number(d_hidden)} \cdot {shown} = {number(own.gradient('output'))}",
        rf"{_d('c_t')} &= {_d('h_t')} \cdot o_t \cdot (1 - \tanh^2 c_t) + f_{{{later}}} \cdot {_d(f'c_{{{later}}}')} = "
        rf"{number(d_hidden)} \cdot {own.now('output')} \cdot {opened} + {own.coloured(remaining, 'forget')} \cdot "
        rf"{_factor(carried)} = {number(d_cell)}",
        rf"{_d('f_t')} &= {_d('c_t')} \cdot c_{{{before}}} = {number(d_cell)} \cdot "
        rf"{own.coloured(own.cell_before(), 'cell')} = {number(own.gradient('forget'))}",
        rf"{_d('i_t')} &= {_d('c_t')} \cdot g_t = {number(d_cell)} \cdot {own.now('candidate')} = {number(own.gradient('input'))}",
        rf"{_d('g_t')} &= {_d('c_t')} \cdot i_t = {number(d_cell)} \cdot {own.now('input')} = {number(own.gradient('candidate'))}",
    ]


def _inside_gates(own: "_Unit") -> list[str]:
    lines = []
    for gate in ("output", "forget", "input", "candidate"):
        symbol, value = signal_of(gate).symbol, own.value(gate)
        slope = "1 - g_t^2" if gate == "candidate" else rf"{symbol}_t \cdot (1 - {symbol}_t)"
        factors = (
            own.coloured(1 - value * value, gate)
            if gate == "candidate"
            else rf"{own.now(gate)} \cdot {own.coloured(1 - value, gate)}"
        )
        if gate == "output":
            slope = rf"\underbrace{{{slope}}}_{{\text{{{_(DROPPED)}}}}}"
        elif gate == "candidate":
            slope = f"({slope})"
        lines.append(
            rf"{_d(f'a_{{{symbol},t}}')} &= {_d(f'{symbol}_t')} \cdot {slope} = {number(own.gradient(gate))} \cdot {factors} = "
            rf"{number(float(own.equations['preactivation'].sel(gate=gate)))}"
        )
    return lines


def aligned(lines: list[str]) -> str:
    """The lines under each other, their equals signs in one column."""
    return r"\begin{aligned}" + r"\\[2pt]".join(lines) + r"\end{aligned}\;"


def weight_table(equations: xr.Dataset, unit: int, *, count: int | None = TOP) -> pd.DataFrame:
    """Which weights of a unit would change the target most? The `count` largest |dL/dw| of all its gates (None: all).

    Columns: "weight", its symbol with its place; "of" the gate; "from" where; "gradient", over the whole text.
    """
    own = equations.sel(unit=unit)
    parts = []
    for name, symbol, source in (("weight_ih", "W", "input"), ("weight_hh", "U", "unit"), ("bias", "b", "")):
        for gate in own["gate"].to_numpy().tolist():
            values = np.atleast_1d(own[name].sel(gate=gate).to_numpy())
            letter = signal_of(gate).symbol
            parts.append(
                pd.DataFrame(
                    {
                        "weight": [
                            f"{symbol}_{letter}" + (f"[{unit}, {at}]" if source else f"[{unit}]")
                            for at in range(values.size)
                        ],
                        "of": signal_of(gate).title,
                        "from": [f"{source} {at}" if source else "bias" for at in range(values.size)],
                        "gradient": values,
                    }
                )
            )
    every = pd.concat(parts, ignore_index=True)
    return every.loc[every["gradient"].abs().sort_values(ascending=False, kind="stable").index[:count]]


def number(value: float) -> str:
    """Three significant digits as LaTeX: gradients go from thousands to 1e-40."""
    if not isfinite(value):
        return r"\text{–}"
    mantissa, _e, power = f"{value:.3g}".partition("e")
    return rf"{mantissa} \times 10^{{{int(power)}}}" if power else mantissa


def _factor(value: float) -> str:
    """A number after a sign, in parentheses where it is negative."""
    return f"({number(value)})" if value < 0 else number(value)


def _d(variable: str) -> str:
    return rf"\mathrm{{d}}L/\mathrm{{d}}{variable}"


class _Unit:
    """One unit's numbers at one step: its signals in their colours, and its gradients."""

    def __init__(self, equations: xr.Dataset, layer: xr.Dataset, unit: int, step: int, *, dark: bool) -> None:
        self.dark = dark
        self.whole, self.layer, self.step = equations.sel(unit=unit), layer.sel(unit=unit), step
        self.equations = self.whole.isel(step=step)
        self.forwards = -1 if layer.attrs.get("direction") == "reverse" else 1
        self.later, self.before = ("t+1", "t-1") if self.forwards == 1 else ("t-1", "t+1")

    def gradient(self, signal: str) -> float:
        return float(self.equations[signal])

    def value(self, signal: str) -> float:
        return float(self.layer[signal].isel(step=self.step))

    def now(self, signal: str) -> str:
        return self.coloured(self.value(signal), signal)

    def cell_before(self) -> float:
        """c at the step that the layer read before."""
        at = self.step - self.forwards
        known = 0 <= at < self.layer.sizes["step"]
        return float(self.layer["cell"].isel(step=at) if known else self.layer["initial_cell"])

    def from_later(self) -> tuple[float, float]:
        """The forget gate and dL/dc at the step that the layer read next; zeros after the last."""
        at = self.step + self.forwards
        if not 0 <= at < self.layer.sizes["step"]:
            return 0.0, 0.0
        return float(self.layer["forget"].isel(step=at)), float(self.whole["cell"].isel(step=at))

    def coloured(self, value: float, signal: str) -> str:
        return rf"\textcolor{{{legible(signal_of(signal).colour, dark=self.dark)}}}{{{_factor(value)}}}"
