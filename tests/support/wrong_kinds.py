"""Wrong kinds of things for every public function, and what each is to say; imported by a process without a watch on types."""

# ruff: noqa: ARG005 (every call is given the same)

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from lstm_core import (  # fmt: skip
    ByteEncoder,
    CharacterEncoder,
    Intervention,
    Labels,
    ModelConfig,
    NumberEncoder,
    Recording,
    SequenceModel,
    Stepper,
    WordEncoder,
    generate,
    model_files,
    record,
    record_layer,
    record_layers,
    silence,
    wiring,
)
from lstm_core import analysis as a
from lstm_core.importers import build_model, read_model
from lstm_core.tasks import Adding
from lstm_core.training import Settings, train


@dataclass(frozen=True)
class Case:
    call: Callable[["Given"], object]
    wanted: str  # "answered", or a pattern of "Error: sentence"

    def fits(self, message: str) -> bool:
        return re.fullmatch(self.wanted, message, re.DOTALL) is not None


class Given:
    """What the calls are made with."""

    def __init__(self) -> None:
        self.model = SequenceModel(ModelConfig(ByteEncoder(), 5, 8), seed=3, device="cpu").eval()
        self.recording = record(self.model, "abc")
        self.layer = self.recording.layers["layer0"]
        self.prediction = self.recording.prediction
        self.lstm, self.gru, self.x = nn.LSTM(3, 4), nn.GRU(3, 4), torch.linspace(-1, 1, 15).reshape(5, 3)
        self.folder = tempfile.gettempdir()


SEQUENCE_MODEL = r"TypeError: \w+\(model=\.\.\.\) wants a SequenceModel, not "
TEXT = r"TypeError: [\w.]+\(inputs=\.\.\.\) wants text or Tokens, not "
LAYER = r'TypeError: \w+\(layer=\.\.\.\) wants a Dataset, not .*: a layer of a recording is meant, such as recording.layers\["layer0"\]'
FLOATS = "TypeError: inputs must be a tensor or a numpy array of floats, not "
BARE = r"TypeError: record_layers? wants a torch.nn.LSTM, GRU or RNN, not "
INTERVENTION = r"TypeError: an intervention has a number as value, .*: a single unit is written units=\(3,\)"
STATE = r"TypeError: the initial state of an LSTM must be \(hidden, cell\), two tensors, not "

CASES = {
    "record: a bare layer": Case(lambda g: record(g.lstm, "a"), SEQUENCE_MODEL + r"an LSTM: record_layers\(module, vectors\) .*"),
    "record: another module": Case(lambda g: record(nn.Linear(3, 4), "a"), SEQUENCE_MODEL + "a Linear: `with capture.*"),
    "record: a cell": Case(lambda g: record(nn.GRUCell(3, 4), "a"), SEQUENCE_MODEL + "a GRUCell: `with capture.*"),
    "record: a name": Case(lambda g: record("anbn", "a"), SEQUENCE_MODEL + r"the text 'anbn': pretrained.load\(name\) .*"),
    "record: bytes": Case(lambda g: record(g.model, b"abc"), TEXT + "the bytes b'abc': decode it first.*"),
    "record: None": Case(lambda g: record(g.model, None), TEXT + "None: give the text itself"),
    "record: class numbers": Case(lambda g: record(g.model, np.array([97])), TEXT + r"a numpy array of int64, shape \(1,\): .*tokens\(ids\).*"),
    "record: a tensor": Case(lambda g: record(g.model, torch.tensor([97])), TEXT + r"a tensor of int64, shape \(1,\): .*"),
    "record: words": Case(lambda g: record(g.model, ["a", "b"]), TEXT + r"a list: join the pieces .*"),
    "record: one intervention": Case(
        lambda g: record(g.model, "a", interventions=Intervention("layer0", "forget", 1.0)),
        r"TypeError: record\(interventions=\.\.\.\) wants a list, not an Intervention: .*",
    ),
    "record: a name of a layer": Case(
        lambda g: record(g.model, "a", interventions=["layer0"]), "TypeError: interventions must be Interventions, not the text 'layer0'.*"
    ),
    "record: half a state": Case(lambda g: record(g.model, "a", initial_state=torch.zeros(1, 8)), STATE + "a tensor of float32.*"),
    "record: arrays as state": Case(lambda g: record(g.model, "a", initial_state=(np.zeros((1, 8)), np.zeros((1, 8)))), "answered"),
    "record: no weights": Case(
        lambda g: record(SequenceModel(g.model.config, seed=None), "a"), "ValueError: this model has no weights: .*"
    ),
    "record_layer: a cell": Case(
        lambda g: record_layer(nn.LSTMCell(3, 4), g.x), BARE + "an LSTMCell, which takes one step a call: `with capture.*"
    ),
    "record_layers: a cell": Case(lambda g: record_layers(nn.RNNCell(3, 4), g.x), BARE + "an RNNCell, which .*"),
    "record_layer: a model": Case(lambda g: record_layer(g.model, "a"), BARE + r"a SequenceModel, .*record\(model, text\).*"),
    "record_layer: another module": Case(lambda g: record_layer(nn.Linear(3, 4), g.x), BARE + "a Linear: `with capture.*"),
    "record_layer: a class": Case(lambda g: record_layer(nn.LSTM, g.x), BARE + "the class LSTM itself: make one.*"),
    "record_layer: text": Case(lambda g: record_layer(g.lstm, "abc"), FLOATS + "the text 'abc'"),
    "record_layer: an array": Case(lambda g: record_layer(g.lstm, g.x.numpy()), "answered"),
    "record_layer: an array in double precision": Case(lambda g: record_layer(g.lstm, g.x.double().numpy()), "answered"),
    "record_layer: double precision": Case(lambda g: record_layer(g.lstm, g.x.double()), "answered"),
    "record_layer: single for a double layer": Case(lambda g: record_layer(nn.GRU(3, 4).double(), g.x), "answered"),
    "record_layer: whole numbers": Case(lambda g: record_layer(g.lstm, g.x.long()), FLOATS + "a tensor of int64.*one-hot.*"),
    "record_layer: an array of whole numbers": Case(
        lambda g: record_layer(g.lstm, g.x.long().numpy()), FLOATS + "a numpy array of int64.*one-hot.*"
    ),
    "record_layer: complex numbers": Case(lambda g: record_layer(g.lstm, g.x.to(torch.complex64)), FLOATS + "a tensor of complex64.*"),
    "record_layer: a list": Case(lambda g: record_layer(g.lstm, g.x.tolist()), FLOATS + r"a list: torch.tensor\(rows\).*"),
    "record_layer: a labelled array": Case(lambda g: record_layer(g.lstm, g.layer["hidden"]), FLOATS + r"a DataArray: give its .to_numpy\(\)"),
    "record_layer: a batch": Case(
        lambda g: record_layer(g.lstm, g.x[None]),
        r"ValueError: inputs must be \(step, 3\) with at least one step, not \(1, 5, 3\); take one sequence of the batch .*",
    ),
    "record_layer: one step": Case(lambda g: record_layer(g.lstm, g.x[0]), r"ValueError: .*not \(3,\); a single step is inputs\[None\]"),
    "record_layer: turned": Case(lambda g: record_layer(g.lstm, g.x.T), r"ValueError: .*not \(3, 5\); turn it round with inputs.T"),
    "record_layer: other features": Case(lambda g: record_layer(g.lstm, torch.ones(5, 7)), r"ValueError: .*\(step, 3\).*not \(5, 7\)"),
    "record_layer: no cell state": Case(lambda g: record_layer(g.lstm, g.x, initial_state=torch.zeros(1, 4)), STATE + "a tensor.*"),
    "record_layer: three states": Case(lambda g: record_layer(g.lstm, g.x, initial_state=(g.x,) * 3), STATE + "3 of them"),
    "record_layer: numbers as state": Case(lambda g: record_layer(g.lstm, g.x, initial_state=(0, 0)), "TypeError: the initial hidden state .*"),
    "record_layer: an array as state": Case(lambda g: record_layer(g.gru, g.x, initial_state=np.zeros((1, 4))), "answered"),
    "Stepper: a bare layer": Case(lambda g: Stepper(g.lstm), SEQUENCE_MODEL + "an LSTM: .*"),
    "Stepper.step: bytes": Case(lambda g: Stepper(g.model).step(b"a"), r"TypeError: step\(\) takes one token, .* the bytes b'a': decode it.*"),
    "Stepper.step: a float": Case(lambda g: Stepper(g.model).step(3.5), r"TypeError: step\(\) takes one token, .* a float: .*"),
    "Stepper.step: None": Case(lambda g: Stepper(g.model).step(None), r"TypeError: step\(\) takes one token, .* None: .*"),
    "Stepper.step: numpy's whole number": Case(lambda g: Stepper(g.model).step(np.int64(97)), "answered"),
    "Stepper.read: bytes": Case(lambda g: Stepper(g.model).read(b"a"), TEXT + "the bytes b'a': decode it first.*"),
    "generate: bytes": Case(lambda g: generate(g.model, b"a", 3), TEXT + "the bytes b'a': .*"),
    "generate: a bare layer": Case(lambda g: generate(g.lstm, "a", 3), SEQUENCE_MODEL + "an LSTM: .*"),
    "generate: half a token": Case(lambda g: generate(g.model, "a", 2.5), "ValueError: count must be a whole number of 0 or more, not 2.5"),
    "generate: a word for a temperature": Case(lambda g: generate(g.model, "a", 2, temperature="hot"), "ValueError: temperature must be .*'hot'"),
    "wiring: text": Case(lambda g: wiring(g.model, "abc", g.recording, "layer0"), "answered"),
    "wiring: another text": Case(lambda g: wiring(g.model, "abcd", g.recording, "layer0"), "ValueError: 4 tokens but 3 recorded steps: .*"),
    "wiring: a layer": Case(
        lambda g: wiring(g.model, "abc", g.layer, "layer0"), r"TypeError: wiring\(recording=\.\.\.\) wants a Recording, not a Dataset: .*"
    ),
    "half_life: a recording": Case(lambda g: a.half_life(g.recording), r"TypeError: half_life\(forget=\.\.\.\) wants a DataArray, not a Recording: .*"),
    "half_life: an array": Case(lambda g: a.half_life(np.ones(3)), r"TypeError: half_life.* not a numpy array of float64.*"),
    "saturation: a layer": Case(lambda g: a.saturation(g.layer), r"TypeError: saturation\(gate=\.\.\.\) wants a DataArray, not a Dataset: .*"),
    "timescale: a recording": Case(lambda g: a.timescale(g.recording), LAYER),
    "timescale: a prediction": Case(lambda g: a.timescale(g.prediction), r"ValueError: .* a Dataset over step, class: a layer .*"),
    "unit_saturation: a name": Case(lambda g: a.unit_saturation("layer0"), LAYER),
    "ledger: a name": Case(lambda g: a.ledger("layer0", 1), LAYER),
    "excerpt: a recording": Case(lambda g: a.excerpt(g.recording, 0, 1), LAYER),
    "surprise: a recording": Case(lambda g: a.surprise(g.recording), r"TypeError: surprise.* not a Recording: recording.prediction is meant"),
    "surprise: a layer": Case(lambda g: a.surprise(g.layer), "ValueError: .* a Dataset over step, unit: recording.prediction is meant"),
    "top_expected: None": Case(lambda g: a.top_expected(None), "TypeError: top_expected.* not None: recording.prediction is meant"),
    "change: text": Case(lambda g: a.change(g.recording, "abc"), r"TypeError: change\(altered=\.\.\.\) wants a Recording, not the text 'abc': .*"),
    "feature_selectivity: a recording": Case(lambda g: a.feature_selectivity(g.recording, g.layer), LAYER),
    "feature_selectivity: a name": Case(
        lambda g: a.feature_selectivity(g.layer, a.text_features(g.recording), signals="forget"), r"TypeError: .*signals.* a list, .*: write \['forget'\]"
    ),
    "text_features: text": Case(lambda g: a.text_features("abc"), "TypeError: text_features.* wants a Recording, not the text 'abc': .*"),
    "text_features: a name": Case(lambda g: a.text_features(g.recording, numbers="rain"), r"TypeError: .*numbers.* write \['rain'\]"),
    "row_order: a layer": Case(lambda g: a.row_order(g.layer, "unit"), "TypeError: row_order.* wants a DataArray, not a Dataset: .*"),
    "learning: one gate": Case(lambda g: a.learning(g.layer["forget"], [0]), "TypeError: learning.* wants a list, not a DataArray: .*"),
    "gradients: bytes": Case(lambda g: a.gradients(g.model, b"abc", layer="layer0"), TEXT + ".*decode.*"),
    "gradients: a step": Case(
        lambda g: a.gradients(g.model, "abc", layer="layer0", target=3), r"TypeError: .*wants a Target, not an int: .*Target\(step=3\).*"
    ),
    "generate: one intervention": Case(
        lambda g: generate(g.model, "a", 2, interventions=silence("layer0", (1,))), r"TypeError: generate.* wants a list, not an Intervention: .*"
    ),
    "unit_shares: text": Case(lambda g: a.unit_shares(g.model, "abc", 1), "TypeError: unit_shares.* wants a Recording, not the text 'abc': .*"),
    "token_shares: a bare layer": Case(lambda g: a.token_shares(g.lstm, g.recording, 1), SEQUENCE_MODEL + "an LSTM: .*"),
    "contextual_decomposition: bytes": Case(lambda g: a.contextual_decomposition(g.model, b"abc", 0, 1), TEXT + ".*decode.*"),
    "integrated_gradients: a bare layer": Case(lambda g: a.integrated_gradients(g.lstm, "abc", 1), SEQUENCE_MODEL + "an LSTM: .*"),
    "knock_out: a bare layer": Case(lambda g: a.knock_out(g.lstm, "abc", "layer0"), SEQUENCE_MODEL + "an LSTM: .*"),
    "to_dataframe: a name": Case(lambda g: g.recording.to_dataframe(layers="layer0"), r"TypeError: .*wants a list, .*: write \['layer0'\]"),
    "train: a task's name": Case(lambda g: train(g.model, "text", Settings()), r"TypeError: .*wants a Task, .*make_task\(\"text\"\) makes one"),
    "train: a dict": Case(lambda g: train(g.model, Adding(), {"steps": 3}), r"TypeError: .*not a dict: .*Settings\(steps=1000\).*"),
    "train: a bare layer": Case(lambda g: train(g.lstm, Adding(), Settings()), SEQUENCE_MODEL + "an LSTM: .*"),
    "train: a model of another kind": Case(
        lambda g: next(train(g.model, Adding(), Settings(steps=1))), "ValueError: this model was not made for the task adding: .*"
    ),
    "model_files.load: None": Case(lambda g: model_files.load(None), r"TypeError: load\(folder=\.\.\.\) wants a path, not None: .*"),
    "model_files.load: a file": Case(lambda g: model_files.load(__file__), "CheckpointError: .* is a file: give the folder .*"),
    "model_files.save: a bare layer": Case(lambda g: model_files.save(g.lstm, g.folder), SEQUENCE_MODEL + "an LSTM: .*"),
    "Recording.load: None": Case(lambda g: Recording.load(None), "TypeError: Recording.load.* wants a path, not None: .*"),
    "Recording.load: a file": Case(lambda g: Recording.load(__file__), r"ValueError: .* holds no recording that save\(\) wrote.*"),
    "Recording.save: a number": Case(lambda g: g.recording.save(3), "TypeError: Recording.save.* wants a path, not an int: .*"),
    "Recording: a layer": Case(lambda g: Recording(g.layer, g.prediction), "TypeError: a recording is made of datasets over steps: .*"),
    "read_model: None": Case(lambda g: read_model(None), r"TypeError: read_model\(path=\.\.\.\) wants a path or a list, not None: .*"),
    "read_model: bytes": Case(lambda g: read_model(b"mine.pt"), r"TypeError: read_model.* wants a path, not the bytes .*"),
    "build_model: a name": Case(lambda g: build_model("mine.pt"), r"TypeError: build_model.* wants a Chain, not the text 'mine.pt': read_model\(path\).chains\[0\] is one"),
    "build_model: all that was found": Case(lambda g: build_model({}), r"TypeError: build_model.* wants a Chain, not a dict: .*"),
    "Intervention: a word": Case(lambda g: Intervention("layer0", "forget", "1"), INTERVENTION),
    "Intervention: a unit": Case(lambda g: Intervention("layer0", "forget", 1.0, 3), INTERVENTION),
    "silence: a unit": Case(lambda g: silence("layer0", 3), INTERVENTION),
    "Intervention: a list": Case(lambda g: hash(Intervention("layer0", "forget", 1.0, [1, 2])), "answered"),
    "SequenceModel: a number": Case(lambda g: SequenceModel(3), r"TypeError: SequenceModel\(config=\.\.\.\) wants a ModelConfig, .*"),
    "ModelConfig: a name": Case(lambda g: ModelConfig("bytes", 3, 4), "TypeError: a model needs an encoder, .*the text 'bytes'.*"),
    "encode: bytes": Case(lambda g: ByteEncoder().encode(b"abc"), r"TypeError: ByteEncoder.encode\(text=\.\.\.\) wants text, .*decode it.*"),
    "CharacterEncoder: text": Case(lambda g: {CharacterEncoder("abc"): 1}[CharacterEncoder(("a", "b", "c"))], "answered"),
    "Labels: one text": Case(lambda g: Labels("ab"), "TypeError: labels must be a tuple of texts, not the text 'ab': .*"),
    "WordEncoder: one text": Case(lambda g: WordEncoder("ab"), "TypeError: vocabulary must be a tuple of texts, .*"),
    "NumberEncoder: one text": Case(lambda g: NumberEncoder("t", (0.0,), (1.0,)), "TypeError: names must be a tuple of texts, .*"),
}  # fmt: skip


def said_of(names: Sequence[str]) -> dict[str, str]:
    """What each of these calls answers: "answered", or the error and its sentence."""
    given, found = Given(), {}
    for name in names:
        try:
            CASES[name].call(given)
            found[name] = "answered"
        except Exception as error:  # noqa: BLE001 (whatever it is, it is looked at)
            found[name] = f"{type(error).__name__}: {error}"
    return found
