"""torch.func, tensors without numbers, empty batches: what has numbers is captured, what has none says so, and all runs on."""

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.func import functional_call, grad, jacfwd, jacrev, jvp, stack_module_state, vmap

from lstm_core import capture
from tests.support.recurrence import assert_layers, double_loop

pytestmark = pytest.mark.filterwarnings(
    "ignore:There is a performance drop because we have not yet implemented the batching rule",
    "ignore:`torch.jit.script` is deprecated",  # by torch.func itself
)
KINDS = [nn.LSTM, nn.GRU, nn.LSTMCell, nn.RNNCell]


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def said_by(module, *given):
    output = module(*given)
    return output[0] if isinstance(output, tuple) else output


@pytest.mark.parametrize(
    ("transform", "kind"),
    [
        *((transform, kind) for transform in (grad, jacrev) for kind in KINDS),
        (jacfwd, nn.GRUCell),
        (jacfwd, nn.LSTMCell),
    ],
)
def test_what_is_differentiated_is_captured(transform, kind):
    module, x = kind(3, 4), torch.randn(1, 3)
    run = transform(lambda given: said_by(module, given).square().sum())
    plain = run(x)
    with capture(module) as captured:
        found = run(x)
    assert torch.equal(found, plain)
    assert_layers(captured[""], double_loop(module, x))


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_are_differentiated_are_captured(kind):
    module, x = kind(3, 4), torch.randn(1, 3)
    weights = {name: 2 * one.detach() for name, one in module.named_parameters()}
    loss = lambda given: functional_call(module, given, (x,))[0].square().sum()  # noqa: E731
    plain = grad(loss)(weights)
    with capture(module) as captured:
        found = grad(loss)(weights)
        functional_call(module, weights, (x,))
    assert all(torch.equal(found[name], plain[name]) for name in weights)
    duplicate = kind(3, 4)
    duplicate.load_state_dict(weights)
    for call in captured[""].calls:
        assert_layers(call, double_loop(duplicate, x))


def test_a_directional_derivative_is_captured():
    cell, x = nn.GRUCell(3, 4), torch.randn(1, 3)
    with capture(cell) as captured:
        jvp(cell, (x,), (torch.ones_like(x),))
    assert_layers(captured[""], double_loop(cell, x))


def test_what_runs_under_vmap_runs_on_and_says_that_it_was_not_captured():
    cell, x = nn.GRUCell(3, 4), torch.randn(5, 3)
    run = vmap(cell)
    plain = run(x)
    with capture(cell) as captured:
        assert torch.equal(run(x), plain)
        cell(x[0])
    first, second = captured[""].calls
    for ask in (lambda: first.layer0, lambda: first.parity, lambda: first.lengths, lambda: first.select(sequence=0)):
        with pytest.raises(
            ValueError, match=r"a call of the module itself was not captured: it ran under torch.func.vmap"
        ):
            ask()
    assert "was not captured: it ran under torch.func.vmap" in repr(first)
    assert_layers(second, double_loop(cell, x[:1]))


def test_an_ensemble_under_vmap_runs_on():
    cells, x = [nn.GRUCell(3, 4) for _ in range(3)], torch.randn(2, 3)
    weights, buffers = stack_module_state(cells)
    run = vmap(lambda *own: functional_call(cells[0], own, (x,)))
    plain = run(weights, buffers)
    with capture(cells[0]) as captured:
        assert torch.equal(run(weights, buffers), plain)
    with pytest.raises(ValueError, match=r"was not captured: it ran under torch.func.vmap"):
        _ = captured.only.layer0


@pytest.mark.parametrize("kind", KINDS)
def test_tensors_without_numbers_run_on_and_say_so(kind):
    module = kind(3, 4, device="meta")
    with capture(module) as captured:
        assert said_by(module, torch.empty(2, 3, device="meta")).is_meta
    with pytest.raises(ValueError, match="was not captured: its tensors are on the device 'meta'"):
        _ = captured[""].layer0
    with FakeTensorMode():
        module = kind(3, 4)
        with capture(module) as captured:
            assert said_by(module, torch.empty(2, 3)).shape[-1] == 4
    with pytest.raises(ValueError, match="was not captured: its tensors are of the class FakeTensor"):
        _ = captured[""].parity


def test_dropout_without_numbers_runs_on():
    lstm = nn.LSTM(3, 4, 2, dropout=0.5, device="meta")
    with capture(lstm) as captured:
        lstm(torch.empty(5, 2, 3, device="meta"))
    with pytest.raises(ValueError, match="its tensors are on the device 'meta'"):
        _ = captured[""].layer1


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch_is_said(kind):
    module = kind(3, 4)
    with capture(module) as captured:
        module(torch.empty(5, 0, 3) if isinstance(module, nn.RNNBase) else torch.empty(0, 3))
    found = captured[""]
    assert (found.sequences, found.lengths) == (0, ())
    for ask in (lambda: found.layer0, lambda: found.parity, lambda: found.readings[0].parity):
        with pytest.raises(ValueError, match="read a batch of 0 sequences: there are no gates to show"):
            ask()
    with pytest.raises(IndexError, match="no sequence 0: the module itself read a batch of 0 sequences"):
        found.select(sequence=0)


def test_tensors_of_a_class_of_ones_own_are_read_as_tensors():
    class Own(torch.Tensor):
        pass

    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    with capture(lstm) as captured:
        lstm(x.as_subclass(Own))
    assert_layers(captured[""], double_loop(lstm, x))
