"""The equations once more, as plain loops in float64 over torch's own weights: what captured values are compared with."""

import numpy as np
import torch
from torch import Tensor, nn

from lstm_core import SIGNALS_OF
from lstm_core.capture.sequences import Layered

Signals = dict[str, Tensor]
TOLERANCE = 1e-5
KINDS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}
CELLS = {"LSTM": nn.LSTMCell, "GRU": nn.GRUCell, "RNN": nn.RNNCell}


def double_loop(
    module: nn.Module, x: Tensor, hidden: Tensor | None = None, cell: Tensor | None = None, masks: list[Tensor] = ()
) -> dict[str, Signals]:
    """Every signal of every layer and direction while `module` reads one sequence `x`, (step, feature).

    `hidden` and `cell` are (layers * directions, number); `masks` is what dropout multiplies by, above each layer but the
    last. Beside the signals `layer_output`, what the layer above reads.
    """
    whole = isinstance(module, nn.RNNBase)
    layers, sides = (module.num_layers, 1 + module.bidirectional) if whole else (1, 1)
    found: dict[str, Signals] = {}
    reads, row = x.detach().double(), 0
    for layer in range(layers):
        layer_output = []
        for side in range(sides):
            end = ("_l{layer}" + "_reverse" * side).format(layer=layer) if whole else ""
            weights = {
                kind: getattr(module, f"{kind}{end}").detach().double()
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
                if getattr(module, f"{kind}{end}", None) is not None
            }
            units = module.hidden_size
            h = torch.zeros(weights["weight_hh"].shape[1]) if hidden is None else hidden[row].detach()
            c = torch.zeros(units) if cell is None else cell[row].detach()
            rows: list[Signals] = [{} for _ in reads]
            for step in range(len(reads))[:: -1 if side else 1]:
                rows[step] = one_step(module, weights, reads[step], h.double(), c.double())
                h, c = rows[step]["layer_output"], rows[step].get("cell", c)
            name = f"layer{layer}" + "_reverse" * side
            found[name] = {signal: torch.stack([one[signal] for one in rows]) for signal in rows[0]}
            layer_output.append(found[name]["layer_output"])
            row += 1
        reads = torch.cat(layer_output, dim=-1)
        if layer < len(masks):
            reads = reads * masks[layer].double()
    return found


def one_step(module: nn.Module, weights: Signals, x: Tensor, h: Tensor, c: Tensor) -> Signals:
    read, heard = weights["weight_ih"] @ x, weights["weight_hh"] @ h
    if "bias_ih" in weights:
        read, heard = read + weights["bias_ih"], heard + weights["bias_hh"]
    if isinstance(module, nn.LSTM | nn.LSTMCell):
        i, f, g, o = (read + heard).chunk(4)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        layer_output = weights["weight_hr"] @ h if "weight_hr" in weights else h
        return {
            "input": i,
            "forget": f,
            "candidate": g,
            "output": o,
            "cell": c,
            "hidden": h,
            "layer_output": layer_output,
        }
    if isinstance(module, nn.GRU | nn.GRUCell):
        (r, z, n), (s, y, m) = read.chunk(3), heard.chunk(3)
        r, z = (r + s).sigmoid(), (z + y).sigmoid()
        n = (n + r * m).tanh()
        h = (1 - z) * n + z * h
        return {"reset": r, "update": z, "candidate": n, "hidden": h, "layer_output": h}
    h = (read + heard).relu() if module.nonlinearity == "relu" else (read + heard).tanh()
    return {"hidden": h, "layer_output": h}


def state_of(module: nn.RNNBase, *batch: int):
    rows, layer_output = module.num_layers * (1 + module.bidirectional), module.proj_size or module.hidden_size
    hidden, cell = torch.rand(rows, *batch, layer_output) - 0.5, torch.randn(rows, *batch, module.hidden_size)
    return (hidden, cell) if isinstance(module, nn.LSTM) else hidden


def both(state, sequence: int):
    """The hidden and the cell state of one sequence, whichever torch's shape is."""
    hidden, cell = state if isinstance(state, tuple) else (state, None)
    return hidden[:, sequence], None if cell is None else cell[:, sequence]


def assert_layers(captured: Layered, reference: dict[str, Signals]) -> None:
    """Every signal of every layer is the reference's, and parity says so."""
    assert list(captured.layers) == list(reference)
    for name, layer in captured.layers.items():
        for signal in SIGNALS_OF[layer.attrs["cell_type"]]:
            assert layer[signal].dims == ("step", "unit")
            difference = np.abs(layer[signal].to_numpy() - reference[name][signal].numpy()).max()
            assert difference <= TOLERANCE, (name, signal, difference)
        assert layer.attrs["parity"] <= TOLERANCE
    assert captured.parity <= TOLERANCE
