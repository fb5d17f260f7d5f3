"""What recurrent modules did with what they read, as labelled arrays, sequence by sequence."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from lstm_core.captured.calls import Call, computing, rows_of
from lstm_core.cells import GRUStep, LSTMStep, Step
from lstm_core.layers import Direction
from lstm_core.record import as_array, direction_dataset, step_coordinates


class Layered(ABC):
    """Something with the layers of one sequence: `.layer0` is short for `.layer("layer0")`."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """layer0, layer0_reverse, layer1, ...: the layers and directions there are."""

    @abstractmethod
    def layer(self, name: str) -> xr.Dataset:
        """The signals of one layer and direction over (step, unit), like a layer of a `Recording`.

        A GRU's update gate is `layer0["update"]`: `.update` is a method of every dataset. The attribute `parity` is
        the largest absolute difference between what follows from these gates by the equations and what the module
        itself said: at every step, and of its final states (of layers below the top it returns only these).
        Raises KeyError for a layer that there is not, ValueError for one that is not known.
        """

    @property
    @abstractmethod
    def parity(self) -> float:
        """The largest of all layers, of all sequences and calls."""

    @property
    def layers(self) -> dict[str, xr.Dataset]:
        """Every layer and direction by its name."""
        return {name: self.layer(name) for name in self.names}

    def __getattr__(self, name: str) -> xr.Dataset:
        if not name.startswith("layer"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        if name not in self.names:
            raise AttributeError(f"no layer {name!r}: there is {', '.join(self.names)}")
        return self.layer(name)


class ReadSequence(Layered):
    """One sequence that a module read, in one call or in several that handed the state on."""

    def __init__(self, module: str, calls: Sequence[Call], number: int) -> None:
        self._module = module
        self._calls = calls
        self._number = number
        self._found: dict[str, xr.Dataset] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return self._calls[0].used.names

    def layer(self, name: str) -> xr.Dataset:
        if name not in self.names:
            raise KeyError(f"no layer {name!r}: there is {', '.join(self.names)}")
        if name not in self._found:
            self._found[name] = self._dataset(self.names.index(name))
        return self._found[name]

    @cached_property
    def parity(self) -> float:
        return float(np.max([layer.attrs["parity"] for layer in self.layers.values()]))

    def _dataset(self, row: int) -> xr.Dataset:
        with computing():
            if any(row // call.used.directions >= len(call.levels) for call in self._calls):
                raise ValueError(
                    f"the dropout between the layers of {self._module} cannot be drawn again, for its kernel kept the masks "
                    f"to itself, so what {self.names[row]} read is not known: layer0 is, and every layer after model.eval()"
                )
            parts = [part_of(calls, row, self._number) for calls in self._alike()]
            first = parts[0]
            signals = type(first.signals)(
                *(torch.cat(each) for each in zip(*(part.signals for part in parts), strict=True))
            )
            said = torch.cat([part.said for part in parts])
            coords = step_coordinates([str(step) for step in range(len(said))], np.arange(len(said)))
            found = direction_dataset(first.direction, signals, first.hidden.clone(), first.cell.clone(), coords)
            if "projected" in found:  # as the module said it
                found["projected"] = (("step", "projection"), as_array(said))
            return found.assign_attrs(parity=float(torch.stack([part.parity for part in parts]).max()))

    def _alike(self) -> list[list[Call]]:
        """The calls in a row that used the same weights: what they read can be put together."""
        return [list(calls) for _, calls in groupby(self._calls, key=lambda call: (id(call.used), call.dtype))]


class Part(NamedTuple):
    """What one direction of one layer did with one sequence, in the order of the sequence's steps."""

    direction: Direction
    signals: Step
    said: Tensor  # (step, said)
    hidden: Tensor  # (said,) before
    cell: Tensor  # (unit,) before
    parity: Tensor  # ()


def part_of(calls: Sequence[Call], row: int, sequence: int) -> Part:
    """All signals of direction `row`, counted as torch counts states, in calls that handed the state on."""
    number, side = divmod(row, calls[0].used.directions)
    exact = calls[0].exact
    direction = calls[0].used.layer(number, calls[0].dtype, exact)[side]
    mine = slice(side * direction.said, (side + 1) * direction.said)
    read = [rows_of(call.levels[number][0], sequence) for call in calls]
    reads = torch.cat(read).to(exact)
    said = torch.cat([rows_of(call.levels[number][1], sequence)[:, mine] for call in calls]).to(exact)
    hidden, cell = (part[row, sequence].to(exact) for part in calls[0].states)
    if direction.reverse:
        reads, said = reads.flip(0), said.flip(0)
    signals = direction.behind(reads, said, hidden, cell)
    last = np.cumsum([len(one) for one in read]) - 1  # the last step of each call
    differences = [retold(direction, signals, reads, said, hidden) - said]
    differences.append(said[last] - torch.stack([call.ends[0][row, sequence] for call in calls]))
    if isinstance(signals, LSTMStep):
        differences.append(signals.cell[last] - torch.stack([call.ends[1][row, sequence] for call in calls]))
    parity = torch.cat([one.flatten() for one in differences]).abs().max()
    if direction.weights.projection is None:  # to the bit what the module said
        signals = signals._replace(hidden=said)
    if direction.reverse:
        signals, said = type(signals)(*(signal.flip(0) for signal in signals)), said.flip(0)
    return Part(direction, signals, said, hidden, cell, parity)


def retold(direction: Direction, signals: Step, reads: Tensor, said: Tensor, hidden: Tensor) -> Tensor:
    """What would it say with these gates, by the equations?"""
    match signals:
        case LSTMStep():
            return direction.says(signals._replace(hidden=signals.output * signals.cell.tanh()))
        case GRUStep():
            return signals.hidden
    before = torch.cat([hidden[None], said[:-1]])
    return direction.step(reads, before, before).hidden


class Reading(Layered):
    """What a module read in one call, or in several that handed the state on: a batch of sequences."""

    def __init__(self, module: str, calls: Sequence[Call]) -> None:
        self._module = module
        self._calls = tuple(calls)
        self._selected: dict[int, ReadSequence] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return self._calls[0].used.names

    @property
    def sequences(self) -> int:
        """How many sequences were in the batch?"""
        return self._calls[0].sequences

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many steps has each sequence, padding left out where it was packed?"""
        return tuple(sum(call.length(number) for call in self._calls) for number in range(self.sequences))

    def select(self, *, sequence: int) -> ReadSequence:
        """One sequence, counted as in the batch that the module was given. Raises IndexError when there is none."""
        if not 0 <= sequence < self.sequences:
            raise IndexError(f"no sequence {sequence}: this batch has {self.sequences}, from 0 to {self.sequences - 1}")
        if sequence not in self._selected:
            self._selected[sequence] = ReadSequence(self._module, self._calls, sequence)
        return self._selected[sequence]

    def layer(self, name: str) -> xr.Dataset:
        if self.sequences != 1:
            raise ValueError(
                f"{self._module} read a batch of {self.sequences} sequences: "
                f".select(sequence=0) to .select(sequence={self.sequences - 1}) take one"
            )
        return self.select(sequence=0).layer(name)

    @property
    def parity(self) -> float:
        each = (ReadSequence(self._module, self._calls, number).parity for number in range(self.sequences))
        return float(np.max(list(each)))
