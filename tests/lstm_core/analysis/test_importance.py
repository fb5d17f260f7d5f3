"""How much a prediction depends on each token, against torch's own autograd through torch.nn.LSTM."""

import numpy as np
import pytest
import torch

import pretrained
from lstm_core import SequenceModel
from lstm_core.analysis import LOSS, Target, gradients, importance
from lstm_core.readouts import LegalTokens

TEXTS = {"shakespeare": "O Romeo, <b> 🎭", "anbn": "SaabbT", "adding": "0.5:0 0.2:1 0.9:1"}


def by_torch(model: SequenceModel, text: str, step: int | None) -> np.ndarray:
    """The norms of the gradients of the embeddings, by torch alone."""
    tokens = model.encode(text)
    inputs = model.inputs(tokens)
    x = model.embedding(inputs).detach().requires_grad_()
    output = model.readout(model.lstm(x)[0])
    if text == TEXTS["adding"]:
        value = output[step or 0, 0]
    else:
        legal = isinstance(model.config.readout, LegalTokens)
        logs = (torch.nn.functional.logsigmoid(output) if legal else output.log_softmax(-1))[
            torch.arange(len(x) - 1), inputs[1:]
        ]
        value = -logs.mean() if step is None else logs[step]
    value.backward()
    return x.grad.double().norm(dim=1).numpy()


@pytest.mark.parametrize(("name", "step"), [("shakespeare", 9), ("shakespeare", None), ("anbn", 3), ("adding", 2)])
def test_it_is_the_norm_that_torch_finds(name, step):
    model = pretrained.load(name, device="cpu")
    assert isinstance(model.lstm, torch.nn.LSTM)
    target = LOSS if step is None else Target(step)
    weights = importance(gradients(model, TEXTS[name], layer="layer0", target=target))
    wanted = by_torch(model, TEXTS[name], step)
    np.testing.assert_allclose(weights, wanted, rtol=1e-4, atol=1e-6 * wanted.max())
    assert weights.dims == ("step",)
    assert weights["token"].size == weights.size
