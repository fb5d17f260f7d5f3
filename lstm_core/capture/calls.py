"""One call of a recurrent module: the input and output of each of its layers.

What the kernel hides of the layers below the top is found when it is asked for, by the same kernels layer by layer on
copies of the weights that were used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from lstm_core.cells import Cell
from lstm_core.layers import Direction, fused, layer_names
from lstm_core.record import full_float32
from lstm_core.weights import WEIGHT_KINDS, Weights

Rows = Tensor | PackedSequence
"""Sequences side by side: (step, batch, feature), or packed."""


@dataclass(frozen=True, eq=False)
class Used:
    """The layers of a module, with copies of its weights at the time of the call."""

    cell: Cell
    layers: int
    weights: dict[str, Tensor | None]  # by torch's names; those of a cell end in _l0 as well
    bidirectional: bool

    @property
    def names(self) -> tuple[str, ...]:
        """layer0, layer0_reverse, layer1, ...: the order of torch's states."""
        return layer_names(self.layers, self.bidirectional)

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    def layer(self, number: int, *dtypes: torch.dtype) -> list[Direction]:
        """The directions of one layer, its weights cast to each of `dtypes` in turn."""
        found = []
        for name in self.names[number * self.directions :][: self.directions]:
            end = f"l{number}" + ("_reverse" if name.endswith("_reverse") else "")
            own = [self.weights.get(f"{kind}_{end}") for kind in WEIGHT_KINDS]
            for dtype in dtypes:
                own = [None if one is None else one.to(dtype) for one in own]
            found.append(Direction(name, self.cell, Weights._make(own)))
        return found


class CallCopy(NamedTuple):
    """The inputs and outputs of a module in one call: copies, in the caller's shapes."""

    used: Used
    given: Rows
    given_state: tuple[Tensor, ...]  # (h_0,) or (h_0, c_0); empty where none was given
    output: Rows
    end_state: tuple[Tensor, ...]  # (h_n,) or (h_n, c_n)
    batch_first: bool
    by_step: bool  # a cell's: one step, without an axis for it
    dropout: float  # between the layers; 0 where none was applied
    drawn_from: Tensor | None  # the state of the random generator before, where there was dropout
    autocast: torch.dtype | None  # what products were computed in, where that was on


class JointCopy(NamedTuple):
    """A cell's call in one copy: its input and its states before and after, side by side."""

    used: Used
    numbers: Tensor  # (..., features and all states)
    states: int  # of each kind: 2 for an LSTM
    from_zero: bool  # no state was given
    autocast: torch.dtype | None

    def apart(self) -> CallCopy:
        direction = self.used.layer(0)[0]
        count = self.states * (1 if self.from_zero else 2)
        sizes = [direction.weights.weight_ih.shape[1], *[direction.units] * count]
        given, *states = self.numbers.split(sizes, dim=-1)
        end_state = tuple(states[-self.states :])
        before = tuple(states[: -self.states])
        return CallCopy(self.used, given, before, end_state[0], end_state, False, True, 0.0, None, self.autocast)


class NoCopy(NamedTuple):
    """A call of which nothing could be copied."""

    reason: str  # the end of a sentence


class Call:
    """The input and output of each layer of a module in one call, computed on demand."""

    def __init__(self, copy: CallCopy) -> None:
        self.copy = copy
        self.used = copy.used

    @property
    def dtype(self) -> torch.dtype:
        """What the kernel computed in: under autocast not what it was given."""
        return self.copy.output.data.dtype

    @property
    def coarsest(self) -> torch.dtype:
        """What the kernel rounded to: under autocast its products may be coarser than what it returned."""
        return max(self.dtype, self.copy.autocast or self.dtype, key=lambda one: torch.finfo(one).eps)

    @property
    def exact(self) -> torch.dtype:
        """What we compute in: float32, or float64 for a module in double precision."""
        return torch.float64 if self.dtype == torch.float64 else torch.float32

    @property
    def sequences(self) -> int:
        return int(self.reads.batch_sizes[0]) if isinstance(self.reads, PackedSequence) else self.reads.shape[1]

    def length(self, sequence: int) -> int:
        return len(rows_of(self.reads, sequence))

    @cached_property
    def reads(self) -> Rows:
        """What the first layer read."""
        return self._side_by_side(self.copy.given)

    @cached_property
    def states(self) -> tuple[Tensor, Tensor]:
        """(h_0, c_0), each (layer * direction, batch, number)."""
        if self.copy.given_state:
            return self._stacked(self.copy.given_state)
        hidden, cell = self._stacked(self.copy.end_state)
        return torch.zeros_like(hidden), torch.zeros_like(cell)

    @cached_property
    def ends(self) -> tuple[Tensor, Tensor]:
        """(h_n, c_n), each (layer * direction, batch, number)."""
        return self._stacked(self.copy.end_state)

    @cached_property
    def layer_rows(self) -> list[tuple[Rows, Rows]]:
        """The input and output of each layer, from the bottom.

        The top layer's outputs are the module's own. Dropout is drawn again from where the generator stood; only what
        equals the module's own output is given, else the first layer alone.
        """
        output = self._side_by_side(self.copy.output)
        if not self.copy.dropout:
            layer_rows = self._by_layers(self.used.layers - 1) if self.used.layers > 1 else []
            return [*layer_rows, (_cast(layer_rows[-1][1] if layer_rows else self.reads, self.dtype), output)]
        with drawing_from(self.copy.drawn_from, output.data.device):
            layer_rows = self._by_layers(self.used.layers)
        # Another mask makes a difference of tenths, the same one of roundings.
        rounding = torch.finfo(self.dtype).eps ** 0.5
        same = torch.allclose(layer_rows[-1][1].data, output.data, rtol=0, atol=rounding, equal_nan=True)
        return [*layer_rows[:-1], (layer_rows[-1][0], output)] if same else layer_rows[:1]

    def _by_layers(self, count: int) -> list[tuple[Rows, Rows]]:
        reads, layer_rows = _cast(self.reads, self.dtype), []
        for number in range(count):
            if number and self.copy.dropout:
                reads = _replaced(reads, torch.nn.functional.dropout(reads.data, self.copy.dropout))
            here = slice(number * self.used.directions, (number + 1) * self.used.directions)
            hidden, cell = (part[here].to(self.dtype).contiguous() for part in self.states)
            module = fused(self.used.layer(number, self.dtype))
            output, _ = module(reads, (hidden, cell) if module.mode == "LSTM" else hidden)
            layer_rows.append((reads, output))
            reads = output
        return layer_rows

    def _side_by_side(self, rows: Rows) -> Rows:
        if isinstance(rows, PackedSequence):
            return rows
        if self.copy.by_step:
            return rows.reshape(1, -1, rows.shape[-1])
        if rows.ndim == 2:
            return rows.unsqueeze(1)
        return rows.transpose(0, 1) if self.copy.batch_first else rows

    def _stacked(self, state: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        hidden = state[0].reshape(len(self.used.names), -1, state[0].shape[-1])
        return hidden, hidden if len(state) == 1 else state[1].reshape(*hidden.shape[:2], -1)


def rows_of(rows: Rows, sequence: int) -> Tensor:
    """The steps of one sequence, (step, feature), without any padding."""
    if isinstance(rows, Tensor):
        return rows[:, sequence]
    place = sequence if rows.unsorted_indices is None else int(rows.unsorted_indices[sequence])
    begins = rows.batch_sizes.cumsum(0) - rows.batch_sizes
    return rows.data[(begins[rows.batch_sizes > place] + place).to(rows.data.device)]


@contextmanager
def computing() -> Iterator[None]:
    """No graph, no TF32, no autocast, whatever the caller has switched on."""
    with torch.inference_mode(), full_float32(), torch.autocast("cpu", enabled=False):
        if not torch.cuda.is_available():
            yield
            return
        with torch.autocast("cuda", enabled=False):
            yield


def generator_state(device: torch.device) -> Tensor:
    """The state of this device's random generator."""
    found: Tensor = torch.get_rng_state() if device.type == "cpu" else _random(device).get_rng_state(device)
    return found


@contextmanager
def drawing_from(state: Tensor | None, device: torch.device) -> Iterator[None]:
    """Draw from `state` again; afterwards the generator has its earlier state back."""
    if state is None:
        yield
        return
    before = generator_state(device)
    _move_generator(state, device)
    try:
        yield
    finally:
        _move_generator(before, device)


def _move_generator(state: Tensor, device: torch.device) -> None:
    if device.type == "cpu":
        torch.set_rng_state(state)
    else:
        _random(device).set_rng_state(state, device)


def _random(device: torch.device) -> Any:
    return torch.get_device_module(device)


def _cast(rows: Rows, dtype: torch.dtype) -> Rows:
    return _replaced(rows, rows.data.to(dtype))


def _replaced(rows: Rows, numbers: Tensor) -> Rows:
    return rows._replace(data=numbers) if isinstance(rows, PackedSequence) else numbers
