"""Stack: stacked recurrent layers of any sizes and cells, as other frameworks have them."""

from dataclasses import asdict, dataclass, field
from itertools import pairwise
from math import prod
from typing import Any, Literal

import torch
from torch import Tensor, nn

from lstm_core.cells import LSTM, Activation, Cell
from lstm_core.layers import Direction, State, directions_of, weights_of

Merge = Literal["concat", "sum", "ave", "mul"]
Reading = Literal["forward", "reverse", "both"]
MERGES: tuple[Merge, ...] = ("concat", "sum", "ave", "mul")


@dataclass(frozen=True)
class Layout:
    """One layer of a stack: everything but its weights."""

    features: int  # numbers it reads at each step
    units: int
    cell: Cell = LSTM
    reading: Reading = "forward"  # "reverse": from the sequence's end only
    projection: int = 0  # numbers that each direction outputs at each step, where these are not its units
    peephole: bool = False
    merge: Merge = "concat"  # what becomes of the two directions' outputs
    ends: bool = False  # of what reads backwards only its last state is given on, at every step
    # Not in what is printed, from which the digests of models are made that were saved before there was this.
    starts: bool = field(default=False, repr=False)  # has it a state of its own before the first step? Else zeros

    def __post_init__(self) -> None:
        for name, least in (("features", 1), ("units", 1), ("projection", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise ValueError(f"{name} must be a whole number from {least} upwards, not {value!r}")
        if self.reading not in ("forward", "reverse", "both") or self.merge not in MERGES:
            raise ValueError(f"a layer reads forward, reverse or both and merges by {', '.join(MERGES)}, not {self!r}")
        if self.cell.type != "LSTM" and (self.projection or self.peephole):
            raise ValueError(f"only an LSTM has projections and peepholes, not a {self.cell.type}")

    @property
    def suffixes(self) -> tuple[str, ...]:
        return {"forward": ("",), "reverse": ("_reverse",), "both": ("", "_reverse")}[self.reading]

    @property
    def output_size(self) -> int:
        """How many numbers does one direction output at each step?"""
        return self.projection or self.units

    @property
    def outputs(self) -> int:
        """How many numbers does the layer above read?"""
        return self.output_size * (len(self.suffixes) if self.merge == "concat" else 1)

    def shapes(self, number: int) -> dict[str, tuple[int, ...]]:
        """The name and shape of every tensor of this layer, the `number`-th of its stack; named as torch does."""
        rows = len(self.cell.gates) * self.units
        found: dict[str, tuple[int, ...]] = {}
        for suffix in self.suffixes:
            end = f"l{number}{suffix}"
            found |= {f"weight_ih_{end}": (rows, self.features), f"weight_hh_{end}": (rows, self.output_size)}
            found |= {f"bias_ih_{end}": (rows,), f"bias_hh_{end}": (rows,)}
            if self.projection:
                found[f"weight_hr_{end}"] = (self.projection, self.units)
            if self.peephole:
                found[f"peephole_{end}"] = (3, self.units)  # i, f, o
            if self.starts:
                found[f"initial_hidden_{end}"] = (self.output_size,)
            if self.starts and self.cell.type == "LSTM":
                found[f"initial_cell_{end}"] = (self.units,)
        return found

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Layout":
        """The layout that `to_json` described. Raises ValueError for anything else."""
        try:
            cell = dict(fields["cell"])
            for name in ("gate", "candidate", "shown"):
                cell[name] = Activation(**cell[name])
            return cls(**{**fields, "cell": Cell(**cell)})
        except (TypeError, KeyError) as error:
            raise ValueError(f"no layer is described by {str(fields)[:100]}") from error


def stack_shapes(layouts: tuple[Layout, ...]) -> dict[str, tuple[int, ...]]:
    """The name and shape of every tensor of a stack. Raises ValueError where a layer does not fit the one below."""
    for below, above in pairwise(layouts):
        if below.outputs != above.features:
            raise ValueError(
                f"a layer that reads {above.features} numbers does not fit on one that outputs {below.outputs}"
            )
    shapes: dict[str, tuple[int, ...]] = {}
    for number, layout in enumerate(layouts):
        shapes |= layout.shapes(number)
    return shapes


class Stack(nn.Module):
    """Stacked recurrent layers; called like `torch.nn.LSTM`, sequence first, without its dropout.

    State dict: `weight_ih_l{k}{suffix}` and so on with torch's names, shapes and gate order, suffix "" or "_reverse";
    beside these `peephole_l{k}{suffix}` (3, unit) for i, f, o, and `initial_hidden_l{k}{suffix}` (output) and
    `initial_cell_l{k}{suffix}` (unit) of a layer that does not begin at zeros.
    """

    def __init__(self, layouts: tuple[Layout, ...], *, device: str | torch.device = "cpu") -> None:
        super().__init__()
        self.layouts = layouts
        for name, shape in stack_shapes(layouts).items():
            self.register_parameter(name, nn.Parameter(torch.empty(shape, device=device), requires_grad=False))

    @property
    def stacked_layers(self) -> list["StackedLayer"]:
        found = []
        for number, layout in enumerate(self.layouts):
            names = (f"layer{number}{suffix}" for suffix in layout.suffixes)
            directions = [Direction(name, layout.cell, weights_of(self, name)) for name in names]
            found.append(StackedLayer(directions, layout.merge, layout.ends))
        return found

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The top layer's output at each step, (step, *batch, output), and the state at the end."""
        hiddens: list[Tensor] = []
        cells: list[Tensor] = []
        before = self.states(x[0], state)
        for stacked in self.stacked_layers:
            outputs = []
            for direction in stacked.directions:
                hidden, cell = (part[len(hiddens)] for part in before)
                own, hidden, cell = direction.outputs(x, hidden, cell)
                outputs.append(own)
                hiddens.append(hidden)
                cells.append(cell)
            x = stacked.merged(outputs)
        return x, (torch.cat(hiddens, dim=-1), torch.cat(cells, dim=-1))

    def states(self, like: Tensor, state: State | None) -> tuple[list[Tensor], list[Tensor]]:
        """The hidden and cell state of every direction; if `state` is None, that before the first step: zeros on the
        device of `like`, or what the layer has of its own.

        Raises ValueError when `state` has not as many numbers as that.
        """
        sizes = [layout.output_size for layout in self.layouts for _ in layout.suffixes]
        units = [layout.units for layout in self.layouts for _ in layout.suffixes]
        if state is None:
            return self._initial("initial_hidden", sizes, like), self._initial("initial_cell", units, like)
        found = tuple(part.shape[-1] for part in state)
        if found != (sum(sizes), sum(units)):
            raise ValueError(
                f"the initial state must be (hidden, cell) of {sum(sizes)} and {sum(units)} numbers, one layer's after "
                f"the other's, not {found[0]} and {found[1]}"
            )
        return list(state[0].split(sizes, dim=-1)), list(state[1].split(units, dim=-1))

    def _initial(self, kind: str, sizes: list[int], like: Tensor) -> list[Tensor]:
        """The state of that kind before the first step, of every direction, for a batch like that of `like`."""
        ends = [f"l{number}{suffix}" for number, layout in enumerate(self.layouts) for suffix in layout.suffixes]
        found = []
        for end, size in zip(ends, sizes, strict=True):
            own = getattr(self, f"{kind}_{end}", None)
            zeros = like.new_zeros(*like.shape[:-1], size)
            found.append(zeros if own is None else zeros + own.to(like))
        return found


@dataclass(frozen=True, eq=False)
class StackedLayer:
    """One layer of a stack with its weights: its directions, and how the layer above reads them."""

    directions: list[Direction]
    merge: Merge = "concat"
    ends: bool = False

    def merged(self, outputs: list[Tensor]) -> Tensor:
        """The input of the layer above, (step, *batch, outputs), from the output of each direction."""
        if self.ends:
            outputs = [
                own[:1].expand_as(own) if one.reverse else own
                for one, own in zip(self.directions, outputs, strict=True)
            ]
        if len(outputs) == 1:
            return outputs[0]
        if self.merge == "concat":
            return torch.cat(outputs, dim=-1)
        both = torch.stack(outputs)
        return {"sum": both.sum(0), "ave": both.mean(0), "mul": both.prod(0)}[self.merge]


Recurrent = nn.RNNBase | Stack


def stacked_layers(recurrent: Recurrent) -> list[StackedLayer]:
    """The layers of a module, from the bottom."""
    if isinstance(recurrent, Stack):
        return recurrent.stacked_layers
    return [StackedLayer(layer) for layer in directions_of(recurrent)]


def named_directions(recurrent: Recurrent) -> dict[str, Direction]:
    """All directions of a module's layers by name, from the bottom."""
    return {direction.name: direction for stacked in stacked_layers(recurrent) for direction in stacked.directions}


def parameters_of(layouts: tuple[Layout, ...]) -> int:
    """The number of weights of a stack."""
    return sum(prod(shape) for shape in stack_shapes(layouts).values())
