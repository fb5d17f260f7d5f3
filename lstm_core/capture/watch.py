"""The watch of one module: it keeps detached copies of each call and computes nothing."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

from lstm_core.capture.calls import CallCopy, JointCopy, NoCopy, Used, generator_state
from lstm_core.capture.tensors import (
    CannotCopyError,
    Copies,
    aside,
    copied,
    copied_rows,
    plain,
    together,
    transformed,
    why_not_now,
)
from lstm_core.cells import Cell
from lstm_core.layers import cell_named

CELLS = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)
RecurrentModule = nn.LSTM | nn.GRU | nn.RNN | nn.LSTMCell | nn.GRUCell | nn.RNNCell


class Watch:
    """Observes the calls of one module and passes a copy of each to `keep`."""

    def __init__(self, keep: Callable[[CallCopy | JointCopy | NoCopy], None]) -> None:
        self._keep = keep
        self._weights = WeightCopies()
        self._lock = Lock()  # a module may be called in several threads

    def called(
        self,
        module: RecurrentModule,
        given: Any,  # whatever torch takes
        state: Any,
        output: Any,
        weights: Sequence[Tensor | None],
        drawn_from: Tensor | None,
    ) -> None:
        """Keeps the call, or the reason why it cannot be copied. The caller's computation goes on in either case."""
        reason = why_not_now()
        if reason:
            self._keep(NoCopy(reason))
            return
        try:
            with self._lock:
                if transformed():
                    with aside():
                        weights = [None if one is None else plain(one) for one in weights]
                        copy: CallCopy | JointCopy = self._copied(module, given, state, output, weights, drawn_from)
                else:
                    copy = self._together(module, given, state, output, weights) or self._copied(
                        module, given, state, output, weights, drawn_from
                    )
        except RuntimeError as problem:  # no numbers, no memory, a tensor that cannot be copied
            self._keep(NoCopy(str(problem).splitlines()[0]))
        else:
            self._keep(copy)

    def _together(
        self, module: RecurrentModule, given: Any, state: Any, output: Any, weights: Sequence[Tensor | None]
    ) -> JointCopy | None:
        """A cell's call in one copy, where that can be: a cell is called for each step, so its time counts."""
        if isinstance(module, nn.RNNBase):
            return None
        after = parts_of(output)
        numbers = together((given, *parts_of(state), *after))
        if numbers is None:
            return None
        return JointCopy(self._weights.of(module, weights), numbers, len(after), state is None, autocast_of(given))

    def _copied(
        self,
        module: RecurrentModule,
        given: Any,
        state: Any,
        output: Any,
        weights: Sequence[Tensor | None],
        drawn_from: Tensor | None,
    ) -> CallCopy:
        rows, start = copied_rows(given), tuple(map(copied, parts_of(state)))
        if isinstance(module, nn.RNNBase):
            rows_out, end = copied_rows(output[0]), tuple(map(copied, parts_of(output[1])))
            batch_first, by_step, dropout = module.batch_first, False, dropout_of(module)
        else:
            end = tuple(map(copied, parts_of(output)))
            rows_out, batch_first, by_step, dropout = end[0], False, True, 0.0
        used, autocast = self._weights.of(module, weights), autocast_of(rows.data)
        return CallCopy(used, rows, start, rows_out, end, batch_first, by_step, dropout, drawn_from, autocast)


def drawn_from(module: RecurrentModule, given: Any) -> Tensor | None:
    """The state of the random generator, when a kernel is about to draw dropout from it."""
    if not dropout_of(module):
        return None
    try:
        return generator_state(plain(given.data).device)
    except (AttributeError, RuntimeError):  # torch itself, or `Watch`, says what is wrong
        return None


class WeightCopies:
    """Copies of a module's weights, replaced only when the weights have changed."""

    def __init__(self) -> None:
        self._copies = Copies()
        self._used: Used | None = None

    def of(self, module: RecurrentModule, weights: Sequence[Tensor | None]) -> Used:
        if not weights:
            raise CannotCopyError("its forward did not call torch's kernel")
        if self._used is None or not self._copies.hold(weights):
            self._copies = Copies(weights)
            if isinstance(module, nn.RNNBase):
                named = dict(zip(module._flat_weights_names, self._copies.copies, strict=True))
                self._used = Used(cell_named(module.mode), module.num_layers, named, module.bidirectional)
            else:
                named = {f"{kind}_l0": one for kind, one in zip(OF_CELL, self._copies.copies, strict=True)}
                self._used = Used(cell_of(module), 1, named, bidirectional=False)
        return self._used


OF_CELL = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""Torch's names of a cell's weights, in the order in which its kernel is given them."""


def dropout_of(module: RecurrentModule) -> float:
    """The dropout that is applied between the layers now."""
    if isinstance(module, nn.RNNBase) and module.training and module.num_layers > 1:
        return module.dropout
    return 0.0


def autocast_of(given: Tensor) -> torch.dtype | None:
    """What does torch.autocast compute products in? None where it is off."""
    if not torch._C._is_any_autocast_enabled() or not torch.is_autocast_enabled(given.device.type):
        return None
    return torch.get_autocast_dtype(given.device.type)


def cell_of(module: nn.RNNCellBase) -> Cell:
    if isinstance(module, nn.RNNCell):
        return cell_named(f"RNN_{module.nonlinearity.upper()}")
    return cell_named("LSTM" if isinstance(module, nn.LSTMCell) else "GRU")


def parts_of(state: Any) -> tuple[Tensor, ...]:
    """(h,) or (h, c) of what torch takes and gives as a state; () of None."""
    if state is None:
        return ()
    return (state,) if isinstance(state, Tensor) else tuple(state)
