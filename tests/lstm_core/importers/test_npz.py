"""Arrays of numpy.savez: whose layers they are, by the names of three frameworks or in the order of Keras's get_weights()."""

import io
import pickle
import zipfile

import numpy as np
import pytest
import torch

from lstm_core.importers import ImportedModel, UnreadableFile, read_model, read_sandboxed
from tests.support import tensorflow_cells as cells
from tests.support.hostile import Called
from tests.support.keras_models import CLASSES, assert_same, keras, kl, stack
from tests.support.pickles import Forecaster
from tests.support.saved import hold
from tests.support.tensorflow_cells import FEATURES, NUMBERS, drawn

# Keras's variables are older than numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SEQUENCE = {"return_sequences": True}
MODELS = {
    "both ways": lambda: stack(
        kl.Embedding(CLASSES, 3), kl.Bidirectional(kl.LSTM(4, **SEQUENCE)), kl.Dropout(0.2), kl.GRU(5), kl.Dense(2)
    ),
    "alike": lambda: stack(kl.LSTM(3, **SEQUENCE), kl.LSTM(3, **SEQUENCE), kl.GRU(3, reset_after=False), kl.Dense(1)),
}


def read(folder, *listed: np.ndarray, pack=np.savez, **named: np.ndarray) -> ImportedModel:
    pack(folder / "it.npz", *listed, **named)
    return read_model(folder / "it.npz")


def by_path(model) -> dict[str, np.ndarray]:
    return {one.path: keras.ops.convert_to_numpy(one) for one in model.weights}


def as_keras_2_names_them(model) -> dict[str, np.ndarray]:
    return {f"{name.replace('sequential/', '')}:0": one for name, one in by_path(model).items()}


def without_cells(model) -> dict[str, np.ndarray]:
    return {name.replace("/lstm_cell", "").replace("/gru_cell", ""): one for name, one in by_path(model).items()}


@pytest.mark.parametrize("named", [None, by_path, as_keras_2_names_them, without_cells])
@pytest.mark.parametrize("model", MODELS)
def test_kerass_weights_open_by_name_and_in_their_order(model, named, tmp_path):
    made = MODELS[model]()
    found = read(tmp_path, *made.get_weights()) if named is None else read(tmp_path, **named(made))
    told = "in the order of Keras" if named is None else "named as in Keras"
    assert (found.framework, found.format) == ("Keras", f"NumPy arrays (.npz) {told}")
    [chain] = found.chains
    assert_same(made, chain, readout=False)
    np.testing.assert_array_equal(chain.head.weight, keras.ops.convert_to_numpy(made.layers[-1].kernel).T)
    assert (chain.embedding is not None) == (model == "both ways")
    assert chain.head.between is None  # a ReLU or an activation leaves no array
    twofold = any("are taken for the two directions of one layer" in note for note in found.notes)
    assert twofold == (model == "both ways" and named is None)
    assert "are taken to be as Keras has them" in " ".join(found.notes)


@pytest.mark.parametrize("pack", [np.savez, np.savez_compressed])
def test_arrays_named_as_in_a_state_dict_open_as_torch(pack, tmp_path):
    model = Forecaster().double()
    arrays = {name: np.asfortranarray(one.numpy()) for name, one in model.state_dict().items()}
    found = read(tmp_path, pack=pack, epoch=np.int64(3), words=np.array(["a", "b"]), **arrays)
    assert found.format == "NumPy arrays (.npz)"
    hold(found.chains[0], model.float().lstm)


def test_arrays_named_as_in_tensorflow_open_with_its_forget_bias(tmp_path):
    lstm, head = drawn(kernel=(FEATURES + 4, 16), bias=(16,)), drawn(1, kernel=(4, 2), bias=(2,))
    arrays = {f"rnn/basic_lstm_cell/{part}:0": one for part, one in lstm.items()}
    found = read(tmp_path, **arrays, **{f"dense/{part}:0": one.astype(">f8") for part, one in head.items()})
    [chain] = found.chains
    assert found.framework == "TensorFlow"
    assert "the arrays do not say otherwise" in " ".join(chain.notes)
    wanted = torch.nn.LSTM(FEATURES, 4)
    wanted.load_state_dict({name: torch.from_numpy(one) for name, one in chain.weights.items()})
    given = wanted(torch.from_numpy(NUMBERS))[0].detach()
    np.testing.assert_allclose(given, cells.lstm(NUMBERS, lstm)[0], atol=1e-5)
    np.testing.assert_allclose(chain.head.weight, head["kernel"].T)


AMBIGUOUS = {  # shapes that other layers have as well
    "without a bias": ((3, 16), (4, 16)),
    "one gate": ((3, 4), (4, 4), (4,)),
    "torch's order": ((16, 3), (16, 4), (16,), (16,)),
    "no layer": ((3, 4), (4,)),
    "a scalar": ((),),
}


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_arrays_that_do_not_tell_are_not_guessed(kind, tmp_path):
    with pytest.raises(UnreadableFile, match="do not tell which recurrent layers they are: name them as"):
        read(tmp_path, *(np.ones(shape, np.float32) for shape in AMBIGUOUS[kind]))
    with pytest.raises(UnreadableFile, match=r"\('a' \(3, 16\)\) do not tell"):
        read(tmp_path, a=np.ones((3, 16)))


def npy(header: str, content: bytes = b"") -> bytes:
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode() + content


def objects() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.empty(1, object), allow_pickle=True)
    return buffer.getvalue() + pickle.dumps(Called(print, "x"))


HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (16, 3), }"
HOSTILE = {
    "objects": (objects, "is an array of Python objects, which NumPy pickles"),
    "code in a header": (lambda: npy("__import__('os').system('true')"), "is no plain array of numbers"),
    "a deep header": (lambda: npy("(" * 9_000), "is no plain array of numbers"),
    "a huge header": (lambda: npy("(" * 60_000), "is no array of NumPy's"),
    "a huge shape": (lambda: npy(HEADER.replace("16", "9" * 12), bytes(192)), "but 192 are stored"),
    "cut off": (lambda: npy(HEADER, bytes(100)), r"has the shape \(16, 3\) and so 192 bytes of numbers, but 100"),
    "no array": (lambda: b"x", "is no array of NumPy's"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_arrays_that_lie_are_refused(kind, tmp_path):
    make, message = HOSTILE[kind]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weight_ih_l0.npy", make())
    (tmp_path / "it.npz").write_bytes(file.getvalue())
    with pytest.raises(UnreadableFile, match=message):
        read_model(tmp_path / "it.npz")
    if kind == "objects":
        with pytest.raises(UnreadableFile, match=message):
            read_sandboxed(file.getvalue(), "it.npz")
