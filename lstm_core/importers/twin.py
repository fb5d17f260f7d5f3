"""The untrained counterpart of an imported model: the same shapes, drawn as its own framework draws them by default."""

from collections.abc import Collection
from math import sqrt

import torch
from torch import Tensor

from lstm_core.drawing import normal, uniform
from lstm_core.importers.imported import Framework
from lstm_core.model import SequenceModel
from lstm_core.stack import Layout


def untrained_twin(
    model: SequenceModel, framework: Framework, *, seed: int = 0, given: Collection[str] = ()
) -> SequenceModel:
    """The model as it may have been before training, by its framework's defaults. Repeatable: one seed, one model.

    Of a state before the first step the parts `given` ("initial_hidden_l0") are the model's, since they were not trained.

    PyTorch (and ONNX, which initialises nothing): embedding N(0, 1), recurrent weights and biases
    U(-1/sqrt(units), 1/sqrt(units)), readout U(-1/sqrt(n), 1/sqrt(n)) with n the numbers it reads. Keras: embedding
    U(-0.05, 0.05), input weights and readout Glorot uniform (Glorot & Bengio 2010, eq. 16), recurrent weights with
    orthogonal rows (Saxe et al. 2013), biases 0 but 1 for forget gates (Jozefowicz et al. 2015). TensorFlow 1: everything
    Glorot uniform, a cell's two matrices as the one that they are there; biases 0, but 1 for the forget gate, which
    BasicLSTMCell adds, and for both gates of a GRU.

    >>> import torch
    >>> from lstm_core.importers import Chain, build_model, untrained_twin
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights)
    >>> model = build_model(chain)
    >>> untrained_twin(model, "PyTorch").digest == model.digest
    False
    """
    untrained = SequenceModel(model.config, seed=None).to_empty(device="cpu")
    generator = torch.Generator("cpu").manual_seed(seed)
    for name, weights in untrained.state_dict().items():
        part, _, own = name.partition(".")
        if own in given:
            weights.copy_(model.state_dict()[name])
        elif own.startswith("initial_"):
            weights.zero_()  # no framework has a state of its own before the first step
        elif framework in ("Keras", "TensorFlow"):
            layout = _layout(model, own) if part == "lstm" else None
            keras = framework == "Keras"
            drawn = (
                _keras(part, own, weights, layout, generator) if keras else _tensorflow(own, weights, layout, generator)
            )
            weights.copy_(drawn)
        elif part == "embedding":
            weights.copy_(normal(weights.shape, generator))
        else:
            features = _layout(model, own).units if part == "lstm" else model.config.readout_features
            weights.copy_(uniform(weights.shape, -1 / sqrt(features), 1 / sqrt(features), generator))
    untrained.requires_grad_(requires_grad=False)
    untrained.card = model.card
    return untrained.eval()


def _layout(model: SequenceModel, name: str) -> Layout:
    number = name.removesuffix("_reverse").rpartition("_l")[2]
    return model.config.stack[int(number)]


def _keras(part: str, name: str, weights: Tensor, layout: Layout | None, generator: torch.Generator) -> Tensor:
    if part == "embedding":
        return uniform(weights.shape, -0.05, 0.05, generator)
    if layout is None:
        return _glorot(weights, generator) if name == "weight" else torch.zeros_like(weights)
    if name.startswith("weight_hh"):
        return _orthogonal(weights, generator)
    if name.startswith(("weight_ih", "weight_hr")):
        return _glorot(weights, generator)
    biases = torch.zeros_like(weights)
    if name.startswith("bias_ih") and layout.cell.type == "LSTM":
        biases[layout.units : 2 * layout.units] = 1  # the forget gate's
    return biases


def _tensorflow(name: str, weights: Tensor, layout: Layout | None, generator: torch.Generator) -> Tensor:
    if weights.ndim == 1:
        biases = torch.zeros_like(weights)
        if layout is not None and name.startswith("bias_ih"):
            units = layout.units
            biases[slice(units, 2 * units) if layout.cell.type == "LSTM" else slice(0, 2 * units)] = 1
            biases = biases if layout.cell.type != "RNN" else torch.zeros_like(weights)
        return biases
    if layout is None or name.startswith(("weight_hr", "peephole")):
        return _glorot(weights, generator)
    # One matrix reads input and state; that of a GRU's two gates is another than that of its candidate.
    rows = {"LSTM": 4, "GRU": 2, "RNN": 1}[layout.cell.type] * layout.units
    bound = sqrt(6 / (layout.features + layout.output_size + rows))
    return uniform(weights.shape, -bound, bound, generator)


def _glorot(weights: Tensor, generator: torch.Generator) -> Tensor:
    bound = sqrt(6 / sum(weights.shape))
    return uniform(weights.shape, -bound, bound, generator)


def _orthogonal(weights: Tensor, generator: torch.Generator) -> Tensor:
    """A tall matrix with orthonormal columns: what Keras draws, transposed."""
    q, r = torch.linalg.qr(normal(weights.shape, generator))
    signed: Tensor = q * r.diagonal().sign()
    return signed
