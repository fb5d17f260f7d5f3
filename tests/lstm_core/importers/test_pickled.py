"""Plain pickles: models of torch's and whole Keras files within them; what holds neither is called what it is."""

import io
import os
import pickle
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path

import h5py  # noqa: F401 (its first import starts `uname`, which the canary would hear)
import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.importers import UnreadableFile
from lstm_core.importers.formats import read_model
from tests.fuzz.canary import trap, watching
from tests.support.hostile import Called
from tests.support.pickles import Config, Forecaster, joblib_dumped, joblib_value, with_command
from tests.support.saved import hold


def read(content, tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    with watching() as canary:
        found = read_model(path)
    assert canary.seen == []
    return found


def refused(content, tmp_path, message):
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    with watching() as canary, pytest.raises(UnreadableFile, match=message) as error:
        read_model(path)
    assert canary.seen == []
    assert len(str(error.value)) < 400


def zip_within(content):
    """Where a Keras file lies in a pickle of it."""
    start, end = content.index(b"PK\x03\x04"), content.rindex(b"PK\x05\x06") + 22
    return content[start:end]


def test_a_keras_file_in_a_pickle_opens_like_that_file(tmp_path, originals):
    pickles = [one for one in originals["pickle"] if b"PK\x03\x04" in one]
    assert len(pickles) == 2
    for content in pickles:
        whole = content if content[1] > 2 else None  # protocol 2 writes bytes as a text
        found = read(content, tmp_path)
        assert found.format == "Keras 3 archive (.keras) in a pickle"
        if whole is None:
            continue
        alone = read(zip_within(content), tmp_path)
        assert alone.format == "Keras 3 archive (.keras)"
        for name, weight in alone.chains[0].weights.items():
            np.testing.assert_array_equal(found.chains[0].weights[name], weight)
        assert found.framework == "Keras"


def test_a_keras_file_in_an_object_or_in_an_array(tmp_path, originals):
    """Other wrappers hold the same bytes as an attribute, or as an array of bytes; HDF5 files too."""
    keras, h5 = originals["keras"][1], originals["h5"][2]
    for value, told in (
        (Config(model_bytes=keras), "Keras 3 archive (.keras) in a pickle"),
        ({"model": [np.frombuffer(keras, np.uint8)]}, "Keras 3 archive (.keras) in a pickle"),
        (Config(model_str=h5), "in a pickle"),
    ):
        found = read(pickle.dumps(value), tmp_path)
        assert found.format.endswith(told)
        assert found.framework == "Keras"
    assert read(zlib.compress(pickle.dumps(Config(model=keras))), tmp_path).framework == "Keras"


def test_a_keras_file_in_a_pickle_that_attacks(tmp_path, originals):
    keras = originals["keras"][1]
    refused(with_command(tmp_path / "marker", lambda evil: [evil, keras], "4"), tmp_path, "is no part of a model")
    refused(pickle.dumps(keras[:-400]), tmp_path, "damaged or cut off")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b"{}")
        archive.writestr("model.weights.h5", bytes(50_000_000))
    refused(pickle.dumps(Config(model=packed.getvalue())), tmp_path, "no model compresses so well")
    refused(pickle.dumps(b"PK\x03\x04 config.json model.weights.h5"), tmp_path, "damaged or cut off")
    assert not (tmp_path / "marker").exists()


def test_weights_by_name(tmp_path):
    module = nn.LSTM(3, 4)
    arrays = {name: one.numpy() for name, one in module.state_dict().items()}
    for value in (
        module.state_dict(),
        OrderedDict(module.state_dict()),
        arrays,
        {"weights": arrays, "mean": np.zeros(3)},
        {name: np.asfortranarray(one) for name, one in arrays.items()},
        {name: one.astype(">f4") for name, one in arrays.items()},
    ):
        for content in (pickle.dumps(value), zlib.compress(pickle.dumps(value, protocol=2))):
            hold(read(content, tmp_path).chains[0], module)


def test_arrays_beside_tensors_are_no_weights(tmp_path):
    value = {"encoder": Forecaster().state_dict(), "scaler": {"mean": np.zeros((3, 3))}}
    assert read(pickle.dumps(value), tmp_path).notes == ()


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_blocks_of_numbers_in_a_pickle_are_measured(tmp_path):
    """In a plain pickle each block is a file of its own, which may lie about its size."""
    content = pickle.dumps(nn.LSTM(3, 4), protocol=4)
    place = content.index(b"\x80\x02(X\x07\x00\x00\x00storage")
    inside = content.index(b"K0Nt", place)
    refused(content[:inside] + b"K\xffNt" + content[inside + 4 :], tmp_path, "damaged or cut off|of the 1,020 bytes")
    refused(
        content.replace(b"FloatStorage", b"FleetStorage"), tmp_path, "not a tensor's storage|other blocks of numbers"
    )
    magic = torch.serialization.MAGIC_NUMBER.to_bytes(10, "little")
    refused(content.replace(magic, magic[::-1]), tmp_path, "not in the order|damaged")


OTHERS = {
    "nothing": (
        {"a": 1},
        "a pickle of a dictionary in which no recurrent layer's weights were found: save the weights",
    ),
    "a list": ([1, 2], "a pickle of a list in which"),
    "arrays": ({"w": np.zeros(3)}, "a pickle of NumPy arrays in which .*torch.from_numpy"),
    "an object": (Config(a=1), r"a pickle of tests\.support\.pickles\.Config in which"),
    "torch's": (nn.Linear(2, 3), r"a pickle of PyTorch \(torch\.nn\.modules\.linear\.Linear\) in which"),
}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_what_has_no_recurrent_layer_is_called_what_it_is(tmp_path, kind, protocol):
    value, message = OTHERS[kind]
    refused(pickle.dumps(value, protocol=protocol), tmp_path, message)


def test_what_others_wrote_is_called_by_its_name(tmp_path):
    sklearn = b"\x80\x04\x95\x20\0\0\0\0\0\0\0\x8c\x0bsklearn.svm\x94\x8c\x03SVC\x94\x93\x94)\x81\x94."
    refused(sklearn, tmp_path, r"a pickle of scikit-learn \(sklearn\.svm\.SVC\) in which no recurrent layer")
    refused(pickle.dumps(3), tmp_path, "a pickle of plain values in which")
    keras = b"\x80\x02ckeras.engine.sequential\nSequential\n)\x81."
    refused(keras, tmp_path, "a pickle of Keras .* load it with Keras and save it")
    tokenizer = b"\x80\x02ckeras.src.legacy.preprocessing.text\nTokenizer\n)\x81."
    refused(tokenizer, tmp_path, "a pickle of Keras's Tokenizer, .* its vocabulary as the text that tokenizer.to_json")
    old = b"\x80\x02cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}b."
    refused(
        old, tmp_path, "a pickle of joblib before 0.10, whose arrays are in other files beside it: load it there, and"
    )


def test_what_is_packed_is_unpacked_within_limits(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    refused(zlib.compress(pickle.dumps(bytes(2_000_000))), tmp_path, "unpacks to more than 1 MB")
    refused(zlib.compress(pickle.dumps([1] * 50_000))[:40], tmp_path, "damaged or cut off")


def test_a_call_of_something_called_is_not_made(tmp_path):
    content = pickle.dumps({"a": Called(len, Called(Config))})
    refused(content, tmp_path, "a pickle of a dictionary")


def test_arrays_of_joblib_are_weights_by_name(tmp_path):
    """A file that joblib 1.6 wrote, and the same from the tests' own writer, in other protocols and compressed."""
    real = Path("tests/data/joblib-1.6.joblib").read_bytes()
    value = joblib_value()
    assert joblib_dumped(value) == real
    for content in (real, joblib_dumped(value, 2), zlib.compress(real), joblib_dumped(value["weights"], 5)):
        found = read(content, tmp_path)
        assert found.format.startswith("pickle of joblib (.joblib")
        for name, wanted in value["weights"].items():
            np.testing.assert_array_equal(found.chains[0].weights[name], wanted)


def test_arrays_of_joblib_that_attack(tmp_path):
    weights = joblib_value()["weights"]
    marker = tmp_path / "marker"
    evil = np.array([Called(os.system, f"touch {marker}")], object)
    refused(joblib_dumped({**weights, "x": evil}), tmp_path, "is no part of a model")
    with trap() as function:
        trapped = joblib_dumped({**weights, "x": np.array([Called(function, "sing")], object)})
    assert read(trapped, tmp_path).chains
    real = joblib_dumped(weights)
    huge = real.replace(b"K\x10K\x03\x86", b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86", 1)
    refused(huge, tmp_path, "an array of joblib's should have 18,446,744,056,529,682,436 bytes")
    refused(real[:-20], tmp_path, "should have 64 bytes and has 4[0-9]")
    refused(real.replace(b"\x8c\x02f4", b"\x8c\x02zz", 1), tmp_path, "of no known type or shape")
    assert not marker.exists()
