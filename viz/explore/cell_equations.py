"""A cell's equations with the numbers of a unit, as LaTeX."""

from math import isfinite

import numpy as np
import xarray as xr

from lstm_core.cells import LSTM, Cell
from viz.theme import cell_type_of, signal_of

LATEX = {
    "tanh": r"\tanh",
    "relu": r"\operatorname{relu}",
    "softsign": r"\operatorname{softsign}",
    "elu": r"\operatorname{elu}",
    "selu": r"\operatorname{selu}",
    "hard_sigmoid": r"\operatorname{hard\,\sigma}",
    "sigmoid": r"\sigma",
    "linear": "",
}


def cell_arithmetic(
    layer: xr.Dataset, unit: int, step: int, *, cell: Cell = LSTM, terms: xr.DataArray | None = None
) -> list[str]:
    """How are c_t and h_t of one unit computed at one step? One line, each number in its signal's colour.

    `layer` is a whole layer of a recording, with the equations of `cell`. A layer that reads backwards comes from step
    t + 1, not t - 1. A simple RNN's only equation is a sum of `terms`, the unit's `preactivation_terms`.
    """
    own = _Numbers(layer, unit, step)
    match cell_type_of(layer):
        case "GRU":
            return [_gru(own)]
        case "RNN":
            return [_rnn(own, cell, terms)]
    return [_lstm(own, cell)]


def _lstm(own: "_Numbers", cell: Cell) -> str:
    before, written = own.before("cell"), own.factor("candidate")
    shown = LATEX[cell.shown.name]
    return (
        rf"c_t = f_t \, c_{{{own.earlier}}} + i_t \, g_t = {own.now('forget')} \times {before} + "
        rf"{own.now('input')} \times {written} = {own.now('cell')} \qquad "
        rf"h_t = o_t {_of('c_t', shown)} = {own.now('output')} \times {_of(own.now('cell'), shown)} = {own.now('hidden')}"
    )


def _gru(own: "_Numbers") -> str:
    update = own.value("update")
    replaced = own.written(1 - update, "update")
    return (
        rf"h_t = (1 - z_t) \, n_t + z_t \, h_{{{own.earlier}}} = {replaced} \times {own.factor('candidate')} + "
        rf"{own.now('update')} \times {own.before('hidden')} = {own.now('hidden')}"
    )


def _rnn(own: "_Numbers", cell: Cell, terms: xr.DataArray | None) -> str:
    squash = LATEX[cell.candidate.name]
    symbols = _of(rf"W x_t + U h_{{{own.earlier}}} + b", squash)
    if terms is None:
        return rf"h_t = {symbols} = {own.now('hidden')}"
    found = [float(term) for term in terms.isel(step=own.step).sel(gate="hidden").to_numpy()]
    total = float(np.clip(sum(found), -cell.clip, cell.clip)) if cell.clip else sum(found)
    parts = "".join(rf" {'-' if term < 0 else '+'} {_number(abs(term))}" for term in found[1:])
    numbers = _of(_number(found[0]) + parts, squash)
    return rf"h_t = {symbols} = {numbers} = {_of(_number(total), squash)} = {own.now('hidden')}"


def _of(inside: str, function: str) -> str:
    return rf"{function}({inside})"


class _Numbers:
    """The numbers of one unit at one step, as LaTeX in the colours of their signals."""

    def __init__(self, layer: xr.Dataset, unit: int, step: int) -> None:
        self.layer, self.unit, self.step = layer, unit, step
        self.earlier = "t+1" if layer.attrs.get("direction") == "reverse" else "t-1"

    def value(self, signal: str) -> float:
        return float(self.layer[signal].sel(unit=self.unit).isel(step=self.step))

    def now(self, signal: str) -> str:
        return self.written(self.value(signal), signal)

    def factor(self, signal: str) -> str:
        return self._factor(self.value(signal), signal)

    def before(self, signal: str) -> str:
        """The signal at the step that the layer read last, as a factor."""
        own, step = self.layer.sel(unit=self.unit), self.step + (1 if self.earlier == "t+1" else -1)
        known = 0 <= step < self.layer.sizes["step"]
        return self._factor(float(own[signal].isel(step=step) if known else own[f"initial_{signal}"]), signal)

    def _factor(self, value: float, signal: str) -> str:
        """A number after a multiplication sign, in parentheses where it is negative."""
        return f"({self.written(value, signal)})" if value < 0 else self.written(value, signal)

    def written(self, value: float, signal: str) -> str:
        colour = signal_of(signal, cell_type_of(self.layer)).colour
        return rf"\textcolor{{{colour}}}{{{_number(value)}}}"


def _number(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else r"\text{–}"
