"""How long units remember, on gates whose half-lives are known, and against a search step by step."""

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from lstm_core import record_layer, record_layers
from lstm_core.analysis import half_life, remembered, timescale


def layer_of(forgets, *, direction="forward") -> xr.Dataset:
    """A column of forget gates for each unit, in the order of reading."""
    forget = np.array(forgets, dtype=np.float64).T
    if direction == "reverse":
        forget = forget[::-1]
    steps, units = forget.shape
    ones = np.ones_like(forget)
    signals = {"forget": forget, "input": ones, "candidate": ones, "cell": ones}
    return xr.Dataset(
        {name: (("step", "unit"), values) for name, values in signals.items()}
        | {"initial_cell": ("unit", np.zeros(units))},
        coords={
            "step": np.arange(steps),
            "token": ("step", np.array(["x"] * steps, dtype=object)),
            "group": ("step", np.arange(steps)),
            "unit": np.arange(units),
        },
        attrs={"cell_type": "LSTM", "direction": direction},
    )


def test_half_of_the_memory_is_gone_after_a_half_life():
    forget = xr.DataArray(np.array([[0.0, 0.25, 0.5], [np.sqrt(0.5), 0.5**0.1, 1.0]]), dims=("step", "unit"))
    found = half_life(forget)
    np.testing.assert_allclose(found, [[0, 0.5, 1], [2, 10, np.inf]])
    assert not np.signbit(found.to_numpy()).any()
    assert np.isnan(half_life(forget * np.nan)).all()


def test_a_gate_that_stands_still_has_one_half_life_and_the_ledger_agrees():
    steps = 40
    found = timescale(layer_of([[0.5] * steps, [0.5**0.25] * steps, [1.0] * steps, [0.0] * steps]))
    np.testing.assert_allclose(found["half_life"], [1, 4, np.inf, 0])
    np.testing.assert_allclose(found["quartiles"], [[1, 4, np.inf, 0]] * 3)
    assert found["measured"].to_numpy().tolist() == [1, 4, np.inf, 1]
    np.testing.assert_allclose(found["censored"], [1 / 40, 4 / 40, 1, 1 / 40])
    assert found["rank"].to_numpy().tolist() == [3, 2, 1, 4]


def test_quartiles_are_those_of_the_steps():
    found = timescale(layer_of([[0.5, 0.5**0.5, 0.5**0.25, 1.0, 0.0]]))
    np.testing.assert_allclose(found["quartiles"].to_numpy()[:, 0], [1, 2, 4])
    assert found["half_life"].item() == 0


def test_who_is_cut_short_counts_for_as_long_as_it_was_seen():
    # f at steps 1 to 5; written at 0 and 1 it is halved at 2 (after 2 and 1 steps), at 2, 3, 4 and 5 never.
    found = timescale(layer_of([[1, 1, 0.5, 1, 1, 1]]))
    assert found["censored"].item() == pytest.approx(4 / 6)
    # At risk of 1 step: 5 (all but step 5), of which 1 is halved: 4/5. Of 2: 4 (0, 2, 3 and not 4): see below.
    # Seen for 0, 1, 2, 3 steps: steps 5, 4, 3, 2. At risk of 2: steps 0, 3, 2, of which 1 is halved: 4/5 * 2/3 > 1/2.
    assert found["measured"].item() == np.inf
    # One halving more, at the last step, of all that was written since: after 1, 2 and 3 steps.
    found = timescale(layer_of([[1, 1, 0.5, 1, 1, 0.5]]))
    assert found["measured"].item() == 2  # outlive 1: 3/5; 2: 3/5 * 1/3


def kaplan_meier(lasted, gone) -> float:
    """The median, one sorted time after the other."""
    outlive = 1.0
    for time in sorted(set(lasted)):
        risk = sum(one >= time for one in lasted)
        outlive *= 1 - sum(one == time and was for one, was in zip(lasted, gone, strict=True)) / risk
        if outlive <= 0.5:
            return time
    return np.inf


@pytest.mark.parametrize("cells", [nn.LSTM, nn.GRU])
def test_what_is_measured_is_the_ledger_searched_step_by_step(cells):
    module = cells(3, 8, bidirectional=True)
    numbers = torch.Generator().manual_seed(0)
    for weight in module.parameters():
        weight.data = torch.randn(weight.shape, generator=numbers)
    for layer in record_layers(module, torch.randn(30, 3, generator=numbers)).values():
        found = timescale(layer)
        left = [remembered(layer, step)["left"].to_numpy() for step in range(30)]
        for unit in range(8):
            halved = [np.flatnonzero(one[:, unit] <= 0.5) for one in left]
            lasted = [int(one[0]) if len(one) else len(left[k]) - 1 for k, one in enumerate(halved)]
            gone = [len(one) > 0 for one in halved]
            assert found["measured"].to_numpy()[unit] == kaplan_meier(lasted, gone)
            assert found["censored"].to_numpy()[unit] == pytest.approx(1 - np.mean(gone))


def test_a_layer_that_reads_backwards_decays_in_its_own_direction():
    forgets = [[1, 0.5, 1, 1, 1, 1, 1, 0.9]]
    there, back = timescale(layer_of(forgets)), timescale(layer_of(forgets, direction="reverse"))
    xr.testing.assert_equal(there.drop_attrs(), back.drop_attrs())


def test_units_with_nan_have_nan_and_the_others_their_own():
    found = timescale(layer_of([[0.5, np.nan, 0.5], [0.5, 0.5, 0.5]]))
    assert np.isnan(found["half_life"].to_numpy()).tolist() == [True, False]
    assert np.isnan(found["measured"].to_numpy()).tolist() == [True, False]
    assert found["rank"].to_numpy().tolist() == [2, 1]


def test_one_step_has_no_decay_to_measure_and_a_simple_layer_no_gate():
    assert timescale(layer_of([[0.5]]))["measured"].item() == np.inf
    with pytest.raises(ValueError, match="RNN cells has no forget or update gate"):
        timescale(record_layer(nn.RNN(3, 4), torch.zeros(2, 3)))
