"""Many documents read side by side: every layer's signals, block by block, with the state handed on.

torch's kernel hides the gates; here each step computes all of them in one matrix product, for a batch, as the kernel does.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from lstm_core.corpus.plan import Piece
from lstm_core.layers import Direction, State
from lstm_core.model import SequenceModel
from lstm_core.record import checked_state
from lstm_core.stack import StackedLayer, named_directions, stacked_layers

Signals = dict[str, Tensor]  # (step, lane, unit)
BLOCK = 64  # steps that are read before the next layer reads them


@dataclass(frozen=True, eq=False)
class Block:
    """What was read of some pieces at a time."""

    pieces: Sequence[Piece]  # one a lane
    starts: Sequence[int]  # the step of the corpus at which each lane's first row stands
    lengths: Sequence[int]  # the rows of each lane that are its own; 0 or less where it is over
    signals: dict[str, Signals]  # by layer


@dataclass(frozen=True, eq=False)
class Reader:
    """A model, ready to read."""

    model: SequenceModel
    layers: list["LayerReader"]

    def read(
        self, pieces: Sequence[Piece], inputs: Tensor, first: int, state: Tensor | None, wanted: Collection[str]
    ) -> Iterator[Block]:
        """The `wanted` signals of these pieces, the longest first; `inputs` has what the model reads from the step `first` on.

        A document that began in the part before goes on with `state`, (1, numbers), which `state_at` gave there.
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
                found, output, states[number] = layer.read(drive, *states[number], wanted)
                signals[layer.direction.name] = found
                drive = layer.stacked.merged([output])
            yield Block(alive, starts, lengths, signals)

    def _first(self, fresh: Sequence[bool], state: Tensor | None) -> list[tuple[Tensor, Tensor]]:
        weight = next(self.model.lstm.parameters())
        begun = checked_state(self.model.lstm, None, weight[0, :1])
        own = torch.tensor(fresh, device=weight.device)[:, None]
        found, at = [], 0
        for both in zip(*begun, strict=True):
            lanes = []
            for first in both:
                given = first if state is None else state[0, at : at + len(first)].to(first)
                at += len(first)
                lanes.append(torch.where(own, first, given))
            found.append((lanes[0], lanes[1]))
        return found

    def state_at(self, block: Block, lane: int) -> Tensor:
        """The state of all layers after a lane's last row in this block: (1, numbers), hidden and cell layer by layer."""
        found = []
        for layer in self.layers:
            signals, own = block.signals[layer.direction.name], layer.direction
            at = block.lengths[lane] - 1, lane
            hidden = signals["hidden"][at]
            if own.weights.projection is not None:
                hidden = torch.nn.functional.linear(hidden, own.weights.projection)
            found += [hidden, signals["cell"][at] if "cell" in signals else torch.zeros_like(hidden)]
        return torch.cat(found)[None]


@dataclass(frozen=True, eq=False)
class LayerReader:
    """One layer that reads forwards."""

    stacked: StackedLayer

    @property
    def direction(self) -> Direction:
        return self.stacked.directions[0]

    @cached_property
    def textbook(self) -> "TextbookLSTM | None":
        one = self.direction
        return TextbookLSTM(one) if one.cell.type == "LSTM" and one.kernel is not None else None

    def read(self, x: Tensor, hidden: Tensor, cell: Tensor, wanted: Collection[str]) -> tuple[Signals, Tensor, State]:
        """These signals of some steps at least, (step, lane, unit), the layer's output, and its state after the last."""
        if self.textbook is not None:
            return self.textbook.read(x, hidden, cell, wanted)
        found, output, state = self.direction.by_loop(x, hidden, cell)
        return dict(zip(found._fields, found, strict=True)), output, state


class TextbookLSTM:
    """torch's own LSTM: one product of [x, h] with all weights a step, and sigmoids alone, for tanh(a) = 2 sigmoid(2 a) - 1.

    Equal to `lstm_step` to the rounding of float32, and a third faster: torch's tanh takes six times as long as its sigmoid.
    """

    def __init__(self, one: Direction) -> None:
        w, self.units = one.weights, one.units
        # i, f, o, g, whose rows are doubled for the sigmoid.
        i, f, g, o = torch.cat([w.weight_ih, w.weight_hh], 1).split(self.units)
        self.weight = torch.cat([i, f, o, 2 * g]).T.contiguous()
        bias = w.weight_ih.new_zeros(4 * self.units) if w.bias is None else w.bias
        i, f, g, o = bias.split(self.units)
        self.bias = torch.cat([i, f, o, 2 * g])

    def read(self, x: Tensor, hidden: Tensor, cell: Tensor, wanted: Collection[str]) -> tuple[Signals, Tensor, State]:
        steps, lanes, features = x.shape
        read, gates = x.new_empty(lanes, features + self.units), x.new_empty(lanes, 4 * self.units)
        h, c = read[:, features:], cell.clone()
        h.copy_(hidden)
        i, f, o, g = gates.split(self.units, 1)
        now = {"input": i, "forget": f, "output": o, "candidate": g, "cell": c, "hidden": h}
        kept = {name: x.new_empty(steps, lanes, self.units) for name in {*wanted, "cell", "hidden"}}
        for step, row in enumerate(x):
            read[:, :features] = row
            torch.addmm(self.bias, read, self.weight, out=gates)
            gates.sigmoid_()
            g.mul_(2).sub_(1)
            c.mul_(f).addcmul_(i, g)
            torch.mul(c, 2, out=h).sigmoid_().mul_(2).sub_(1).mul_(o)
            for name, own in kept.items():
                own[step] = now[name]
        return kept, kept["hidden"], (h, c)


def _padded(rows: Tensor, length: int) -> Tensor:
    if len(rows) == length:
        return rows
    return torch.cat([rows, rows.new_zeros(length - len(rows), *rows.shape[1:])])


def needs_whole(model: SequenceModel) -> bool:
    """Does it need whole documents, as what reads backwards does?"""
    return any(one.reverse for one in named_directions(model.lstm).values())


def reader_of(model: SequenceModel) -> Reader:
    """Of a model that does not need whole documents."""
    return Reader(model, [LayerReader(one) for one in stacked_layers(model.lstm)])
