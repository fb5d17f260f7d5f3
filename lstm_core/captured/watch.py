"""What is kept of each call? The hooks of one module: they copy, detached, and compute nothing."""

from collections.abc import Callable
from typing import Any
from weakref import ReferenceType, ref

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from lstm_core.captured.calls import Kept, Rows, Used, generator_state
from lstm_core.cells import Cell
from lstm_core.layers import cell_named

RecurrentModule = nn.LSTM | nn.GRU | nn.RNN | nn.LSTMCell | nn.GRUCell | nn.RNNCell


class Watch:
    """The hooks of one module; `keep` is called with what is kept of each of its calls."""

    def __init__(self, keep: Callable[[Kept], None]) -> None:
        self._keep = keep
        self._weights = WeightCopies()
        self._states = StateCopies()
        self._dropout = 0.0
        self._drawn_from: Tensor | None = None

    def before(self, module: nn.RNNBase, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Dropout is drawn inside the kernel: where does the generator stand?"""
        self._dropout = module.dropout if module.training and module.num_layers > 1 else 0.0
        self._drawn_from = generator_state(_argument(args, kwargs, 0, "input").data.device) if self._dropout else None

    def after(self, module: RecurrentModule, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        whole = isinstance(module, nn.RNNBase)
        given_state = self._states.given(_argument(args, kwargs, 1, "hx"))
        end_state = self._states.given_back(output[1] if whole else output)
        self._keep(
            Kept(
                self._weights.of(module),
                _copied_rows(_argument(args, kwargs, 0, "input")),
                given_state,
                _copied_rows(output[0]) if whole else end_state[0],
                end_state,
                module.batch_first if isinstance(module, nn.RNNBase) else False,
                not whole,
                self._dropout,
                self._drawn_from,
            )
        )


class WeightCopies:
    """Copies of a module's weights, made anew only when these have changed, as by an optimiser's step."""

    def __init__(self) -> None:
        self._marks: list[tuple[int, int]] = []
        self._held: list[Tensor] = []  # so that their memory goes to no others, which would look like these
        self._used: Used | None = None

    def of(self, module: RecurrentModule) -> Used:
        weights = named_weights(module)
        marks = [(one.data_ptr(), _version(one)) for one in weights.values()]
        if self._used is None or marks != self._marks:
            self._marks, self._held = marks, [one.detach() for one in weights.values()]
            copies = {name: copied(one) for name, one in weights.items()}
            if isinstance(module, nn.RNNBase):
                self._used = Used(cell_named(module.mode), module.num_layers, copies, module.bidirectional)
            else:
                self._used = Used(cell_of(module), 1, copies, bidirectional=False)
        return self._used


class StateCopies:
    """Copies of states, only one of a state that is handed on from call to call."""

    def __init__(self) -> None:
        self._back: list[tuple[ReferenceType[Tensor], int]] = []  # weak, or they would hold the graph
        self._copies: tuple[Tensor, ...] = ()

    def given(self, state: Tensor | tuple[Tensor, ...] | None) -> tuple[Tensor, ...]:
        if state is None:
            return ()
        parts = (state,) if isinstance(state, Tensor) else tuple(state)
        if len(parts) == len(self._back) and all(
            known() is part and version == _version(part) >= 0
            for (known, version), part in zip(self._back, parts, strict=True)
        ):
            return self._copies
        return tuple(map(copied, parts))

    def given_back(self, state: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        parts = (state,) if isinstance(state, Tensor) else state
        self._back = [(ref(part), _version(part)) for part in parts]
        self._copies = tuple(map(copied, parts))
        return self._copies


def _version(tensor: Tensor) -> int:
    """How often was it changed in place? -1 for a tensor of inference mode, which does not count."""
    try:
        return tensor._version
    except RuntimeError:
        return -1


CELL_WEIGHTS = {f"{kind}_l0": kind for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}


def named_weights(module: RecurrentModule) -> dict[str, Tensor]:
    """The tensors that the kernel is given: with a parametrization not always those of the public names."""
    if isinstance(module, nn.RNNBase):
        named = zip(module._flat_weights_names, module._flat_weights, strict=True)
        return {name: one for name, one in named if one is not None}
    own = module._parameters  # a cell is called for each step: asking the module itself costs a fifth of its forward
    found = {name: own[kind] if kind in own else getattr(module, kind) for name, kind in CELL_WEIGHTS.items()}
    return {name: one for name, one in found.items() if one is not None}


def cell_of(module: nn.RNNCellBase) -> Cell:
    if isinstance(module, nn.RNNCell):
        return cell_named(f"RNN_{module.nonlinearity.upper()}")
    return cell_named("LSTM" if isinstance(module, nn.LSTMCell) else "GRU")


def copied(tensor: Tensor) -> Tensor:
    """A copy that no later in-place operation reaches and that holds no graph."""
    return tensor.detach().clone() if torch.is_grad_enabled() else tensor.clone()


def _copied_rows(rows: Rows) -> Rows:
    return rows._replace(data=copied(rows.data)) if isinstance(rows, PackedSequence) else copied(rows)


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, name: str) -> Any:  # whatever torch takes
    return args[place] if len(args) > place else kwargs.get(name)
