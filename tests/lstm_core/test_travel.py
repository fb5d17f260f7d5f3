"""What can be pickled, copied and sent to another process; and what those meet there who have no watch on types.

Tests are watched by beartype, which refuses wrong types before the library's own sentences do. A process of its own is
not: it shows what readers see.
"""

import copy
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import MappingProxyType

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core import (  # fmt: skip
    ByteEncoder,
    Card,
    CharacterEncoder,
    Intervention,
    Labels,
    LegalTokens,
    NextToken,
    Nothing,
    NumberEncoder,
    Recording,
    SequenceModel,
    Stepper,
    Values,
    VocabularyEncoder,
    WordEncoder,
    record,
)
from lstm_core.analysis import Target, knock_out
from lstm_core.cells import Cell
from lstm_core.equality import equal
from lstm_core.importers.imported import Chain, Head, ImportedModel
from lstm_core.model import weights_digest
from lstm_core.runs import Curve, Folder, Request, Snapshot, Status, View
from lstm_core.settings import Settings
from lstm_core.stack import Layout, Stack, stack_shapes, stacked_layers
from lstm_core.tasks import TASKS, Size, make_task
from lstm_core.training import Initial, Progress
from lstm_core.training_checkpoints import TrainingCheckpoint
from lstm_core.vectors import vectors
from pretrained.recipes import RECIPES
from tests.support.wrong_kinds import CASES, said_of
from viz.shared.passage import Passage

WAYS: list[Callable[[object], object]] = [
    lambda one: pickle.loads(pickle.dumps(one)),  # noqa: S301 (our own)
    copy.deepcopy,
    copy.copy,
]


@pytest.mark.parametrize("way", WAYS)
def test_a_recording_travels_and_nobody_can_change_its_layers(small_model, way):
    recording = record(small_model, "abc")
    for layer in recording.layers.values():  # as those are that readers share
        layer["forget"].to_numpy().setflags(write=False)
    found = way(recording)
    assert found == recording
    assert isinstance(found.layers, MappingProxyType)
    with pytest.raises(TypeError, match="does not support item assignment"):
        found.layers["layer0"] = found.prediction
    with pytest.raises(AttributeError, match="cannot assign to field"):
        found.prediction = None


class Own(Recording):
    """A subclass of a reader's."""


def test_a_subclass_stays_one(small_model):
    recording = record(small_model, "abc")
    own = Own(recording.layers, recording.prediction)
    assert all(type(way(own)) is Own and way(own) == own for way in WAYS)
    assert own != recording


def plain_records(small_model: SequenceModel, tmp_path) -> list[object]:
    tokens = small_model.encode("ab")
    return [
        ByteEncoder(), CharacterEncoder(("a", "b")), WordEncoder(("a", "b")), VocabularyEncoder(("a", "<unk>")),
        NumberEncoder(("t",), (1.0,), (2.0,), period=12.0), NextToken(), LegalTokens(), Labels(("a", "b")), Nothing(),
        Values(("t",), (1.0,), (2.0,), ahead=True), small_model.config, Card(name="a", training={"losses": [1.0]}),
        Cell("GRU"), Layout(3, 4), Settings(), Size(), Initial(expected=(1, 2)), Target(step=1), Progress(1, 2, 0.5, None, 1.0, 9.0),
        Intervention("layer0", "forget", 1.0, (1,)), Request("text", Size(), Settings(), {"a": 1}), Status("paused"),
        View("paused", "", ""), Snapshot(1, 0.5, 9.0, 1.0), TrainingCheckpoint(tmp_path, 1, 0.5, 0.5, exact=True), Passage("a"), tokens,
        stacked_layers(small_model.lstm)[0].directions[0].weights, Stepper(small_model).step("a"), RECIPES["anbn"],
    ]  # fmt: skip


def test_plain_records_travel_and_are_equal(small_model, tmp_path):
    for one in plain_records(small_model, tmp_path):
        for way in WAYS:
            assert equal(way(one), one), one


@pytest.mark.parametrize("name", list(TASKS))
def test_tasks_travel_and_teach_the_same(name):
    task = make_task(name)
    for way in WAYS[:2]:
        found = way(task)
        assert found == task
        one, other = (each.batch(0, 2, np.random.default_rng(0)) for each in (task, found))
        assert torch.equal(one.inputs, other.inputs)


@pytest.mark.parametrize("way", WAYS[:2])
def test_models_and_what_reads_with_them_travel(small_model, tmp_path, way):
    wanted = record(small_model, "abc")
    assert record(way(small_model), "abc") == wanted
    stepper = Stepper(small_model)
    stepper.step("a")
    found = way(stepper)
    assert found.position == 1
    assert equal(found.step("b"), stepper.step("b"))
    layouts = (Layout(3, 4, Cell("GRU")),)
    stack = Stack(layouts)
    assert way(stack).layouts == layouts
    weights = {name: np.ones(shape, np.float32) for name, shape in stack_shapes(layouts).items()}
    chain = Chain(
        "lstm",
        ("lstm",),
        layouts,
        weights,
        head=Head("fc", np.ones((2, 4), np.float32), np.zeros(2, np.float32), "softmax"),
    )
    imported = ImportedModel("PyTorch", "state dict", (chain,))
    assert way(imported).to_bytes() == imported.to_bytes()
    *_, last = knock_out(small_model, "abc", "layer0")
    assert way(last) == last
    assert way(Curve(tmp_path / "c")) == Curve(tmp_path / "c")
    assert way(Folder(tmp_path)).path == tmp_path


def test_a_copy_that_is_trained_on_has_a_digest_of_its_own(small_model):
    known = small_model.digest
    for way in WAYS[:2]:
        found = way(small_model)
        assert found.digest == known
        found = way(small_model)
        with torch.no_grad():
            found.readout.bias.add_(1)
        assert found.digest == weights_digest(found) != known


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ProcessPoolExecutor]:
    """One other process, started afresh as on Windows and macOS."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


def test_a_recording_crosses_to_another_process_and_back(elsewhere, small_model):
    recording = record(small_model, "abc")
    assert elsewhere.submit(copy.copy, recording).result() == recording


def test_every_public_function_says_what_it_wants_instead_of_another_kind_of_thing(elsewhere):
    found = elsewhere.submit(said_of, list(CASES)).result()
    wrong = {
        name: message for name, message in found.items() if message != "answered" and not CASES[name].fits(message)
    }
    wrong |= {
        name: message
        for name, message in found.items()
        if (message == "answered") != (CASES[name].wanted == "answered")
    }
    assert wrong == {}


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, ">f4", ">f8"])
def test_an_array_of_floats_is_read_as_the_tensor_is(kind, dtype):
    layer = kind(3, 4)
    numbers = np.linspace(-1, 1, 15).reshape(5, 3).astype(dtype)
    locked = numbers[::-1]
    locked.setflags(write=False)
    found = vectors(locked, layer)
    assert found.dtype == torch.float32
    np.testing.assert_array_equal(found.numpy(), numbers[::-1].astype(np.float32))
    assert vectors(found, layer.double()).dtype == torch.float64
