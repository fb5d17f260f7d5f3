"""One direction of one layer on one sequence: its gates, and how far they are from its output."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lstm_core.capture.calls import Call, rows_of
from lstm_core.capture.rounding import rounding_of
from lstm_core.cells import GRUStep, LSTMStep, Step
from lstm_core.layers import Direction

UNDOUBTED = 8
"""So many times the spacing of numbers at 1 is never more than rounding."""


class Part(NamedTuple):
    """What one direction of one layer did with one sequence, in the order of the sequence's steps."""

    direction: Direction
    signals: Step
    output: Tensor  # (step, output)
    hidden: Tensor  # (output,) before
    cell: Tensor  # (unit,) before
    parity: Tensor  # ()
    excess: float  # the largest difference in units of what rounding explains there; 0 where parity is no more than a few roundings


def part_of(calls: Sequence[Call], row: int, sequence: int) -> Part:
    """All signals of direction `row` (in torch's order of states), over calls that passed the state on."""
    number, side = divmod(row, calls[0].used.directions)
    exact = calls[0].exact
    direction = calls[0].used.layer(number, calls[0].dtype, exact)[side]
    mine = slice(side * direction.output_size, (side + 1) * direction.output_size)
    read = [rows_of(call.layer_rows[number][0], sequence) for call in calls]
    reads = torch.cat(read).to(exact)
    output = torch.cat([rows_of(call.layer_rows[number][1], sequence)[:, mine] for call in calls]).to(exact)
    hidden, cell = (part[row, sequence].to(exact) for part in calls[0].states)
    if direction.reverse:
        reads, output = reads.flip(0), output.flip(0)
    signals = direction.gates_from_outputs(reads, output, hidden, cell)
    last = np.cumsum([len(one) for one in read]) - 1  # the last step of each call
    pairs = [
        (output_from_gates(direction, signals, reads, output, hidden), output)
    ]  # ours, and what the module returned
    pairs.append((output[last], torch.stack([call.ends[0][row, sequence] for call in calls])))
    if isinstance(signals, LSTMStep):
        pairs.append((signals.cell[last], torch.stack([call.ends[1][row, sequence] for call in calls])))
    parity = torch.cat([(ours - theirs).flatten() for ours, theirs in pairs]).abs().max()
    excess = 0.0
    if not parity <= UNDOUBTED * torch.finfo(calls[0].coarsest).eps:
        before = torch.cat([hidden[None], output[:-1]])
        rounding, of_cell = rounding_of(direction, signals, reads, before, cell, calls[0].coarsest)
        below = number + 1 < calls[0].used.layers
        excess = largest_excess(pairs, [rounding, *(added(one, below)[last] for one in (rounding, of_cell))])
    if direction.weights.projection is None:  # to the bit the module's output
        signals = signals._replace(hidden=output)
    if direction.reverse:
        signals, output = type(signals)(*(signal.flip(0) for signal in signals)), output.flip(0)
    return Part(direction, signals, output, hidden, cell, parity, excess)


def output_from_gates(direction: Direction, signals: Step, reads: Tensor, output: Tensor, hidden: Tensor) -> Tensor:
    """What would its output be with these gates, by the equations?"""
    match signals:
        case LSTMStep():
            return direction.output_of(signals._replace(hidden=signals.output * signals.cell.tanh()))
        case GRUStep():
            return signals.hidden
    before = torch.cat([hidden[None], output[:-1]])
    return direction.step(reads, before, before).hidden


def added(rounding: Tensor, below: bool) -> Tensor:
    """The rounding accumulated at each step: below the top layer, over all steps so far."""
    return rounding.cumsum(0) if below else rounding


def largest_excess(pairs: Sequence[tuple[Tensor, Tensor]], roundings: Sequence[Tensor]) -> float:
    """The largest difference of all pairs, in units of what rounding explains there.

    Where the module itself returned no number there is nothing to compare; where only we have none, it is infinite.
    """
    found = 0.0
    for (ours, theirs), rounding in zip(pairs, roundings, strict=False):
        excess = (
            ((ours - theirs).abs() / rounding)
            .masked_fill(ours.isnan(), torch.inf)
            .nan_to_num(nan=0.0, posinf=torch.inf)
        )
        found = max(found, float(excess.masked_fill(~theirs.isfinite(), 0).max()))
    return found
