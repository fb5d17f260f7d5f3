"""What was captured of each recurrent module in a model: its calls, and which of them form one sequence."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from lstm_core.capture.calls import Call, CallCopy, JointCopy, NoCopy
from lstm_core.capture.sequences import Layered, Reading, ReadSequence


class CapturedModule(Layered):
    """What was captured of one recurrent module.

    `.calls` has every call by itself, in order. `.readings` joins calls that handed the state on: one that was given the
    very state, bit for bit, that an earlier one gave back goes on where that one stopped, as the cells of a loop and the
    steps of a decoder do (not a bidirectional module's). Where there was one reading, its layers are the module's.
    A call without numbers to keep, as on the device 'meta' or under vmap, is among them and says why when it is read.
    """

    def __init__(self, name: str, never: str = "") -> None:
        self._name = repr(name) if name else "the module itself"
        self._never = never  # why it may not have been called though the model was
        self._copies: list[CallCopy | JointCopy | NoCopy] = []
        self.keep = self._copies.append  # one call
        self._all: list[Call | NoCopy] = []
        self._calls: list[Reading] = []
        self._joined: tuple[Reading, ...] = ()
        self._joined_of = 0

    @property
    def calls(self) -> tuple[Reading, ...]:
        """The reading of each call by itself."""
        self._calls += [self._reading([call]) for call in self._every_call()[len(self._calls) :]]
        return tuple(self._calls)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings that begin from a state that no earlier call returned, calls that pass it on joined."""
        if self._joined_of != len(self._copies):
            self._joined = tuple(self._reading(calls) for calls in joined(self._every_call()))
            self._joined_of = len(self._copies)
        return self._joined

    @property
    def obstacle(self) -> str:
        """Why the module could not be observed; empty if it could."""
        return "" if self._copies else self._never

    def _reading(self, calls: Sequence[Call | NoCopy]) -> Reading:
        alone = calls[0]
        return Reading(
            self._name, alone if isinstance(alone, NoCopy) else [call for call in calls if isinstance(call, Call)]
        )

    def _every_call(self) -> list[Call | NoCopy]:
        for copy in self._copies[len(self._all) :]:
            whole = copy.apart() if isinstance(copy, JointCopy) else copy
            self._all.append(Call(whole) if isinstance(whole, CallCopy) else whole)
        return self._all

    @property
    def names(self) -> tuple[str, ...]:
        return self._only.names

    @property
    def sequences(self) -> int:
        """How many sequences were in the batch?"""
        return self._only.sequences

    @property
    def lengths(self) -> tuple[int, ...]:
        """The number of steps of each sequence, without padding if it was packed."""
        return self._only.lengths

    def select(self, *, sequence: int) -> ReadSequence:
        """One sequence, by its index in the module's batch."""
        return self._only.select(sequence=sequence)

    def layer(self, name: str) -> xr.Dataset:
        return self._only.layer(name)

    @property
    def parity(self) -> float:
        return float(np.max([reading.parity for reading in self.readings])) if self.readings else self._only.parity

    @property
    def _only(self) -> Reading:
        if not self._copies:
            raise ValueError(
                self._never
                or f"{self._name} was not called within the block: run the model inside `with capture(model)` "
                "(a copy of the model, and code that torch.compile has made of it, are not seen)"
            )
        if len(self.readings) != 1:
            raise ValueError(
                f"{self._name} was called {len(self._copies)} times, {len(self.readings)} of them from a "
                f"new state: .readings[0] to .readings[{len(self.readings) - 1}] select one of these, .calls[k] one call"
            )
        return self.readings[0]

    def __repr__(self) -> str:
        if not self._copies:
            return f"<{self._name}, not called>"
        return f"<{self._name}, {len(self._copies)} calls: {', '.join(map(repr, self.readings[:3]))}{' ...' * (len(self.readings) > 3)}>"


class Captured(Mapping[str, CapturedModule]):
    """What was captured of each recurrent module, by its qualified name, which is "" for the model itself.

    `only` is the one there is, whatever it is called; a module whose own forward never called torch's does not count.
    """

    def __init__(self, modules: Mapping[str, CapturedModule], obstacles: Mapping[str, str]) -> None:
        self._modules = modules
        self._obstacles = obstacles

    def __getitem__(self, name: str) -> CapturedModule:
        """Raises KeyError with the names there are, or with the reason why that module cannot be captured."""
        if name in self._obstacles:
            raise KeyError(self._obstacles[name])
        if name not in self._modules:
            raise KeyError(f"no recurrent module {name!r}: there is {', '.join(map(repr, self._modules))}")
        return self._modules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    @property
    def only(self) -> CapturedModule:
        """Raises ValueError when there are several."""
        every = set(self._modules.values())
        different = {one for one in every if not one.obstacle} or every
        if len(different) != 1:
            raise ValueError(
                f"{len(different)} recurrent modules were captured, choose one: {', '.join(self._modules)}"
            )
        return next(iter(different))


def joined(calls: Sequence[Call | NoCopy]) -> list[list[Call | NoCopy]]:
    """Joins calls that continue an earlier one: lists of calls, one list for each batch of sequences."""
    stories: list[list[Call | NoCopy]] = []
    stopped: dict[bytes, list[Call | NoCopy]] = {}  # by the state that it gave back last
    for call in calls:
        if isinstance(call, NoCopy):
            stories.append([call])
            continue
        story = None
        if call.copy.given_state and not call.used.bidirectional:
            story = stopped.pop(_mark(call.copy.given_state), None)
        if story is None:
            story = []
            stories.append(story)
        story.append(call)
        stopped[_mark(call.copy.end_state)] = story
    return stories


def _mark(state: tuple[Tensor, ...]) -> bytes:
    found = blake2b(digest_size=16)
    for part in state:
        found.update(f"{part.dtype}{tuple(part.shape)}".encode())
        found.update(part.detach().contiguous().cpu().view(torch.uint8).numpy().tobytes())
    return found.digest()
