"""Files in the layout of Keras 2, made by hand: CuDNN's weights, its hard_sigmoid, its way of wiring layers."""

import io
import zipfile
from typing import Any

import h5py
import numpy as np
import pytest

from lstm_core.importers import UnreadableFile
from lstm_core.importers.keras.read import read_keras
from tests.support.keras_files import edited, functional, keras2, layer, sequential, wired
from tests.support.keras_models import CLASSES, FEATURES, assert_same, keras, kl, stack

# Keras's variables are older than numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def named(*tensors: np.ndarray) -> dict[str, np.ndarray]:
    """The tensors of a recurrent layer, or of a dense one, under the names that Keras 2 gives them."""
    dense = len(tensors) == 2 and tensors[1].ndim == 1
    names = ("kernel:0", "bias:0") if dense else ("kernel:0", "recurrent_kernel:0", "bias:0")
    return dict(zip(names, tensors, strict=True))


def numbers(model: Any) -> list[list[np.ndarray]]:
    """The tensors of each layer that has some."""
    return [[np.array(one) for one in own.get_weights()] for own in model.layers if own.get_weights()]


def as_cudnn(kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray) -> list[np.ndarray]:
    """Keras's tensors in the layout of CuDNNLSTM and CuDNNGRU, as Keras 2 turns the one into the other.

    Each gate's kernel is transposed and kept in the shape that it had; an LSTM's bias is torn in two halves.
    """
    gates = kernel.shape[1] // recurrent.shape[0]
    kernels = [gate.T.reshape(gate.shape) for gate in np.split(kernel, gates, axis=1)]
    recurrents = [gate.T for gate in np.split(recurrent, gates, axis=1)]
    biases = np.concatenate([0.25 * bias, 0.75 * bias]) if bias.ndim == 1 else bias.reshape(-1)
    return [np.concatenate(kernels, axis=1), np.concatenate(recurrents, axis=1), biases]


@pytest.mark.parametrize(("kind", "unlike"), [("LSTM", "GRU"), ("GRU", "LSTM")])
@pytest.mark.parametrize("whole", [True, False], ids=["whole model", "weights alone"])
def test_cudnns_weights_are_turned_back(kind, unlike, whole, tmp_path):
    one, other = getattr(kl, kind), getattr(kl, unlike)
    model = stack(one(4, return_sequences=True), other(3), kl.Dense(2))
    lower, upper, dense = numbers(model)
    described = sequential(
        layer(f"CuDNN{kind}", "low", units=4, return_sequences=True, batch_input_shape=[None, None, FEATURES]),
        layer(f"CuDNN{unlike}", "high", units=3, return_sequences=False),
        layer("Dense", "dense", units=2, activation="linear"),
    )
    weights = {"low": named(*as_cudnn(*lower)), "high": named(*as_cudnn(*upper)), "dense": named(*dense)}
    chain = read_keras(keras2(tmp_path / "it.h5", described if whole else None, weights)).chains[0]
    assert chain.sources == ("low", "high")
    assert chain.head.activation == ("linear" if whole else "unknown")
    assert_same_states(model, chain)


def test_cudnns_gates_are_sigmoids_however_old_the_file(tmp_path):
    cudnn = as_cudnn(*numbers(stack(kl.LSTM(3)))[0])
    found = read_keras(keras2(tmp_path / "it.h5", None, {"lstm_1": named(*cudnn)}, "2.2.4"))
    assert found.chains[0].layouts[0].cell.gate.name == "sigmoid"
    assert "(tanh, sigmoid)" in found.notes[0]


def assert_same_states(model: Any, chain: Any) -> None:
    assert_same(model, chain, readout=False)
    np.testing.assert_array_equal(chain.head.weight, numbers(model)[-1][0].T)


@pytest.mark.parametrize("bias", [(8,), (16,)], ids=["its own", "CuDNN's"])
def test_of_an_lstm_the_bias_tells_which_layout_its_weights_have(bias, tmp_path):
    model = stack(kl.LSTM(2), kl.Dense(1))
    own, dense = numbers(model)
    described = sequential(layer("LSTM", "lstm", units=2), layer("Dense", "dense", activation="linear"))
    tensors = own if bias == (8,) else as_cudnn(*own)
    assert tensors[2].shape == bias
    path = keras2(tmp_path / "it.h5", described, {"lstm": named(*tensors), "dense": named(*dense)})
    assert_same(model, read_keras(path).chains[0])


@pytest.mark.parametrize(("version", "slope"), [("2.2.4", 0.2), ("2.15.0", 0.2), ("3.8.0", 1 / 6)])
def test_hard_sigmoid_is_as_steep_as_in_the_version_that_wrote_the_file(version, slope, tmp_path):
    @keras.saving.register_keras_serializable(name=f"hard_{version}")
    def hard(x: Any) -> Any:
        return keras.ops.clip(slope * x + 0.5, 0.0, 1.0)

    model = stack(kl.GRU(3, recurrent_activation=hard, reset_after=False, return_sequences=True), kl.Dense(1))
    gru, dense = numbers(model)
    described = sequential(
        layer("GRU", "gru", recurrent_activation="hard_sigmoid", reset_after=False, return_sequences=True),
        layer("Dense", "dense", activation="linear"),
    )
    path = keras2(tmp_path / "it.h5", described, {"gru": named(*gru), "dense": named(*dense)}, version)
    assert_same(model, read_keras(path).chains[0])


@pytest.mark.parametrize(
    ("version", "gate"), [("2.2.4", "hard_sigmoid"), ("2.2.4-tf", "sigmoid"), ("2.3.0", "sigmoid")]
)
def test_weights_alone_have_the_gates_that_were_usual_when_they_were_written(version, gate, tmp_path):
    model = stack(kl.LSTM(3))
    path = keras2(tmp_path / "it.h5", None, {"lstm_1": named(*numbers(model)[0])}, version)
    found = read_keras(path)
    assert found.chains[0].layouts[0].cell.gate.name == gate
    assert f"(tanh, {gate})" in found.notes[0]


def test_a_functional_model_is_wired_as_keras_2_writes_it(tmp_path):
    model = stack(kl.Embedding(CLASSES, 3), kl.Bidirectional(kl.GRU(2, return_sequences=True)), kl.LSTM(2), kl.Dense(2))
    embedding, both, lstm, dense = numbers(model)
    inner = layer("GRU", "gru", return_sequences=True, reset_after=True, activation="tanh")
    described = functional(
        wired(layer("InputLayer", "input_1", batch_input_shape=[None, None])),
        wired(layer("Embedding", "embedding"), "input_1"),
        wired(layer("Dense", "dense", activation="softmax"), "lstm"),  # in any order
        wired(layer("LSTM", "lstm"), "dropout"),
        wired(layer("Dropout", "dropout"), "bidirectional"),
        wired(layer("Bidirectional", "bidirectional", merge_mode="concat", layer=inner), "embedding"),
    )
    weights = {
        "embedding": {"embeddings:0": embedding[0]},
        "lstm": named(*lstm),
        "dense": named(*dense),
        "bidirectional": {f"{side}_gru/{name}": one for side, own in (("forward", both[:3]), ("backward", both[3:]))
                          for name, one in named(*own).items()},
        "dropout": {},
    }  # fmt: skip
    chain = read_keras(keras2(tmp_path / "it.h5", described, weights)).chains[0]
    assert (chain.sources, chain.head.activation, chain.notes) == (("bidirectional", "lstm"), "softmax", ())
    model.layers[-1].activation = keras.activations.softmax
    assert_same(model, chain)


def test_a_sequential_model_of_the_oldest_keras_2_is_a_bare_list(tmp_path):
    model = stack(kl.SimpleRNN(3), kl.Dense(1))
    own, dense = numbers(model)
    described = {"class_name": "Sequential", "config": [layer("SimpleRNN", "rnn"), layer("Dense", "dense")]}
    path = keras2(tmp_path / "it.h5", described, {"rnn": named(*own), "dense": named(*dense)}, "2.1.6")
    assert_same(model, read_keras(path).chains[0])


def test_a_gru_whose_bias_contradicts_its_settings_is_refused(tmp_path):
    gru = numbers(stack(kl.GRU(2)))[0]
    path = keras2(tmp_path / "it.h5", sequential(layer("GRU", "gru", reset_after=False)), {"gru": named(*gru)})
    with pytest.raises(UnreadableFile, match=r"'gru' have the shapes .* which no GRU with reset_after=False has"):
        read_keras(path)


def test_the_gates_of_keras_1_came_one_by_one_and_are_refused(tmp_path):
    tensors = {f"W_{number}": np.zeros((2, 2), np.float32) for number in range(12)}
    path = keras2(tmp_path / "it.h5", sequential(layer("LSTM", "lstm_1")), {"lstm_1": tensors}, "1.2.2")
    with pytest.raises(UnreadableFile, match="12 tensors"):
        read_keras(path)


def test_the_archive_of_keras_2_counts_its_layers_twice(tmp_path):
    model = stack(kl.LSTM(4, name="low", return_sequences=True), kl.LSTM(3, name="high"), kl.Dense(2, name="dense"))
    model.save(tmp_path / "it.keras")
    with zipfile.ZipFile(tmp_path / "it.keras") as archive:
        written = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(written) as of_keras_3, h5py.File(tmp_path / "weights", "w") as weights:
        for name, again in (("lstm", "lstm"), ("lstm_1", "lstm_2"), ("dense", "dense")):
            of_keras_3.copy(f"layers/{name}", weights, name=f"_layer_checkpoint_dependencies/{again}")
    files = {"model.weights.h5": (tmp_path / "weights").read_bytes(), "metadata.json": b'{"keras_version": "2.15.0"}'}
    found = read_keras(edited(tmp_path / "it.keras", lambda _: None, files))
    assert found.format == "Keras 2 archive (.keras)"
    assert_same(model, found.chains[0])
