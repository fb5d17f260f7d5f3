"""What cannot be captured, or is asked for in vain, is said in a sentence."""

import io
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_core import capture
from lstm_core.capture.refusals import checked_module
from lstm_core.stack import Stack
from tests.support.recurrence import TOLERANCE, assert_layers, double_loop


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


class OwnForward(nn.LSTM):
    """Other equations: torch's forward is never called."""

    def forward(self, x):
        return x.cumsum(0), None


class Packing(nn.LSTM):
    """Takes padded sequences and their lengths, as many models' own layers do."""

    def forward(self, x, lengths):
        output, state = super().forward(pack_padded_sequence(x, lengths, enforce_sorted=False))
        return pad_packed_sequence(output)[0], state


class Twice(nn.GRUCell):
    def forward(self, x, state=None):
        return super().forward(x, super().forward(2 * x, state))


class OwnName(nn.LSTM):
    pass


class Named(nn.Module):
    """A class of a reader's own with torch's name, put together from `inner`."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)


OwnLSTM = type("LSTM", (Named,), {"__module__": "my_project.layers"})


def test_a_subclass_with_torchs_forward_is_torchs():
    model = nn.Sequential(OwnName(3, 4), nn.Identity())
    with capture(model) as captured:
        model[0](torch.randn(2, 3))
    assert captured["0"].parity <= TOLERANCE


def test_a_subclass_that_packs_and_calls_torchs_forward_is_captured():
    lstm, x, lengths = Packing(3, 4, 2), torch.randn(6, 3, 3), (4, 6, 1)
    with capture(lstm) as captured:
        output, _ = lstm(x, torch.tensor(lengths))
    assert output.shape == (6, 3, 4)
    assert captured.only.lengths == lengths
    for number, length in enumerate(lengths):
        assert_layers(captured.only.select(sequence=number), double_loop(lstm, x[:length, number]))


def test_every_call_of_torchs_forward_counts_in_a_subclass_that_calls_it_several_times():
    cell, x = Twice(3, 4), torch.randn(1, 3)
    with capture(cell) as captured:
        cell(x)
    assert len(captured.only.calls) == 2
    assert_layers(captured.only, double_loop(cell, torch.cat([2 * x, x])))


def test_a_subclass_with_equations_of_its_own_is_not_guessed_at():
    model = nn.ModuleList([OwnForward(3, 4), nn.GRU(3, 4)])
    with capture(model) as captured:
        model[0](torch.randn(2, 3))
        model[1](torch.randn(2, 3))
    assert captured.only is captured["1"]
    assert captured["0"].calls == ()
    for ask in (lambda: captured["0"].layer0, lambda: captured["0"].parity, lambda: captured["0"].sequences):
        with pytest.raises(
            ValueError, match=r"'0' has a forward of its own \(OwnForward, made of LSTM\).*super\(\)\.forward"
        ):
            ask()


def scripted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(nn.Sequential(nn.LSTM(3, 4)))


def loaded():
    buffer = io.BytesIO()
    torch.jit.save(scripted(), buffer)
    return torch.jit.load(io.BytesIO(buffer.getvalue()))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Tanh()), "no LSTM, GRU.*in this Sequential.*2 Linear, 1 Tanh"),
        (scripted, "'0' is TorchScript.*capture the model that it was made of"),
        (loaded, "'0' is TorchScript.*capture the model that it was made of"),
        (lambda: torch.jit.freeze(scripted().eval()), "the module itself is TorchScript"),
        (
            lambda: torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.LSTM(3, 4)), {nn.LSTM}),
            "'0' is quantized.*before it is quantized",
        ),
        (lambda: torch.compile(nn.LSTM(3, 4)), "the module itself was compiled with torch.compile"),
        (
            lambda: nn.Sequential(OwnLSTM(nn.Linear(3, 4))),
            r"'0' is not torch\.nn\.LSTM but a class of the same name in my_project\.layers.*copy its weights into a torch\.nn\.LSTM",
        ),
    ],
    ids=["nothing recurrent", "scripted", "loaded", "frozen", "quantized", "compiled", "own class"],
)  # fmt: skip
def test_what_cannot_be_captured_is_refused_in_a_sentence(made, message):
    model, before = made(), nn.LSTM.forward
    with pytest.raises(ValueError, match=message), capture(model):
        pass
    assert nn.LSTM.forward is before


def test_what_a_class_with_torchs_name_is_made_of_is_captured():
    model, x = nn.ModuleDict({"encoder": OwnLSTM(nn.LSTM(3, 4))}), torch.randn(5, 3)
    with capture(model) as captured:
        model["encoder"](x)
    assert_layers(captured["encoder.inner"], double_loop(model["encoder"].inner, x))
    with pytest.raises(KeyError, match=r"'encoder' is not torch\.nn\.LSTM.*inside it 'encoder\.inner' can be captured"):
        _ = captured["encoder"]


def test_a_model_of_ours_is_for_record(small_model):
    with pytest.raises(ValueError, match=r"in this Stack.*: record\(model, text\)"), capture(Stack(())):
        pass
    with capture(small_model) as captured:
        assert list(captured) == ["lstm"]


def keras_model():
    """A reader's own model of Keras with torch behind it, which is a torch module too."""
    model = type("Model", (nn.Module,), {"__module__": "keras.src.models.model"})
    return type("Mine", (model,), {})()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (keras_model(), r'Keras model \(Mine\).*model\.save\("mine\.keras"\).*read_model or the page Import'),
        (
            type("Function", (), {"__module__": "tensorflow.python.eager"})(),
            r"TensorFlow object \(Function\).*page Import",
        ),
        (
            type("InferenceSession", (), {"__module__": "onnxruntime.capi"})(),
            r"an? InferenceSession: open its \.onnx file with",
        ),
        ("mine.onnx", r"the str 'mine\.onnx'.*is opened with lstm_core\.importers\.read_model"),
        (Path("mine.pt"), r"PosixPath 'mine\.pt'.*page Import"),
        (nn.LSTM(3, 4).state_dict(), r"OrderedDict: weights alone cannot run.*load_state_dict"),
        (nn.LSTM, r"the class LSTM: make one, LSTM\(\.\.\.\)"),
        (nn.LSTM(3, 4).forward, "a method: capture the LSTM itself"),
        (type("ExportedProgram", (), {})(), "torch.export keeps operations and no modules"),
        (None, "a NoneType: give the model that you call"),
    ],
    ids=["Keras", "TensorFlow", "ONNX", "str", "Path", "weights", "class", "method", "exported", "None"],
)
def test_what_is_no_torch_module_is_refused_with_the_way_to_its_gates(given, message):
    with pytest.raises(TypeError, match=message):  # what capture asks first; its own hint is checked while tests run
        checked_module(given)


@pytest.mark.parametrize("batch_first", [False, True])
def test_who_may_have_meant_the_other_axis_is_told(batch_first):
    lstm, x = nn.LSTM(4, 5, batch_first=batch_first), torch.randn(32, 10, 4)
    order = r"\(sequence, step, feature\)" if batch_first else r"\(step, sequence, feature\)"
    hint = rf"with batch_first={batch_first} its input \(32, 10, 4\) is {order}: .*make it with batch_first={not batch_first}"
    with capture(lstm) as captured:
        lstm(x)
    with pytest.raises(ValueError, match=rf"take one; {hint}"):
        _ = captured.only.layer0
    with pytest.raises(IndexError, match=hint):
        captured.only.select(sequence=40)
    read = "32 x 10" if batch_first else "10 x 32"
    assert f"read {read} (sequences x steps): layer0" in repr(captured.only)


def test_where_no_axis_can_be_meant_there_is_no_hint():
    lstm, cell = nn.LSTM(3, 4), nn.LSTMCell(3, 4)
    with capture(nn.ModuleList([lstm, cell])) as captured:
        lstm(pack_padded_sequence(torch.randn(5, 2, 3), [5, 3]))
        cell(torch.randn(6, 3))
    for found in captured.values():
        with pytest.raises(ValueError, match=r"take one$"):
            _ = found.layer0
    assert "read 2 x 3 to 5 (sequences x steps)" in repr(captured["0"])


def test_what_is_not_there_is_said():
    model = nn.ModuleDict({"encoder": nn.LSTM(3, 4), "decoder": nn.GRU(3, 4)})
    with capture(model) as captured:
        with pytest.raises(ValueError, match="'encoder' was not called within the block"):
            _ = captured["encoder"].layer0
        model["encoder"](torch.randn(2, 5, 3))
    with pytest.raises(KeyError, match="no recurrent module 'lstm': there is 'encoder', 'decoder'"):
        _ = captured["lstm"]
    with pytest.raises(ValueError, match="2 recurrent modules were captured, choose one: encoder, decoder"):
        _ = captured.only
    with pytest.raises(ValueError, match=r"batch of 5 sequences.*sequence=4"):
        _ = captured["encoder"].layer0
    with pytest.raises(IndexError, match="no sequence 5: this batch has 5, from 0 to 4"):
        captured["encoder"].select(sequence=5)
    with pytest.raises(AttributeError, match="no layer 'layer1': there is layer0"):
        _ = captured["encoder"].select(sequence=0).layer1
    with pytest.raises(KeyError, match="no layer 'layer1': there is layer0"):
        captured["encoder"].select(sequence=0).layer("layer1")
    with pytest.raises(AttributeError, match="no attribute 'forget'"):
        _ = captured["encoder"].forget
    with pytest.raises(ValueError, match="'decoder' was not called"):
        _ = captured["decoder"].parity
