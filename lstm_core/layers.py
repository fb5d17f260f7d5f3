"""One direction of one recurrent layer, whichever module it comes from: its equations, its weights, its signals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lstm_core.cells import (
    GRU,
    LSTM,
    RELU,
    RNN,
    Cell,
    Edit,
    GRUStep,
    LSTMStep,
    RNNStep,
    Step,
    gru_step,
    lstm_step,
    rnn_step,
    unedited,
)
from lstm_core.kernels import KERNELS, fixed_module, run_kernel
from lstm_core.scan import linear_scan
from lstm_core.weights import WEIGHT_KINDS, Weights

State = tuple[Tensor, Tensor]
"""(hidden, cell): each (layers * directions, unit) in torch's order, or in a `Stack`, whose layers may differ in size,
one vector for all of them, one layer's after the other's. GRUs and simple layers take no notice of the cell."""


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction of one recurrent layer."""

    name: str  # layer0, layer0_reverse, layer1, ...
    cell: Cell
    weights: Weights

    @property
    def reverse(self) -> bool:
        """Does it read the sequence backwards?"""
        return self.name.endswith("_reverse")

    @property
    def units(self) -> int:
        return self.weights.weight_hh.shape[0] // len(self.cell.gates)

    @property
    def output_size(self) -> int:
        """How many numbers does it output at each step? Its units, or fewer with a projection."""
        return self.weights.weight_hh.shape[1]

    def step(self, x: Tensor, hidden: Tensor, cell: Tensor, *, edit: Edit = unedited) -> Step:
        """One step by the equations: `hidden` is its output at the step before, `cell` its cell state then."""
        w = self.weights
        match self.cell.type:
            case "LSTM":
                return lstm_step(
                    x,
                    hidden,
                    cell,
                    weight_ih=w.weight_ih,
                    weight_hh=w.weight_hh,
                    bias=w.bias,
                    peephole=w.peephole,
                    variant=self.cell,
                    edit=edit,
                )
            case "GRU":
                return gru_step(
                    x,
                    hidden,
                    weight_ih=w.weight_ih,
                    weight_hh=w.weight_hh,
                    bias_ih=w.bias_ih,
                    bias_hh=w.bias_hh,
                    variant=self.cell,
                    edit=edit,
                )
            case "RNN":
                return rnn_step(
                    x,
                    hidden,
                    weight_ih=w.weight_ih,
                    weight_hh=w.weight_hh,
                    bias=w.bias,
                    variant=self.cell,
                    edit=edit,
                )

    def output_of(self, step: Step) -> Tensor:
        """The output of a step, read by the layer above and the next step: the hidden state, or its projection."""
        projection = self.weights.projection
        return step.hidden if projection is None else torch.nn.functional.linear(step.hidden, projection)

    def signals(self, x: Float[Tensor, "step feature"], hidden: Tensor, cell: Tensor) -> tuple[Step, Tensor]:
        """All signals over (step, unit), and its output, (step, output), from the initial `hidden` and `cell`.

        Where torch has a kernel, by the kernel and what follows from its outputs; else step by step.
        """
        if self.reverse:
            x = x.flip(0)
        if self.kernel is None:
            found, output, _ = self.by_loop(x, hidden, cell)
        else:
            output = self._kernel_outputs(x, hidden, cell)[0]
            found = self.gates_from_outputs(x, output, hidden, cell)
        if self.reverse:
            return type(found)(*(signal.flip(0) for signal in found)), output.flip(0)
        return found, output

    def outputs(self, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Its output at each step, (step, *batch, output), and its hidden and cell state after the last one it reads.

        `hidden` and `cell` are (*batch, output) and (*batch, unit).
        """
        if self.reverse:
            x = x.flip(0)
        if self.kernel is None or len(x) == 1:
            steps = []
            for row in x:
                found = self.step(row, hidden, cell)
                hidden = self.output_of(found)
                cell = found.cell if isinstance(found, LSTMStep) else cell
                steps.append(hidden)
            output = torch.stack(steps)
        else:
            output, hidden, cell = self._kernel_outputs(x, hidden, cell)
        return output.flip(0) if self.reverse else output, hidden, cell

    def gates_from_outputs(self, x: Tensor, output: Tensor, hidden: Tensor, cell: Tensor) -> Step:
        """Recover every gate from the kernel's outputs, for all steps at once, in reading order."""
        steps, gates = output.shape[0], len(self.cell.gates)
        w, units = self.weights, self.units
        if self.cell.type == "RNN":
            return RNNStep(hidden=output)
        before = torch.cat([hidden[None], output[:-1]])
        stacked = x.new_empty(gates, steps, units)
        apart = self.cell.type == "GRU"  # its candidate takes the two halves one by one
        summed = w.bias_ih if apart else w.bias
        for gate, (w_gate, u_gate) in enumerate(zip(w.weight_ih.split(units), w.weight_hh.split(units), strict=True)):
            rows = slice(gate * units, (gate + 1) * units)
            if summed is None:
                torch.mm(x, w_gate.T, out=stacked[gate])
            else:
                torch.addmm(summed[rows], x, w_gate.T, out=stacked[gate])
            if not (apart and gate == 2):
                stacked[gate].addmm_(before, u_gate.T)
        if apart:
            return self._gru_gates(stacked, before)
        stacked[:2].sigmoid_()
        stacked[2].tanh_()
        stacked[3].sigmoid_()
        i, f, g, o = stacked
        c = linear_scan(f, i * g, cell)
        h = output if w.projection is None else o * c.tanh()
        return LSTMStep(input=i, forget=f, candidate=g, output=o, cell=c, hidden=h)

    def _gru_gates(self, stacked: Tensor, before: Tensor) -> GRUStep:
        units, bias = self.units, self.weights.bias_hh
        if bias is not None:
            stacked[:2] += bias[: 2 * units].view(2, 1, units)
        r, z = stacked[:2].sigmoid_()
        u = torch.nn.functional.linear(
            before, self.weights.weight_hh[2 * units :], None if bias is None else bias[2 * units :]
        )
        n = torch.addcmul(stacked[2], r, u).tanh_()
        return GRUStep(reset=r, update=z, candidate=n, hidden=torch.lerp(n, before, z))

    def by_loop(self, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Step, Tensor, State]:
        """All signals of these steps, (step, *batch, unit), its output, and its state after the last: by the equations.

        In the order of `x`, whichever way it reads; `hidden` and `cell` are (*batch, output) and (*batch, unit).
        """
        steps, outputs = [], []
        for row in x:
            found = self.step(row, hidden, cell)
            hidden = self.output_of(found)
            cell = found.cell if isinstance(found, LSTMStep) else cell
            steps.append(found)
            outputs.append(hidden)
        return stacked_steps(steps), torch.stack(outputs), (hidden, cell)

    @property
    def kernel(self) -> type[nn.RNNBase] | None:
        """The torch kernel that computes exactly this cell; None if there is none."""
        # Torch warns of its kernel for projections, which is no faster than the equations.
        if not self.cell.textbook or self.weights.peephole is not None or self.weights.projection is not None:
            return None
        return KERNELS[self.cell.type]

    def _kernel_outputs(self, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return run_kernel(self.cell, self.weights, x, hidden, cell)


def fused(directions: Sequence[Direction]) -> nn.RNNBase:
    """The torch module for one layer of these one or two directions, with the same weights."""
    return fixed_module(directions[0].cell, [direction.weights for direction in directions])


def stacked_steps(steps: Sequence[Step]) -> Step:
    """One step's signals for each of many, as signals over (step, ...)."""
    return type(steps[0])(*(torch.stack(signal) for signal in zip(*steps, strict=True)))


def layer_names(layers: int, bidirectional: bool) -> tuple[str, ...]:
    suffixes = ("", "_reverse") if bidirectional else ("",)
    return tuple(f"layer{layer}{suffix}" for layer in range(layers) for suffix in suffixes)


def layer_number(name: str) -> int:
    """The number of the layer, from 0 at the bottom: 2 for "layer2" and for "layer2_reverse".

    >>> layer_number("layer2_reverse")
    2
    """
    return int(name.removeprefix("layer").removesuffix("_reverse"))


def directions_of(module: nn.RNNBase) -> list[list[Direction]]:
    """Every direction of every layer of a `torch.nn.LSTM`, `GRU` or `RNN`, layer by layer."""
    cell = cell_named(module.mode)
    suffixes = ("", "_reverse") if module.bidirectional else ("",)
    return [
        [Direction(name, cell, weights_of(module, name)) for name in (f"layer{number}{suffix}" for suffix in suffixes)]
        for number in range(module.num_layers)
    ]


def cell_named(mode: str) -> Cell:
    """The equations of torch's LSTM, GRU, RNN_TANH or RNN_RELU."""
    return {"LSTM": LSTM, "GRU": GRU, "RNN_RELU": Cell("RNN", candidate=RELU)}.get(mode, RNN)


def weights_of(module: nn.Module, name: str) -> Weights:
    """The weights of the direction `name` of a module that names them as torch does."""
    end = f"l{layer_number(name)}" + ("_reverse" if name.endswith("_reverse") else "")
    own: list[Any] = [getattr(module, f"{kind}_{end}", None) for kind in WEIGHT_KINDS]
    return Weights(*own)
