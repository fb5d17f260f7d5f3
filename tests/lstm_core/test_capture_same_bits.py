"""Capturing evaluates no weight a second time: parametrized and re-made weights are those that the kernel was given."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from lstm_core import capture
from tests.support.recurrence import TOLERANCE


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


class Noisy(nn.Module):
    """A parametrization that is another one at each evaluation, as DropConnect is, and counts them."""

    def __init__(self):
        super().__init__()
        self.register_buffer("evaluated", torch.zeros(()))

    def forward(self, weight):
        self.evaluated += 1
        return nn.functional.dropout(weight, 0.3)


class Dropped(nn.LSTMCell):
    """A cell whose recurrent weight is a property that draws: no parametrization of torch's."""

    @property
    def weight_hh(self):
        return nn.functional.dropout(self._parameters["raw"], 0.3)

    @classmethod
    def made(cls, *sizes):
        cell = nn.LSTMCell(*sizes)
        cell._parameters["raw"] = cell._parameters.pop("weight_hh")
        cell.__class__ = cls
        return cell


class WeightDrop(nn.Module):
    """Sets dropped copies of the recurrent weight before each call, as fast.ai's AWD-LSTM does."""

    def __init__(self, module):
        super().__init__()
        self.module = module
        self.name = "weight_hh_l0" if isinstance(module, nn.RNNBase) else "weight_hh"
        self.raw = nn.Parameter(getattr(module, self.name).detach().clone())
        del module._parameters[self.name]

    def forward(self, *given):
        setattr(self.module, self.name, nn.functional.dropout(self.raw, 0.3))
        return self.module(*given)


def name_of(module):
    return "weight_hh_l0" if isinstance(module, nn.RNNBase) else "weight_hh"


def noisy(module):
    parametrize.register_parametrization(module, name_of(module), Noisy())
    return module


def of_torch(way):
    return lambda module: way(module, name_of(module))


WAYS = {
    "spectral_norm": of_torch(parametrizations.spectral_norm),
    "weight_norm": of_torch(parametrizations.weight_norm),
    "orthogonal": of_torch(parametrizations.orthogonal),
    "random": noisy,
    "old weight_norm": of_torch(nn.utils.weight_norm),
    "old spectral_norm": of_torch(nn.utils.spectral_norm),
    "weight drop": WeightDrop,
}
KINDS = {kind.__name__: kind for kind in (nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell)}


def run(model, x):
    """Everything that a training step leaves: outputs of three calls, gradients, buffers, the generator."""
    torch.manual_seed(5)
    x = x.clone().requires_grad_()
    state, outputs = None, []
    for part in x:
        output = model(part, state)
        inner = getattr(model, "module", model)
        state = output[1] if isinstance(inner, nn.RNNBase) else output
        outputs.append(state[0] if isinstance(state, tuple) else state)
    sum(one.square().sum() for one in outputs).backward()
    gradients = [one.grad for one in model.parameters()]
    return [*outputs, x.grad, *gradients, *model.buffers(), torch.get_rng_state()]


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore:RNN module weights are not part of single contiguous")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_parametrized_modules_stay_the_same_to_the_bit(kind, way):
    def made():
        torch.manual_seed(1)
        return WAYS[way](KINDS[kind](3, 4)).train()

    model, duplicate = made(), made()
    x = torch.randn(3, 2, 2, 3) if "Cell" not in kind else torch.randn(3, 2, 3)
    with capture(model) as captured:
        found = run(model, x)
    for one, other in zip(found, run(duplicate, x), strict=True):
        assert torch.equal(one, other)
    assert captured.only.parity <= TOLERANCE


def test_a_weight_that_is_drawn_by_a_property_is_drawn_once():
    cell, x = Dropped.made(3, 4), torch.randn(2, 3)
    state = torch.randn(2, 4), torch.randn(2, 4)
    torch.manual_seed(3)
    plain = cell(x, state)
    after = torch.get_rng_state()
    torch.manual_seed(3)
    with capture(cell) as captured:
        outputs = cell(x, state)
    assert all(torch.equal(one, other) for one, other in zip(plain, outputs, strict=True))
    assert torch.equal(after, torch.get_rng_state())
    assert captured[""].parity <= TOLERANCE


def test_a_parametrization_is_evaluated_as_often_as_without():
    counts = []
    for within in (False, True):
        cell = noisy(nn.GRUCell(3, 4))
        cell.parametrizations.weight_hh[0].evaluated.zero_()
        if within:
            with capture(cell):
                cell(torch.randn(2, 3))
        else:
            cell(torch.randn(2, 3))
        counts.append(int(cell.parametrizations.weight_hh[0].evaluated))
    assert counts[0] == counts[1] > 0


def test_modes_of_the_caller_see_nothing_of_ours():
    class Counting(torch.overrides.TorchFunctionMode):
        def __init__(self):
            super().__init__()
            self.seen = []

        def __torch_function__(self, func, _, args=(), kwargs=None):
            self.seen.append(getattr(func, "__name__", ""))
            return func(*args, **(kwargs or {}))

    cell, x = nn.LSTMCell(3, 4), torch.randn(2, 3)
    with Counting() as plain:
        cell(x)
    with capture(cell) as captured, Counting() as watched:
        cell(x)
    assert watched.seen == plain.seen
    assert captured[""].parity <= TOLERANCE


def test_a_graph_traced_by_make_fx_has_nothing_of_ours():
    from torch.fx.experimental.proxy_tensor import make_fx

    cell, x = nn.LSTMCell(3, 4), torch.randn(2, 3)
    plain = make_fx(lambda given: cell(given)[0])(x)
    with capture(cell):
        within = make_fx(lambda given: cell(given)[0])(x)
    assert within.code == plain.code
