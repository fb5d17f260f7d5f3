"""What recurrent modules did with their inputs, as labelled arrays, sequence by sequence."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from itertools import groupby

import numpy as np
import torch
import xarray as xr

from lstm_core.capture.calls import Call, NoCopy, computing
from lstm_core.capture.parts import part_of
from lstm_core.record import as_array, direction_dataset, step_coordinates


class ParityWarning(UserWarning):
    """The gates of a layer do not lead to what the module itself returned.

    >>> import warnings
    >>> warnings.simplefilter("error", ParityWarning)  # an error where gates do not reproduce the module's outputs
    """


class Layered(ABC):
    """The layers of one sequence: `.layer0` is short for `.layer("layer0")`."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """layer0, layer0_reverse, layer1, ...: the layers and directions there are."""

    @abstractmethod
    def layer(self, name: str) -> xr.Dataset:
        """The signals of one layer and direction over (step, unit), like a layer of a `Recording`.

        A GRU's update gate is `layer0["update"]`: `.update` is a method of every dataset. The attribute `parity` is
        the largest absolute difference between what follows from these gates by the equations and what the module
        itself returned: at every step, and of its final states (of layers below the top it returns only these). Where that
        is more than rounding explains (`lstm_core.capture.rounding`), a `ParityWarning` says so, once for each layer.
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
    """One sequence that a module read, in one call or in several that passed the state on."""

    def __init__(self, module: str, calls: Sequence[Call], number: int) -> None:
        self._module = module
        self._calls = calls
        self._number = number
        self._found: dict[str, xr.Dataset] = {}
        self._doubts: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return self._calls[0].used.names

    def layer(self, name: str) -> xr.Dataset:
        if name not in self.names:
            raise KeyError(f"no layer {name!r}: there is {', '.join(self.names)}")
        found = self._layer(name)
        doubt = self._doubts.pop(name, "")
        if doubt:
            warnings.warn(doubt, ParityWarning, stacklevel=3)  # the line with .select(...).layer0
        return found

    @cached_property
    def parity(self) -> float:
        return float(np.max([self._layer(name).attrs["parity"] for name in self.names]))

    def _layer(self, name: str) -> xr.Dataset:
        if name not in self._found:
            self._found[name] = self._dataset(self.names.index(name))
        return self._found[name]

    def _dataset(self, row: int) -> xr.Dataset:
        with computing():
            if any(row // call.used.directions >= len(call.layer_rows) for call in self._calls):
                raise ValueError(
                    f"the dropout between the layers of {self._module} cannot be reproduced, since its kernel does not return "
                    f"the masks, so the input of {self.names[row]} is unknown: layer0 is known, and every layer after model.eval()"
                )
            parts = [part_of(calls, row, self._number) for calls in self._alike()]
            first = parts[0]
            signals = type(first.signals)(
                *(torch.cat(each) for each in zip(*(part.signals for part in parts), strict=True))
            )
            output = torch.cat([part.output for part in parts])
            coords = step_coordinates([str(step) for step in range(len(output))], np.arange(len(output)))
            found = direction_dataset(first.direction, signals, first.hidden.clone(), first.cell.clone(), coords)
            if "projected" in found:  # as the module returned it
                found["projected"] = (("step", "projection"), as_array(output))
            parity = float(torch.stack([part.parity for part in parts]).max())
            excess = max(part.excess for part in parts)
            if excess > 1:
                self._doubts[self.names[row]] = (
                    f"the gates of {self.names[row]} of {self._module} do not reproduce what it returned: "
                    f"the difference is up to {parity:.2g}, {excess:,.0f} times what rounding explains"
                )
            return found.assign_attrs(parity=parity)

    def _alike(self) -> list[list[Call]]:
        """Consecutive calls with the same weights, whose inputs can be joined."""
        return [list(calls) for _, calls in groupby(self._calls, key=lambda call: (id(call.used), call.dtype))]


class Reading(Layered):
    """What a module read in one call, or in several that passed the state on: a batch of sequences.

    Of a call of which nothing could be copied, whatever is asked raises ValueError, which says why.
    """

    def __init__(self, module: str, calls: Sequence[Call] | NoCopy) -> None:
        self._module = module
        self._read = calls
        self._selected: dict[int, ReadSequence] = {}

    @property
    def _calls(self) -> Sequence[Call]:
        if isinstance(self._read, NoCopy):
            raise ValueError(f"a call of {self._module} was not captured: {self._read.reason}")
        return self._read

    @property
    def names(self) -> tuple[str, ...]:
        return self._calls[0].used.names

    @property
    def sequences(self) -> int:
        """How many sequences were in the batch?"""
        return self._calls[0].sequences

    @property
    def lengths(self) -> tuple[int, ...]:
        """The number of steps of each sequence, without padding if it was packed."""
        return tuple(sum(call.length(number) for call in self._calls) for number in range(self.sequences))

    def select(self, *, sequence: int) -> ReadSequence:
        """One sequence, by its index in the module's batch. Raises IndexError when there is none."""
        if self.sequences == 0:
            raise IndexError(f"no sequence {sequence}: {self._empty}")
        if not 0 <= sequence < self.sequences:
            raise IndexError(
                f"no sequence {sequence}: this batch has {self.sequences}, from 0 to {self.sequences - 1}{self._axes}"
            )
        if sequence not in self._selected:
            self._selected[sequence] = ReadSequence(self._module, self._calls, sequence)
        return self._selected[sequence]

    def layer(self, name: str) -> xr.Dataset:
        if self.sequences == 0:
            raise ValueError(self._empty)
        if self.sequences != 1:
            raise ValueError(
                f"{self._module} read a batch of {self.sequences} sequences: "
                f".select(sequence=0) to .select(sequence={self.sequences - 1}) take one{self._axes}"
            )
        return self.select(sequence=0).layer(name)

    @property
    def parity(self) -> float:
        if self.sequences == 0:
            raise ValueError(self._empty)
        each = (ReadSequence(self._module, self._calls, number).parity for number in range(self.sequences))
        return float(np.max(list(each)))

    def __repr__(self) -> str:
        if isinstance(self._read, NoCopy):
            return f"<{self._module}, a call that was not captured: {self._read.reason}>"
        least, most = min(self.lengths, default=0), max(self.lengths, default=0)
        steps = str(most) if least == most else f"{least} to {most}"
        return f"<{self._module} read {self.sequences} x {steps} (sequences x steps): {', '.join(self.names)}>"

    @property
    def _empty(self) -> str:
        return f"{self._module} read a batch of 0 sequences: there are no gates to show"

    @property
    def _axes(self) -> str:
        """The end of a sentence that says which axis was time, for those who meant the other."""
        first = self._calls[0].copy
        if len(self._calls) > 1 or first.by_step or not isinstance(first.given, torch.Tensor):
            return ""
        order = "(sequence, step, feature)" if first.batch_first else "(step, sequence, feature)"
        return (
            f"; with batch_first={first.batch_first} its input {tuple(first.given.shape)} is {order}: "
            f"if you meant the other order, make it with batch_first={not first.batch_first}"
        )
