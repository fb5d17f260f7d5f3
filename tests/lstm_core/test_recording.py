import math

import numpy as np
import pytest
import xarray as xr

from lstm_core import SIGNALS, ByteEncoder, ModelConfig, Recording, SequenceModel, record
from lstm_core.analysis import expected_change

AWKWARD = "a <b>\0\t\n é🎭 \u202e ש 你"


@pytest.fixture
def recording():
    model = SequenceModel(ModelConfig(ByteEncoder(), 4, 5, layers=2, bidirectional=True), seed=1, device="cpu").eval()
    return record(model, AWKWARD)


def test_layers_and_their_variables_are_those_of_the_design(recording):
    assert list(recording.layers) == ["layer0", "layer0_reverse", "layer1", "layer1_reverse"]
    layer = recording.layers["layer0"]
    assert set(layer.data_vars) == {*SIGNALS, "initial_cell", "initial_hidden"}
    assert all(layer[signal].dims == ("step", "unit") for signal in SIGNALS)
    assert layer["initial_cell"].dims == ("unit",)
    for gate in ("input", "forget", "output"):
        assert 0 <= float(layer[gate].min()) <= float(layer[gate].max()) <= 1


def test_probabilities_sum_to_one_and_know_what_came(recording):
    prediction = recording.prediction
    np.testing.assert_allclose(prediction["probability"].sum("class"), 1, atol=1e-5)
    assert prediction["next_class"].to_numpy().tolist() == [*AWKWARD.encode()[1:], -1]


def test_the_table_has_a_row_per_number_and_the_numbers_are_right(recording):
    table = recording.to_dataframe()
    steps, units = len(AWKWARD.encode()), 5
    assert list(table.columns) == ["layer", "step", "token", "unit", "signal", "value"]
    assert len(table) == 4 * steps * units * 6
    row = table[(table.layer == "layer1_reverse") & (table.step == 7) & (table.unit == 3) & (table.signal == "cell")]
    assert row["value"].item() == recording.layers["layer1_reverse"]["cell"].to_numpy()[7, 3]
    assert row["token"].item() == recording.tokens[7]
    back = table[table.layer == "layer0"].pivot_table("value", "step", ["signal", "unit"], observed=True)["forget"]
    np.testing.assert_array_equal(back.to_numpy(), recording.layers["layer0"]["forget"])


def test_a_part_of_the_table_can_be_had(recording):
    table = recording.to_dataframe(layers=["layer1"], steps=slice(3, 5))
    assert set(table.layer) == {"layer1"}
    assert set(table.step) == {3, 4}
    with pytest.raises(KeyError, match="no layer 'layer9': this recording has layer0, layer0_reverse"):
        recording.to_dataframe(layers=["layer9"])


def test_zarr_brings_everything_back(recording, tmp_path):
    recording.save(tmp_path / "r.zarr")
    again = Recording.load(tmp_path / "r.zarr")
    assert list(again.layers) == list(recording.layers)
    assert again.tokens == recording.tokens
    for name, layer in recording.layers.items():
        assert again.layers[name].identical(layer)
    assert again.prediction.identical(recording.prediction)


def test_saving_again_replaces(recording, small_model, tmp_path):
    recording.save(tmp_path / "r.zarr")
    record(small_model, "short").save(tmp_path / "r.zarr")
    assert list(Recording.load(tmp_path / "r.zarr").layers) == ["layer0"]


def test_what_is_no_recording_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ValueError, match="holds no recording"):
            Recording.load(path)


def test_parts_of_different_lengths_are_refused(small_model):
    one, other = record(small_model, "abc"), record(small_model, "abcd")
    with pytest.raises(ValueError, match=r"same steps, not .*3.*4"):
        Recording(layers=one.layers, prediction=other.prediction)
    with pytest.raises(ValueError, match="at least one layer"):
        Recording(layers={}, prediction=one.prediction)


def test_one_step_is_enough(small_model):
    recording = record(small_model, "a")
    assert recording.layers["layer0"].sizes == {"step": 1, "unit": 8}
    assert math.isclose(float(recording.prediction["probability"].sum()), 1, abs_tol=1e-5)


def test_what_is_expected_is_held_against_the_step_before():
    probability = np.array([[0.7, 0.2, 0.1, 0.0], [0.1, 0.3, 0.05, 0.55]], dtype=np.float32)
    prediction = xr.Dataset(
        {"probability": (("step", "class"), probability), "next_class": ("step", [1, -1])},
        coords={"step": [0, 1], "token": ("step", ["x", "y"]), "group": ("step", [0, 1])},
    )
    found = expected_change(prediction, count=2, fallen=1)
    assert found["class_index"].to_numpy().tolist() == [
        [0, 1, 3],
        [3, 1, 0],
    ]  # at first nothing has fallen: the least lost
    np.testing.assert_array_equal(found["before"].sel(step=1), np.float32([0.0, 0.2, 0.7]))
    np.testing.assert_array_equal(found["probability"].sel(step=1), np.float32([0.55, 0.3, 0.1]))
    assert found["before"].sel(step=0).isnull().all()


def test_an_earlier_file_says_the_kind_of_its_prediction_by_an_earlier_name(recording, tmp_path):
    prediction = recording.prediction.copy()
    prediction.attrs = {"says" if name == "kind" else name: value for name, value in prediction.attrs.items()}
    Recording(recording.layers, prediction).save(tmp_path / "earlier.zarr")
    assert Recording.load(tmp_path / "earlier.zarr") == recording
