"""What is kept of each call? The watch of one module: it copies, detached, and computes nothing."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from torch import Tensor, nn

from lstm_core.captured.calls import Kept, NotKept, Used, generator_state
from lstm_core.captured.tensors import aside, copied, copied_rows, plain, unchanged, why_not_now
from lstm_core.cells import Cell
from lstm_core.layers import cell_named

CELLS = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)
RecurrentModule = nn.LSTM | nn.GRU | nn.RNN | nn.LSTMCell | nn.GRUCell | nn.RNNCell


class Watch:
    """Told of the calls of one module; `keep` is called with what is kept of each of them."""

    def __init__(self, keep: Callable[[Kept | NotKept], None]) -> None:
        self._keep = keep
        self._weights = WeightCopies()
        self._states = StateCopies()
        self._lock = Lock()  # a module may be called in several threads

    def before(self, module: RecurrentModule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
        """Dropout is drawn inside the kernel: where does the generator stand?"""
        if not dropout_of(module):
            return None
        try:
            return generator_state(plain(_argument(args, kwargs, 0, "input").data).device)
        except RuntimeError:  # `after` says why
            return None

    def after(
        self,
        module: RecurrentModule,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        output: Any,  # whatever torch gives back
        weights: dict[str, Tensor],
        drawn_from: Tensor | None,
    ) -> None:
        """Keeps the call, or why it cannot be kept: what the caller is computing goes on in either case."""
        reason = why_not_now()
        if reason:
            self._keep(NotKept(reason))
            return
        whole = isinstance(module, nn.RNNBase)
        with self._lock:
            try:
                with aside():
                    given = copied_rows(_argument(args, kwargs, 0, "input"))
                    given_state = self._states.given(_argument(args, kwargs, 1, "hx"))
                    end_state = self._states.given_back(output[1] if whole else output)
                    said = copied_rows(output[0]) if whole else end_state[0]
                    used = self._weights.of(module, weights)
            except RuntimeError as problem:  # no numbers, no memory, a tensor that cannot be copied
                self._keep(NotKept(str(problem).splitlines()[0]))
                return
            batch_first = module.batch_first if isinstance(module, nn.RNNBase) else False
            dropout = dropout_of(module)
            self._keep(Kept(used, given, given_state, said, end_state, batch_first, not whole, dropout, drawn_from))


class WeightCopies:
    """Copies of a module's weights, made anew only when these have changed."""

    def __init__(self) -> None:
        self._used: Used | None = None

    def of(self, module: RecurrentModule, weights: dict[str, Tensor]) -> Used:
        if not weights:
            raise RuntimeError("its forward did not call torch's kernel")
        known = self._used
        if known is None or not unchanged(list(weights.values()), list(known.weights.values())):
            copies = {name: copied(one) for name, one in weights.items()}
            if isinstance(module, nn.RNNBase):
                known = Used(cell_named(module.mode), module.num_layers, copies, module.bidirectional)
            else:
                known = Used(cell_of(module), 1, copies, bidirectional=False)
            self._used = known
        return known


class StateCopies:
    """Copies of states, only one of a state that is handed on from call to call."""

    def __init__(self) -> None:
        self._copies: tuple[Tensor, ...] = ()  # of what was given back last

    def given(self, state: Tensor | tuple[Tensor, ...] | None) -> tuple[Tensor, ...]:
        if state is None:
            return ()
        parts = (state,) if isinstance(state, Tensor) else tuple(state)
        # On other devices comparing would have to wait: there a second copy is cheaper.
        if all(copy.is_cpu for copy in self._copies) and unchanged(parts, self._copies):
            return self._copies
        return tuple(map(copied, parts))

    def given_back(self, state: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        self._copies = tuple(map(copied, (state,) if isinstance(state, Tensor) else state))
        return self._copies


CELL_WEIGHTS = {f"{kind}_l0": kind for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
"""Torch's names of a layer's weights, and of those of a cell in the order in which its kernel is given them."""


def dropout_of(module: RecurrentModule) -> float:
    """The dropout that is applied between the layers now."""
    if isinstance(module, nn.RNNBase) and module.training and module.num_layers > 1:
        return module.dropout
    return 0.0


def cell_of(module: nn.RNNCellBase) -> Cell:
    if isinstance(module, nn.RNNCell):
        return cell_named(f"RNN_{module.nonlinearity.upper()}")
    return cell_named("LSTM" if isinstance(module, nn.LSTMCell) else "GRU")


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, name: str) -> Any:  # whatever torch takes
    return args[place] if len(args) > place else kwargs.get(name)
