"""One step down the gradient, worked out beside it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.func import functional_call

from lstm_core import ByteEncoder, CharacterEncoder, Labels, LegalTokens, ModelConfig, NextToken, SequenceModel, Values
from lstm_core.tasks import Batch, Reber
from lstm_core.training import Settings
from lstm_core.training.losses import step_losses
from lstm_core.training.run import Run
from tests.lstm_core.training.runs import ADDING, fresh

SGD = Settings(
    steps=9, batch=4, optimizer="SGD", schedule="constant", learning_rate=0.1, warmup=0, weight_decay=0.0, clip=1e9
)


def gradients(model: SequenceModel, weights: dict[str, torch.Tensor], batch: Batch) -> dict[str, torch.Tensor]:
    """The gradient of the mean squared error at the last step, at any weights."""
    own = {name: tensor.detach().clone().requires_grad_() for name, tensor in weights.items()}
    output, _ = functional_call(model, own, (batch.inputs,))
    loss = (output[:, -1] - batch.targets[:, -1]).square().mean()
    return dict(zip(own, torch.autograd.grad(loss, list(own.values())), strict=True))


@pytest.mark.parametrize("clip", [1e9, 0.01])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_the_gradient_is_taken_at_the_noisy_weights_clipped_and_applied_to_the_clean_ones(numbers, noise, clip):
    settings = replace(SGD, weight_noise=noise, clip=clip)
    model = fresh(ADDING, settings)
    clean = {name: tensor.detach().clone() for name, tensor in model.named_parameters()}
    at: dict[str, torch.Tensor] = {}
    model.lstm.register_forward_pre_hook(
        lambda *_: at.update({name: tensor.detach().clone() for name, tensor in model.named_parameters()})
    )
    batch = ADDING.batch(0, 4, numbers)
    loss, norm = Run(model, settings, {}).learn(batch)
    added = torch.cat([(at[name] - clean[name]).flatten() for name in clean])
    assert float(added.std()) == pytest.approx(noise, rel=0.15)
    wanted = gradients(model, at, batch)
    length = float(torch.cat([one.flatten() for one in wanted.values()]).norm())
    assert norm == pytest.approx(length, rel=1e-5)
    assert (norm > clip) == (clip < 1)
    for name, weights in model.named_parameters():
        step = 0.1 * wanted[name] * min(1, clip / length)
        torch.testing.assert_close(weights.detach(), clean[name] - step, atol=1e-6, rtol=0)
    output, _ = functional_call(model, at, (batch.inputs,))
    assert loss == pytest.approx(float((output[:, -1] - batch.targets[:, -1]).detach().square().mean()), rel=1e-5)


def test_dropout_leaves_out_its_share_and_scales_the_rest(numbers):
    settings = replace(SGD, dropout=0.25, input_dropout=0.5)
    model = SequenceModel(ModelConfig(ByteEncoder(), 8, 8), seed=0, device="cpu")
    with torch.no_grad():
        model.embedding.weight.fill_(1.0)
    met: dict[str, torch.Tensor] = {}
    model.lstm.register_forward_pre_hook(lambda _, read: met.update(read=read[0].detach()))
    model.lstm.register_forward_hook(lambda _, __, output: met.update(hidden=output[0].detach().transpose(0, 1)))
    model.readout.register_forward_pre_hook(lambda _, given: met.update(given=given[0].detach()))
    ids = torch.from_numpy(numbers.integers(0, 256, (20, 30)))
    Run(model, settings, {}).learn(Batch(ids, ids, torch.ones(20, 30), tokens=600))
    assert set(met["read"].unique().tolist()) == {0.0, 2.0}
    assert float((met["read"] == 0).float().mean()) == pytest.approx(0.5, abs=0.03)
    remaining = met["given"] != 0
    assert float((~remaining).float().mean()) == pytest.approx(0.25, abs=0.03)
    torch.testing.assert_close(met["given"][remaining], met["hidden"][remaining] / 0.75)


def test_padding_never_matters(numbers):
    task = Reber()
    settings = replace(SGD, dropout=0.0)
    batch = task.batch(0, 6, numbers)
    padding = batch.weights == 0
    assert padding.any()
    spoilt = replace(batch, inputs=batch.inputs.masked_fill(padding, 5), targets=batch.targets.masked_fill(padding, 3))
    runs = [Run(fresh(task, settings), settings, {}) for _ in range(2)]
    one, other = (run.learn(given) for run, given in zip(runs, (batch, spoilt), strict=True))
    assert one == pytest.approx(other, rel=1e-6)
    for weights, others in zip(runs[0].model.parameters(), runs[1].model.parameters(), strict=True):
        torch.testing.assert_close(weights, others, atol=1e-7, rtol=0)
    alone = []
    for row in range(6):  # the mean over all steps is the mean over sequences, weighted by their lengths
        length = int(batch.weights[row].sum())
        single = Batch(batch.inputs[row : row + 1, :length], batch.targets[row : row + 1, :length],
                       torch.ones(1, length), tokens=length)  # fmt: skip
        alone.append(Run(fresh(task, settings), settings, {}).learn(single)[0] * length)
    assert one[0] == pytest.approx(sum(alone) / batch.tokens, rel=1e-5)


def test_steps_count_as_they_are_weighted(numbers):
    task = Reber()
    batch = task.batch(0, 1, numbers)
    steps = batch.inputs.shape[1]
    losses = []
    for step in range(steps):
        weights = torch.zeros(1, steps)
        weights[0, step] = 3.0
        losses.append(Run(fresh(task, SGD), SGD, {}).learn(replace(batch, weights=weights))[0])
    rising = torch.arange(1.0, steps + 1)[None]
    loss, _ = Run(fresh(task, SGD), SGD, {}).learn(replace(batch, weights=rising))
    assert loss == pytest.approx(np.average(losses, weights=rising[0].numpy()), rel=1e-5)


def test_losses_by_hand():
    output = torch.tensor([[[0.0, 2.0, -1.0], [1.0, 1.0, 1.0]]])
    e = np.exp([0.0, 2.0, -1.0])
    right = torch.tensor([[1, 2]])
    for readout in (NextToken(), Labels(("a", "b", "c"))):
        found = step_losses(readout, output, right)
        np.testing.assert_allclose(found, [[-np.log(e[1] / e.sum()), np.log(3)]], rtol=1e-6)
    chances = torch.tensor([[[0.25, 0.25, 0.5], [0.0, 0.0, 1.0]]])
    by_hand = -(0.25 * np.log(e[0] / e.sum()) + 0.25 * np.log(e[1] / e.sum()) + 0.5 * np.log(e[2] / e.sum()))
    np.testing.assert_allclose(step_losses(NextToken(), output, chances), [[by_hand, np.log(3)]], rtol=1e-6)
    legal = torch.tensor([[[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]])
    p = 1 / (1 + np.exp(-output[0].numpy()))
    by_hand = [-np.log([p[0, 0], p[0, 1], 1 - p[0, 2]]).sum(), -np.log(1 - p[1]).sum()]
    np.testing.assert_allclose(step_losses(LegalTokens(), output, legal), [by_hand], rtol=1e-6)
    goals = torch.tensor([[[0.0, 0.0, 0.0], [2.0, 1.0, 0.0]]])
    values = Values(("a", "b", "c"), (5.0, 5.0, 5.0), (9.0, 9.0, 9.0))
    np.testing.assert_allclose(step_losses(values, output, goals), [[5 / 3, 2 / 3]], rtol=1e-6)


@pytest.mark.parametrize(("schedule", "rates"), [("constant", [0.05, 0.1, 0.1]), ("cosine", [0.05, 0.1, 0.1])])
def test_each_step_has_the_rate_of_the_schedule(numbers, schedule, rates):
    settings = replace(SGD, warmup=2, schedule=schedule)
    run = Run(fresh(ADDING, settings), settings, {})
    for rate in rates:
        run.learn(ADDING.batch(0, 4, numbers))
        assert run.optimizer.param_groups[0]["lr"] == pytest.approx(rate)


def test_the_classes_of_a_vocabulary_are_learnt_only_where_they_are_read():
    model = SequenceModel(ModelConfig(CharacterEncoder(("a", "b", "c")), 2, 3), seed=0, device="cpu")
    before = model.embedding.weight.detach().clone()
    ids = torch.tensor([[0, 1, 0]])
    Run(model, SGD, {}).learn(Batch(ids, ids, torch.ones(1, 3), tokens=3))
    changed = (model.embedding.weight != before).any(1).tolist()
    assert changed == [True, True, False]
