"""Stacks of unequal layers: against torch's modules, a float64 loop, and one another in all that is done with models."""

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core import (
    SIGNALS_OF,
    CharacterEncoder,
    ModelConfig,
    NextToken,
    SequenceModel,
    Stepper,
    generate,
    record,
    record_layers,
    wiring,
)
from lstm_core.cells import Activation, Cell
from lstm_core.stack import MERGES, Layout, Stack, parameters_of, stack_shapes
from tests.support.variants import HARD, LAYOUTS, filled, squash, stack_loop

TOLERANCE = 1e-6
UNEQUAL = (
    Layout(5, 4, reading="both"),
    Layout(8, 3, Cell("GRU", reset_after=False)),
    Layout(3, 6, Cell("LSTM", gate=HARD), peephole=True, reading="reverse", ends=True),
    Layout(6, 5, projection=2, reading="both", merge="sum"),
    Layout(2, 3, Cell("RNN", candidate=Activation("relu"))),
)
STACKS = {
    "unequal": UNEQUAL,
    **{f"both, {merge}": (Layout(5, 4, reading="both", merge=merge), Layout(8 if merge == "concat" else 4, 3)) for merge in MERGES},
    **{name: (layout,) for name, layout in LAYOUTS.items()},
    "both, the ends": (Layout(5, 4, reading="both", ends=True), Layout(8, 3, Cell("GRU"))),
}  # fmt: skip
TEXT = "abcabbcaac"


def state_of(stack: Stack, *batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    size = sum(layout.output_size * len(layout.suffixes) for layout in stack.layouts)
    units = sum(layout.units * len(layout.suffixes) for layout in stack.layouts)
    return torch.rand(*batch, size) - 0.5, torch.randn(*batch, units)


def assert_equal_to_loop(
    stack: Stack, x: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor], tolerance: float
) -> torch.Tensor:
    """Hold all signals, outputs and ends of a stack against the float64 loop; the output of its top layer."""
    hiddens, cells = ([part.numpy() for part in parts] for parts in stack.states(x[0], state))
    expected, top = stack_loop(stack, x.numpy(), hiddens, cells)
    found = record_layers(stack, x, initial_state=state)
    assert list(found) == list(expected)
    for row, (name, layer) in enumerate(found.items()):
        assert layer.attrs["direction"] == ("reverse" if name.endswith("_reverse") else "forward")
        np.testing.assert_array_equal(layer["initial_hidden"], hiddens[row])
        for signal in SIGNALS_OF[layer.attrs["cell_type"]]:
            np.testing.assert_allclose(
                layer[signal], expected[name][signal], atol=tolerance, err_msg=f"{name} {signal}"
            )
    with torch.inference_mode():
        layer_output, (hidden, cell) = stack(x, state)
    np.testing.assert_allclose(layer_output, top, atol=tolerance)
    ends = [0 if name.endswith("_reverse") else -1 for name in expected]
    last = [one["layer_output"][end] for one, end in zip(expected.values(), ends, strict=True)]
    np.testing.assert_allclose(hidden, np.concatenate(last), atol=tolerance)
    memory = [one["cell"][end] if "cell" in one else before for one, end, before in zip(expected.values(), ends, cells, strict=True)]  # fmt: skip
    np.testing.assert_allclose(cell, np.concatenate(memory), atol=tolerance)
    return layer_output


@pytest.mark.parametrize("kind", STACKS)
def test_every_layer_equals_a_float64_loop(kind):
    torch.manual_seed(1)
    stack = filled(Stack(STACKS[kind]))
    x = torch.randn(12, 5)
    for number, layout in enumerate(stack.layouts):  # each on what it reads: rounding grows from layer to layer
        alone = Stack((layout,))
        alone.load_state_dict({name: getattr(stack, name.replace("_l0", f"_l{number}")) for name in layout.shapes(0)})
        x = assert_equal_to_loop(alone, x, state_of(alone), TOLERANCE)


@pytest.mark.parametrize("kind", STACKS)
def test_layers_on_top_of_one_another_equal_a_float64_loop(kind):
    torch.manual_seed(1)
    stack = filled(Stack(STACKS[kind])).double()
    state = state_of(stack)
    assert_equal_to_loop(stack, torch.randn(12, 5).double(), (state[0].double(), state[1].double()), 1e-12)


@pytest.mark.parametrize("kind", ["unequal", "both, ave", "both, the ends"])
def test_a_batch_reads_as_each_of_its_sequences_does(kind):
    stack = filled(Stack(STACKS[kind]))
    x, state = torch.randn(7, 3, 5), state_of(stack, 3)
    with torch.inference_mode():
        layer_output, (hidden, cell) = stack(x, state)
        for one in range(3):
            alone, (last, memory) = stack(x[:, one], (state[0][one], state[1][one]))
            for batch, single in ((layer_output[:, one], alone), (hidden[one], last), (cell[one], memory)):
                torch.testing.assert_close(batch, single, atol=TOLERANCE, rtol=0)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(
    ("made", "cell", "options"),
    [
        *(
            (made, made.__name__, {"bidirectional": both})
            for made in (nn.LSTM, nn.GRU, nn.RNN)
            for both in (False, True)
        ),
        (nn.LSTM, "LSTM", {"proj_size": 2, "bidirectional": True}),
    ],
    ids=str,
)
def test_equal_layers_are_torchs_own_module(made, cell, options):
    module = made(5, 4, 2, **options)
    projection, reading = options.get("proj_size", 0), "both" if options["bidirectional"] else "forward"
    first = Layout(5, 4, Cell(cell), reading, projection)
    stack = Stack((first, Layout(first.outputs, 4, Cell(cell), reading, projection)))
    stack.load_state_dict(module.state_dict())
    x = torch.randn(9, 2, 5)
    with torch.inference_mode():
        torch.testing.assert_close(stack(x)[0], module(x)[0], atol=TOLERANCE, rtol=0)


def model_of(layouts: tuple[Layout, ...], one_hot: bool = False) -> SequenceModel:
    encoder = CharacterEncoder(tuple("abcde"))
    model = SequenceModel(
        ModelConfig.of_stack(encoder, layouts, readout=NextToken(), one_hot=one_hot), seed=None, device="cpu"
    )
    model.to_empty(device="cpu")
    model.initialize(3)
    filled(model.lstm)
    return model.eval()


@pytest.mark.parametrize("one_hot", [False, True], ids=["embedding", "one-hot"])
@pytest.mark.parametrize("kind", STACKS)
def test_record_and_the_stepper_agree(kind, one_hot):
    model = model_of(STACKS[kind], one_hot)
    recording, stepped = record(model, TEXT), Stepper(model).read(TEXT)
    assert list(recording.layers) == list(stepped.layers) == list(model.config.layer_names)
    for name, layer in recording.layers.items():
        assert set(layer) == set(stepped.layers[name])
        for variable in layer:
            np.testing.assert_allclose(layer[variable], stepped.layers[name][variable], atol=TOLERANCE)
    np.testing.assert_allclose(recording.prediction["probability"], stepped.prediction["probability"], atol=TOLERANCE)
    by_token = Stepper(model)
    for character in TEXT:
        by_token.step(character)
    np.testing.assert_allclose(by_token.probability(), recording.prediction["probability"][-1], atol=TOLERANCE)
    with torch.inference_mode():
        _, state = model.lstm(model.embedding(model.inputs(model.encode(TEXT))))
    for ours, theirs in zip(by_token.state, state, strict=True):
        torch.testing.assert_close(ours, theirs, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("kind", STACKS)
def test_the_wiring_of_a_layer_gives_its_gates(kind):
    model = model_of(STACKS[kind])
    recording = record(model, TEXT)
    for direction in (one for stacked in model.lstm.stacked_layers for one in stacked.directions):
        layer, wires = recording.layers[direction.name], wiring(model, model.encode(TEXT), recording, direction.name)
        layer_output = layer["projected" if "projected" in layer else "hidden"].to_numpy()
        first = layer["initial_hidden"].to_numpy()[None]
        before = np.concatenate([layer_output[1:], first] if direction.reverse else [first, layer_output[:-1]])
        cell = layer["cell"].to_numpy() if "cell" in layer else None
        for number, gate in enumerate(direction.cell.gates):
            if direction.cell.type == "GRU" and gate == "candidate":
                continue  # the reset gate stands between its two halves: tested in test_wiring
            wire = wires.isel(gate=number)
            total = wires["read"].to_numpy()[wires["row"]] @ wire["weight_ih"].to_numpy().T
            total += before @ wire["weight_hh"].to_numpy().T + wire["bias"].to_numpy()
            if "recurrent_bias" in wire:
                total += wire["recurrent_bias"].to_numpy()
            if "peephole" in wire and gate != "candidate":
                zero = layer["initial_cell"].to_numpy()[None]
                earlier = np.concatenate([cell[1:], zero] if direction.reverse else [zero, cell[:-1]])
                seen = cell if gate == "output" else earlier
                total += seen * wires["peephole"].isel(seeing={"input": 0, "forget": 1, "output": 2}[gate]).to_numpy()
            if direction.cell.clip:
                total = total.clip(-direction.cell.clip, direction.cell.clip)
            with_function = direction.cell.candidate if gate in ("candidate", "hidden") else direction.cell.gate
            np.testing.assert_allclose(
                squash(with_function, total), layer[gate], atol=2e-6, err_msg=f"{direction.name} {gate}"
            )


def test_a_stack_that_reads_forwards_writes_on():
    layouts = (Layout(5, 4, Cell("GRU", reset_after=False)), Layout(4, 6, Cell("LSTM", gate=HARD), peephole=True))
    model = model_of(layouts)
    expected = "abc"
    for _ in range(8):
        expected += "abcde"[record(model, expected).prediction["probability"].to_numpy()[-1].argmax()]
    assert "".join(generate(model, "abc", 8, temperature=0.0).labels) == expected


def test_a_stack_that_reads_backwards_does_not_write():
    with pytest.raises(ValueError, match="reads backwards"):
        generate(model_of((Layout(5, 4, reading="reverse"),)), "abc", 1)


def test_layouts_come_back_from_json():
    for layout in (*UNEQUAL, *LAYOUTS.values()):
        assert Layout.from_json(layout.to_json()) == layout


def test_parameters_are_counted():
    assert parameters_of((Layout(5, 4, peephole=True, projection=2),)) == 16 * 5 + 16 * 2 + 2 * 16 + 2 * 4 + 3 * 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: stack_shapes((Layout(5, 4, reading="both"), Layout(4, 3))), "reads 4 numbers does not fit.*outputs 8"),
        (lambda: Layout(0, 4), "features must be a whole number from 1 upwards, not 0"),
        (lambda: Layout(5, 4, Cell("GRU"), projection=2), "only an LSTM has projections and peepholes, not a GRU"),
        (lambda: Layout.from_json({"features": 3}), "no layer is described by"),
        (lambda: Stack((Layout(5, 4),))(torch.zeros(2, 5), (torch.zeros(3), torch.zeros(4))), "of 4 and 4 numbers.*not 3 and 4"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_numbers(make, message):
    with pytest.raises(ValueError, match=message):
        make()
