"""Recurrent modules are observed in the `forward` of their torch class, while a `capture` block is open.

Nothing is put into a module, so what is copied, pickled or saved of a model within the block knows nothing of us, and a
subclass that calls `super().forward` is seen where it does. Modules that are not observed pass straight on.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from threading import RLock
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lstm_core.capture.watch import CELLS, OF_CELL, RecurrentModule, Watch, drawn_from

KINDS = (nn.LSTM, nn.GRU, nn.RNN, *CELLS)
PLAIN = frozenset(OF_CELL)
FORWARD = "forward"  # the attribute of a class that is replaced
CELL_KERNELS = ("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")

Forward = Callable[..., Any]

_lock = RLock()
_open: list["Observing"] = []  # one, for all blocks that are open


@contextmanager
def observed(watches: Mapping[RecurrentModule, Watch]) -> Iterator[None]:
    """Within the block, each module's watch observes every call of its forward, in any thread."""
    with _lock:
        if not _open:
            _open.append(Observing())
        observing = _open[0]
        observing.add(watches)
    try:
        yield
    finally:
        with _lock:
            observing.remove(watches)
            if not observing.watches:
                observing.end()
                _open.remove(observing)


class Observing:
    """Replaces the forwards of all kinds by ones that notify the called module's watches."""

    def __init__(self) -> None:
        self.watches: dict[int, tuple[Watch, ...]] = {}  # by the identity of modules, which their capture keeps alive
        self._before = {kind: kind.forward for kind in KINDS}
        self._ours = {kind: self._replaced(forward) for kind, forward in self._before.items()}
        for kind, forward in self._ours.items():
            setattr(kind, FORWARD, forward)

    def end(self) -> None:
        for kind, forward in self._ours.items():
            if kind.forward is forward:  # else somebody put theirs around it: with no watches it only passes on
                setattr(kind, FORWARD, self._before[kind])

    def add(self, watches: Mapping[RecurrentModule, Watch]) -> None:
        for module, watch in watches.items():
            for known_by in (id(module), id(module._forward_hooks)):
                self.watches[known_by] = (*self.watches.get(known_by, ()), watch)

    def remove(self, watches: Mapping[RecurrentModule, Watch]) -> None:
        gone = set(watches.values())
        left = {known_by: tuple(one for one in those if one not in gone) for known_by, those in self.watches.items()}
        self.watches = {
            known_by: those for known_by, those in left.items() if those
        }  # at once: other threads look here

    def _replaced(self, forward: Forward) -> Forward:
        called = self._called

        def observed_forward(module: RecurrentModule, /, *args: Any, **kwargs: Any) -> Any:
            return called(forward, module, args, kwargs)

        # torch.jit.script reads the source of the wrapped forward, and looks its names up where our function is at home.
        home = {**observed_forward.__globals__, **forward.__globals__}
        code, cells = observed_forward.__code__, observed_forward.__closure__
        return wraps(forward)(FunctionType(code, home, forward.__name__, None, cells))

    def _called(
        self, forward: Forward, module: RecurrentModule, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:  # what torch's forwards return
        if torch.compiler.is_compiling():
            return forward(module, *args, **kwargs)
        watches = self.watches.get(id(module))
        if watches is None and "_is_replica" in module.__dict__:  # of nn.DataParallel: it shares this with its original
            watches = self.watches.get(id(module._forward_hooks))
        if watches is None:
            return forward(module, *args, **kwargs)
        given = args[0] if args else kwargs.get("input")
        state = args[1] if len(args) > 1 else kwargs.get("hx")
        stood = drawn_from(module, given)
        output, weights = with_weights(forward, module, args, kwargs)
        for watch in watches:
            watch.called(module, given, state, output, weights, stood)
        return output


def with_weights(
    forward: Forward, module: RecurrentModule, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Tensor | None]]:
    """The module's return value, and the weights that its kernel was given.

    With a parametrization, reading a weight computes it: a second time it may be another one, and may change the module.
    """
    if isinstance(module, nn.RNNBase):
        output = forward(module, *args, **kwargs)
        return output, module._flat_weights
    own = module._parameters
    if type(module) in CELLS and own.keys() >= PLAIN and module.__dict__.keys().isdisjoint(PLAIN):
        return forward(module, *args, **kwargs), [own[kind] for kind in OF_CELL]
    with KernelOfCell() as kernel:
        output = forward(module, *args, **kwargs)
    return output, kernel.weights


class KernelOfCell(TorchFunctionMode):
    """Records the weights with which a cell's kernel is called, and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[Tensor | None] = []

    def __torch_function__(
        self, func: Forward, _: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in CELL_KERNELS:
            self.weights = list(args[2:])  # after the input and the state
        return func(*args, **(kwargs or {}))
