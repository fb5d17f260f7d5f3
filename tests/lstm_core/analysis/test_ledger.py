"""What is in memory, on numbers whose answers are known and against the sum written out."""

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from lstm_core import record_layer, record_layers
from lstm_core.analysis import best_remembered, excerpt, keepers, ledger, ledger_error, remembered
from lstm_core.cells import Activation, Cell
from lstm_core.stack import Layout, Stack


def layer_of(forget, written, initial, *, direction="forward") -> xr.Dataset:
    """One unit; i = 1 throughout, so that g is what is written."""
    cell, cells = initial, []
    for f, g in zip(forget, written, strict=True):
        cell = f * cell + g
        cells.append(cell)
    signals = {"forget": forget, "input": np.ones(len(forget)), "candidate": written, "cell": cells}
    turn = slice(None, None, -1) if direction == "reverse" else slice(None)
    return xr.Dataset(
        {name: (("step", "unit"), np.array(values, dtype=np.float32)[turn, None]) for name, values in signals.items()}
        | {"initial_cell": ("unit", np.array([initial], dtype=np.float32))},
        coords={
            "step": np.arange(len(forget)),
            "token": ("step", np.array(list("abcdefgh")[: len(forget)], dtype=object)),
            "group": ("step", np.arange(len(forget))),
            "unit": [0],
        },
        attrs={"cell_type": "LSTM", "direction": direction},
    )


def test_each_token_has_what_it_wrote_times_the_forget_gates_since():
    found = ledger(layer_of([0.5, 0.5, 0.25], [1.0, -1.0, 0.5], 8.0), 2)
    assert found["written"].to_numpy()[:, 0].tolist() == [1, -1, 0.5]
    assert found["left"].to_numpy()[:, 0].tolist() == [0.125, 0.25, 1]
    assert found["contribution"].to_numpy()[:, 0].tolist() == [0.125, -0.25, 0.5]
    assert found["initial"].to_numpy().tolist() == [0.5]
    assert found["token"].to_numpy().tolist() == ["a", "b", "c"]


def test_only_what_was_read_up_to_the_step_is_in_the_ledger():
    found = ledger(layer_of([0.5, 0.5, 0.25], [1.0, -1.0, 0.5], 8.0), 0)
    assert found["contribution"].to_numpy().tolist() == [[1]]
    assert found["initial"].to_numpy().tolist() == [4]


def test_who_reads_backwards_has_its_ledger_from_the_end():
    layer = layer_of([0.5, 0.5, 0.25], [1.0, -1.0, 0.5], 8.0, direction="reverse")
    found = ledger(layer, 0)
    assert found["step"].to_numpy().tolist() == [2, 1, 0]
    assert found["contribution"].to_numpy()[:, 0].tolist() == [0.125, -0.25, 0.5]
    assert ledger(layer, 2).sizes["step"] == 1
    later = remembered(layer, 2)
    assert later["step"].to_numpy().tolist() == [2, 1, 0]
    assert later["left"].to_numpy()[:, 0].tolist() == [1, 0.5, 0.125]


def test_a_shut_forget_gate_leaves_exactly_nothing_of_before():
    found = ledger(layer_of([1, 1, 0, 1], [0.5, 0.25, 0.125, 0.75], 3.0), 3)
    assert found["contribution"].to_numpy()[:, 0].tolist() == [0, 0, 0.125, 0.75]
    assert found["initial"].to_numpy().tolist() == [0]


def test_what_is_remembered_forwards_is_what_ledgers_of_later_steps_say():
    layer = record_layer(nn.LSTM(3, 5), torch.randn(12, 3, generator=torch.Generator().manual_seed(0)))
    later = remembered(layer, 4)
    for step in range(4, 12):
        whole = ledger(layer, step).sel(step=4)
        for name in ("left", "contribution"):
            np.testing.assert_allclose(later[name].sel(step=step), whole[name], atol=1e-15)


def test_the_ledger_is_the_sum_written_out():
    layer = record_layer(nn.LSTM(3, 4), torch.randn(9, 3, generator=torch.Generator().manual_seed(1)))
    f, i, g = (layer[name].to_numpy().astype(np.float64) for name in ("forget", "input", "candidate"))
    found = ledger(layer, 7)["contribution"].to_numpy()
    for k in range(8):
        np.testing.assert_allclose(found[k], np.prod(f[k + 1 : 8], axis=0) * i[k] * g[k], atol=1e-15)


HARD = Cell(gate=Activation("hard_sigmoid", 0.2, 0.5), candidate=Activation("softsign"), clip=3.0)
VARIANTS = {
    "textbook": Layout(3, 6),
    "both ways": Layout(3, 6, reading="both"),
    "peepholes": Layout(3, 6, peephole=True),
    "projection": Layout(3, 6, projection=2),
    "hard sigmoid": Layout(3, 6, HARD),
    "relu": Layout(3, 6, Cell(candidate=Activation("relu"))),
    "GRU": Layout(3, 6, Cell("GRU")),
    "GRU from the end": Layout(3, 6, Cell("GRU", reset_after=False), reading="reverse"),
}


@pytest.mark.parametrize("steps", [1, 2, 300])
@pytest.mark.parametrize("kind", VARIANTS)
def test_the_parts_sum_to_the_memory_of_any_cell_from_any_start(kind, steps):
    numbers = torch.Generator().manual_seed(3)
    stack = Stack((VARIANTS[kind],))
    for weight in stack.parameters():
        weight.data = 2 * torch.randn(weight.shape, generator=numbers)
    like = torch.zeros(3)
    start = tuple(
        torch.cat([torch.randn(one.shape, generator=numbers) for one in part]) for part in stack.states(like, None)
    )
    for layer in record_layers(stack, torch.randn(steps, 3, generator=numbers), initial_state=start).values():
        for step in {0, steps // 2, steps - 1}:
            assert ledger_error(ledger(layer, step), layer) < 1e-5


def test_a_wrong_cell_is_seen_in_the_error():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        layer = record_layer(nn.LSTM(3, 4), 0.1 * torch.randn(9, 3))
    assert np.abs(layer["cell"]).max() < 0.75  # else the share is of the largest value
    found = ledger(layer, 8)
    layer["cell"].to_numpy()[8, 2] += 0.25
    assert ledger_error(found, layer) == pytest.approx(0.25, abs=1e-6)


def test_the_largest_value_of_a_unit_is_the_measure_of_its_error():
    layer = layer_of([1, 1, 1], [50.0, 50.0, -99.0], 0.0)
    assert ledger_error(ledger(layer, 2), layer) == 0
    layer["cell"].to_numpy()[2] += 0.5
    assert ledger_error(ledger(layer, 2), layer) == pytest.approx(0.005)


def test_units_that_still_hold_most_come_first():
    layer = record_layers(nn.LSTM(3, 4), torch.randn(6, 3, generator=torch.Generator().manual_seed(2)))["layer0"]
    found = remembered(layer, 1)
    remaining = np.abs(found["contribution"].to_numpy()[1:]).mean(axis=0)
    assert keepers(found, 3) == np.argsort(-remaining)[:3].tolist()
    assert len(keepers(remembered(layer, 5), 9)) == 4


def test_a_step_that_was_not_read_and_a_cell_without_a_gate_are_refused():
    layer = layer_of([0.5, 0.5], [1.0, 1.0], 0.0)
    with pytest.raises(ValueError, match="no step 2: this layer read steps 0 to 1"):
        ledger(layer, 2)
    with pytest.raises(ValueError, match="no step -1"):
        remembered(layer, -1)
    simple = record_layer(nn.RNN(3, 4), torch.zeros(2, 3))
    with pytest.raises(ValueError, match="RNN cells has no forget or update gate"):
        ledger(simple, 1)


def test_nan_stays_where_it_is():
    layer = xr.concat([layer_of([0.5, 0.5], [1.0, 1.0], 0.0)] * 2, "unit").assign_coords(unit=[0, 1])
    layer["candidate"] = layer["candidate"].transpose("step", "unit").copy(data=[[np.nan, 1.0], [1.0, 1.0]])
    found = ledger(layer, 1)
    assert np.isnan(found["contribution"].to_numpy()[:, 0]).tolist() == [True, False]
    assert not np.isnan(found["contribution"].to_numpy()[:, 1]).any()


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_the_ledger_of_an_excerpt_is_the_end_of_the_whole_and_what_stood_there_before(direction):
    layer = layer_of([0.5, 0.75, 0.25, 0.5], [1.0, -1.0, 0.5, 3.0], 8.0, direction=direction)
    part = excerpt(layer, 1, 4) if direction == "forward" else excerpt(layer, 0, 3)
    whole, found = (ledger(one, 3 if direction == "forward" else 0) for one in (layer, part))
    xr.testing.assert_equal(found["contribution"], whole["contribution"][1:])
    assert found["initial"].item() == whole["contribution"][0].item() + whole["initial"].item()
    assert ledger_error(found, part) == 0


def test_an_excerpt_of_everything_is_the_layer_and_one_without_initial_states_has_none():
    layer = layer_of([0.5, 0.5], [1.0, -1.0], 8.0)
    xr.testing.assert_identical(excerpt(layer, 0, 2), layer)
    bare = layer.drop_vars("initial_cell")
    assert "initial_cell" not in excerpt(bare, 1, 2)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_the_token_that_is_remembered_best_is_that_whose_parts_sum_to_most(direction):
    numbers = np.random.default_rng(3)
    layer = layer_of(numbers.random(8), numbers.standard_normal(8), 0.0, direction=direction)
    sums = [float(np.abs(remembered(layer, step)["contribution"]).sum()) for step in range(8)]
    assert best_remembered(layer, 0) == int(np.argmax(sums))


def test_a_small_part_that_is_kept_beats_a_large_one_that_is_erased():
    layer = layer_of([1.0, 1.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.5], 0.0)
    assert best_remembered(layer, 0) == 1
    assert best_remembered(layer_of([1.0, 1.0], [np.nan, np.nan], 0.0), 0) == 0
