"""ONNX files that mean harm, or met with it: each is refused in a sentence of its own, and costs next to nothing."""

import contextlib
import sys
import tracemalloc

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from lstm_core.importers import LIMITS, Limits, UnreadableFile
from lstm_core.importers.onnx import wire
from lstm_core.importers.onnx.read import read_onnx
from tests.support.onnx_graphs import alone, graph, imported, recurrent, saved, weights


def tensor_of(model: onnx.ModelProto, name: str) -> TensorProto:
    return next(one for one in model.graph.initializer if one.name == name)


def elsewhere(tensor: TensorProto) -> TensorProto:
    """The same tensor, said to lie in a neighbouring file."""
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")
    return tensor


def external_initializer() -> onnx.ModelProto:
    model = alone("LSTM")
    elsewhere(tensor_of(model, "W"))
    return model


def external_constant() -> onnx.ModelProto:
    constants = weights("LSTM")
    given = elsewhere(numpy_helper.from_array(constants.pop("W"), "W"))
    nodes = [helper.make_node("Constant", [], ["W"], value=given), recurrent("LSTM", constants, given=("X", "W"))]
    return graph(nodes, constants)


def external_in_a_branch() -> onnx.ModelProto:
    model = alone("LSTM")
    given = elsewhere(numpy_helper.from_array(np.zeros(3, np.float32), "secret"))
    branch = helper.make_graph([], "branch", [], [], [given])
    model.graph.node.append(helper.make_node("If", ["X"], ["Z"], then_branch=branch, else_branch=branch))
    return model


def external_and_sparse() -> onnx.ModelProto:
    model = alone("LSTM")
    sparse = onnx.SparseTensorProto(dims=[9])
    sparse.values.CopyFrom(elsewhere(numpy_helper.from_array(np.zeros(3, np.float32), "secret")))
    model.graph.sparse_initializer.append(sparse)
    return model


def external_by_its_entries_only() -> onnx.ModelProto:
    model = alone("LSTM")
    tensor_of(model, "W").external_data.add(key="location", value="weights.bin")
    return model


@pytest.mark.parametrize(
    "made",
    [external_initializer, external_constant, external_in_a_branch, external_and_sparse, external_by_its_entries_only],
)
def test_data_in_another_file_is_refused_wherever_it_is_said(made, tmp_path):
    with pytest.raises(UnreadableFile, match=r"keeps its weights in another file .*external_data=False"):
        imported(made(), tmp_path)


def changed(name: str, change) -> onnx.ModelProto:
    model = alone("LSTM")
    change(tensor_of(model, name))
    return model


def nested(depth: int) -> onnx.ModelProto:
    inner = helper.make_graph([helper.make_node("Relu", ["X"], ["Y"])], "body", [], [])
    for _ in range(depth):
        inner = helper.make_graph([helper.make_node("Loop", ["X"], ["Y"], body=inner)], "body", [], [])
    return graph(inner.node, {})


def many_nodes() -> onnx.ModelProto:
    model = alone("LSTM")
    model.graph.node.extend([onnx.NodeProto()] * 501)
    return model


def many_tensors() -> onnx.ModelProto:
    model = alone("LSTM")
    model.graph.initializer.extend([TensorProto()] * 201)
    return model


def many_fields() -> bytes:
    """Empty entries of metadata, of two bytes each, which unfold to many times as much."""
    return alone("LSTM").SerializeToString() + b"\x72\x00" * 3_001


def long_description() -> onnx.ModelProto:
    model = alone("LSTM")
    model.doc_string = "x" * (LIMITS.metadata + 1)
    return model


def many_layers() -> onnx.ModelProto:
    constants = weights("LSTM")
    return graph([recurrent("LSTM", constants)] * (LIMITS.layers + 1), constants)


def wide() -> onnx.ModelProto:
    """A layer of too many units, with weights shaped so that they need no space."""
    units = LIMITS.units + 1
    constants = {"W": np.zeros((1, 4 * units, 1), np.float32), "R": np.zeros((1, 0, units), np.float32)}
    return graph([recurrent("LSTM", constants, hidden_size=units)], constants)


def shared_by_many() -> onnx.ModelProto:
    """One matrix, read by so many layers that together they have too many parameters."""
    units = 600
    constants = {"W": np.zeros((1, 4 * units, 1), np.float16), "R": np.zeros((1, 4 * units, units), np.float16)}
    return graph([recurrent("LSTM", constants, hidden_size=units)] * 40, constants)


def doubled() -> onnx.ModelProto:
    """Weights that 40 nodes double one after the other."""
    constants = weights("LSTM")
    nodes = [helper.make_node("Concat", [f"W{k}", f"W{k}"], [f"W{k + 1}"], axis=0) for k in range(40)]
    constants["W0"] = constants.pop("W")
    node = recurrent("LSTM", constants, given=("X", "W"))
    node.input[1] = "W40"
    return graph([*nodes, node], constants)


def filled() -> onnx.ModelProto:
    """A weight that running the graph would fill with 4 TB of ones."""
    constants = weights("LSTM") | {"shape": np.array([1, 10**6, 10**6])}
    del constants["W"]
    one = numpy_helper.from_array(np.ones(1, np.float32))
    return graph(
        [
            helper.make_node("ConstantOfShape", ["shape"], ["W"], value=one),
            recurrent("LSTM", constants, given=("X", "W")),
        ],
        constants,
    )


def constant_of_nothing() -> onnx.ModelProto:
    """A constant whose value is a list of numbers where ONNX has a tensor."""
    constants = weights("LSTM")
    del constants["W"]
    nodes = [helper.make_node("Constant", [], ["W"], value=[1, 2]), recurrent("LSTM", constants, given=("X", "W"))]
    return graph(nodes, constants)


def looped() -> onnx.ModelProto:
    constants = weights("LSTM")
    body = helper.make_graph([recurrent("LSTM", constants, given=("X", *constants))], "body", [], [])
    return graph([helper.make_node("Loop", ["X"], ["Z"], body=body)], constants)


def quantised() -> onnx.ModelProto:
    constants = weights("LSTM")
    node = recurrent("LSTM", constants)
    node.op_type, node.domain = "DynamicQuantizeLSTM", "com.microsoft"
    return graph([node], constants)


def dequantised() -> onnx.ModelProto:
    constants = weights("LSTM") | {"small": np.zeros((1, 20, 3), np.int8), "scale": np.float32(1)}
    del constants["W"]
    steps = helper.make_node("DequantizeLinear", ["small", "scale"], ["W"], name="unpack")
    return graph([steps, recurrent("LSTM", constants, given=("X", "W"))], constants)


def unrolled() -> onnx.ModelProto:
    """A simple recurrent layer of two steps, as torch's newer exporter writes it out."""
    constants = {"R": np.zeros((4, 4), np.float32)}
    nodes = [helper.make_node("MatMul", ["X", "R"], ["a"]), helper.make_node("Tanh", ["a"], ["b"])]
    return graph(
        [*nodes, helper.make_node("MatMul", ["b", "R"], ["c"]), helper.make_node("Tanh", ["c"], ["Y"])], constants
    )


def scanned() -> onnx.ModelProto:
    return graph([helper.make_node("Scan", ["X"], ["Y"], body=_cell(), num_scan_inputs=1)], {})


def branched() -> onnx.ModelProto:
    """A cell within a branch, which lies in another."""
    inner = helper.make_graph(
        [helper.make_node("If", ["c"], ["Y"], then_branch=_cell(), else_branch=_cell())], "in", [], []
    )
    return graph([helper.make_node("If", ["c"], ["Y"], then_branch=inner, else_branch=_cell())], {})


def _cell() -> onnx.GraphProto:
    nodes = [helper.make_node("MatMul", ["X", "W"], ["s"]), helper.make_node("Tanh", ["s"], ["Y"])]
    return helper.make_graph(nodes, "body", [], [])


def cudnn() -> onnx.ModelProto:
    return graph([helper.make_node("CudnnRNNV3", ["X", "W"], ["Y"], name="rnn")], {"W": np.zeros(3, np.float32)})


def only_looped() -> onnx.ModelProto:
    body = helper.make_graph([helper.make_node("Add", ["X", "X"], ["Y"])], "body", [], [])
    return graph([helper.make_node("Loop", ["X"], ["Y"], body=body)], {})


def named_badly() -> bytes:
    """The name of a node is not UTF-8."""
    return alone("LSTM").SerializeToString().replace(b"layer", b"\xff\xfe\xff\xfe\xff")


def same_names() -> onnx.ModelProto:
    model = alone("LSTM")
    model.graph.initializer.append(tensor_of(model, "W"))
    return model


W = "the tensor 'W'"
HOSTILE = {
    "empty": (lambda: b"", "no ONNX file"),
    "random": (lambda: np.random.default_rng(3).bytes(4_000), "damaged, cut off or no ONNX file"),
    "text": (lambda: b"not a model at all", "damaged, cut off or no ONNX file"),
    "cut off": (lambda: alone("LSTM").SerializeToString()[:-30], "damaged, cut off"),
    "no graph": (lambda: onnx.ModelProto(ir_version=8).SerializeToString(), "no ONNX file"),
    "huge dims": (
        lambda: changed("W", lambda one: one.dims.__setitem__(1, 2**40)),
        f"{W} says .* 1 x 1099511627776 x 3",
    ),
    "dims below 0": (lambda: changed("W", lambda one: one.dims.__setitem__(1, -20)), f"{W} says .* 1 x -20 x 3"),
    "overflowing dims": (lambda: changed("W", lambda one: one.dims.extend([2**32, 2**32])), f"{W} says .*4294967296"),
    "many axes": (lambda: changed("W", lambda one: one.dims.extend([1] * 400)), f"{W} says .* and 395 axes more"),
    "nothing, hugely": (
        lambda: changed("W", lambda one: one.dims.extend([0, 2**62, 2**62])),
        f"{W} says .* x 0 x 4611",
    ),
    "dims beyond the bytes": (
        lambda: changed("W", lambda one: one.dims.__setitem__(1, 21)),
        f"{W} says that it has 1 x 21 x 3 numbers, but 60 are stored",
    ),
    "torn bytes": (
        lambda: changed("W", lambda one: one.__setattr__("raw_data", one.raw_data[:-1])),
        "but 59 are stored",
    ),
    "empty bytes": (lambda: changed("W", lambda one: one.__setattr__("raw_data", b"")), "but 0 are stored"),
    "integers": (
        lambda: changed("W", lambda one: one.CopyFrom(numpy_helper.from_array(np.zeros((1, 20, 3), np.int64), "W"))),
        "W holds integers, not weights",
    ),
    "8 bits": (
        lambda: changed("W", lambda one: one.__setattr__("data_type", TensorProto.FLOAT8E4M3FN)),
        f"{W} holds float8e4m3fn; weights are read as float16, bfloat16",
    ),
    "an unknown kind": (lambda: changed("W", lambda one: one.__setattr__("data_type", 99)), "holds numbers of kind 99"),
    "complex": (
        lambda: changed("W", lambda one: one.__setattr__("data_type", TensorProto.COMPLEX64)),
        "holds complex64",
    ),
    "in pieces": (
        lambda: changed("W", lambda one: one.segment.__setattr__("end", 3)),
        "is stored in another file or in pieces",
    ),
    "deep": (lambda: nested(20), "other graphs within it, more than 40 messages deep"),
    "many nodes": (many_nodes, "more than 500 nodes"),
    "many tensors": (many_tensors, "more than 200 tensors"),
    "many fields": (many_fields, "more than 3,000 fields"),
    "a long description": (
        long_description,
        r"takes 8.0 MB without the numbers of its weights; Gatescope reads up to 8",
    ),
    "many layers": (many_layers, "more than 64 recurrent layers"),
    "wide": (wide, "opens layers of 1 to 8,192 units"),
    "shared by many": (shared_by_many, r"have 50,\d\d\d,\d\d\d parameters or more; Gatescope opens up to 50,000,000"),
    "doubled": (doubled, "W comes from the node .*would unfold to more than 100,000,000 numbers"),
    "filled": (filled, r"W comes from the node 'W', which fills it when the graph is run"),
    "a list for a tensor": (
        constant_of_nothing,
        "'W' .Constant. has an attribute 'value' of another kind than ONNX says",
    ),
    "within a loop": (looped, "recurrent layers that Gatescope does not look into: LSTM in a Loop"),
    "unrolled": (unrolled, r"unrolled into single operations \(2 MatMul, 2 Tanh\)"),
    "written out in a Scan": (scanned, r"no LSTM, GRU or RNN node, but a Scan with matrix products \(1\)"),
    "written out in an If": (branched, r"but an If with matrix products \(3\) and activations \(3\) written out"),
    "a loop of something else": (only_looped, "none is an LSTM, GRU or RNN, the only ones that Gatescope shows"),
    "TensorFlow's own": (cudnn, "'rnn' is TensorFlow's CudnnRNNV3, left as it was"),
    "quantised": (quantised, r"a recurrent layer that ONNX does not define \(com.microsoft.DynamicQuantizeLSTM\)"),
    "unpacked": (dequantised, r"W comes from the node 'unpack' \(DequantizeLinear\)"),
    "badly named": (named_badly, "damaged, cut off"),
    "two of one name": (same_names, "two tensors of this graph are called 'W'"),
    "weights left out": (
        lambda: graph([recurrent("LSTM", {}, given=("X", "W", "R"))], {}, inputs=("X", "W", "R")),
        "is given W as an input of the graph, so the file does not have it",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_sentence_of_its_own(name, tmp_path, monkeypatch):
    if name.startswith("many "):  # as many as are allowed take their time while every call is checked
        for limit, most in (("MAX_FIELDS", 3_000), ("MAX_NODES", 500), ("LIMITS", Limits(tensors=200))):
            monkeypatch.setattr(wire, limit, most)
    made, message = HOSTILE[name]
    with pytest.raises(UnreadableFile, match=message) as caught:
        imported(made(), tmp_path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 500


def test_weights_that_are_no_numbers_are_let_through(tmp_path):
    model = changed("W", lambda one: one.__setattr__("raw_data", np.full(60, np.nan, np.float32).tobytes()))
    assert not imported(model, tmp_path).chains[0].finite
    constants = {name: one.astype(np.float64) * 1e300 for name, one in weights("GRU").items()}
    chain = imported(graph([recurrent("GRU", constants)], constants), tmp_path).chains[0]
    assert np.isinf(chain.weights["weight_ih_l0"]).any()


@pytest.mark.parametrize("name", ["huge dims", "filled", "doubled", "shared by many"])
def test_a_refusal_takes_no_more_memory_than_a_large_model(name, tmp_path):
    path = saved(HOSTILE[name][0](), tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile):
            read_onnx(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * 4 * LIMITS.parameters + 40_000_000


def test_a_file_beyond_the_limit_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    path = tmp_path / "model.onnx"
    with path.open("wb") as file:
        file.truncate(1_000_001)
    with pytest.raises(UnreadableFile, match=r"this file has 1 MB; Gatescope reads up to 1"):
        read_onnx(path)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_onnx(tmp_path / "gone.onnx")


def test_without_the_package_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UnreadableFile, match=r'pip install "gatescope\[onnx\]"'):
        read_onnx(tmp_path / "model.onnx")


@pytest.mark.parametrize("seed", range(40))
def test_a_mutated_file_opens_or_is_refused_in_a_sentence(seed, tmp_path):
    draw = np.random.default_rng(seed)
    content = bytearray(alone("GRU", direction="bidirectional").SerializeToString())
    # Not among the weights, where any bytes are numbers.
    for place in draw.integers(0, len(content), 12):
        content[place] = draw.integers(0, 256)
    for _ in range(3):
        place = int(draw.integers(0, 200))
        content[place : place + int(draw.integers(0, 3))] = draw.bytes(int(draw.integers(0, 3)))
    with contextlib.suppress(UnreadableFile):  # anything else fails
        assert imported(bytes(content), tmp_path).chains
