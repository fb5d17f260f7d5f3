"""A cell's tensors as TensorFlow 1 keeps them -> our names, shapes and order of gates.

One matrix reads input and state, one under the other. Gates of an LSTM are i, c, f, o (c is our candidate), those of a
GRU r, u. Each function raises ValueError where sizes do not fit, KeyError for a tensor that is missing.
"""

from collections.abc import Mapping, Sequence

import numpy as np

Stored = Mapping[str, np.ndarray]  # a cell's tensors, by what they are called here


def lstm_weights(stored: Stored) -> dict[str, np.ndarray]:
    """i, c, f, o in one matrix -> i, f, g, o in two."""
    projection = stored.get("projection")
    units = _units(stored["kernel"], 4)
    if projection is not None and projection.ndim != 2:
        raise ValueError("its projection")
    outputs = units if projection is None else projection.shape[1]
    _check_shapes(stored, bias=(4 * units,), projection=(units, outputs))
    order = (0, 2, 1, 3)
    found = _two(stored["kernel"], _bias(stored, "bias", 4 * units), outputs, order)
    if projection is not None:
        found["weight_hr"] = np.ascontiguousarray(projection.T)
    peepholes = [stored.get(f"peephole_{gate}") for gate in "ifo"]
    if any(one is not None for one in peepholes):
        if any(one is None or one.shape != (units,) for one in peepholes):
            raise ValueError("peepholes")
        found["peephole"] = np.stack([one for one in peepholes if one is not None])
    return found


def gru_weights(stored: Stored) -> dict[str, np.ndarray]:
    """Gates r, u and the candidate -> r, z, n."""
    units = _units(stored["gates_kernel"], 2)
    gates = _two(stored["gates_kernel"], _bias(stored, "gates_bias", 2 * units), units, (0, 1))
    if "hidden_kernel" in stored:  # a Cudnn one, whose candidate has two of everything
        read, heard = stored["input_kernel"].T, stored["hidden_kernel"].T
        biases = [_bias(stored, f"{side}_bias", units) for side in ("input", "hidden")]
        candidate = {"weight_ih": read, "weight_hh": heard, "bias_ih": biases[0], "bias_hh": biases[1]}
    else:
        candidate = _two(stored["candidate_kernel"], _bias(stored, "candidate_bias", units), units, (0,))
    found = {part: np.concatenate([gates[part], candidate[part]]) for part in gates}
    if found["weight_hh"].shape != (3 * units, units):
        raise ValueError("the candidate")
    return found


def rnn_weights(stored: Stored) -> dict[str, np.ndarray]:
    units = _units(stored["kernel"], 1)
    return _two(stored["kernel"], _bias(stored, "bias", units), units, (0,))


def _two(kernel: np.ndarray, bias: np.ndarray, outputs: int, order: Sequence[int]) -> dict[str, np.ndarray]:
    """One matrix for input and state, with the gates side by side -> one for each, the gates one under the other."""
    features = len(kernel) - outputs if kernel.ndim == 2 else 0
    if features < 1 or bias.shape != kernel.shape[1:]:
        raise ValueError("its kernel")
    blocks, biases = np.split(kernel.T, len(order)), np.split(bias, len(order))
    whole = np.concatenate([blocks[gate] for gate in order])
    return {
        "weight_ih": np.ascontiguousarray(whole[:, :features]),
        "weight_hh": np.ascontiguousarray(whole[:, features:]),
        "bias_ih": np.concatenate([biases[gate] for gate in order]),
        "bias_hh": np.zeros(len(whole), np.float32),
    }


def _bias(stored: Stored, part: str, size: int) -> np.ndarray:
    bias = stored.get(part, np.zeros(size, np.float32))
    if bias.shape != (size,):
        raise ValueError("its bias")
    return bias


def _units(kernel: np.ndarray, gates: int) -> int:
    if kernel.ndim != 2 or not kernel.size or kernel.shape[1] % gates:
        raise ValueError("its kernel")
    return int(kernel.shape[1]) // gates


def _check_shapes(stored: Stored, **wanted: tuple[int, ...]) -> None:
    for part, shape in wanted.items():
        if part in stored and stored[part].shape != shape:
            raise ValueError(part)
