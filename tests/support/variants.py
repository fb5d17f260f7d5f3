"""Layers that torch has no module for, as plain loops in float64 with numpy: what stacks are compared with."""

import numpy as np
import torch

from lstm_core.cells import Activation, Cell
from lstm_core.stack import Layout, Stack

Signals = dict[str, np.ndarray]
HARD = Activation("hard_sigmoid", 0.2, 0.5)
LAYOUTS = {
    "plain": Layout(5, 4),
    "peepholes, clip": Layout(5, 4, Cell("LSTM", clip=0.6), peephole=True),
    "hard sigmoid, relu": Layout(5, 4, Cell("LSTM", HARD, Activation("relu"), Activation("softsign"))),
    "projection": Layout(5, 4, projection=2),
    "projection, peepholes, both": Layout(5, 4, reading="both", projection=2, peephole=True),
    "reverse": Layout(5, 4, reading="reverse"),
    "GRU": Layout(5, 4, Cell("GRU"), reading="both"),
    "GRU, reset first": Layout(5, 4, Cell("GRU", reset_after=False, gate=HARD), reading="both"),
    "GRU, clip": Layout(5, 4, Cell("GRU", clip=0.3)),
    "RNN": Layout(5, 4, Cell("RNN"), reading="both"),
    "elu, selu": Layout(5, 4, Cell("LSTM", candidate=Activation("elu"), shown=Activation("selu"))),
    "RNN, softsign": Layout(5, 4, Cell("RNN", candidate=Activation("softsign"), clip=1.0)),
}


def filled(stack: Stack, seed: int = 0) -> Stack:
    """The same stack with weights drawn from `seed`."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in stack.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.7)
    return stack


def squash(activation: Activation, a: np.ndarray) -> np.ndarray:
    match activation.name:
        case "hard_sigmoid":
            return np.minimum(np.maximum(activation.slope * a + activation.offset, 0), 1)
        case "softsign":
            return a / (1 + np.abs(a))
        case "elu":
            return np.where(a > 0, a, np.exp(a) - 1)
        case "selu":
            return 1.0507009873554805 * np.where(a > 0, a, 1.6732632423543772 * (np.exp(a) - 1))
    return {"sigmoid": lambda b: 1 / (1 + np.exp(-b)), "tanh": np.tanh, "relu": lambda b: b * (b > 0)}[activation.name](
        a
    )


def stack_loop(
    stack: Stack, x: np.ndarray, hiddens: list[np.ndarray], cells: list[np.ndarray]
) -> tuple[dict[str, Signals], np.ndarray]:
    """All signals of every direction, (step, unit), and the output of the top layer, from the states it begins with."""
    weights = {name: one.detach().double().numpy() for name, one in stack.state_dict().items()}
    found: dict[str, Signals] = {}
    reads = x.astype(np.float64)
    for number, layout in enumerate(stack.layouts):
        layer_output = []
        for suffix in {"forward": [""], "reverse": ["_reverse"], "both": ["", "_reverse"]}[layout.reading]:
            end, row = f"_l{number}{suffix}", len(found)
            own = {name.removesuffix(end): one for name, one in weights.items() if name.endswith(end)}
            h, c = hiddens[row].astype(np.float64), cells[row].astype(np.float64)
            rows: list[Signals] = [{} for _ in reads]
            order = range(len(reads))[::-1] if suffix else range(len(reads))
            for step in order:
                rows[step] = one_step(layout.cell, own, reads[step], h, c)
                h, c = rows[step]["layer_output"], rows[step].get("cell", c)
            found[f"layer{number}{suffix}"] = {name: np.stack([one[name] for one in rows]) for name in rows[0]}
            own_output = found[f"layer{number}{suffix}"]["layer_output"]
            layer_output.append(np.stack([own_output[0]] * len(reads)) if layout.ends and suffix else own_output)
        reads = merged(layout.merge, layer_output)
    return found, reads


def merged(merge: str, layer_output: list[np.ndarray]) -> np.ndarray:
    if len(layer_output) == 1:
        return layer_output[0]
    forward, backward = layer_output
    both = {"sum": forward + backward, "ave": (forward + backward) / 2, "mul": forward * backward}
    return np.concatenate(layer_output, axis=1) if merge == "concat" else both[merge]


def one_step(cell: Cell, weights: Signals, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> Signals:
    def cut(a: np.ndarray) -> np.ndarray:
        return np.clip(a, -cell.clip, cell.clip) if cell.clip else a

    read, heard = weights["weight_ih"] @ x + weights["bias_ih"], weights["weight_hh"] @ h + weights["bias_hh"]
    if cell.type == "RNN":
        state = squash(cell.candidate, cut(read + heard))
        return {"hidden": state, "layer_output": state}
    if cell.type == "GRU":
        r, z = (
            squash(cell.gate, cut(a + b)) for a, b in list(zip(np.split(read, 3), np.split(heard, 3), strict=True))[:2]
        )
        units = len(h)
        recurrent, bias = weights["weight_hh"][2 * units :], weights["bias_hh"][2 * units :]
        told = r * (recurrent @ h + bias) if cell.reset_after else recurrent @ (r * h) + bias
        n = squash(cell.candidate, cut(read[2 * units :] + told))
        state = n - z * n + z * h
        return {"reset": r, "update": z, "candidate": n, "hidden": state, "layer_output": state}
    i, f, g, o = np.split(read + heard, 4)
    p = weights.get("peephole", np.zeros((3, len(c))))
    i, f, g = (
        squash(cell.gate, cut(i + p[0] * c)),
        squash(cell.gate, cut(f + p[1] * c)),
        squash(cell.candidate, cut(g)),
    )
    c = f * c + i * g
    o = squash(cell.gate, cut(o + p[2] * c))
    state = o * squash(cell.shown, c)
    layer_output = weights["weight_hr"] @ state if "weight_hr" in weights else state
    return {
        "input": i,
        "forget": f,
        "candidate": g,
        "output": o,
        "cell": c,
        "hidden": state,
        "layer_output": layer_output,
    }
