"""What stands between the top layer and the readout: against torch alone, and the same in whatever predicts."""

import numpy as np
import pytest
import torch

from lstm_core import ByteEncoder, Intervention, ModelConfig, NextToken, SequenceModel, Stepper, Values, record
from lstm_core.analysis import Target, gradients, knock_out
from lstm_core.model_files import load, save
from tests.support.odd_models import with_between

TEXT = "to be, or not"
BETWEEN = {  # of the outputs of all steps, (step, feature), what the readout reads at the end
    "nothing": lambda top: top[-1],
    "relu": lambda top: torch.relu(top[-1]),
    "last": lambda top: top[-1],
    "mean": lambda top: top.mean(0),
    "max": lambda top: top.max(0).values,
}


def by_torch(model: SequenceModel, text: str) -> torch.Tensor:
    """The logits after the whole text, by an nn.LSTM of the same weights."""
    lstm = torch.nn.LSTM(4, 5, bidirectional=True)
    lstm.load_state_dict(
        {name.removeprefix("lstm."): one for name, one in model.state_dict().items() if "lstm" in name}
    )
    top, _ = lstm(model.embedding(torch.tensor(list(text.encode()))))
    return model.readout(BETWEEN[model.config.between](top))


@pytest.mark.parametrize("between", BETWEEN)
def test_every_prediction_is_of_what_the_readout_reads(between, tmp_path):
    model = with_between(between)
    with torch.inference_mode():
        wanted = by_torch(model, TEXT).softmax(-1).numpy()
    found = record(model, TEXT).prediction["probability"].to_numpy()
    np.testing.assert_allclose(found[-1], wanted, atol=1e-6)
    stepper = Stepper(model)
    np.testing.assert_allclose(stepper.read(TEXT).prediction["probability"], found, atol=1e-6)
    np.testing.assert_allclose(stepper.probability(), wanted, atol=1e-6)
    save(model, tmp_path)
    again = load(tmp_path, device="cpu")
    assert (again.config, again.digest) == (model.config, model.digest)
    altered = record(model, TEXT, interventions=[Intervention("layer0", "hidden", 1.0, units=(2,))])
    *_, last = knock_out(model, TEXT, "layer0", units=[2], value=1.0)
    logs = [np.log(one.prediction["probability"].to_numpy().astype(float)) for one in (record(model, TEXT), altered)]
    divergence = (np.exp(logs[0]) * (logs[0] - logs[1])).sum(-1).mean()
    assert float(last.effect["changed"][0]) == pytest.approx(divergence, rel=1e-4)


@pytest.mark.parametrize("between", ["relu", "mean", "max"])
def test_gradients_go_through_it(between):
    model, step, delta = with_between(between).double(), 5, 1e-6
    found = gradients(model, TEXT, layer="layer0", target=Target(step=step, of="left"))
    embedded = model.embedding(model.inputs(model.encode(TEXT))).detach()

    def value(at: int, by: float) -> float:
        changed = embedded.clone()
        changed[at, 1] += by
        with torch.inference_mode():
            logits = model.predict(model.read_embedded(changed)[0])
        return float(logits[step].log_softmax(-1)[0])

    for at in (0, 3, 5):
        wanted = (value(at, delta) - value(at, -delta)) / (2 * delta)
        assert float(found["read"][at, 1]) == pytest.approx(wanted, rel=1e-3, abs=1e-7)


def test_models_differ_by_what_stands_between():
    assert len({with_between(between).digest for between in BETWEEN}) == len(BETWEEN)


@pytest.mark.parametrize(
    ("between", "readout"),
    [
        ("mean", NextToken()),
        ("last", NextToken()),
        ("max", Values(("one",), (0.0,), (1.0,), ahead=True)),
    ],
)
def test_what_cannot_stand_there_is_refused(between, readout):
    with pytest.raises(ValueError, match="between"):
        ModelConfig(ByteEncoder(), 4, 5, readout=readout, between=between)
