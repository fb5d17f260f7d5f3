"""Variables under every name that TensorFlow has given them: the cells, what stands around them, and what is left open."""

import json

import numpy as np
import pytest

from lstm_core import Tokens, record
from lstm_core.importers import Chain, ImportedModel, UnreadableFile, build_model, read_model, untrained_twin
from lstm_core.readouts import Nothing
from tests.support import tensorflow_cells as cells
from tests.support import tensorflow_files as made
from tests.support.tensorflow_cells import FEATURES, NUMBERS, drawn

LSTM = drawn(kernel=(FEATURES + 4, 16), bias=(16,))
PROJECTED = drawn(
    1, kernel=(FEATURES + 2, 16), bias=(16,), projection=(4, 2), w_i_diag=(4,), w_f_diag=(4,), w_o_diag=(4,)
)
GRU = drawn(2, gates_kernel=(FEATURES + 4, 8), gates_bias=(8,), candidate_kernel=(FEATURES + 4, 4), candidate_bias=(4,))
CUDNN_GRU = drawn(
    3, gates_kernel=(FEATURES + 4, 8), gates_bias=(8,), input_kernel=(FEATURES, 4), hidden_kernel=(4, 4), input_bias=(4,), hidden_bias=(4,)
)  # fmt: skip
RNN = drawn(4, kernel=(FEATURES + 4, 4), bias=(4,))
OLD_PROJECTED = {"kernel": "W_0", "bias": "B", "projection": "W_P_0"} | {
    f"w_{g}_diag": f"W_{g.upper()}_diag" for g in "ifo"
}


def read(tmp_path, tensors, **beside: bytes) -> ImportedModel:
    """The model in a checkpoint of these tensors, which may be named by other names."""
    files = made.checkpoint(tensors) | {f"model.ckpt.{name}": content for name, content in beside.items()}
    made.zipped(files, tmp_path / "it.zip")
    return read_model(tmp_path / "it.zip")


def hidden(chain: Chain) -> list[np.ndarray]:
    """What each direction of each layer gives while it reads NUMBERS."""
    steps = np.arange(len(NUMBERS))
    tokens = Tokens(np.zeros(len(steps), np.int64), tuple(map(str, steps)), steps, NUMBERS)
    layers = record(build_model(chain, readout=Nothing()), tokens).layers.values()
    return [(one["projected"] if "projected" in one else one["hidden"]).values for one in layers]


def named(weights, scope: str, **names: str):
    return {f"{scope}/{names.get(part, part)}": one for part, one in weights.items()}


NAMES = {
    "rnn/basic_lstm_cell": (LSTM, {}, lambda: cells.lstm(NUMBERS, LSTM)[0]),
    "rnn/basic_lstm_cell, TensorFlow 1.0": (LSTM, {"kernel": "weights", "bias": "biases"}, lambda: cells.lstm(NUMBERS, LSTM)[0]),
    "RNN/BasicLSTMCell": (LSTM, {"kernel": "Linear/Matrix", "bias": "Linear/Bias"}, lambda: cells.lstm(NUMBERS, LSTM)[0]),
    "rnn/lstm_fused_cell": (LSTM, {}, lambda: cells.lstm(NUMBERS, LSTM)[0]),
    "cudnn/rnn/cudnn_compatible_lstm_cell": (LSTM, {}, lambda: cells.lstm(NUMBERS, LSTM, 0.0)[0]),
    "decoder/my_lstm": (LSTM, {}, None),  # of an unknown name, and in no loop
    "rnn/my_lstm": (LSTM, {}, lambda: cells.lstm(NUMBERS, LSTM)[0]),
    "rnn/lstm_cell": (PROJECTED, {"projection": "projection/kernel"}, lambda: cells.lstm(NUMBERS, PROJECTED)[0]),
    "RNN/LSTMCell": (PROJECTED, OLD_PROJECTED, lambda: cells.lstm(NUMBERS, PROJECTED)[0]),
    "rnn/gru_cell": (GRU, {name: name.replace("_", "/") for name in GRU}, lambda: cells.gru(NUMBERS, GRU)),
    "RNN/GRUCell": (
        GRU,
        {name: name.title().replace("_Kernel", "/Linear/Matrix").replace("_Bias", "/Linear/Bias") for name in GRU},
        lambda: cells.gru(NUMBERS, GRU),
    ),
    "rnn/gru_block_cell": (
        GRU,
        {"gates_kernel": "w_ru", "gates_bias": "b_ru", "candidate_kernel": "w_c", "candidate_bias": "b_c"},
        lambda: cells.gru(NUMBERS, GRU),
    ),
    "cudnn_gru/rnn/multi_rnn_cell/cell_0/cudnn_compatible_gru_cell": (
        CUDNN_GRU,
        {name: name.replace("_", "/") for name in CUDNN_GRU if name.startswith("gates")}
        | {name: f"candidate/{name.replace('_', '_projection/')}" for name in CUDNN_GRU if not name.startswith("gates")},
        lambda: cells.cudnn_gru(NUMBERS, CUDNN_GRU),
    ),
    "rnn/basic_rnn_cell": (RNN, {}, lambda: cells.rnn(NUMBERS, RNN)),
    "RNN/BasicRNNCell": (RNN, {"kernel": "Linear/Matrix", "bias": "Linear/Bias"}, lambda: cells.rnn(NUMBERS, RNN)),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_opens_under_all_names_that_it_ever_had(name, tmp_path):
    weights, names, wanted = NAMES[name]
    scope = name.partition(",")[0]
    if wanted is None:
        with pytest.raises(
            UnreadableFile, match="no recurrent cell that is called as TensorFlow and Keras call theirs"
        ):
            read(tmp_path, named(weights, scope, **names))
        return
    [chain] = read(tmp_path, named(weights, scope, **names)).chains
    assert chain.sources == (scope,)
    assert ("assumed to be an LSTMCell, because of its name" in " ".join(chain.notes)) == (scope == "rnn/my_lstm")
    np.testing.assert_allclose(hidden(chain)[0], wanted(), atol=1e-5)


def test_the_cells_of_cudnn_in_both_directions_are_a_stack(tmp_path):
    """As Saver writes a bidirectional CudnnLSTM of two layers: a forget bias is not added."""
    layers = [
        [drawn(10 * n + side, kernel=(features + 4, 16), bias=(16,)) for side in (0, 1)]
        for n, features in enumerate((FEATURES, 8))
    ]
    scope = "cudnn_lstm/stack_bidirectional_rnn/cell_{}/bidirectional_rnn/{}/cudnn_compatible_lstm_cell"
    tensors = {}
    for number, sides in enumerate(layers):
        for way, weights in zip(("fw", "bw"), sides, strict=True):
            tensors |= named(weights, scope.format(number, way))
    [chain] = read(tmp_path, tensors).chains
    x, wanted = NUMBERS, []
    for forward, backward in layers:
        sides = [cells.lstm(x, forward, 0.0)[0], cells.lstm(x[::-1], backward, 0.0)[0][::-1]]
        wanted += sides
        x = np.concatenate(sides, axis=1)
    for own, one in zip(hidden(chain), wanted, strict=True):
        np.testing.assert_allclose(own, one, atol=1e-5)


def test_two_stacks_in_two_directions_are_shown_apart(tmp_path):
    tensors = {}
    for way in ("fw", "bw"):
        for number, features in enumerate((FEATURES, 4)):
            weights = drawn(number, kernel=(features + 4, 16), bias=(16,))
            tensors |= named(weights, f"bidirectional_rnn/{way}/multi_rnn_cell/cell_{number}/basic_lstm_cell")
    found = read(tmp_path, tensors)
    assert [[layout.reading for layout in chain.layouts] for chain in found.chains] == [
        ["reverse"] * 2,
        ["forward"] * 2,
    ]


def test_the_graph_beside_tells_forget_bias_activation_and_clip(tmp_path):
    tensors = named(LSTM, "rnn/lstm_cell")
    clip = [
        made.node("rnn/lstm_cell/c", "Const", value=0.5),
        made.node("rnn/lstm_cell/clip_by_value/Minimum", "Minimum", "x", "rnn/lstm_cell/c"),
    ]
    graph = made.meta_graph([*made.lstm_nodes("rnn/lstm_cell", 3.5, "Relu"), *clip], list(tensors))
    [chain] = read(tmp_path, tensors, meta=graph).chains
    assert "add 3.5" in chain.notes[-1]
    assert "cut off at 0.5 (cell_clip)" in chain.notes[0]
    wanted = cells.lstm(NUMBERS, LSTM, 3.5, lambda x: np.maximum(x, 0))[0]
    np.testing.assert_allclose(hidden(chain)[0], wanted, atol=1e-5)


def test_the_loops_of_tensorflow_2_lie_in_functions_and_those_of_training_twice(tmp_path):
    """Two directions with biases of their own, told by the names of their functions; one more graph for testing."""
    tensors = {}
    for way in ("fw", "bw"):
        tensors |= named(drawn(kernel=(FEATURES + 4, 16), bias=(16,)), f"bidirectional_rnn/{way}/basic_lstm_cell")
    functions = {f"bidirectional_rnn_{way}_{way}_while_body_{n}": made.lstm_nodes("basic_lstm_cell", bias) for way, bias, n in (("fw", 0.0, 1), ("fw", 0.0, 2), ("bw", 2.0, 3))}  # fmt: skip
    [chain] = read(tmp_path, tensors, meta=made.meta_graph([], list(tensors), functions)).chains
    for suffix, added in (("", 0.0), ("_reverse", 2.0)):
        found = chain.weights[f"bias_ih_l0{suffix}"][4:8] - LSTM["bias"][8:12]
        np.testing.assert_allclose(found, added, atol=1e-6)


def test_a_fused_kernel_has_its_forget_bias_as_an_attribute(tmp_path):
    tensors = named(LSTM, "rnn/lstm_fused_cell")
    graph = made.meta_graph([made.node("rnn/lstm_fused_cell/BlockLSTM", "BlockLSTM", attribute=("forget_bias", 0.25))])
    [chain] = read(tmp_path, tensors, meta=graph).chains
    np.testing.assert_allclose(hidden(chain)[0], cells.lstm(NUMBERS, LSTM, 0.25)[0], atol=1e-5)


def test_what_a_residual_wrapper_gives_is_not_what_its_cell_gives(tmp_path):
    """The names of its variables are those of any stack: the graph adds what the second cell reads to what it gives."""
    scope = "rnn/multi_rnn_cell/cell_{}/basic_rnn_cell"
    tensors = {}
    for number, features in enumerate((FEATURES, 4, 4)):
        tensors |= named(drawn(number, kernel=(features + 4, 4), bias=(4,)), scope.format(number))
    tensors |= {"out/kernel": np.ones((4, 2), np.float32), "out/bias": np.ones(2, np.float32)}
    added = made.node(
        "rnn/while/rnn/multi_rnn_cell/cell_1/add",
        "AddV2",
        "rnn/while/rnn/multi_rnn_cell/cell_0/basic_rnn_cell/Tanh",
        "rnn/while/rnn/multi_rnn_cell/cell_1/basic_rnn_cell/Tanh:0",
    )
    for beside in ({}, {"meta": made.meta_graph([], list(tensors))}):
        [stacked] = read(tmp_path, tensors, **beside).chains
        assert len(stacked.layouts) == 3
        assert ("wrappers such as ResidualWrapper leave no trace" in " ".join(stacked.notes)) == (not beside)
    apart = read(tmp_path, tensors, meta=made.meta_graph([added], list(tensors))).chains
    assert [(len(chain.layouts), chain.head is not None) for chain in apart] == [(1, True), (2, False)]
    assert "cell_1/basic_rnn_cell' reads is added to what it gives (ResidualWrapper)" in " ".join(apart[1].notes)


def test_an_activation_that_gatescope_does_not_compute_is_named(tmp_path):
    tensors = named(LSTM, "rnn/lstm_cell")
    with pytest.raises(UnreadableFile, match="has the activation Elu, which Gatescope does not compute"):
        read(tmp_path, tensors, meta=made.meta_graph(made.lstm_nodes("rnn/lstm_cell", 1.0, "Elu")))


KERAS = drawn(5, kernel=(FEATURES, 16), recurrent_kernel=(4, 16), bias=(16,))


def test_the_two_orders_of_gates_are_told_apart(tmp_path):
    """One matrix in the order i, c, f, o and two in the order i, f, c, o, of the same numbers, are the same layer."""
    whole = np.concatenate([KERAS["kernel"], KERAS["recurrent_kernel"]])
    i, f, c, o = (slice(4 * n, 4 * n + 4) for n in range(4))
    fused = {
        "kernel": np.concatenate([whole[:, gate] for gate in (i, c, f, o)], axis=1),
        "bias": np.concatenate([KERAS["bias"][gate] for gate in (i, c, f, o)]),
    }
    one = read(tmp_path, named(fused, "rnn/cudnn_compatible_lstm_cell")).chains[0]
    made.zipped(made.of_objects({"lstm": {"cell": KERAS}}), tmp_path / "it.zip")
    other = read_model(tmp_path / "it.zip").chains[0]
    for name, weights in one.weights.items():
        np.testing.assert_array_equal(weights, other.weights[name], err_msg=name)


def test_keras_layers_of_all_kinds_by_their_objects(tmp_path):
    side = drawn(6, kernel=(4, 12), recurrent_kernel=(4, 12), bias=(2, 12))
    last = drawn(7, kernel=(8, 3), recurrent_kernel=(3, 3), bias=(3,))
    tree = {
        "lookup": {"_embeddings": drawn(w=(9, FEATURES))["w"]},
        "lower": {"cell": KERAS},
        "both": {"forward_layer": {"cell": side}, "backward_layer": {"cell": side}},
        "upper": {"cell": last},
        "out": {"_kernel": drawn(w=(3, 2))["w"], "bias": drawn(b=(2,))["b"]},
        "optimizer": {"_variables": {"0": KERAS["kernel"]}},
        "save_counter": np.array(3, np.int64),
    }
    made.zipped(made.of_objects(tree), tmp_path / "it.zip")
    chain = read_model(tmp_path / "it.zip").chains[0]
    assert chain.name == "lower → both → upper"
    assert [(one.cell.type, one.reading, one.cell.reset_after) for one in chain.layouts] == [
        ("LSTM", "forward", True), ("GRU", "both", True), ("RNN", "forward", True),
    ]  # fmt: skip
    assert chain.embedding.shape == (9, FEATURES)
    np.testing.assert_array_equal(chain.head.weight, tree["out"]["_kernel"].T)


def test_an_exported_model_whose_variables_have_one_name_is_read_in_their_order(tmp_path):
    """What Keras 3 exports of a class of one's own: nothing but a list, in which every layer is called like the model."""
    listed = [
        ("embeddings", drawn(w=(9, FEATURES))["w"]),
        *KERAS.items(),
        ("kernel", drawn(w=(4, 9))["w"]),
        ("bias", drawn(b=(9,))["b"]),
    ]
    tree = {"variables": {str(n): (array, f"my/{name}") for n, (name, array) in enumerate(listed)}}
    made.zipped(made.of_objects(tree), tmp_path / "it.zip")
    [chain] = read_model(tmp_path / "it.zip").chains
    assert chain.classes == 9
    np.testing.assert_array_equal(chain.head.weight, listed[-2][1].T)


def described(**layers: tuple[str, dict[str, object]]) -> bytes:
    """keras_metadata.pb of a class of one's own with these layers."""
    nodes = [("root", {"class_name": "Mine", "config": {}})]
    nodes += [
        (f"root.{name}", {"class_name": kind, "name": name, "config": config})
        for name, (kind, config) in layers.items()
    ]
    return b"".join(
        made.field(
            1,
            made.field(2, n) + made.field(3, path) + made.field(4, "_tf_keras_layer") + made.field(5, json.dumps(told)),
        )
        for n, (path, told) in enumerate(nodes)
    )


def test_keras_settings_of_a_layer_count_in_a_class_of_ones_own(tmp_path):
    settings = {"name": "lstm", "activation": "relu", "recurrent_activation": "hard_sigmoid", "go_backwards": True}
    files = made.of_objects({"lstm": {"cell": KERAS}}, "variables/variables")
    files["keras_metadata.pb"] = described(lstm=("LSTM", settings))
    made.zipped(files, tmp_path / "it.zip", folder="mine/")
    [chain] = read_model(tmp_path / "it.zip").chains
    [layout] = chain.layouts
    assert (layout.cell.candidate.name, layout.cell.gate.name, layout.cell.gate.slope) == ("relu", "hard_sigmoid", 0.2)
    assert layout.reading == "reverse"
    assert not chain.notes


def test_before_2_5_keras_settings_lie_in_the_graph(tmp_path):
    """As TensorFlow 2.0 to 2.4 wrote them: in the objects of saved_model.pb, a layer reached by two names."""
    layers = [
        {"class_name": "LSTM", "config": {"name": "a", "units": 4, "activation": "softsign", "return_sequences": True}},
        {"class_name": "Dense", "config": {"name": "b", "units": 2, "activation": "softmax"}},
    ]
    whole = {"class_name": "Sequential", "name": "s", "config": {"name": "s", "layers": layers}}
    told = [whole, *({**one, "name": one["config"]["name"]} for one in layers)]
    children = [{"layer-0": 1, "layer_with_weights-0": 1, "layer-1": 2, "layer_with_weights-1": 2}, {}, {}]
    objects = b"".join(
        made.field(
            1,
            b"".join(made.field(1, made.field(1, child) + made.field(2, name)) for name, child in inside.items())
            + made.field(4, made.field(1, "_tf_keras_layer") + made.field(3, json.dumps(one))),
        )
        for one, inside in zip(told, children, strict=True)
    )
    dense = drawn(kernel=(4, 2), bias=(2,))
    files = made.of_objects(
        {"layer_with_weights-0": {"cell": KERAS}, "layer_with_weights-1": dense}, "variables/variables"
    )
    files["saved_model.pb"] = made.field(1, 1) + made.field(2, made.field(7, objects))
    made.zipped(files, tmp_path / "it.zip", folder="m/")
    found = read_model(tmp_path / "it.zip")
    [chain] = found.chains
    assert found.format == "SavedModel of Keras 2"
    assert (chain.layouts[0].cell.candidate.name, chain.head.activation) == ("softsign", "softmax")
    np.testing.assert_array_equal(chain.head.weight, dense["kernel"].T)


# What stands around a BasicLSTMCell of 4 units: further tensors, the readout's name, and why there is none.
AROUND = {
    "textbook": ({"Variable": (4, 2), "Variable_1": (2,)}, "Variable", ""),
    "named alike": ({"softmax_w": (4, 9), "softmax_b": (9,)}, "softmax_w", ""),
    "in a dictionary": ({"weights/out": (4, 2), "biases/out": (2,)}, "weights/out", ""),
    "fully connected": ({"fully_connected/weights": (4, 2), "fully_connected/biases": (2,)}, "fully_connected", ""),
    "wrapper": ({"rnn/output_projection_wrapper/kernel": (4, 2), "rnn/output_projection_wrapper/bias": (2,)}, "rnn/output_projection_wrapper", ""),
    "with slots": ({"dense/kernel": (4, 2), "dense/bias": (2,), "dense/kernel/Adam": (4, 2), "dense/bias/Adam_1": (2,), "beta1_power": ()}, "dense", ""),
    "two layers": ({"a/kernel": (4, 4), "a/bias": (4,), "b/kernel": (4, 2), "b/bias": (2,)}, None, "several linear layers (a, b)"),
    "joined": ({"out/kernel": (12, 2), "out/bias": (2,)}, None, "gives 4 numbers, but out reads 12 numbers"),
    "attention": ({"attention/v": (8,), "out/kernel": (4, 2), "out/bias": (2,)}, None, "attention/v may stand between"),
    "normalised": ({"norm/gamma": (4,), "norm/beta": (4,), "out/kernel": (4, 2), "out/bias": (2,)}, None, "may stand between"),
    "convolution": ({"conv/kernel": (3, 4, 5), "out/kernel": (4, 2), "out/bias": (2,)}, None, "conv/kernel may stand between"),
}  # fmt: skip


@pytest.mark.parametrize("kind", AROUND)
def test_a_readout_is_shown_only_where_nothing_else_is_left_unexplained(kind, tmp_path):
    shapes, name, why = AROUND[kind]
    tensors = named(LSTM, "rnn/basic_lstm_cell") | {one: np.ones(shape, np.float32) for one, shape in shapes.items()}
    [chain] = read(tmp_path, tensors).chains
    assert (chain.head.name if chain.head else None) == name
    assert why in " ".join(chain.notes)
    if chain.head is not None:
        assert chain.head.weight.shape == next(iter(shapes.values()))[::-1]


def test_an_embedding_is_called_one_and_the_decoder_has_the_readout(tmp_path):
    tensors = {"embedding_encoder": np.ones((7, FEATURES), np.float32), "dense/kernel": np.ones((4, 9), np.float32)}
    tensors |= named(LSTM, "encoder/rnn/basic_lstm_cell") | named(LSTM, "decoder/rnn/basic_lstm_cell")
    decoder, encoder = sorted(read(tmp_path, tensors).chains, key=lambda chain: chain.name)
    assert (decoder.head.name, encoder.head) == ("dense", None)
    assert encoder.classes == 7


REFUSED = {
    "rnn/layer_norm_basic_lstm_cell": (LSTM | {"input/gamma": LSTM["bias"]}, "none of the cells whose equations"),
    "rnn/coupled_input_forget_gate_lstm_cell": (drawn(kernel=(7, 12), bias=(12,)), "none of the cells whose equations"),
    "rnn/nas_cell": (drawn(kernel=(7, 32), recurrent_kernel=(4, 32)), "no cell of TensorFlow has"),
    "rnn/basic_lstm_cell": (drawn(kernel=(7, 16), bias=(12,)), "no cell of TensorFlow has: save the model again"),
    "rnn/lstm_cell": (LSTM | drawn(w_i_diag=(4,)), "no cell of TensorFlow has"),
    "rnn/gru_cell": (drawn(**{"gates/kernel": (7, 8), "gates/bias": (8,)}), "no cell of TensorFlow has"),
    "gru/gru_cell": (GRU | {"candidate_kernel": np.array(1, np.float32)}, "no cell of TensorFlow has"),
    "cudnn_lstm": (drawn(opaque_kernel=(400,)), "it has 'cudnn_lstm/opaque_kernel'"),
    "dense": (drawn(kernel=(3, 4), bias=(4,)), "no recurrent cell that is called as"),
}


@pytest.mark.parametrize("scope", REFUSED)
def test_what_is_no_cell_that_gatescope_computes_is_named(scope, tmp_path):
    weights, message = REFUSED[scope]
    with pytest.raises(UnreadableFile) as refused:
        read(
            tmp_path,
            named(
                weights, scope, **({name: name.replace("_", "/") for name in GRU} if scope.startswith("gru") else {})
            ),
        )
    assert message in str(refused.value)
    assert scope in str(refused.value) or "dense" in scope


def test_one_cell_that_cannot_be_opened_leaves_the_others(tmp_path):
    tensors = named(LSTM, "a/rnn/basic_lstm_cell") | named(drawn(kernel=(7, 32)), "b/rnn/nas_cell")
    found = read(tmp_path, tensors)
    assert [chain.name for chain in found.chains] == ["a/rnn/basic_lstm_cell"]
    assert "'b/rnn/nas_cell' is none of the cells" in found.notes[0]


@pytest.mark.parametrize("kind", ["float16", "float64"])
def test_other_floats_are_read_too(kind, tmp_path):
    tensors = {name: one.astype(kind) for name, one in named(LSTM, "rnn/basic_lstm_cell").items()}
    [chain] = read(tmp_path, tensors).chains
    np.testing.assert_allclose(hidden(chain)[0], cells.lstm(NUMBERS, LSTM)[0], atol=1e-2 if kind == "float16" else 1e-5)


def test_an_untrained_twin_is_drawn_as_tensorflow_draws(tmp_path):
    for weights, scope, ones in ((LSTM, "rnn/basic_lstm_cell", slice(4, 8)), (GRU, "rnn/gru_cell", slice(0, 8))):
        names = {name: name.replace("_", "/") for name in GRU}
        found = read(tmp_path, named(weights, scope, **names))
        twin = untrained_twin(build_model(found.chains[0]), found.initialised_by or found.framework).state_dict()
        bound = np.sqrt(6 / (FEATURES + 4 + (16 if weights is LSTM else 8)))
        assert 0.7 * bound < twin["lstm.weight_ih_l0"].abs().max() <= bound
        assert twin["lstm.bias_ih_l0"].nonzero().flatten().tolist() == list(range(ones.start, ones.stop))
