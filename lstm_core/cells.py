"""The equations of one step, one pure function per cell type, and what may differ from the textbook.

Gates are stacked in torch's order: LSTM i, f, g, o (input, forget, candidate, output); GRU r, z, n (reset, update,
candidate).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from lstm_core.equality import by_value

CellType = Literal["LSTM", "GRU", "RNN"]


@dataclass(frozen=True)
class Activation:
    """An activation function by name: sigmoid, tanh, relu, linear, softsign, elu, selu or hard_sigmoid.

    hard_sigmoid(x) = clip(slope * x + offset, 0, 1); the slope is 1/6 in Keras 3, 0.2 in Keras 2 and in ONNX.
    """

    name: str
    slope: float = 0.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in _FUNCTIONS and self.name != "hard_sigmoid":
            known = ", ".join((*_FUNCTIONS, "hard_sigmoid"))
            raise ValueError(f"no activation is called {self.name!r}: there are {known}")

    def __call__(self, x: Tensor) -> Tensor:
        if self.name == "hard_sigmoid":
            return (self.slope * x + self.offset).clamp(0, 1)
        return _FUNCTIONS[self.name](x)


_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": lambda x: x,
    "softsign": torch.nn.functional.softsign,
    "elu": torch.nn.functional.elu,
    "selu": torch.selu,
}
SIGMOID, TANH, RELU = Activation("sigmoid"), Activation("tanh"), Activation("relu")


@dataclass(frozen=True)
class Cell:
    """The equations of a layer: by default the textbook's, which are torch's."""

    type: CellType = "LSTM"
    gate: Activation = SIGMOID  # of i, f, o; of r, z. 0..1: sigmoid or hard_sigmoid
    candidate: Activation = TANH  # of g; of n; the only one of an RNN
    shown: Activation = TANH  # of the cell on its way out: h = o * shown(c)
    clip: float = 0.0  # pre-activations are cut to -clip..clip; 0 for not at all
    reset_after: bool = True  # GRU: the reset gate acts on U h, as in torch, not on h before U, as in Cho et al. 2014

    def __post_init__(self) -> None:
        if self.type not in GATE_ORDER:
            raise ValueError(f"a cell is one of {', '.join(GATE_ORDER)}, not {self.type!r}")
        if self.gate.name not in ("sigmoid", "hard_sigmoid"):
            raise ValueError(f"gates go from 0 to 1: their activation is sigmoid or hard_sigmoid, not {self.gate.name}")
        if not 0 <= self.clip < inf:
            raise ValueError(f"a clip is a finite number above 0, or 0 for none, not {self.clip}")

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates in the order of the stacked weights' rows, which is torch's."""
        return GATE_ORDER[self.type]

    @property
    def textbook(self) -> bool:
        """Does torch have a fused kernel for it (without peepholes)?"""
        usual = (TANH, RELU) if self.type == "RNN" else (TANH,)
        return (
            (self.gate, self.shown) == (SIGMOID, TANH)
            and self.candidate in usual
            and not self.clip
            and self.reset_after
        )

    def bounded(self, preactivation: Tensor) -> Tensor:
        return preactivation.clamp(-self.clip, self.clip) if self.clip else preactivation


GATE_ORDER: dict[CellType, tuple[str, ...]] = {
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "candidate"),
    "RNN": ("hidden",),
}
LSTM, GRU, RNN = Cell("LSTM"), Cell("GRU"), Cell("RNN")


@by_value
class LSTMStep(NamedTuple):
    """Everything one LSTM layer computes at one step."""

    input: Float[Tensor, "*batch unit"]  # i, 0 writes nothing, 1 writes the whole candidate
    forget: Float[Tensor, "*batch unit"]  # f, 0 erases, 1 keeps
    candidate: Float[Tensor, "*batch unit"]  # g, -1..1, what could be written
    output: Float[Tensor, "*batch unit"]  # o, 0 hides the cell, 1 shows it
    cell: Float[Tensor, "*batch unit"]  # c, unbounded: the memory
    hidden: Float[Tensor, "*batch unit"]  # h, -1..1: the layer's output


@by_value
class GRUStep(NamedTuple):
    """Everything one GRU layer computes at one step."""

    reset: Float[Tensor, "*batch unit"]  # r, 0 leaves the past out of the candidate
    update: Float[Tensor, "*batch unit"]  # z, 0 replaces the state by the candidate, 1 keeps it
    candidate: Float[Tensor, "*batch unit"]  # n, -1..1, what could be written
    hidden: Float[Tensor, "*batch unit"]  # h, -1..1: memory and message in one


@by_value
class RNNStep(NamedTuple):
    """Everything one simple recurrent layer computes at one step."""

    hidden: Float[Tensor, "*batch unit"]  # h, -1..1 (from 0 upwards with relu)


Step = LSTMStep | GRUStep | RNNStep

Edit = Callable[[str, Tensor], Tensor]
"""What becomes of a signal, by name, once the equations have found it and before anything is computed from it."""


def unedited(_: str, found: Tensor) -> Tensor:
    return found


def lstm_step(
    x: Float[Tensor, "*batch feature"],
    hidden: Float[Tensor, "*batch output"],
    cell: Float[Tensor, "*batch unit"],
    *,
    weight_ih: Float[Tensor, "four_units feature"],
    weight_hh: Float[Tensor, "four_units output"],
    bias: Float[Tensor, " four_units"] | None = None,
    peephole: Float[Tensor, "three unit"] | None = None,
    variant: Cell = LSTM,
    edit: Edit = unedited,
) -> LSTMStep:
    """What do the gates, the cell and the output become after reading one input?

        i_t = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
        f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
        g_t = tanh   (W_g x_t + U_g h_{t-1} + b_g)
        o_t = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t)

    `hidden` and `cell` are h_{t-1} and c_{t-1}. `weight_ih` stacks W_i, W_f, W_g, W_o and `weight_hh`
    stacks U_i, U_f, U_g, U_o, as `torch.nn.LSTM` does; `bias` is the sum of torch's two bias vectors.
    With `peephole`, rows p_i, p_f, p_o, the gates also see the cell: p_i * c_{t-1} and p_f * c_{t-1} are added
    inside the first two sigmoids, p_o * c_t inside the last. `variant` has other activations and a clip. `edit` is
    asked about every signal in turn: with input and forget edited, c_t is made of the edited ones.

    Sources: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9(8), for the
    cell state with input and output gates; Gers, Schmidhuber & Cummins 2000, "Learning to Forget",
    Neural Computation 12(10), for the forget gate; Gers & Schmidhuber 2000, "Recurrent nets that time and
    count", for peepholes.

    Raises ValueError when the weights do not fit the states.
    """
    _check(weight_ih, weight_hh, cell.shape[-1], hidden.shape[-1], variant)
    stacked = torch.nn.functional.linear(x, weight_ih, bias) + torch.nn.functional.linear(hidden, weight_hh)
    i, f, g, o = stacked.chunk(4, dim=-1)
    if peephole is not None:
        i, f = i + peephole[0] * cell, f + peephole[1] * cell
    i, f = edit("input", variant.gate(variant.bounded(i))), edit("forget", variant.gate(variant.bounded(f)))
    g = edit("candidate", variant.candidate(variant.bounded(g)))
    c = edit("cell", f * cell + i * g)
    if peephole is not None:
        o = o + peephole[2] * c
    o = edit("output", variant.gate(variant.bounded(o)))
    h = edit("hidden", o * variant.shown(c))
    return LSTMStep(input=i, forget=f, candidate=g, output=o, cell=c, hidden=h)


def gru_step(
    x: Float[Tensor, "*batch feature"],
    hidden: Float[Tensor, "*batch unit"],
    *,
    weight_ih: Float[Tensor, "three_units feature"],
    weight_hh: Float[Tensor, "three_units unit"],
    bias_ih: Float[Tensor, " three_units"] | None = None,
    bias_hh: Float[Tensor, " three_units"] | None = None,
    variant: Cell = GRU,
    edit: Edit = unedited,
) -> GRUStep:
    """What do the gates and the state of a GRU become after reading one input?

        r_t = sigmoid(W_r x_t + b_r + U_r h_{t-1} + c_r)
        z_t = sigmoid(W_z x_t + b_z + U_z h_{t-1} + c_z)
        n_t = tanh   (W_n x_t + b_n + r_t * (U_n h_{t-1} + c_n))
        h_t = (1 - z_t) * n_t + z_t * h_{t-1}

    b is `bias_ih` and c is `bias_hh`: the reset gate reaches only the latter, so they cannot be summed. A variant
    without `reset_after` has n_t = tanh(W_n x_t + b_n + U_n (r_t * h_{t-1}) + c_n).

    Sources: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", eq. 5-8 (with z the
    other way round); the form above is torch's and cuDNN's. Raises ValueError when the weights do not fit.
    """
    _check(weight_ih, weight_hh, hidden.shape[-1], hidden.shape[-1], variant)
    units, linear = hidden.shape[-1], torch.nn.functional.linear
    read_r, read_z, read_n = linear(x, weight_ih, bias_ih).chunk(3, dim=-1)
    early = 2 * units
    heard_r, heard_z = linear(hidden, weight_hh[:early], None if bias_hh is None else bias_hh[:early]).chunk(2, dim=-1)
    r = edit("reset", variant.gate(variant.bounded(read_r + heard_r)))
    z = edit("update", variant.gate(variant.bounded(read_z + heard_z)))
    u, c = weight_hh[early:], None if bias_hh is None else bias_hh[early:]
    heard_n = r * linear(hidden, u, c) if variant.reset_after else linear(r * hidden, u, c)
    n = edit("candidate", variant.candidate(variant.bounded(read_n + heard_n)))
    return GRUStep(reset=r, update=z, candidate=n, hidden=edit("hidden", (1 - z) * n + z * hidden))


def rnn_step(
    x: Float[Tensor, "*batch feature"],
    hidden: Float[Tensor, "*batch unit"],
    *,
    weight_ih: Float[Tensor, "unit feature"],
    weight_hh: Float[Tensor, "unit unit"],
    bias: Float[Tensor, " unit"] | None = None,
    variant: Cell = RNN,
    edit: Edit = unedited,
) -> RNNStep:
    """What does a simple recurrent layer output after one input: h_t = tanh(W x_t + U h_{t-1} + b)?

    Source: Elman 1990, "Finding structure in time". Raises ValueError when the weights do not fit the state.
    """
    _check(weight_ih, weight_hh, hidden.shape[-1], hidden.shape[-1], variant)
    stacked = torch.nn.functional.linear(x, weight_ih, bias) + torch.nn.functional.linear(hidden, weight_hh)
    return RNNStep(hidden=edit("hidden", variant.candidate(variant.bounded(stacked))))


def _check(weight_ih: Tensor, weight_hh: Tensor, units: int, output_size: int, variant: Cell) -> None:
    rows = len(variant.gates) * units
    if weight_ih.shape[0] != rows or weight_hh.shape != (rows, output_size):
        raise ValueError(
            f"{variant.type}: {units} units need weights of {rows} rows ({', '.join(variant.gates)}): "
            f"got weight_ih {tuple(weight_ih.shape)} and weight_hh {tuple(weight_hh.shape)}"
        )
