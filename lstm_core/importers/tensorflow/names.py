"""What a checkpoint's variables are called: which are those of one recurrent cell, and what each of them is.

Source: tensorflow 1.15, python/ops/rnn_cell_impl.py, contrib/rnn/python/ops/lstm_ops.py and gru_ops.py,
contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py; before 1.0, python/ops/rnn_cell.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What a cell's name says, without its underscores: the kind, and the forget bias that it adds.
CELLS: dict[str, tuple[str, float]] = {
    "basiclstmcell": ("LSTM", 1.0),
    "lstmcell": ("LSTM", 1.0),
    "lstmblockcell": ("LSTM", 1.0),
    "lstmfusedcell": ("LSTM", 1.0),
    "lstmblockfusedcell": ("LSTM", 1.0),
    "cudnncompatiblelstmcell": ("LSTM", 0.0),
    "grucell": ("GRU", 0.0),
    "grublockcell": ("GRU", 0.0),
    "grublockcellv2": ("GRU", 0.0),
    "cudnncompatiblegrucell": ("GRU", 0.0),
    "basicrnncell": ("RNN", 0.0),
}
WRAPPERS = ("multirnncell", "cell", "rnncell", "stackbidirectionalrnncell")  # they have cells, and are none
# What the parts of a cell were called at one time or another, and what they are called here.
PARTS: tuple[tuple[str, str], ...] = (
    (r"kernel|weights|linear/(matrix|weights|kernel)|w_0", "kernel"),
    (r"bias|biases|linear/(bias|biases)|b", "bias"),
    (r"recurrent_kernel", "recurrent_kernel"),
    (r"w_([ifo])_diag", r"peephole_\1"),
    (r"projection/(kernel|weights)|w_p_0", "projection"),
    (r"gates/((linear/)?(kernel|weights|matrix))|w_ru", "gates_kernel"),
    (r"gates/((linear/)?(bias|biases))|b_ru", "gates_bias"),
    (r"candidate/((linear/)?(kernel|weights|matrix))|w_c", "candidate_kernel"),
    (r"candidate/((linear/)?(bias|biases))|b_c", "candidate_bias"),
    (r"candidate/(input|hidden)_projection/(kernel|bias)", r"\1_\2"),
)


@dataclass(frozen=True, eq=False)
class Variable:
    """A tensor of the checkpoint that is no optimiser's."""

    name: str  # rnn/basic_lstm_cell/kernel; what TensorFlow calls it
    key: str  # in the checkpoint
    shape: tuple[int, ...]
    place: int = 0  # in the order in which the model defines them, where that is known
    path: tuple[str, ...] = ()  # by which names its object is reached


@dataclass(frozen=True, eq=False)
class Group:
    """The variables of one cell."""

    scope: str  # what their names begin with
    parts: Mapping[str, Variable]  # by what they are called here
    others: tuple[Variable, ...] = ()  # of which nothing is known

    @property
    def place(self) -> int:
        return min(one.place for one in self.parts.values())

    @property
    def path(self) -> tuple[str, ...]:
        """By which names is their object reached?"""
        return next(iter(self.parts.values())).path[:-1]

    @property
    def keras(self) -> bool:
        return "recurrent_kernel" in self.parts


def part_of(rest: str) -> str:
    """What a variable of a cell is, by the rest of its name; "" for none."""
    for pattern, part in PARTS:
        found = re.fullmatch(pattern, rest, re.IGNORECASE)
        if found:
            return found.expand(part).lower()
    return ""


def kind_of(scope: str) -> str:
    """The last part of a cell's name, as `CELLS` has it."""
    return re.sub(r"(_\d{1,6})+$", "", scope.rpartition("/")[2]).replace("_", "").lower()


def cells_end(parts: Sequence[str]) -> int:
    """How many parts of a variable's name are its cell's; 0 if it is in none."""
    names = [kind_of(part) for part in parts]
    ends = [number for number, name in enumerate(names, 1) if name.endswith("cell") and name not in WRAPPERS]
    ends += [number for number, name in enumerate(names, 1) if name in CELLS]
    return max(ends, default=0)
