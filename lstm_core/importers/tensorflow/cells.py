"""The recurrent cells among a checkpoint's variables: which they are, and their weights in our order.

TensorFlow 1 keeps one matrix for input and state, one under the other, with the gates of an LSTM in the order i, c, f, o
(c is our candidate); Keras keeps two, in the order i, f, c, o: which it is, is told by whether there is a
`recurrent_kernel`. BasicLSTMCell and LSTMCell add their forget bias, by default 1, when they run: it is added here.
Gates of a GRU are r, u; a Cudnn one resets after its product, GRUCell before.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lstm_core.cells import GRU, LSTM, RNN, TANH, Activation, Cell
from lstm_core.importers.keras.layers import Refused, cell_of
from lstm_core.importers.tensorflow.graph import ACTIVATIONS, CellFacts
from lstm_core.importers.tensorflow.names import CELLS, Group, kind_of
from lstm_core.importers.tensorflow.weights import gru_weights, lstm_weights, rnn_weights
from lstm_core.stack import Layout

Arrays = Callable[[str], np.ndarray]  # of a variable, by its key

FOREIGN = re.compile(
    r"coupled|norm|grid|freq|glstm|conv|phased|nas|attention|wrapper"
)  # in the names of other LSTM cells
KERAS = {4: "LSTM", 3: "GRU", 1: "SimpleRNN"}


@dataclass(frozen=True, eq=False)
class Module:
    """A cell with its weights, in one direction."""

    scope: str
    layout: Layout
    weights: Mapping[str, np.ndarray]  # named as torch does, without the number
    place: int
    keras: bool
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] | None = None  # of the Keras layer, where the file has them
    residual: bool = False  # is what it reads added to what it gives?


def module_of(group: Group, arrays: Arrays, facts: CellFacts | None, settings: Mapping[str, Any] | None) -> Module:
    """The cell that these variables are.

    `facts` are what its graph says, `settings` what Keras does. Raises Refused for a cell that Gatescope does not
    compute, UnreadableFile for tensors that do not fit.
    """
    if group.keras:
        cell, weights, notes = _of_keras(group, arrays, facts, settings)
    else:
        cell, weights, notes = _of_tensorflow(group, arrays, facts)
    projection = weights.get("weight_hr")
    layout = Layout(
        weights["weight_ih"].shape[1],
        len(weights["weight_ih"]) // len(cell.gates),
        cell,
        projection=0 if projection is None else len(projection),
        peephole="peephole" in weights,
    )
    residual = facts is not None and facts.residual
    if residual:
        notes.append(
            f"What {group.scope!r} reads is added to what it gives (ResidualWrapper): what follows is shown apart."
        )
    return Module(group.scope, layout, weights, group.place, group.keras, tuple(notes), settings, residual)


def _of_keras(
    group: Group, arrays: Arrays, facts: CellFacts | None, settings: Mapping[str, Any] | None
) -> tuple[Cell, dict[str, np.ndarray], list[str]]:
    parts = group.parts
    if "kernel" not in parts:
        raise Refused(
            f"{group.scope[-80:]!r} has its recurrent_kernel but no kernel in this file: save the model again"
        )
    notes: list[str] = []
    kernel, recurrent = parts["kernel"].shape, parts["recurrent_kernel"].shape
    gates = recurrent[1] // recurrent[0] if len(recurrent) == 2 and recurrent[0] else 0
    if gates not in KERAS or len(kernel) != 2:
        raise Refused(_misfit(group))
    config: dict[str, Any]
    if settings is None:
        config, notes = _assumed(group, gates, facts)
    else:
        config = dict(settings)
    if gates == 3 and "bias" not in parts and "reset_after" not in config:
        config["reset_after"] = True
        notes.append(
            f"Without biases {group.scope!r} does not tell where its reset gate acts: reset_after=True is assumed."
        )
    tensors = [arrays(parts[part].key) for part in ("kernel", "recurrent_kernel", "bias") if part in parts]
    cell, weights = cell_of(KERAS[gates], config | {"use_bias": len(tensors) == 3}, tensors, group.scope, 2)
    return cell, weights, notes


def _assumed(group: Group, gates: int, facts: CellFacts | None) -> tuple[dict[str, Any], list[str]]:
    """What is not in the file of a Keras layer without settings, as far as its graph does not tell."""
    recurrent = group.parts["recurrent_kernel"].shape
    if "bias" in group.parts and group.parts["bias"].shape == (2 * gates * recurrent[0],):
        return {}, []  # CuDNN's, which has no other activations
    # Keras within TensorFlow 1, which saves by names, had hard_sigmoid; since 2.0 there are objects, and sigmoid.
    gate = "sigmoid" if group.path else "hard_sigmoid"
    kinds = facts.activations if facts is not None else set()
    if kinds - {"Sigmoid"}:
        told = {"activation": _activation(group, kinds - {"Sigmoid"}).name}
        return told | {"recurrent_activation": "sigmoid" if "Sigmoid" in kinds else "hard_sigmoid"}, []
    usual = "tanh" if gates == 1 else f"tanh and {gate}"
    note = f"The file has weights without settings: Keras's default activations are assumed ({usual})."
    return {"recurrent_activation": gate}, [note]


def _of_tensorflow(
    group: Group, arrays: Arrays, facts: CellFacts | None
) -> tuple[Cell, dict[str, np.ndarray], list[str]]:
    kind, usual = CELLS.get(kind_of(group.scope), ("", 1.0))
    if kind != "GRU" and {"gates_kernel", "candidate_kernel"} <= group.parts.keys():
        kind = "GRU"
    guessed = not kind and "lstm" in kind_of(group.scope) and not FOREIGN.search(kind_of(group.scope))
    kind = "LSTM" if guessed else kind
    if not kind or group.others:
        strange = f" (it has {group.others[0].name.removeprefix(group.scope)[1:60]!r})" if group.others else ""
        raise Refused(
            f"{group.scope[-80:]!r} is none of the cells whose equations Gatescope knows{strange}: it opens BasicLSTMCell, "
            "LSTMCell, GRUCell and BasicRNNCell, those of CudnnLSTM and CudnnGRU, and Keras's layers"
        )
    stored = {part: arrays(one.key) for part, one in group.parts.items()}
    try:
        weights = {"LSTM": lstm_weights, "GRU": gru_weights, "RNN": rnn_weights}[kind](stored)
    except (KeyError, ValueError) as error:
        raise Refused(_misfit(group)) from error
    cell, notes = _cell(group, {"LSTM": LSTM, "GRU": GRU, "RNN": RNN}[kind], facts)
    if kind == "GRU":
        cell = replace(cell, reset_after="hidden_kernel" in stored)
    if kind == "LSTM":
        added, note = _forget_bias(usual, facts)
        units = len(weights["bias_ih"]) // 4
        weights["bias_ih"][units : 2 * units] += np.float32(added)
        notes += [note] if note else []
    if guessed and not (facts is not None and facts.forget_biases):  # which no other kind of cell has
        notes.append(f"{group.scope!r} is assumed to be an LSTMCell, because of its name.")
    return cell, weights, notes


def _forget_bias(usual: float, facts: CellFacts | None) -> tuple[float, str]:
    """What is added to the forget gate, and the sentence that says so."""
    told = sorted(facts.forget_biases) if facts is not None else []
    if told == [0.0]:
        return 0.0, "These cells add nothing to the forget gate's bias at run time: the graph has forget_bias=0."
    if len(told) == 1:
        added = told[0]
        return (
            added,
            f"These cells add {added:g} to the forget gate's bias at run time (from the graph): it is included here.",
        )
    if not usual:
        return 0.0, ""
    why = "if you set another forget_bias, choose the .meta file too, which has it"
    if facts is not None:
        why = "the graph is too large to be read" if facts.left_out else "the graph does not say otherwise"
        why = facts.absent or why
    if told:
        why = f"the graph has several ({', '.join(f'{one:g}' for one in told[:4])})"
    return usual, (
        f"TensorFlow's cells add {usual:g} to the forget gate's bias at run time, which is not among the weights: it is included "
        f"here; {why}."
    )


def _cell(group: Group, cell: Cell, facts: CellFacts | None) -> tuple[Cell, list[str]]:
    """The equations, with the activations that the graph tells."""
    kinds = (facts.activations if facts is not None else set()) - {"Sigmoid"}
    notes = []
    if facts is not None and facts.clips:
        at = min(facts.clips)
        notes.append(
            f"In TensorFlow the cell state is cut off at {at:g} (cell_clip): here it is not, and states may differ."
        )
    if not kinds:
        what = "tanh" if cell.type == "RNN" else "tanh and sigmoid"
        if not kind_of(group.scope).startswith("cudnn"):  # which has no others
            notes.append(
                f"The file does not say which activations its cells have: TensorFlow's defaults are assumed ({what})."
            )
        return cell, notes
    activation = _activation(group, kinds)
    return replace(cell, candidate=activation, shown=activation if cell.type == "LSTM" else TANH), notes


def _activation(group: Group, kinds: set[str]) -> Activation:
    known = {ACTIVATIONS[kind] for kind in kinds}
    if len(known) > 1 or "" in known:
        raise Refused(
            f"{group.scope[-80:]!r} has the activation {', '.join(sorted(kinds))}, which Gatescope does not compute: "
            "it knows tanh, relu and softsign"
        )
    return Activation(known.pop())


def _misfit(group: Group) -> str:
    shapes = ", ".join(f"{part} {one.shape}" for part, one in list(group.parts.items())[:6])
    return f"the tensors of {group.scope[-80:]!r} have the shapes {shapes}, which no cell of TensorFlow has: save the model again"
