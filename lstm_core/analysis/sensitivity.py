"""The gradients inside one direction of one layer, from a graph built for them."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from lstm_core.cells import RELU, LSTMStep
from lstm_core.layers import Direction
from lstm_core.scan import linear_scan

FUSED = ("LSTM", "RNN")  # whose gradients inside follow from what the kernel gives

Take = Callable[[Tensor], dict[str, Tensor]]
"""From the target's value to the gradients by name, as `gradients` describes them, over (step, ...) each."""


def layer_sensitivity(direction: Direction, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Take]:
    """The output of a layer, (step, output), and a function from the target's value to the gradients inside the layer.

    A textbook LSTM or simple RNN is read by the kernel, any other cell by its equations, step by step. `x` is a leaf of
    the graph.
    """
    fused = direction.cell.type in FUSED and direction.kernel is not None and len(x) > 1
    output, found = (_by_kernel if fused else _by_loop)(direction, x, hidden, cell)

    def take(value: Tensor) -> dict[str, Tensor]:
        parts = found(value)
        if direction.reverse:  # back from the order of reading; what is read is in the order of the steps already
            steps = {"preactivation": 1}
            parts = {name: one if name == "read" else one.flip(steps.get(name, 0)) for name, one in parts.items()}
        return parts

    return output, take


def _by_kernel(direction: Direction, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Take]:
    """The kernel hides its states. It is given a second input p_t, zero, that meets the weights U of h_{t-1}:

        a_t = W x_t + U (h_{t-1} + p_t) + b,    so that    dL/dp_t = U^T dL/da_t,

    which is what comes back to h_{t-1} from step t. All else is a product at each step, and dL/dc_t a linear recurrence.
    """
    w = direction.weights
    pushed = x.new_zeros(len(x), direction.output_size, requires_grad=True)
    wide = replace(direction, weights=w._replace(weight_ih=torch.cat([w.weight_ih, w.weight_hh], dim=1)))
    output = wide.outputs(torch.cat([x, pushed], dim=1), hidden, cell)[0]

    def take(value: Tensor) -> dict[str, Tensor]:
        read, *back = _gradient(value, [x, pushed, output])
        with torch.no_grad():
            in_order = [one.flip(0) if direction.reverse else one for one in (x.detach(), output.detach(), *back)]
            return {"read": read} | _gradients_from_outputs(direction, *in_order, hidden=hidden, cell=cell)

    return output, take


def _gradients_from_outputs(
    direction: Direction, x: Tensor, output: Tensor, back: Tensor, direct: Tensor, *, hidden: Tensor, cell: Tensor
) -> dict[str, Tensor]:
    """The gradients in a textbook layer: `back` has at each step what goes back from it to the h before."""
    if direction.cell.type == "RNN":
        d_hidden = direct + _later(back)
        slope = (output > 0).to(output) if direction.cell.candidate == RELU else 1 - output * output
        return {"hidden": d_hidden, "preactivation": (d_hidden * slope)[None], "direct": direct}
    signals = direction.gates_from_outputs(x, output, hidden, cell)
    if not isinstance(signals, LSTMStep):
        raise TypeError(f"these are an LSTM's equations, not for {type(signals).__name__}")
    i, f, g, o, c, _ = signals
    before, shown = torch.cat([cell[None], c[:-1]]), c.tanh()
    opened = o * (1 - shown * shown)  # dh_t / dc_t
    d_hidden = direct + _later(back)
    # From the last step to the first: dL/dc_t = dL/dh_t * opened_t + f_{t+1} * dL/dc_{t+1}.
    d_cell = linear_scan(_later(f).flip(0), (d_hidden * opened).flip(0), torch.zeros_like(cell)).flip(0)
    return {
        "hidden": d_hidden,
        "cell": d_cell,
        "preactivation": torch.stack(
            [
                d_cell * g * i * (1 - i),
                d_cell * before * f * (1 - f),
                d_cell * i * (1 - g * g),
                d_hidden * shown * o * (1 - o),
            ]
        ),
        "direct": direct,
        "direct_cell": direct * opened,
    }


def _by_loop(direction: Direction, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Take]:
    """The equations step by step, with a zero added inside each gate: the zero's gradient is the pre-activation's."""
    w, first = direction.weights, hidden
    rows = len(w.weight_ih)
    pushed = x.new_zeros(len(x), rows, requires_grad=True)
    wide = replace(direction, weights=w._replace(weight_ih=torch.cat([w.weight_ih, torch.eye(rows).to(x)], dim=1)))
    hiddens: list[Tensor] = []
    outputs: list[Tensor] = []
    cells: list[Tensor] = []
    for row in torch.cat([x.flip(0) if direction.reverse else x, pushed], dim=1):
        found = wide.step(row, hidden, cell)
        hidden = wide.output_of(found)
        hiddens.append(found.hidden)
        outputs.append(hidden)
        if isinstance(found, LSTMStep):
            cell = found.cell
            cells.append(cell)
    output = torch.stack(outputs)

    def take(value: Tensor) -> dict[str, Tensor]:
        read, inside, direct, *each = _gradient(value, [x, pushed, output, *hiddens, *outputs, *cells])
        steps = len(outputs)
        preactivation = inside.view(steps, -1, direction.units).transpose(0, 1)
        parts = {"read": read, "hidden": torch.stack(each[:steps]), "preactivation": preactivation, "direct": direct}
        if w.projection is not None:
            parts["projected"] = torch.stack(each[steps : 2 * steps])
        if cells:
            parts["cell"] = torch.stack(each[2 * steps :])
            before = torch.stack([first, *outputs[:-1]]).detach()
            read_in_order = x.detach().flip(0) if direction.reverse else x.detach()
            parts["direct_cell"] = _at_once(direction, read_in_order, before, torch.stack(cells).detach(), direct)
        return parts

    return output.flip(0) if direction.reverse else output, take


def _at_once(direction: Direction, x: Tensor, before: Tensor, memory: Tensor, direct: Tensor) -> Tensor:
    """What of `direct` reaches c_t at once: through the shown cell and, with peepholes, through the output gate."""
    w, cell = direction.weights, direction.cell
    rows = slice(3 * direction.units, None)  # the output gate's
    inside = x @ w.weight_ih[rows].T + before @ w.weight_hh[rows].T
    inside = inside if w.bias is None else inside + w.bias[rows]
    memory.requires_grad_()
    with torch.enable_grad():
        seen = inside if w.peephole is None else inside + w.peephole[2] * memory
        hidden = cell.gate(cell.bounded(seen)) * cell.shown(memory)
    return torch.autograd.grad(hidden, memory, direct if w.projection is None else direct @ w.projection)[0]


def _gradient(value: Tensor, wanted: list[Tensor]) -> tuple[Tensor, ...]:
    """Zero with respect to what the target does not depend on."""
    return torch.autograd.grad(value, wanted, allow_unused=True, materialize_grads=True)


def _later(part: Tensor) -> Tensor:
    """The part of the step after, at each step; zero at the last."""
    return torch.cat([part[1:], torch.zeros_like(part[:1])])
