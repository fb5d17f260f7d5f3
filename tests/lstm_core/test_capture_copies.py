"""What is copied, pickled, saved or scripted within the block is free of us, and does not report to us."""

import copy
import io
import pickle
import pickletools
from threading import Thread

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from lstm_core import capture
from tests.support.recurrence import TOLERANCE, assert_layers, double_loop


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def saved_whole(model):
    buffer = io.BytesIO()
    torch.save(model, buffer)
    return torch.load(io.BytesIO(buffer.getvalue()), weights_only=False)


WAYS = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "AveragedModel": AveragedModel,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),  # noqa: S301 (our own)
    "torch.save": saved_whole,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRUCell])
def test_a_copy_made_within_the_block_does_not_report(kind, way):
    model, x = nn.Sequential(kind(3, 4)), torch.randn(1, 3)
    with capture(model) as captured:
        model(x)
        duplicate = WAYS[way](copy.copy(model[0]) if way == "copy" else model)
        duplicate(x)
        assert len(captured["0"].calls) == 1
    duplicate(x)
    assert len(captured["0"].calls) == 1
    assert_layers(captured["0"], double_loop(model[0], x))


def test_a_copy_can_be_captured_itself_beside_its_original():
    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    with capture(lstm) as outer:
        duplicate = copy.deepcopy(lstm)
        duplicate.weight_hh_l0.data.mul_(3)
        with capture(duplicate) as inner:
            lstm(x)
            duplicate(x)
        duplicate(x)
        lstm(x)
    assert (len(outer[""].calls), len(inner[""].calls)) == (2, 1)
    assert_layers(outer[""].calls[1], double_loop(lstm, x))
    assert_layers(inner[""], double_loop(duplicate, x))


def test_what_is_pickled_names_nothing_of_ours():
    model = nn.ModuleList([nn.LSTM(3, 4, 2), nn.GRUCell(3, 4)])
    plain = pickle.dumps(model)
    with capture(model):
        model[0](torch.randn(5, 3))
        within = pickle.dumps(model)
    named = [argument for _, argument, _ in pickletools.genops(within) if isinstance(argument, str)]
    assert any("torch.nn" in one for one in named)
    assert not any("lstm_core" in one or "Watch" in one for one in named)
    assert len(within) == len(plain)


def test_two_captures_of_one_model_both_see_it_and_end_in_any_order():
    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    forward = nn.LSTM.forward
    first, second = capture(lstm), capture(lstm)
    one = first.__enter__()
    lstm(x)
    other = second.__enter__()
    lstm(x)
    first.__exit__(None, None, None)
    lstm(x)
    second.__exit__(None, None, None)
    lstm(x)
    assert (len(one[""].calls), len(other[""].calls)) == (2, 2)
    assert nn.LSTM.forward is forward


def test_torchs_forward_is_back_after_the_block():
    kinds = nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell
    before = [kind.forward for kind in kinds]
    model = nn.LSTM(3, 4)
    with pytest.raises(RuntimeError, match="no luck"), capture(model):
        raise RuntimeError("no luck")
    assert [kind.forward for kind in kinds] == before
    with pytest.raises(RuntimeError), capture(model) as captured:
        model(torch.randn(5, 7))
    assert [kind.forward for kind in kinds] == before
    assert captured[""].calls == ()


def test_a_forward_that_somebody_else_put_around_ours_stays_and_is_seen_once():
    lstm, x, seen, before = nn.LSTM(3, 4), torch.randn(5, 3), [], nn.LSTM.forward
    try:
        with capture(lstm):
            ours = nn.LSTM.forward
            theirs = nn.LSTM.forward = lambda self, *given: (seen.append(1), ours(self, *given))[1]
        assert nn.LSTM.forward is theirs
        with capture(lstm) as captured:
            lstm(x)
        assert (len(seen), len(captured[""].calls)) == (1, 1)
        assert nn.LSTM.forward is theirs
    finally:
        nn.LSTM.forward = before


def test_other_modules_of_the_kind_are_left_alone_and_may_be_called_by_their_forward():
    lstm, other, x = nn.LSTM(3, 4), nn.LSTM(3, 4), torch.randn(5, 3)
    with capture(lstm) as captured:
        other(x)
        lstm.forward(x)
    assert_layers(captured.only, double_loop(lstm, x))


def test_calls_in_threads_are_captured_each_whole():
    cell, inputs = nn.LSTMCell(3, 4), torch.randn(4, 30, 1, 3)

    def read(x):
        state = None
        for step in x:
            state = cell(step, state)

    with capture(cell) as captured:
        threads = [Thread(target=read, args=(x,)) for x in inputs]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sorted(reading.lengths for reading in captured[""].readings) == [(30,)] * 4
    assert captured[""].parity <= TOLERANCE


def test_a_replica_of_data_parallel_reports_to_its_original():
    cell, x = nn.LSTMCell(3, 4), torch.randn(2, 3)
    with capture(cell) as captured:
        replica = cell._replicate_for_data_parallel()
        for name, one in cell.named_parameters():
            setattr(replica, name, one.detach().clone())
        replica(x)
    assert captured[""].parity <= TOLERANCE


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning", "ignore::torch.jit.TracerWarning"
)
def test_a_model_can_be_scripted_and_traced_within_the_block():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4)

        def forward(self, x):
            return self.lstm(x)[0][-1]

    model, x = Last(), torch.randn(5, 3)
    plain = str(torch.jit.trace(model, x).inlined_graph)
    with capture(model) as captured:
        traced = torch.jit.trace(model, x, check_trace=False)
        scripted = torch.jit.script(model)
        model(x)
    assert str(traced.inlined_graph).count("aten::") == plain.count("aten::")
    assert torch.equal(scripted(x), model(x))
    *_, last = captured["lstm"].calls
    assert_layers(last, double_loop(model.lstm, x))
    with pytest.raises(ValueError, match=r"a call of 'lstm' was not captured: torch.jit.trace was tracing it"):
        _ = captured["lstm"].calls[0].layer0
