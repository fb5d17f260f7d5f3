import json
import math

import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig, SequenceModel
from lstm_core.model import weights_digest
from lstm_core.training import Initial, chrono_gates, expect_only, initial_model, open_forget_gates
from tests.lstm_core.training.runs import PLAIN, TEXT, fresh

CONFIG = ModelConfig(ByteEncoder(), 4, 8, layers=2, bidirectional=True)


def changed(change) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """The weights that `change` changes: before and after."""
    model = SequenceModel(CONFIG, seed=2, device="cpu")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    change(model)
    return {
        name: (before[name], tensor) for name, tensor in model.state_dict().items() if not tensor.equal(before[name])
    }


def test_only_the_forget_gates_are_opened():
    found = changed(lambda model: open_forget_gates(model, 2.0))
    assert set(found) == {f"lstm.bias_ih_l{layer}{end}" for layer in (0, 1) for end in ("", "_reverse")}
    for before, after in found.values():
        wanted = before.clone()
        wanted[8:16] += 2  # torch's second gate
        torch.testing.assert_close(after, wanted)


def test_chrono_gates_are_those_of_the_paper():
    found = changed(lambda model: chrono_gates(model, 50, seed=1))
    assert len(found) == 8
    for name, (before, after) in found.items():
        torch.testing.assert_close(after[16:], before[16:])  # candidate and output are left alone
        if "bias_hh" in name:
            assert not after[:16].any()
            continue
        assert (after[8:16] >= 0).all()
        assert (after[8:16] <= math.log(49)).all()
        torch.testing.assert_close(after[:8], -after[8:16])
    again = changed(lambda model: chrono_gates(model, 50, seed=1))
    assert all(torch.equal(after, again[name][1]) for name, (_, after) in found.items())
    biases = [after[8:16] for name, (_, after) in found.items() if "bias_ih" in name]
    assert not torch.equal(biases[0], biases[1])


def test_chrono_lags_are_spread_evenly_up_to_the_longest():
    model = SequenceModel(ModelConfig(ByteEncoder(), 1, 300), seed=0, device="cpu")
    chrono_gates(model, 101, seed=3)
    lags = model.lstm.bias_ih_l0.detach()[300:600].exp().sort().values
    even = 1 + 99 * (torch.arange(300) + 0.5) / 300
    assert float((lags - even).abs().max()) / 99 < 0.095  # Kolmogorov and Smirnov's bound for 300, at 1%
    chrono_gates(model, 2, seed=3)
    torch.testing.assert_close(model.lstm.bias_ih_l0.detach()[300:600], torch.zeros(300), atol=1e-5, rtol=0)


def test_a_model_told_to_expect_two_characters_expects_only_those():
    model = SequenceModel(ModelConfig(ByteEncoder(), 4, 8), seed=2, device="cpu")
    before = model.readout.bias.detach().clone()
    expect_only(model, (97, 98))
    change = model.readout.bias.detach() - before
    assert change[[97, 98]].tolist() == [0, 0]
    assert change.sum().item() == pytest.approx(-10 * 254, rel=1e-5)
    probability = torch.softmax(model(torch.tensor([97]))[0][0], dim=-1)
    assert probability[[97, 98]].sum() > 0.98


def test_first_embeddings_have_the_spread_that_is_asked_for():
    usual, small = (initial_model(CONFIG, Initial(seed=4, embedding_spread=spread)) for spread in (1.0, 0.1))
    torch.testing.assert_close(small.embedding.weight, 0.1 * usual.embedding.weight)
    torch.testing.assert_close(small.lstm.weight_ih_l0, usual.lstm.weight_ih_l0)
    assert float(small.embedding.weight.detach().std()) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize(
    "initial",
    [Initial(), Initial(seed=3, forget_bias=0.0, expected=(65, 66)), Initial(seed=3, chrono=20, embedding_spread=0.1)],
)
def test_first_weights_are_rebuilt_to_the_bit_also_through_json(initial):
    again = Initial.from_json(json.loads(json.dumps(initial.to_json())))
    assert again == initial
    torch.manual_seed(0)
    one = weights_digest(initial_model(CONFIG, initial))
    torch.manual_seed(1)
    assert one == weights_digest(initial_model(CONFIG, again))
    assert one != weights_digest(initial_model(CONFIG, Initial(seed=9)))


def test_a_run_begins_with_what_task_and_settings_ask_for():
    model = fresh(TEXT, PLAIN)
    plain = SequenceModel(model.config, seed=PLAIN.seed, device="cpu")
    opened = model.lstm.bias_ih_l0.detach() - plain.lstm.bias_ih_l0.detach()
    torch.testing.assert_close(opened[5:10], torch.ones(5))
    lowered = (model.readout.bias - plain.readout.bias).detach() < -9
    assert sorted(set(range(256)) - set(torch.nonzero(lowered)[:, 0].tolist())) == list(TEXT.expected)
