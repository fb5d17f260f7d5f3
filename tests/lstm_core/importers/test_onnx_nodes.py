"""LSTM, GRU and RNN nodes made by hand, attribute by attribute, compared with onnxruntime's Y, Y_h and Y_c."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from lstm_core.cells import Activation
from lstm_core.importers import ImportedModel, UnreadableFile, build_model, starting, state_sizes
from tests.support.onnx_graphs import (
    FEATURES,
    STEPS,
    UNITS,
    alone,
    graph,
    hold,
    imported,
    numbers,
    recorded,
    recurrent,
    runtime,
    weights,
)


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=shape).astype(np.float32)


def checked_layer(model: onnx.ModelProto, folder):
    """The one layer of a model, compared with onnxruntime; returned as it was imported."""
    inputs = numbers()
    ran = runtime(model, {"X": inputs[:, None]})
    [chain] = imported(model, folder).chains
    recording = recorded(chain, inputs)
    hold(recording, 0, ran["Y"], cell=ran.get("Y_c"))
    for place, layer in enumerate(recording.layers.values()):
        end = 0 if layer.attrs["direction"] == "reverse" else -1
        np.testing.assert_allclose(layer.hidden[end], ran["Y_h"][place, 0], atol=1e-5, rtol=0)
    return chain


@pytest.mark.parametrize("op", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("opset", [7, 14, 22])
def test_every_direction_in_every_version_of_the_operator(op, direction, opset, tmp_path):
    chain = checked_layer(alone(op, direction=direction, opset=opset), tmp_path)
    assert chain.layouts[0].reading == {"bidirectional": "both"}.get(direction, direction)


SCALED = {"activation_alpha": [0.3], "activation_beta": [0.4]}
PLAIN = {"activation_alpha": [1.0], "activation_beta": [0.0]}
NODES = {
    "peepholes": ("LSTM", {"extra": {"P": drawn(1, 3 * UNITS)}.items()}),
    "peepholes both ways": ("LSTM", {"direction": "bidirectional", "extra": {"P": drawn(2, 3 * UNITS)}.items()}),
    "clip": ("LSTM", {"clip": 0.3}),
    "an infinite clip": ("LSTM", {"clip": float("inf")}),
    "clip with peepholes": ("LSTM", {"clip": 0.4, "extra": {"P": drawn(1, 3 * UNITS)}.items()}),
    # The biases open all gates, so that the cell goes far beyond a clip that is not for it.
    "clip below the cell": ("LSTM", {"clip": 0.9, "extra": {"B": np.full((1, 8 * UNITS), 3, np.float32)}.items()}),
    "GRU, clip": ("GRU", {"clip": 0.3}),
    "GRU, clip after": ("GRU", {"clip": 0.3, "linear_before_reset": 1}),
    "RNN, clip": ("RNN", {"clip": 0.3}),
    "linear before reset": ("GRU", {"linear_before_reset": 1, "direction": "bidirectional"}),
    "hard gates": ("LSTM", {"activations": ["HardSigmoid", "Tanh", "Tanh"]}),
    "hard gates, scaled": ("LSTM", {"activations": ["HardSigmoid", "Tanh", "Tanh"], **SCALED}),
    "softsign shown": ("LSTM", {"activations": ["sigmoid", "tanh", "softsign"]}),
    "relu and linear": ("LSTM", {"activations": ["Sigmoid", "Relu", "Affine"], **PLAIN}),
    "hard candidate": ("GRU", {"activations": ["Sigmoid", "HardSigmoid"], **SCALED}),
    "GRU, softsign": ("GRU", {"activations": ["HardSigmoid", "Softsign"], "linear_before_reset": 1}),
    "RNN, sigmoid": ("RNN", {"activations": ["Sigmoid"]}),
    "RNN, linear": ("RNN", {"activations": ["Affine"], "extra": {"R": drawn(1, UNITS, UNITS) / 9}.items(), **PLAIN}),
    "both ways alike": (
        "GRU",
        {
            "direction": "bidirectional",
            "activations": ["HardSigmoid", "Tanh"] * 2,
            "activation_alpha": [0.3, 0.3],
            "activation_beta": [0.4, 0.4],
        },
    ),
}


@pytest.mark.parametrize("name", NODES)
def test_an_attribute_is_honoured_as_onnxruntime_does(name, tmp_path):
    op, options = NODES[name]
    checked_layer(alone(op, **options), tmp_path)


def test_a_hard_sigmoid_has_its_slope_and_offset(tmp_path):
    cell = (
        checked_layer(alone(*NODES["hard gates, scaled"][:1], **NODES["hard gates, scaled"][1]), tmp_path)
        .layouts[0]
        .cell
    )
    assert (round(cell.gate.slope, 6), round(cell.gate.offset, 6)) == (0.3, 0.4)
    usual = checked_layer(alone("LSTM", activations=["HardSigmoid", "Tanh", "Tanh"]), tmp_path).layouts[0].cell
    assert usual.gate == Activation("hard_sigmoid", slope=0.2, offset=0.5)


def test_a_hidden_size_that_is_left_out_is_that_of_the_weights(tmp_path):
    """onnxruntime wants it told, ONNX does not."""
    expected = runtime(alone("LSTM"), {"X": numbers()[:, None]})["Y"]
    hold(recorded(imported(alone("LSTM", hidden_size=None), tmp_path).chains[0], numbers()), 0, expected)


def test_a_batch_that_comes_first(tmp_path):
    """onnxruntime does not run layout 1, so ONNX's own reference does."""
    model, inputs = alone("LSTM", layout=1), numbers()
    expected = ReferenceEvaluator(model).run(None, {"X": inputs[None]})[0]  # batch, step, direction, unit
    [chain] = imported(model, tmp_path).chains
    hold(recorded(chain, inputs), 0, expected[0][:, :, None])


@pytest.mark.parametrize("kind", [np.float16, np.float64, "bfloat16", "float_data", "halves in integers"])
def test_weights_of_other_precision_and_in_other_fields(kind, tmp_path):
    constants = {name: np.round(one * 8) / 8 for name, one in weights("LSTM").items()}  # a bfloat16 holds these exactly
    plain = graph([recurrent("LSTM", constants)], constants, outputs=("Y",))
    tensors = {}
    for name, one in constants.items():
        if kind == "bfloat16":
            raw = (one.view(np.uint32) >> 16).astype(np.uint16).tobytes()
            tensors[name] = helper.make_tensor(name, onnx.TensorProto.BFLOAT16, one.shape, raw, raw=True)
        elif kind == "float_data":
            tensors[name] = helper.make_tensor(name, onnx.TensorProto.FLOAT, one.shape, one.reshape(-1))
        elif kind == "halves in integers":
            tensors[name] = helper.make_tensor(name, onnx.TensorProto.FLOAT16, one.shape, one.reshape(-1))
            assert tensors[name].int32_data
        else:
            tensors[name] = numpy_helper.from_array(one.astype(kind), name)
    model = graph([recurrent("LSTM", constants)], tensors)
    expected = runtime(plain, {"X": numbers()[:, None]})["Y"]
    hold(recorded(imported(model, tmp_path).chains[0], numbers()), 0, expected)


def stacked(*between: onnx.NodeProto, direction: str = "forward", head=(), extra=(), outputs=("aY", "bY")):
    """Two layers, a and b; `between` leads from aY to "turned", which b reads."""
    sides = 2 if direction == "bidirectional" else 1
    below = {f"a{name}": one for name, one in weights("LSTM", directions=sides).items()}
    above = {f"b{name}": one for name, one in weights("GRU", directions=sides, features=sides * UNITS, seed=1).items()}
    nodes = [
        recurrent("LSTM", below, name="low", prefix="a", direction=direction),
        *between,
        recurrent("GRU", above, name="high", given=("turned",), prefix="b", direction=direction),
        *head,
    ]
    return graph(nodes, below | above | dict(extra), outputs=outputs)


WAYS = {
    "squeezed": ("forward", [("Squeeze", ["aY", "one"], "turned", {})]),
    "reshaped": ("forward", [("Reshape", ["aY", "drop"], "turned", {})]),
    "turned, then reshaped": (
        "bidirectional",
        [("Transpose", ["aY"], "there", {"perm": [0, 2, 1, 3]}), ("Reshape", ["there", "merge"], "turned", {})],
    ),
    "batch first and back": (
        "bidirectional",
        [
            ("Transpose", ["aY"], "there", {"perm": [2, 0, 1, 3]}),
            ("Reshape", ["there", "merge"], "merged", {}),
            ("Dropout", ["merged"], "same", {}),
            ("Transpose", ["same"], "turned", {"perm": [1, 0, 2]}),
        ],
    ),
    "half by half": (
        "bidirectional",
        [
            ("Gather", ["aY", "zero"], "left", {"axis": 1}),
            ("Gather", ["aY", "last"], "right", {"axis": 1}),
            ("Concat", ["left", "right"], "turned", {"axis": -1}),
        ],
    ),
}
PLACES = {
    "one": np.array([1]),
    "zero": np.array(0),
    "last": np.array(-1),
    "drop": np.array([0, -1, UNITS]),
    "merge": np.array([0, 0, -1]),
}


@pytest.mark.parametrize("way", WAYS)
def test_layers_that_read_each_other_are_one_chain(way, tmp_path):
    direction, steps = WAYS[way]
    between = [helper.make_node(op, inputs, [output], **options) for op, inputs, output, options in steps]
    model = stacked(*between, direction=direction, extra=PLACES.items())
    ran = runtime(model, {"X": numbers()[:, None]})
    [chain] = imported(model, tmp_path).chains
    assert (chain.name, [layout.cell.type for layout in chain.layouts]) == ("low → high", ["LSTM", "GRU"])
    recording = recorded(chain, numbers())
    hold(recording, 0, ran["aY"])
    hold(recording, 1, ran["bY"])


SWAPPED = [
    helper.make_node("Gather", ["aY", "last"], ["right"], axis=1),
    helper.make_node("Gather", ["aY", "zero"], ["left"], axis=1),
    helper.make_node("Concat", ["right", "left"], ["turned"], axis=-1),
]
APART = {
    "something between": (
        "forward",
        [helper.make_node("Squeeze", ["aY", "one"], ["flat"]), helper.make_node("Relu", ["flat"], ["turned"])],
        "'high' reads what 'turned' (Relu) gives, which is not shown: type those 5 numbers",
    ),
    "halves the other way round": ("bidirectional", SWAPPED, "'high' reads 'low', but not just as it is"),
    "steps and batch swapped": (
        "forward",
        [
            helper.make_node("Squeeze", ["aY", "one"], ["flat"]),
            helper.make_node("Transpose", ["flat"], ["turned"], perm=[1, 0, 2]),
        ],
        "'high' reads 'low', but not just as it is",
    ),
}


@pytest.mark.parametrize("name", APART)
def test_layers_with_more_between_them_are_shown_one_by_one(name, tmp_path):
    direction, between, note = APART[name]
    chains = imported(stacked(*between, direction=direction, extra=PLACES.items()), tmp_path).chains
    assert [chain.name for chain in chains] == ["low", "high"]
    assert note in " ".join(chains[1].notes)


def read_off(*nodes, extra=(), outputs=("scores",), opset=14, op="LSTM", direction="bidirectional", **model):
    """One layer with what reads it."""
    constants = weights(op, directions=2 if direction == "bidirectional" else 1)
    layer = recurrent(op, constants, direction=direction)
    return graph([layer, *nodes], constants | PLACES | dict(extra), outputs=outputs, opset=opset, **model)


def test_final_states_of_both_directions_are_read_where_each_ends(tmp_path):
    head = {"V": drawn(4, 2 * UNITS), "a": drawn(4)}
    model = read_off(
        helper.make_node("Transpose", ["Y_h"], ["there"], perm=[1, 0, 2]),
        helper.make_node("Reshape", ["there", "rows"], ["flat"]),
        helper.make_node("Gemm", ["flat", "V", "a"], ["sums"], transB=1, alpha=0.5, beta=2.0),
        helper.make_node("Softmax", ["sums"], ["scores"], axis=1),
        extra={**head, "rows": np.array([0, -1])}.items(),
    )
    [chain] = imported(model, tmp_path).chains
    assert (chain.layouts[0].ends, chain.head.activation) == (True, "softmax")
    [probability] = runtime(model, {"X": numbers()[:, None]}).values()
    expected = recorded(chain, numbers()).prediction.probability
    np.testing.assert_allclose(expected[-1], probability[0], atol=1e-5, rtol=0)


def merged(*after: onnx.NodeProto, opset: int = 14, outputs=("scores",), **model):
    """A readout of both directions at every step."""
    return read_off(
        helper.make_node("Transpose", ["Y"], ["there"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["there", "merge"], ["flat"]),
        helper.make_node("MatMul", ["flat", "V"], ["product"]),
        helper.make_node("Add", ["a", "product"], ["sums"]),
        *after,
        extra={"V": drawn(2 * UNITS, 4), "a": drawn(4)}.items(),
        opset=opset,
        outputs=outputs,
        **model,
    )


ACTIVATIONS = {
    "sigmoid": ([helper.make_node("Sigmoid", ["sums"], ["scores"])], "sigmoid"),
    "log softmax": ([helper.make_node("LogSoftmax", ["sums"], ["scores"], axis=-1)], "softmax"),
    "softmax over the last of three": ([helper.make_node("Softmax", ["sums"], ["scores"], axis=2)], "softmax"),
    "nothing": ([helper.make_node("Identity", ["sums"], ["scores"])], "unknown"),
    "the largest is picked": ([helper.make_node("ArgMax", ["sums"], ["scores"], axis=-1)], "unknown"),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_becomes_of_a_readout(name, tmp_path):
    after, activation = ACTIVATIONS[name]
    [chain] = imported(merged(*after), tmp_path).chains
    assert (chain.head.activation, chain.head.name, chain.head.weight.shape) == (activation, "product", (4, 2 * UNITS))


def test_a_readout_with_nothing_after_it_is_of_numbers_in_a_file_of_keras(tmp_path):
    found = imported(merged(ACTIVATIONS["nothing"][0][0], producer_name="tf2onnx"), tmp_path)
    assert (found.initialised_by, found.chains[0].head.activation) == ("Keras", "linear")


def test_a_softmax_over_something_else_than_the_outputs_is_no_readout(tmp_path):
    # Before version 13 it was over all that follows its axis: here over the batch and the outputs.
    [chain] = imported(merged(helper.make_node("Softmax", ["sums"], ["scores"]), opset=11), tmp_path).chains
    assert chain.head is None
    assert "after 'layer' stands 'scores' (Softmax), which is not shown" in chain.notes[0]


def test_more_layers_after_the_recurrent_ones_are_told(tmp_path):
    [chain] = imported(merged(helper.make_node("Relu", ["sums"], ["scores"])), tmp_path).chains
    assert chain.head is None
    assert chain.notes == ("after 'layer' stands 'scores' (Relu), which is not shown: the layer has no readout",)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_initial_states_are_given_by_the_reader_or_zeros(direction, tmp_path):
    sides = 2 if direction == "bidirectional" else 1
    constants = weights("LSTM", directions=sides)
    node = recurrent("LSTM", constants, given=("X", "initial_h", "initial_c"), direction=direction)
    model = graph([node], constants, inputs=("X", "initial_h", "initial_c"), outputs=("Y",))
    found = ImportedModel.from_bytes(imported(model, tmp_path).to_bytes())  # as it comes from the limited process
    [chain] = found.chains
    assert chain.notes == (
        "'layer' (LSTM) is given its initial state ('initial_h' and 'initial_c'): it begins at zeros, unless you give that state",
    )
    assert set(chain.given.values()) == {"initial_h", "initial_c"}
    assert set(chain.given) == set(state_sizes(chain))
    states = {f"initial_{part}": drawn(sides, 1, UNITS) for part in "hc"}
    zeros = {name: np.zeros_like(one) for name, one in states.items()}
    hold(recorded(chain, numbers()), 0, runtime(model, {"X": numbers()[:, None], **zeros})["Y"])
    suffixes = chain.layouts[0].suffixes
    rows = {
        f"initial_{part}_l0{suffix}": states[f"initial_{part[0]}"][side, 0].tolist()
        for part in ("hidden", "cell")
        for side, suffix in enumerate(suffixes)
    }
    hold(recorded(starting(chain, rows), numbers()), 0, runtime(model, {"X": numbers()[:, None], **states})["Y"])
    half = {name: row for name, row in rows.items() if "cell" in name}
    begun = runtime(model, {"X": numbers()[:, None], **states, "initial_h": zeros["initial_h"]})["Y"]
    hold(recorded(starting(chain, half), numbers()), 0, begun)
    built = build_model(chain, initial_state=rows).state_dict()
    np.testing.assert_array_equal(built[f"lstm.initial_cell_l0{suffixes[0]}"], states["initial_c"][0, 0])


def test_a_state_of_another_shape_is_refused_by_name(tmp_path):
    [chain] = imported(alone("GRU"), tmp_path).chains
    for state, message in (
        ({"initial_cell_l0": [0.0] * UNITS}, "no state 'initial_cell_l0': this model has initial_hidden_l0"),
        ({"initial_hidden_l0": [0.0] * 3}, r"must be 5 numbers, one for each unit, not an array of shape \(3,\)"),
        ({"initial_hidden_l0": np.array(["a"] * UNITS)}, "must be a list of 5 numbers"),
        ({"initial_hidden_l0": [float("nan")] * UNITS}, "must be finite numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            build_model(chain, initial_state=state)
    with pytest.raises(UnreadableFile, match="it has no state 'weight_ih_l0'"):
        replace(chain, given={"weight_ih_l0": "h0"})


def test_a_state_picked_from_one_that_is_given_is_given(tmp_path):
    constants = weights("GRU") | {"which": np.array(1), "axis": np.array([0])}
    nodes = [
        helper.make_node("Gather", ["state", "which"], ["picked"], axis=0),
        helper.make_node("Unsqueeze", ["picked", "axis"], ["initial_h"]),
        recurrent("GRU", constants, given=("X", "initial_h")),
    ]
    model = graph(nodes, constants, inputs=("X", "state"), outputs=("Y",))
    [chain] = imported(model, tmp_path).chains
    assert chain.given == {"initial_hidden_l0": "state"}
    assert "is given its initial state ('state'): it begins at zeros" in chain.notes[0]
    state = drawn(2, 1, UNITS)
    begun = starting(chain, {"initial_hidden_l0": state[1, 0]})
    hold(recorded(begun, numbers()), 0, runtime(model, {"X": numbers()[:, None], "state": state})["Y"])


@pytest.mark.parametrize("op", ["LSTM", "GRU", "RNN"])
def test_a_fixed_state_is_used(op, tmp_path):
    chain = checked_layer(alone(op, extra={"initial_h": drawn(1, 1, UNITS)}.items()), tmp_path)
    assert chain.layouts[0].starts
    assert (chain.notes, chain.given) == ((), {})


@pytest.mark.parametrize("shape", [(2, 1, UNITS), (1, 1, UNITS), (UNITS,)])
def test_a_fixed_state_may_be_spread_over_a_batch(shape, tmp_path):
    constants = weights("GRU", directions=2) | {"state": drawn(*shape), "sizes": np.array([2, 1, UNITS])}
    nodes = [
        helper.make_node("Expand", ["state", "sizes"], ["initial_h"]),
        recurrent("GRU", constants, given=("X", "initial_h"), direction="bidirectional"),
    ]
    assert checked_layer(graph(nodes, constants, outputs=("Y", "Y_h")), tmp_path).layouts[0].starts
    constants["state"] = drawn(2, 1, 3)
    with pytest.raises(UnreadableFile, match=r"initial_h has the shape \(2, 1, 3\)"):
        imported(graph(nodes, constants, outputs=("Y",)), tmp_path)


def test_initial_states_of_zeros_are_no_matter(tmp_path):
    chain = checked_layer(alone("LSTM", extra={"initial_h": np.zeros((1, 1, UNITS), np.float32)}.items()), tmp_path)
    assert chain.notes == ()


def test_fixed_sequence_lengths_are_told(tmp_path):
    chain = checked_layer(alone("GRU", extra={"sequence_lens": np.array([STEPS], np.int32)}.items()), tmp_path)
    assert chain.notes == (
        f"'layer' (GRU) is made for {STEPS} steps by the file: here it reads every sequence to its end",
    )


REFUSED = {
    "coupled gates": ("LSTM", {"input_forget": 1}, "couples its input gate with its forget gate"),
    "leaky": ("LSTM", {"activations": ["Sigmoid", "LeakyRelu", "Tanh"]}, "uses the activation 'LeakyRelu'"),
    "scaled affine": ("RNN", {"activations": ["Affine"], **SCALED}, "the activation 'Affine' of alpha 0.3"),
    "relu gates": ("GRU", {"activations": ["Relu", "Tanh"]}, "gates go from 0 to 1"),
    "two kinds": (
        "GRU",
        {"direction": "bidirectional", "activations": ["Sigmoid", "Tanh", "Sigmoid", "Relu"]},
        "has other activations in one direction",
    ),
    "too few": ("LSTM", {"activations": ["Sigmoid"]}, "names 1 activations, not 3"),
    "too many scales": (
        "GRU",
        {"activations": ["Sigmoid", "HardSigmoid"], "activation_alpha": [0.1, 0.3]},
        "which belongs to which is ambiguous",
    ),
    "no clip": ("LSTM", {"clip": 0.0}, "cuts its sums at 0: a clip must be above 0"),
    "a fixed state for each sequence": (
        "LSTM",
        {"extra": {"initial_c": drawn(1, 2, UNITS)}.items()},
        "begins in other fixed states for each sequence",
    ),
    "a fixed state of another size": (
        "GRU",
        {"extra": {"initial_h": drawn(1, 1, 3)}.items()},
        "initial_h has the shape",
    ),
    "lengths": ("RNN", {"extra": {"sequence_lens": np.array([3, 7])}.items()}, "fixed sequence lengths from 3 to 7"),
    "a direction": ("RNN", {"direction": "upwards"}, "reads in the direction 'upwards'"),
    "another size": ("LSTM", {"hidden_size": 6}, "has 5 units by its weights and 6 by its hidden_size"),
    "one direction's weights": (
        "LSTM",
        {"direction": "reverse", "extra": {"W": drawn(2, 20, 3)}.items()},
        "W has the shape",
    ),
    "kinds in a list": (
        "RNN",
        {"activations": ["HardSigmoid"], "activation_alpha": ["x"]},
        "'activation_alpha' of another kind than ONNX says",
    ),
    "a kind": ("LSTM", {"direction": 3}, "an attribute 'direction' of another kind than ONNX says"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_our_equations_do_not_have_is_refused_by_name(name, tmp_path):
    op, options, message = REFUSED[name]
    with pytest.raises(UnreadableFile, match=message):
        imported(alone(op, **options), tmp_path)


def test_a_decoder_that_begins_where_another_layer_ended_is_left_out_and_told(tmp_path):
    below = {f"a{name}": one for name, one in weights("GRU").items()}
    above = {f"b{name}": one for name, one in weights("GRU", seed=1).items()}
    nodes = [
        recurrent("GRU", below, name="encoder", prefix="a"),
        recurrent("GRU", above, name="decoder", prefix="b"),
    ]
    nodes[1].input[5] = "aY_h"
    found = imported(graph(nodes, below | above, outputs=("bY",)), tmp_path)
    assert [chain.name for chain in found.chains] == ["encoder"]
    assert "not opened: 'decoder' (GRU) begins in a state (initial_h) that comes from another layer" in found.notes[0]


VOCABULARY = ("a", "b", "c")


@pytest.mark.parametrize(
    ("key", "text"),
    [("vocab", '["a", "b", "c"]'), ("stoi", '{"c": 2, "a": 0, "b": 1}'), ("itos", '{"0": "a", "1": "b", "2": "c"}'),
     ("characters", "abc"), ("Alphabet", '"abc"'), ("labels", "a\nb\nc")],
)  # fmt: skip
def test_a_vocabulary_in_the_metadata(key, text, tmp_path):
    model = alone("LSTM")
    helper.set_model_props(model, {"author": "none", key: text})
    found = imported(model, tmp_path)
    assert (found.vocabulary, found.vocabulary_from) == (VOCABULARY, f"the metadata {key!r}")
    assert found.chains[0].one_hot  # as many entries as numbers are read


def test_a_vocabulary_in_a_tensor_of_strings(tmp_path):
    model = alone("LSTM")
    model.graph.initializer.append(numpy_helper.from_array(np.array(VOCABULARY, object), "words"))
    found = imported(model, tmp_path)
    assert (found.vocabulary, found.vocabulary_from) == (VOCABULARY, "the tensor 'words'")


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, '["a", "a", "b"]', '{"a": -1, "b": 10000000000}', "[1, 2, 3]", "{}"]
)
def test_what_is_no_vocabulary_is_none(text, tmp_path):
    model = alone("LSTM")
    helper.set_model_props(model, {"vocab": text})
    assert imported(model, tmp_path).vocabulary == ()


def test_a_vocabulary_of_another_size_is_told_and_left(tmp_path):
    model = alone("LSTM")
    helper.set_model_props(model, {"vocab": '["a", "b"]'})
    found = imported(model, tmp_path)
    assert (found.vocabulary, found.chains[0].one_hot) == ((), False)
    assert found.notes == (f"the metadata 'vocab' has 2 entries, but 'layer' reads {FEATURES} numbers: it is not used",)
