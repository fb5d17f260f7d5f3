"""Keras files of weights alone: their layers are known by the shapes of their tensors."""

import io
import zipfile

import h5py
import numpy as np
import pytest

from lstm_core.importers import ImportedModel, UnreadableFile, read_model
from lstm_core.importers.keras.read import read_keras
from tests.support.keras_models import CLASSES, assert_same, keras, kl, stack

# Keras's variables are older than numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SEQUENCE = {"return_sequences": True}
MODELS = {
    "an embedding, both ways, a readout": lambda: stack(
        kl.Embedding(CLASSES, 3), kl.Bidirectional(kl.LSTM(4, **SEQUENCE)), kl.Dropout(0.2), kl.GRU(5), kl.Dense(2)
    ),
    "many of one class": lambda: stack(*(kl.LSTM(2, **SEQUENCE) for _ in range(6)), kl.LSTM(3), kl.Dense(4)),
    "GRU that resets before": lambda: stack(kl.GRU(4, reset_after=False, **SEQUENCE), kl.SimpleRNN(3), kl.Dense(1)),
    "no biases": lambda: stack(kl.LSTM(4, use_bias=False, **SEQUENCE), kl.GRU(5, use_bias=False), kl.Dense(2)),
    "the ends of both ways": lambda: stack(kl.Bidirectional(kl.GRU(3)), kl.Dense(1)),
}


def as_keras_2(model, folder) -> ImportedModel:
    """What is read of the weights alone as Keras 2 writes them, by Keras's own writer of whole models."""
    model.save(folder / "whole.h5")
    with h5py.File(folder / "whole.h5") as whole, h5py.File(folder / "it.h5", "w") as alone:
        for name in whole["model_weights"]:
            whole.copy(f"model_weights/{name}", alone)
        alone.attrs.update(whole["model_weights"].attrs)
    return read_keras(folder / "it.h5")


def as_keras_3(model, folder) -> ImportedModel:
    model.save_weights(folder / "it.weights.h5")
    return read_keras(folder / "it.weights.h5")


@pytest.mark.parametrize("written", [as_keras_2, as_keras_3])
@pytest.mark.parametrize("name", MODELS)
def test_states_are_kerass_where_shapes_tell_the_layers(written, name, tmp_path):
    model = MODELS[name]()
    found = written(model, tmp_path)
    assert len(found.chains) == 1
    chain = found.chains[0]
    assert chain.head.activation == "unknown"
    assert "are taken to be as Keras has them" in found.notes[0]
    assert any("taken is reset_after=True" in note for note in found.notes) == (name == "no biases")
    assert_same(model, chain, readout=False)
    np.testing.assert_array_equal(chain.head.weight, keras.ops.convert_to_numpy(model.layers[-1].kernel).T)
    assert chain.layouts[-1].ends


def test_layers_are_called_by_their_own_names(tmp_path):
    assert as_keras_3(stack(kl.LSTM(3, name="mine")), tmp_path).chains[0].sources == ("mine",)
    assert as_keras_2(stack(kl.LSTM(3, name="mine")), tmp_path).chains[0].sources == ("mine",)


def test_an_order_that_shapes_leave_open_is_not_guessed(tmp_path):
    found = as_keras_3(stack(kl.GRU(3, **SEQUENCE), kl.LSTM(3), kl.Dense(2)), tmp_path)
    assert sorted(len(chain.layouts) for chain in found.chains) == [1, 1]
    assert all(chain.head is None for chain in found.chains)
    assert "The order of the layers is not in the file" in found.notes[1]


def test_a_layer_of_unknown_place_leaves_the_order_open(tmp_path):
    found = as_keras_3(stack(kl.LSTM(4, **SEQUENCE), kl.BatchNormalization(), kl.LSTM(5)), tmp_path)
    assert [len(chain.layouts) for chain in found.chains] == [1, 1]


def test_what_stands_between_is_seen_where_the_file_lists_it(tmp_path):
    between = stack(kl.LSTM(4, **SEQUENCE), kl.BatchNormalization(), kl.LSTM(5))
    assert [len(chain.layouts) for chain in as_keras_2(between, tmp_path).chains] == [1, 1]
    flat = keras.Sequential([keras.Input((7, 3)), kl.LSTM(4, **SEQUENCE), kl.Flatten(), kl.Dense(2)])
    assert as_keras_2(flat, tmp_path).chains[0].head is None
    renamed = keras.Sequential([keras.Input((7, 3)), kl.LSTM(4, **SEQUENCE), kl.Flatten(name="input"), kl.Dense(2)])
    assert as_keras_2(renamed, tmp_path).chains[0].head is None  # for it reads 28 numbers, not 4


@pytest.mark.parametrize("whole", [False, True])
def test_a_class_of_its_own_is_read_by_its_weights(whole, tmp_path):
    model = OwnModel()
    model(np.zeros((1, 2, 3), np.float32))
    path = tmp_path / ("it.keras" if whole else "it.weights.h5")
    model.save(path) if whole else model.save_weights(path)
    found = read_keras(path)
    assert found.chains[0].sources == ("reader", "writer")
    assert found.chains[0].head.name == "sayer"
    assert (found.notes[0] == "The model is a class of its own, 'OwnModel', whose code is not in the file.") == whole


@keras.saving.register_keras_serializable()
class OwnModel(keras.Model):
    """Layers under names of its own, as a user's class has them."""

    def __init__(self, **config):
        super().__init__(**config)
        self.writer_layer = kl.GRU(5, name="writer")
        self.encoder = kl.LSTM(4, return_sequences=True, name="reader")
        self.readout = kl.Dense(2, name="sayer")

    def build(self, shape):
        self.encoder.build(shape)
        self.writer_layer.build((*shape[:-1], 4))
        self.readout.build((shape[0], 5))

    def call(self, given):
        return self.readout(self.writer_layer(self.encoder(given)))


def test_weights_without_recurrent_layers_are_refused(tmp_path):
    model = keras.Sequential([keras.Input((3,)), kl.Dense(2)])
    for written in (as_keras_2, as_keras_3):
        with pytest.raises(UnreadableFile, match="an LSTM, GRU or SimpleRNN"):
            written(model, tmp_path)


def test_what_an_optimizer_remembers_is_no_layer(tmp_path):
    model = stack(kl.LSTM(3, name="mine"), kl.Dense(2))
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    assert [chain.sources for chain in as_keras_3(model, tmp_path).chains] == [("mine",)]


def from_windows(old, new) -> None:
    """Copy the tensors of a file as Keras 3.0 wrote it on Windows: every group in the root, by its path with backslashes."""

    def copied(path, found):
        if isinstance(found, h5py.Dataset):
            group, _, name = path.rpartition("/")
            new.require_group(group.replace("/", "\\"))[name] = found[()]

    old.visititems(copied)


def test_paths_of_windows_are_paths(tmp_path):
    model = stack(kl.Embedding(CLASSES, 3), kl.Bidirectional(kl.LSTM(4)), kl.Dense(2))
    model.save(tmp_path / "it.keras")
    with zipfile.ZipFile(tmp_path / "it.keras") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with h5py.File(io.BytesIO(entries["model.weights.h5"])) as old, h5py.File(tmp_path / "it.h5", "w") as new:
        from_windows(old, new)
    with zipfile.ZipFile(tmp_path / "windows.keras", "w") as archive:
        for name, content in (entries | {"model.weights.h5": (tmp_path / "it.h5").read_bytes()}).items():
            archive.writestr(name, content)
    assert_same(model, read_keras(tmp_path / "windows.keras").chains[0])


def test_two_ways_to_write_one_path_are_refused(tmp_path):
    with h5py.File(tmp_path / "it.h5", "w") as file:
        file["layers/lstm/vars/0"] = np.zeros((2, 2), np.float32)
        file.create_group("layers\\lstm\\vars")["0"] = np.zeros((2, 2), np.float32)
    with pytest.raises(UnreadableFile, match="occurs twice in this file"):
        read_keras(tmp_path / "it.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["layers"] = np.zeros((2, 2), np.float32)
        file.create_group("layers\\lstm\\vars")["0"] = np.zeros((2, 2), np.float32)
    with pytest.raises(UnreadableFile, match="is a tensor and a group at once"):
        read_keras(tmp_path / "other.h5")


@pytest.mark.parametrize("settings", ["model.json", "config.json"])
@pytest.mark.parametrize("layout", ["Keras 3", "Keras 2"])
def test_settings_beside_the_weights_are_used(layout, settings, tmp_path):
    own = {"activation": "relu", "recurrent_activation": "hard_sigmoid"}
    model = stack(kl.LSTM(4, **own, **SEQUENCE), kl.GRU(3, go_backwards=True), kl.Dense(2, activation="softmax"))
    weights = tmp_path / "it.weights.h5"
    if layout == "Keras 3":
        model.save_weights(weights)
    else:
        as_keras_2(model, tmp_path)
        weights = tmp_path / "it.h5"
    (tmp_path / settings).write_text(model.to_json())
    found = read_model([tmp_path / settings, weights])
    assert "with their JSON" in found.format
    assert found.notes == ()
    assert_same(model, found.chains[0])


def test_a_json_that_describes_no_layers_is_told(tmp_path):
    stack(kl.LSTM(4), kl.Dense(2)).save_weights(tmp_path / "it.weights.h5")
    for text, sentence in (("{}", "'vocabulary.json' lists no layers"), ("[1", "'vocabulary.json' is not the JSON")):
        (tmp_path / "vocabulary.json").write_text(text)
        with pytest.raises(UnreadableFile, match=sentence):
            read_model([tmp_path / "it.weights.h5", tmp_path / "vocabulary.json"])
