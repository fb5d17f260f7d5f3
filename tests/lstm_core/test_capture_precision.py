"""Half and double precision, autocast, and the dropout that a kernel draws for itself."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_core import SIGNALS_OF, capture
from lstm_core.capture import watch
from tests.support.recurrence import CELLS, KINDS, TOLERANCE, assert_layers, double_loop


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_in_half_precision_gates_follow_from_the_states_that_the_module_had(kind, dtype):
    recurrent = KINDS[kind](3, 5, 2, bidirectional=True).to(dtype)
    x = torch.randn(8, 2, 3, dtype=dtype)
    with capture(recurrent) as captured:
        output, _ = recurrent(x)
    found = captured[""].select(sequence=1)
    np.testing.assert_array_equal(found.layer1.hidden, output[:, 1, :5].detach().float())
    rounding = torch.finfo(dtype).eps
    assert found.parity <= 8 * rounding
    for name, layer in found.layers.items():
        assert layer["hidden"].dtype == np.float32
        reads = (
            x[:, 1]
            if name.startswith("layer0")
            else torch.from_numpy(np.concatenate([found.layer0.hidden, found.layer0_reverse.hidden], axis=1))
        )
        hidden = torch.from_numpy(layer["hidden"].to_numpy())
        zero = torch.zeros(1, 5)
        before = torch.cat([hidden[1:], zero] if name.endswith("reverse") else [zero, hidden[:-1]])
        alone = nn.Module()
        for weight, one in recurrent.named_parameters():
            if weight.endswith("_l" + name.removeprefix("layer")):
                setattr(alone, weight.split("_l")[0], one.detach())
        for step in range(8):
            expected = double_loop(as_cell(kind, alone), reads[step : step + 1], before[step : step + 1])["layer0"]
            for gate in set(SIGNALS_OF[kind]) - {"cell", "hidden"}:
                assert np.abs(layer[gate][step].to_numpy() - expected[gate][0].numpy()).max() <= TOLERANCE


def as_cell(kind: str, weights: nn.Module) -> nn.Module:
    cell = CELLS[kind](weights.weight_ih.shape[1], 5)
    cell.load_state_dict({name: getattr(weights, name) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")})
    return cell


def test_double_precision_stays_double():
    lstm, x = nn.LSTM(3, 4, 2).double(), torch.randn(300, 3, dtype=torch.float64)
    with capture(lstm) as captured:
        lstm(x)
    for name, signals in double_loop(lstm, x).items():
        assert captured[""].layers[name]["cell"].dtype == np.float64
        np.testing.assert_allclose(captured[""].layers[name]["cell"], signals["cell"], atol=1e-13)
    assert captured[""].parity <= 1e-13


def test_autocast_is_followed():
    lstm, x = nn.LSTM(3, 4, 2), torch.randn(8, 3)

    def under_autocast() -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return lstm(x)[0]

    missing = refusal(under_autocast)
    if missing:  # a processor for which torch has no LSTM in bfloat16
        with capture(lstm) as captured:
            assert refusal(under_autocast) == missing
            assert len(captured[""].calls) == 0
            lstm(x)
        assert len(captured[""].calls) == 1
        assert_layers(captured[""], double_loop(lstm, x))
        assert not lstm._forward_hooks
        return
    with capture(lstm) as captured:
        output = under_autocast()
    assert output.dtype == torch.bfloat16
    assert captured[""].parity <= 8 * torch.finfo(torch.bfloat16).eps


def refusal(call: Callable[[], object]) -> str:
    """What torch says against it; nothing where it can."""
    try:
        call()
    except RuntimeError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("packed", [False, True], ids=["padded", "packed"])
@pytest.mark.parametrize(("kind", "both_ways"), [("LSTM", False), ("LSTM", True), ("GRU", True), ("RNN", False)])
def test_dropout_between_layers_is_the_one_that_was_applied(kind, both_ways, packed):
    recurrent = KINDS[kind](3, 5, 3, dropout=0.4, bidirectional=both_ways).train()
    x, width = torch.randn(6, 2, 3), 5 * (1 + both_ways)
    torch.manual_seed(11)
    with capture(recurrent) as captured:
        recurrent(pack_padded_sequence(x, [6, 6]) if packed else x)
    after = torch.get_rng_state()
    found = captured[""].select(sequence=1)
    _ = found.layers
    assert torch.equal(after, torch.get_rng_state())
    torch.manual_seed(11)
    masks = [nn.functional.dropout(torch.ones(6, 2, width), 0.4)[:, 1] for _ in range(2)]
    assert 0 < masks[0].count_nonzero() < masks[0].numel()
    assert_layers(found, double_loop(recurrent, x[:, 1], masks=masks))


def test_dropout_that_cannot_be_drawn_again_is_said_not_guessed(monkeypatch):
    elsewhere = torch.Generator().manual_seed(99).get_state()
    monkeypatch.setattr(watch, "generator_state", lambda _: elsewhere)
    lstm, x = nn.LSTM(3, 5, 2, dropout=0.5).train(), torch.randn(6, 3)
    with capture(lstm) as captured:
        lstm(x)
    layer = captured[""].layer0
    np.testing.assert_allclose(layer["cell"], double_loop(lstm, x)["layer0"]["cell"], atol=TOLERANCE)
    with pytest.raises(ValueError, match="dropout between the layers of the module itself cannot be reproduced"):
        _ = captured[""].layer1
