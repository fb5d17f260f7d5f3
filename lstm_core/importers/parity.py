"""Parity: how far are our recorded states from the framework's own?"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import torch
from torch import Tensor, nn

from lstm_core.cells import RELU
from lstm_core.encoders import Tokens
from lstm_core.importers.imported import Framework
from lstm_core.layers import Direction, State
from lstm_core.model import SequenceModel
from lstm_core.record import checked_state, full_float32, record
from lstm_core.stack import Layout, StackedLayer, stacked_layers

COMPARED = "largest difference from torch's own {layers} {difference:.1e}, over {steps:,} steps"
WHY_NOT: dict[Framework, str] = {
    "PyTorch": "torch has no layer with these equations to run beside ours",
    "Keras": "Keras is not part of Gatescope; its tests compare such files with Keras itself",
    "ONNX": "Gatescope never runs an uploaded graph; its tests compare such files with onnxruntime",
    "TensorFlow": "TensorFlow is not part of Gatescope; its tests compare the cells of TensorFlow with TensorFlow's own outputs",
}


@dataclass(frozen=True)
class Parity:
    """How a model's recorded states compare with its framework's own.

    >>> Parity(difference=2e-7, steps=100, note="").difference < 1e-6
    True
    """

    difference: float | None  # the largest absolute one over all hidden states and last cell states; None: not verified
    steps: int  # over so many steps of a text
    note: str  # the layers of torch that it was compared with, or why it was not compared

    @property
    def line(self) -> str:
        """What stands beside the badge: the largest difference and its reference, or why there is none."""
        return self.line_in(str)

    def line_in(self, translated: Callable[[str], str]) -> str:
        """`line` in another language; `translated` looks up one of this module's sentences."""
        if self.difference is None:
            return translated(self.note)
        return translated(COMPARED).format(layers=self.note, difference=self.difference, steps=self.steps)


def parity(model: SequenceModel, tokens: Tokens, framework: Framework) -> Parity:
    """How far are the hidden and cell states that we record on `tokens` from the framework's own?

    A PyTorch model is run by torch's own modules, layer on layer, from what the first layer reads; the hidden states
    that these give are compared with ours and with those that follow from our gates, and so are the cell states. Files of
    other frameworks cannot be verified here, nor can states that become NaN or infinite.

    >>> import torch
    >>> from lstm_core.importers import Chain, build_model, parity
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights)
    >>> model = build_model(chain)
    >>> parity(model, model.encode("1:2:3 4:5:6"), "PyTorch").difference < 1e-6
    True
    """
    layouts = model.config.stack
    if framework != "PyTorch" or not all(_in_torch(layout) for layout in layouts):
        return Parity(None, len(tokens), WHY_NOT[framework])
    if not all(bool(weights.isfinite().all()) for weights in model.state_dict().values()):
        return Parity(None, len(tokens), "some of its weights are not numbers, and nothing equals what is not a number")
    recording = record(model, tokens)
    found: list[Tensor] = []
    with torch.inference_mode(), full_float32():
        x = model.embedding(model.inputs(tokens))
        initial = zip(*checked_state(model.lstm, None, x[0]), strict=True)
        for stacked, layout in zip(stacked_layers(model.lstm), layouts, strict=True):
            # For projections torch has no fused kernel of single precision on a CPU, and warns when it is asked.
            precise = torch.float64 if layout.projection else torch.float32
            first = [next(initial) for _ in stacked.directions]
            before, (x, end) = (
                x,
                torch_module(stacked, layout, precise)(x.to(precise), _started(stacked, first, precise)),
            )
            x = x.float()
            cells = end[1].float() if isinstance(end, tuple) else [None] * len(stacked.directions)
            outputs = x.split(layout.output_size, dim=-1)
            for own, cell, output, (hidden, empty) in zip(stacked.directions, cells, outputs, first, strict=True):
                dataset = recording.layers[own.name]
                ours = {str(name): torch.from_numpy(one.to_numpy()) for name, one in dataset.items()}
                recorded = ours.get("projected", ours["hidden"])
                differences = [recorded - output, _implied(own, ours, before, output, (hidden, empty)) - output]
                if own.cell.type == "GRU":
                    expected = (1 - ours["update"]) * ours["candidate"] + ours["update"] * _before(output, own, hidden)
                    differences.append(expected - output)
                if cell is not None:
                    differences.append(ours["cell"][0 if own.reverse else -1] - cell)
                    expected = ours["forget"] * _before(ours["cell"], own, empty) + ours["input"] * ours["candidate"]
                    differences.append(expected - ours["cell"])
                found += [one.abs().max() for one in differences]
    worst = float(torch.stack(found).max())  # NaN where one of them is, unlike Python's own max
    if not isfinite(worst):
        return Parity(None, len(tokens), "its states become NaN or infinite on this text, so they cannot be compared")
    return Parity(worst, len(tokens), _names(layouts))


def _started(stacked: StackedLayer, first: list[State], precise: torch.dtype) -> Any:
    """The state before the first step as torch's module takes it, both directions in one."""
    hidden, cell = (torch.stack(parts).to(precise) for parts in zip(*first, strict=True))
    return (hidden, cell) if stacked.directions[0].cell.type == "LSTM" else hidden


def _implied(direction: Direction, ours: dict[str, Tensor], x: Tensor, output: Tensor, first: State) -> Tensor:
    """The layer's output if our gates are right: h from them, with the framework's own states before each step."""
    before = _before(output, direction, first[0])
    match direction.cell.type:
        case "LSTM":
            hidden = ours["output"] * ours["cell"].tanh()
        case "GRU":
            hidden = (1 - ours["update"]) * _candidate(direction, ours["reset"], x, before) + ours["update"] * before
        case _:
            hidden = direction.step(x, before, before).hidden
    projection = direction.weights.projection
    return hidden if projection is None else nn.functional.linear(hidden, projection)


def _candidate(direction: Direction, reset: Tensor, x: Tensor, before: Tensor) -> Tensor:
    """A GRU's candidate, if its reset gate is right."""
    w, early = direction.weights, 2 * direction.units
    biases = [None if bias is None else bias[early:] for bias in (w.bias_ih, w.bias_hh)]
    read = nn.functional.linear(x, w.weight_ih[early:], biases[0])
    return torch.tanh(read + reset * nn.functional.linear(before, w.weight_hh[early:], biases[1]))


def _before(values: Tensor, direction: Direction, first: Tensor) -> Tensor:
    """What stood there one step earlier in the order of reading, `first` before the first."""
    return torch.cat([values[1:], first[None]] if direction.reverse else [first[None], values[:-1]])


def _in_torch(layout: Layout) -> bool:
    return (
        layout.cell.textbook
        and not layout.peephole
        and layout.merge == "concat"
        and layout.reading != "reverse"
        and not layout.ends
    )


def _names(layouts: tuple[Layout, ...]) -> str:
    return " and ".join(dict.fromkeys(layout.cell.type for layout in layouts))


def torch_module(stacked: StackedLayer, layout: Layout, precise: torch.dtype) -> nn.RNNBase:
    """torch's own module for one layer of a stack that it can compute, with the weights loaded."""
    options: dict[str, Any] = {"bidirectional": layout.reading == "both"}
    if layout.projection:
        options["proj_size"] = layout.projection
    if layout.cell.type == "RNN":
        options["nonlinearity"] = "relu" if layout.cell.candidate == RELU else "tanh"
    kinds: dict[str, Any] = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}
    module: nn.RNNBase = kinds[layout.cell.type](layout.features, layout.units, device="meta", **options)
    named = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    weights = {
        f"{kind}_l0{'_reverse' if direction.reverse else ''}": one.detach().to(precise)
        for direction in stacked.directions
        for kind, one in zip(named, direction.weights[:5], strict=True)
        if one is not None
    }
    module.load_state_dict(weights, assign=True)
    return module.eval()
