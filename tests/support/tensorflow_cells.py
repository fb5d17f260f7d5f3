"""The cells of TensorFlow 1 as its own source has them, as loops in float64: what opened files are compared with."""

import numpy as np

Arrays = dict[str, np.ndarray]
STEPS, FEATURES = 6, 3
NUMBERS = np.random.default_rng(5).normal(size=(STEPS, FEATURES)).astype(np.float32)


def drawn(seed: int = 0, **shapes: tuple[int, ...]) -> Arrays:
    """Weights of these shapes, none of them 0."""
    generator = np.random.default_rng(seed)
    return {name: generator.normal(scale=0.6, size=shape).astype(np.float32) for name, shape in shapes.items()}


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def lstm(x: np.ndarray, weights: Arrays, forget_bias: float = 1.0, activation=np.tanh) -> tuple[np.ndarray, np.ndarray]:
    """LSTMCell.call of rnn_cell_impl.py: outputs, (step, output), and cell states."""
    kernel, bias = weights["kernel"].astype(float), weights["bias"].astype(float)
    units = kernel.shape[1] // 4
    projection = weights.get("projection")
    h, c = np.zeros(units if projection is None else projection.shape[1]), np.zeros(units)
    peepholes = [weights.get(f"w_{gate}_diag", np.zeros(units)) for gate in "ifo"]
    outputs, cells = [], []
    for row in x.astype(float):
        i, j, f, o = np.split(np.concatenate([row, h]) @ kernel + bias, 4)
        new = sigmoid(f + forget_bias + peepholes[1] * c) * c + sigmoid(i + peepholes[0] * c) * activation(j)
        h, c = sigmoid(o + peepholes[2] * new) * activation(new), new
        h = h if projection is None else h @ projection
        outputs.append(h)
        cells.append(c)
    return np.array(outputs), np.array(cells)


def gru(x: np.ndarray, weights: Arrays) -> np.ndarray:
    """GRUCell.call of rnn_cell_impl.py."""
    h, found = np.zeros(weights["candidate_bias"].size), []
    for row in x.astype(float):
        gates = np.concatenate([row, h]) @ weights["gates_kernel"] + weights["gates_bias"]
        r, u = np.split(sigmoid(gates), 2)
        candidate = np.tanh(np.concatenate([row, r * h]) @ weights["candidate_kernel"] + weights["candidate_bias"])
        h = u * h + (1 - u) * candidate
        found.append(h)
    return np.array(found)


def cudnn_gru(x: np.ndarray, weights: Arrays) -> np.ndarray:
    """CudnnCompatibleGRUCell.call of cudnn_rnn_ops.py."""
    h, found = np.zeros(weights["hidden_bias"].size), []
    for row in x.astype(float):
        gates = np.concatenate([row, h]) @ weights["gates_kernel"] + weights["gates_bias"]
        r, u = np.split(sigmoid(gates), 2)
        candidate = (h @ weights["hidden_kernel"] + weights["hidden_bias"]) * r
        candidate = np.tanh(candidate + row @ weights["input_kernel"] + weights["input_bias"])
        h = (1 - u) * candidate + u * h
        found.append(h)
    return np.array(found)


def rnn(x: np.ndarray, weights: Arrays, activation=np.tanh) -> np.ndarray:
    """BasicRNNCell.call of rnn_cell_impl.py."""
    h, found = np.zeros(weights["bias"].size), []
    for row in x.astype(float):
        h = activation(np.concatenate([row, h]) @ weights["kernel"] + weights["bias"])
        found.append(h)
    return np.array(found)
