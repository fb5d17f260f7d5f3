"""Which records of arrays are equal?"""

import copy
import math
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from lstm_core import ByteEncoder, Intervention, ModelConfig, Recording, SequenceModel, Stepper, record
from lstm_core.analysis.memory import memory
from lstm_core.equality import ByValue, equal
from lstm_core.stack import stacked_layers


def other(model: SequenceModel) -> SequenceModel:
    return SequenceModel(model.config, seed=4, device="cpu").eval()


def test_recordings_are_equal_when_their_values_are(small_model):
    one = record(small_model, "abc")
    assert (one == record(small_model, "abc")) is True
    assert (one != record(small_model, "abc")) is False
    for different in (record(other(small_model), "abc"), record(small_model, "abcdef"), record(small_model, "abd")):
        assert (one == different) is False
    assert one != "abc"
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def changed(recording: Recording, change) -> Recording:
    layers = {name: layer.copy(deep=True) for name, layer in recording.layers.items()}
    prediction = recording.prediction.copy(deep=True)
    change(layers["layer0"], prediction)
    return Recording(layers, prediction)


@pytest.mark.parametrize(
    "change",
    [
        lambda layer, _: layer["forget"].to_numpy().__setitem__((2, 7), 0.5),
        lambda layer, _: layer["initial_cell"].to_numpy().__setitem__(0, 1.0),
        lambda layer, _: layer["forget"].to_numpy().__setitem__((2, 7), math.nan),
        lambda layer, _: layer.update({"token": ("step", list("abd"))}),
        lambda layer, _: layer.update({"more": ("step", [1, 2, 3])}),
        lambda layer, _: layer.attrs.update(direction="reverse"),
        lambda _, prediction: prediction["probability"].to_numpy().__setitem__((0, 0), 0.5),
        lambda _, prediction: prediction.attrs.update(says="legal"),
    ],
)
def test_one_number_label_or_attribute_makes_a_difference(small_model, change):
    recording = record(small_model, "abc")
    assert changed(recording, lambda *_: None) == recording
    assert changed(recording, change) != recording


def test_nan_equals_nan_at_the_same_place(small_model):
    recording = record(small_model, "abc")
    one, same, elsewhere = (
        changed(recording, lambda layer, _, at=at: layer["cell"].to_numpy().__setitem__(at, math.nan))
        for at in ((1, 2), (1, 2), (2, 1))
    )
    assert one == same
    assert one != elsewhere


def test_layers_count_by_name():
    model = SequenceModel(ModelConfig(ByteEncoder(), 4, 5, layers=2), seed=1, device="cpu").eval()
    recording = record(model, "abc")
    swapped = Recording({"layer0": recording.layers["layer0"]}, recording.prediction)
    assert recording != swapped
    assert Recording(dict(recording.layers), recording.prediction) == recording


def test_tokens_steps_weights_and_memories_are_compared_by_value(small_model):
    first, second = Stepper(small_model), Stepper(small_model)
    steps = [stepper.step("a")["layer0"] for stepper in (first, second)]
    assert steps[0] == steps[1]
    assert (steps[0] != steps[1]) is False
    assert steps[0] != second.step("b")["layer0"]
    assert steps[0] != tuple(steps[0])
    weights = [
        stacked_layers(model.lstm)[0].directions[0].weights
        for model in (small_model, copy.deepcopy(small_model), other(small_model))
    ]
    assert weights[0] == weights[1] != weights[2]
    tokens = [small_model.encode(text) for text in ("abc", "abc", "abd", "abcd")]
    assert tokens[0] == tokens[1]
    assert tokens[0] not in tokens[2:]
    memories = [memory(record(small_model, text).layers["layer0"]) for text in ("abc", "abc", "abd")]
    assert memories[0] == memories[1] != memories[2]
    for unhashable in (steps[0], weights[0], tokens[0], memories[0]):
        with pytest.raises(TypeError, match="unhashable"):
            hash(unhashable)


@dataclass(frozen=True, eq=False)
class Record(ByValue):
    value: object


@pytest.mark.parametrize(
    ("one", "other_", "same"),
    [
        (torch.tensor([1.0, math.nan]), torch.tensor([1.0, math.nan]), True),
        (torch.tensor([1.0, math.nan]), torch.tensor([math.nan, 1.0]), False),
        (torch.tensor([1.0]), torch.tensor([1.0], dtype=torch.float64), False),
        (torch.tensor([1.0]), np.array([1.0], dtype=np.float32), False),
        (torch.tensor([1.5], dtype=torch.bfloat16), torch.tensor([1.5], dtype=torch.bfloat16), True),
        (torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([1.0, 2.0]), True),
        (np.ones(3), np.ones((1, 3)), False),
        (np.array(["a", None], dtype=object), np.array(["a", None], dtype=object), True),
        (xr.Dataset({"a": ("x", [1, math.nan])}), xr.Dataset({"a": ("x", [1, math.nan])}), True),
        (xr.DataArray([1.0]), xr.Dataset({"a": 1.0}), False),
        (pd.DataFrame({"a": [1, math.nan]}), pd.DataFrame({"a": [1, math.nan]}), True),
        ({"a": np.ones(2), "b": 1}, {"a": np.ones(2), "b": 1}, True),
        ({"a": np.ones(2)}, {"a": np.ones(2), "b": 1}, False),
        ([np.ones(2), float("nan")], [np.ones(2), float("nan")], True),
        ([np.ones(2)], (np.ones(2),), False),
        (1, 1.0, True),
        (None, 0, False),
    ],
)
def test_equal_is_one_answer_all_the_way_down(one, other_, same):
    assert equal(one, other_) is same
    assert equal(other_, one) is same
    assert (Record(one) == Record(other_)) is same


def test_plain_records_keep_their_own_comparison(small_model):
    one = Intervention("layer0", "forget", 1.0, (1, 2))
    assert one == replace(one)
    assert len({one, replace(one), replace(one, value=0.5)}) == 2
    assert small_model.config == ModelConfig(ByteEncoder(), 5, 8)
    assert len(fields(one)) == 6
