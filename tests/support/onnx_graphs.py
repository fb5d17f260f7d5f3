"""ONNX graphs made by hand, and what onnxruntime computes of one."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from lstm_core import Recording, record
from lstm_core.encoders import NumberEncoder, Tokens
from lstm_core.importers import Chain, ImportedModel
from lstm_core.importers.build import build_model
from lstm_core.importers.onnx.read import read_onnx

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
FEATURES, UNITS, STEPS = 3, 5, 7


def weights(op: str, *, directions: int = 1, features: int = FEATURES, seed: int = 0) -> dict[str, np.ndarray]:
    """W, R and B of a node, large enough to drive its gates both ways."""
    draw, rows = np.random.default_rng(seed), GATES[op] * UNITS
    shapes = {"W": (directions, rows, features), "R": (directions, rows, UNITS), "B": (directions, 2 * rows)}
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def graph(nodes, constants, *, opset: int = 14, inputs=("X",), outputs=("Y",), **model) -> onnx.ModelProto:
    """A model of these nodes; its inputs are float32 of unknown shape, but for "ids"."""
    kinds = {"ids": onnx.TensorProto.INT64}
    values = [
        [helper.make_tensor_value_info(name, kinds.get(name, onnx.TensorProto.FLOAT), None) for name in names]
        for names in (inputs, outputs)
    ]
    tensors = [
        one if isinstance(one, onnx.TensorProto) else numpy_helper.from_array(np.asarray(one), name)
        for name, one in constants.items()
    ]
    made = helper.make_graph(list(nodes), "graph", *values, tensors)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, **model)


def recurrent(
    op: str, constants, *, name: str = "layer", given=("X",), prefix: str = "", **attributes
) -> onnx.NodeProto:
    """One recurrent node, with those inputs that there are; its outputs are Y, Y_h and Y_c after `prefix`."""
    places = INPUTS if op == "LSTM" else INPUTS[:6]
    there = [prefix + one if prefix + one in {*constants, *given} else "" for one in places]
    there[0] = given[0]
    outputs = [prefix + one for one in (("Y", "Y_h", "Y_c") if op == "LSTM" else ("Y", "Y_h"))]
    return helper.make_node(op, there, outputs, name=name, **({"hidden_size": UNITS} | attributes))


def alone(op: str, *, extra=(), opset: int = 14, **attributes) -> onnx.ModelProto:
    """A model of one recurrent node, all whose outputs leave the graph."""
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    constants = weights(op, directions=directions) | dict(extra)
    node = recurrent(op, constants, **attributes)
    return graph([node], constants, outputs=tuple(node.output), opset=opset)


def saved(model: onnx.ModelProto | bytes, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return path


def imported(model: onnx.ModelProto | bytes, folder: Path) -> ImportedModel:
    return read_onnx(saved(model, folder))


def runtime(model: onnx.ModelProto, feeds: dict[str, np.ndarray], *, beside=()) -> dict[str, np.ndarray]:
    """Every output of the graph as onnxruntime has it, and the values `beside` within it."""
    open_model = onnx.ModelProto()
    open_model.CopyFrom(model)
    there = {one.name for one in open_model.graph.output}
    open_model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in beside if name not in there)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(open_model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def numbers(features: int = FEATURES, *, steps: int = STEPS) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(steps, features)).astype(np.float32) * 2


def recorded(chain: Chain, inputs: np.ndarray) -> Recording:
    """Our own recording of a chain that reads these numbers, (step, feature), or these classes, (step,)."""
    model = build_model(chain)
    encoder = model.config.encoder
    tokens: Tokens = encoder.of(inputs) if isinstance(encoder, NumberEncoder) else encoder.tokens(inputs)
    return record(model, tokens)


def hold(recording: Recording, number: int, expected: np.ndarray, *, cell: np.ndarray | None = None) -> None:
    """The output of layer `number` is onnxruntime's Y, (step, direction, 1, unit), and ends in its Y_c."""
    directions = [name for name in recording.layers if name.removesuffix("_reverse") == f"layer{number}"]
    assert len(directions) == expected.shape[1]
    for place, name in enumerate(directions):
        layer = recording.layers[name]
        np.testing.assert_allclose(layer.hidden, expected[:, place, 0], atol=1e-5, rtol=0)
        if cell is not None:
            end = 0 if name.endswith("_reverse") else -1
            np.testing.assert_allclose(layer.cell[end], cell[place, 0], atol=1e-5, rtol=0)
