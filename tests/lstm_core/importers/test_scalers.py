"""Scalers that were saved beside a model: what scikit-learn's transform gives, typed in the units from before it."""

import pickle
import zipfile
from argparse import Namespace

import numpy as np
import pytest
import torch

from lstm_core import record
from lstm_core.importers import (
    ImportedModel,
    Scaler,
    UnreadableFile,
    build_model,
    input_scaler,
    number_encoder,
    number_readout,
    output_scaler,
    read_model,
    read_sandboxed,
)
from tests.data.scalers.make import HERE, ROWS, WEIGHTS
from tests.fuzz.canary import watching
from tests.support.hostile import Called
from tests.support.pickles import Config, Forecaster

MEAN, STD = ROWS.mean(axis=0), ROWS.std(axis=0)
LOW, HIGH = ROWS.min(axis=0), ROWS.max(axis=0)
QUARTILES = np.percentile(ROWS, (25, 50, 75), axis=0)
ROBUST, LARGEST = ROWS - QUARTILES[1], np.abs(ROWS).max(axis=0)


def scaled(one: Scaler, rows: np.ndarray = ROWS) -> np.ndarray:
    return (rows - one.center) / one.spread


@pytest.mark.parametrize("name", ["both.joblib", "packed.joblib"])
def test_scalers_of_scikit_learn_give_its_numbers(name):
    found = read_sandboxed((HERE / name).read_bytes(), name)
    np.testing.assert_array_equal(found.chains[0].weights["weight_ih_l0"], WEIGHTS["lstm.weight_ih_l0"])
    read, predicted = input_scaler(found.scalers, 3), output_scaler(found.scalers, 1, 3)
    assert read.name == "'scaler' (StandardScaler) in the checkpoint"
    assert predicted.name == "'scaler_y' (MinMaxScaler) in the checkpoint"
    np.testing.assert_allclose(scaled(read), (ROWS - MEAN) / STD, atol=1e-12)
    np.testing.assert_allclose(scaled(predicted, ROWS[:, :1]), 2 * (ROWS - LOW)[:, :1] / 25 - 1, atol=1e-12)


def test_four_kinds_of_scalers_are_known():
    wanted = [ROBUST / (QUARTILES[2] - QUARTILES[0]), ROWS / LARGEST, (ROWS - LOW) / (HIGH - LOW), ROWS / STD]
    found = read_model(HERE / "several.pkl").scalers
    for one, numbers in zip(found, wanted, strict=True):
        np.testing.assert_allclose(scaled(one), numbers, atol=1e-12)


def checkpoint(tmp_path, **beside: object) -> ImportedModel:
    torch.save({"state_dict": Forecaster(features=3).state_dict(), **beside}, tmp_path / "it.pt")
    return read_model(tmp_path / "it.pt")


BESIDE = {
    "tensors": lambda: {"mean": torch.tensor(MEAN), "std": torch.tensor(STD[None])},
    "arrays": lambda: {"x_mean": MEAN, "x_std": STD},
    "lists": lambda: {"normalization": {"inputMean": MEAN.tolist(), "inputStd": STD.tolist()}},
    "a namespace": lambda: {"args": Namespace(min_lr=0.1, max_lr=1.0, data_mean=MEAN, data_std=STD)},
    "an object": lambda: {"scaler": Config(mean=torch.tensor(MEAN), std=torch.tensor(STD))},
    "a standard deviation and the range": lambda: {"mean": MEAN, "sigma": STD, "min": LOW, "max": HIGH},
}


@pytest.mark.parametrize("kind", BESIDE)
def test_numbers_that_are_called_so_are_a_scaler(kind, tmp_path):
    one = checkpoint(tmp_path, **BESIDE[kind]()).scalers[0]
    np.testing.assert_allclose(scaled(one), (ROWS - MEAN) / STD, atol=1e-12)
    assert one.side == ("input" if kind in ("arrays", "lists") else "")


OTHERS = {
    "of other widths": {"mean": np.ones(4), "std": np.ones(4)},
    "of nothing that is read": {"loss_mean": np.ones(3), "loss_std": np.ones(3), "lr_min": LOW, "lr_max": HIGH},
    "without a spread": {"mean": MEAN, "std": np.zeros(3)},
    "of no numbers": {"mean": ["a", "b", "c"], "std": [None, True, {}], "min": np.full(3, np.nan), "max": np.ones(3)},
    "one half": {"mean": MEAN, "max": HIGH},
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_numbers_are_no_scaler(kind, tmp_path):
    assert checkpoint(tmp_path, **OTHERS[kind]).scalers == ()


def test_a_model_reads_and_predicts_in_the_units_from_before_the_scaler(tmp_path):
    found = checkpoint(tmp_path, x_mean=MEAN, x_std=STD, y_min=[1.0, -2.0], y_max=[3.0, 8.0])
    [chain] = found.chains
    read, predicted = input_scaler(found.scalers, 3), output_scaler(found.scalers, 2, 3)
    typed = " ".join(":".join(f"{number:g}" for number in row) for row in ROWS)
    own = record(
        build_model(chain, encoder=number_encoder(3, read), readout=number_readout(2, predicted), between="nothing"),
        typed,
    )
    model = Forecaster(features=3)
    model.load_state_dict(torch.load(tmp_path / "it.pt", weights_only=False)["state_dict"])
    wanted = model(torch.tensor((ROWS - MEAN) / STD, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(own.prediction.value, wanted * [2.0, 10.0] + [1.0, -2.0], atol=1e-5)
    with pytest.raises(ValueError, match="has 3 columns, not 2"):
        number_encoder(2, read)


def test_a_scaler_in_a_file_of_its_own_is_given_with_the_models(tmp_path):
    arrays = tmp_path / "weights.npz"
    np.savez(arrays, **WEIGHTS)
    predicted = tmp_path / "target_scaler.pkl"
    predicted.write_bytes(pickle.dumps({"min": [20.0], "max": [45.0]}))
    files = {one.name: one.read_bytes() for one in (HERE / "scaler.joblib", arrays, predicted)}
    found = read_sandboxed(files, "weights.npz")
    assert found.format == "NumPy arrays (.npz)"
    read, target = input_scaler(found.scalers, 3), output_scaler(found.scalers, 1, 3)
    assert read.name == "'scaler' (StandardScaler) in 'scaler.joblib'"
    np.testing.assert_allclose(scaled(read), (ROWS - MEAN) / STD, atol=1e-12)
    assert (target.center, target.spread) == ((20.0,), (25.0,))
    predicted.write_bytes(pickle.dumps({"min": [20.0] * 2, "max": [45.0] * 2}))
    unfit = read_model([arrays, predicted])
    assert unfit.scalers == ()
    assert unfit.notes == (
        "'target_scaler.pkl' has no scaler with a column for each number of this model: it is not used.",
    )
    with pytest.raises(
        UnreadableFile, match=r"a scaler \(sklearn.*StandardScaler\) without a model: choose it together with"
    ):
        read_model(HERE / "scaler.joblib")


def test_archives_of_models_and_scalers_are_not_opened_within_each_other(tmp_path):
    np.savez(tmp_path / "0.npz", **WEIGHTS)
    (tmp_path / "s.pkl").write_bytes(pickle.dumps({"mean": MEAN, "std": STD}))
    for number in range(2):
        with zipfile.ZipFile(tmp_path / f"{number + 1}.npz", "w") as archive:
            archive.write(tmp_path / f"{number}.npz", "model.npz")
            archive.write(tmp_path / "s.pkl", "s.pkl")
    assert len(read_model(tmp_path / "1.npz").scalers) == 1
    with pytest.raises(UnreadableFile, match="in this archive is an archive of a model and its scalers again"):
        read_model(tmp_path / "2.npz")


def test_a_scaler_that_is_code_is_never_called(tmp_path):
    path = tmp_path / "it.pkl"
    evil = Called(Config, state={"mean": Called(len, "x"), "std": STD})
    path.write_bytes(pickle.dumps({"state_dict": WEIGHTS, "scaler": evil, "mean": MEAN, "std": STD}))
    with watching() as canary:
        found = read_model(path)
    assert canary.seen == []
    assert [one.name for one in found.scalers] == ["'mean and std' in the checkpoint"]


def test_attributes_that_many_objects_share_are_not_looked_at_for_each(tmp_path):
    shared = {f"mean_{number}": 0.0 for number in range(20_000)}
    objects = {}
    for number in range(3_000):
        objects[str(number)] = Config()
        objects[str(number)].__dict__ = shared
    one = Config(mean=MEAN, std=STD)
    path = tmp_path / "it.pkl"
    path.write_bytes(pickle.dumps({"weights": WEIGHTS, "scaler": one, "objects": objects}))
    assert len(path.read_bytes()) < 1_000_000
    found = read_sandboxed(path)  # which has 10 s
    assert [scaler.name for scaler in found.scalers] == ["'scaler.mean and std' in the checkpoint"]


def test_an_array_of_joblibs_that_is_cut_off_is_refused(tmp_path):
    content = (HERE / "both.joblib").read_bytes()
    path = tmp_path / "it.joblib"
    path.write_bytes(content[: content.index(b"numpy_array_alignment_bytes") + 60])
    with pytest.raises(ValueError, match=r"an array of joblib's should have 96 bytes and has [0-9]+"):
        read_model(path)
