"""Many documents read side by side: every layer's signals, block by block, with the state handed on.

torch's kernel hides the gates; here each step computes all of them in one matrix product, for a batch, as the kernel does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lstm_core.cells import LSTMStep, Step
from lstm_core.corpus.plan import Piece
from lstm_core.layers import Direction, stacked_steps
from lstm_core.model import SequenceModel
from lstm_core.record import checked_state
from lstm_core.stack import StackedLayer, named_directions, stacked_layers

BLOCK = 64  # steps that are read before the next layer reads them


@dataclass(frozen=True, eq=False)
class Block:
    """What was read of some pieces at a time."""

    pieces: Sequence[Piece]  # one a lane
    starts: Sequence[int]  # the step of the corpus at which each lane's first row stands
    lengths: Sequence[int]  # the rows of each lane that are its own; 0 or less where it is over
    signals: dict[str, Step]  # by layer, (step, lane, unit)


@dataclass(frozen=True, eq=False)
class Reader:
    """A model, ready to read."""

    model: SequenceModel
    layers: list["LayerReader"]

    def read(self, pieces: Sequence[Piece], inputs: Tensor, first: int, state: Tensor | None) -> Iterator[Block]:
        """All signals of these pieces, the longest first; `inputs` has what the model reads from the step `first` on.

        `state` is that of the lanes that do not begin with their document: (1, numbers), as `state_at` gives it.
        """
        states = self._first([piece.fresh for piece in pieces], state)
        for begin in range(0, pieces[0].steps, BLOCK):
            alive = [piece for piece in pieces if piece.steps > begin]
            length = min(BLOCK, alive[0].steps - begin)
            lengths = [min(length, piece.steps - begin) for piece in alive]
            starts = [piece.start + begin for piece in alive]
            states = [(hidden[: len(alive)], cell[: len(alive)]) for hidden, cell in states]
            rows = [inputs[at - first : at - first + own] for at, own in zip(starts, lengths, strict=True)]
            x = torch.stack([_padded(own, length) for own in rows], 1)
            signals = {}
            drive = self.model.embedding(x)
            for number, layer in enumerate(self.layers):
                found, output, states[number] = layer.read(drive, *states[number])
                signals[layer.direction.name] = found
                drive = layer.stacked.merged([output])
            yield Block(alive, starts, lengths, signals)

    def _first(self, fresh: Sequence[bool], state: Tensor | None) -> list[tuple[Tensor, Tensor]]:
        like = next(self.model.lstm.parameters())[0, :1].expand(len(fresh), 1)
        begun = checked_state(self.model.lstm, None, like[0])
        own = torch.tensor(fresh)[:, None]
        found, at = [], 0
        for hidden, cell in zip(*begun, strict=True):
            sizes = hidden.shape[-1], cell.shape[-1]
            given = [
                torch.zeros(size) if state is None else state[0, at + before : at + before + size]
                for before, size in zip((0, sizes[0]), sizes, strict=True)
            ]
            at += sum(sizes)
            found.append((torch.where(own, hidden, given[0]), torch.where(own, cell, given[1])))
        return found

    def state_at(self, block: Block, lane: int) -> Tensor:
        """The state of all layers after a lane's last row in this block: (1, numbers), hidden and cell layer by layer."""
        found = []
        for layer in self.layers:
            signals = block.signals[layer.direction.name]
            last: Step = type(signals)(*(signal[block.lengths[lane] - 1, lane] for signal in signals))
            hidden = layer.direction.output_of(last)
            found += [hidden, getattr(last, "cell", torch.zeros_like(hidden))]
        return torch.cat(found)[None]


@dataclass(frozen=True, eq=False)
class LayerReader:
    """One layer that reads forwards."""

    stacked: StackedLayer

    @property
    def direction(self) -> Direction:
        return self.stacked.directions[0]

    def read(self, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Step, Tensor, tuple[Tensor, Tensor]]:
        """All signals of these steps, (step, lane, unit), the layer's output, and its state after the last."""
        one = self.direction
        if one.cell.type == "LSTM" and one.kernel is not None:
            found = textbook_lstm(one, x, hidden, cell)
            return found, found.hidden, (found.hidden[-1], found.cell[-1])
        steps, outputs = [], []
        for row in x:
            step = one.step(row, hidden, cell)
            hidden = one.output_of(step)
            cell = step.cell if isinstance(step, LSTMStep) else cell
            steps.append(step)
            outputs.append(hidden)
        return stacked_steps(steps), torch.stack(outputs), (hidden, cell)


def textbook_lstm(one: Direction, x: Tensor, hidden: Tensor, cell: Tensor) -> LSTMStep:
    """All signals of torch's own LSTM over some steps, (step, lane, unit): the equations of `lstm_step`, written into place."""
    w, units = one.weights, one.units
    steps, lanes = x.shape[:2]
    gates = torch.nn.functional.linear(x, w.weight_ih, w.bias)  # i, f, g, o
    kept = x.new_empty(2, steps, lanes, units)
    to_gates = w.weight_hh.T
    for gate, c, h in zip(gates, *kept, strict=True):
        gate.addmm_(hidden, to_gates)
        i, f, g, o = gate.split(units, 1)
        gate[:, : 2 * units].sigmoid_()
        g.tanh_()
        o.sigmoid_()
        torch.mul(f, cell, out=c).addcmul_(i, g)
        torch.tanh(c, out=h).mul_(o)
        hidden, cell = h, c
    i, f, g, o = gates.split(units, 2)
    return LSTMStep(input=i, forget=f, candidate=g, output=o, cell=kept[0], hidden=kept[1])


def _padded(rows: Tensor, length: int) -> Tensor:
    if len(rows) == length:
        return rows
    return torch.cat([rows, rows.new_zeros(length - len(rows), *rows.shape[1:])])


def reader_of(model: SequenceModel) -> Reader | None:
    """None for a model that reads backwards too: it needs whole documents."""
    if any(one.reverse for one in named_directions(model.lstm).values()):
        return None
    return Reader(model, [LayerReader(one) for one in stacked_layers(model.lstm)])
