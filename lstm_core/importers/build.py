"""A model that reads text, from an imported file and what the user adds."""

import re
from dataclasses import replace

import numpy as np
import torch

from lstm_core.config import Card, ModelConfig
from lstm_core.encoders import ByteEncoder, Encoder, NumberEncoder, VocabularyEncoder
from lstm_core.given import checked
from lstm_core.importers.imported import Chain, Head
from lstm_core.importers.scaling import Scaler
from lstm_core.importers.states import State, starting
from lstm_core.model import SequenceModel
from lstm_core.readouts import Between, Labels, LegalTokens, NextToken, Nothing, Readout, Values

CALLED_NUMBERS = {  # words in the name of a readout whose outputs are numbers: of regressions, autoencoders, densities
    *("mu", "mean", "means", "sigma", "std", "var", "logvar", "alpha", "beta", "pi", "theta", "kappa"),
    *("reg", "regression", "regressor", "reconstruct", "reconstruction", "forecast", "price", "value", "values"),
}


def usual_encoder(chain: Chain, entries: tuple[str, ...] = ()) -> Encoder:
    """The default encoder: by `entries`, the vocabulary in class order, or else for numbers.

    Numbers are read as they are, feature by feature; of a model with a vocabulary, as numbers of its classes. Raises
    ValueError when there are more entries than classes; classes beyond the last entry stay without a name.

    >>> import torch
    >>> from lstm_core.importers import Chain, usual_encoder
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights)
    >>> usual_encoder(chain).names
    ('feature 0', 'feature 1', 'feature 2')
    """
    if not chain.classes:
        return number_encoder(chain.layouts[0].features)
    if not entries:
        return VocabularyEncoder(tuple(map(str, range(chain.classes))), "words")
    return VocabularyEncoder(usual_entries(chain, entries))


def number_encoder(features: int, scaler: Scaler | None = None) -> NumberEncoder:
    """An encoder for rows of so many numbers: as the model reads them, or as they were before a `scaler`.

    >>> number_encoder(2).names
    ('feature 0', 'feature 1')
    """
    names = ("number",) if features == 1 else tuple(f"feature {index}" for index in range(features))
    return NumberEncoder(names, *_scaled(features, scaler))


def _scaled(columns: int, scaler: Scaler | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and spread of so many columns. Raises ValueError for a scaler of others."""
    if scaler is None:
        return (0.0,) * columns, (1.0,) * columns
    if scaler.columns != columns:
        raise ValueError(f"the scaler {scaler.name} has {scaler.columns} columns, not {columns}")
    return scaler.center, scaler.spread


def usual_entries(chain: Chain, entries: tuple[str, ...]) -> tuple[str, ...]:
    """An entry for each class, empty beyond the last. Raises ValueError when there are more entries than classes.

    >>> import numpy as np
    >>> import torch
    >>> from lstm_core.importers import Chain, usual_entries
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights, embedding=np.zeros((3, 3), np.float32))
    >>> usual_entries(chain, ("a", "b"))
    ('a', 'b', '')
    """
    if len(entries) > chain.classes:
        raise ValueError(
            f"the vocabulary has {len(entries):,} entries, but this model has {chain.classes:,} classes: "
            "take the vocabulary that it was trained with"
        )
    return entries + ("",) * (chain.classes - len(entries))


def byte_encoder(chain: Chain) -> Encoder:
    """An encoder for bytes: all 256 if the model has 256 classes, else ASCII. Raises ValueError for fewer than 128 classes.

    >>> import numpy as np
    >>> import torch
    >>> from lstm_core.importers import Chain, byte_encoder
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> embedding = np.zeros((256, 3), np.float32)
    >>> byte_encoder(Chain("lstm", ("lstm",), (Layout(3, 4),), weights, embedding=embedding)).size
    256
    """
    if chain.classes == ByteEncoder().size:
        return ByteEncoder()
    if chain.classes >= 128:
        return VocabularyEncoder(tuple(map(chr, range(128))) + ("",) * (chain.classes - 128))
    raise ValueError(f"bytes have 256 classes and ASCII has 128, but this model has {chain.classes:,}")


def usual_readout(chain: Chain, between: Between | None = None) -> Readout:
    """The default readout, as far as the file tells; `Nothing` if it has none.

    As many outputs as classes: the next token (linear ones are logits, as losses take them), or with sigmoids the legal
    ones. Else softmax, or a single sigmoid, is of labels; linear outputs are numbers. Where the file does not tell what is
    done with the outputs, what is likelier of labels and numbers; where it does not tell what stands before the readout,
    `Nothing`, unless `between` says it.

    >>> import torch
    >>> from lstm_core.importers import Chain, usual_readout
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights)
    >>> usual_readout(chain)
    Nothing()
    """
    head = chain.head
    if head is None:
        return Nothing()
    outputs = len(head.weight)
    if outputs == chain.classes > 1:
        return LegalTokens() if head.activation == "sigmoid" else NextToken()
    if head.between is None and between is None:
        return Nothing()
    if head.activation == "sigmoid" and outputs == 1:
        return Labels(("no", "yes"))
    if head.activation == "softmax" or (head.activation == "unknown" and not _likelier_numbers(chain, head)):
        return Labels(tuple(f"class {index}" for index in range(outputs))) if outputs > 1 else Nothing()
    if head.activation == "sigmoid":
        return Nothing()  # several sigmoids that are not about the next token: no readout of ours is that
    return number_readout(outputs)


def _likelier_numbers(chain: Chain, head: Head) -> bool:
    """Are outputs of which the file says nothing likelier numbers than the logits of labels?

    One output is a number, as many as are read are a forecast or what an autoencoder gives again, and some are called so.
    """
    outputs = len(head.weight)
    if outputs == 1 or (not chain.classes and outputs == chain.layouts[0].features):
        return True
    return bool(set(re.findall(r"[a-z]+", head.name.lower())) & CALLED_NUMBERS)


def number_readout(outputs: int, scaler: Scaler | None = None) -> Values:
    """So many numbers: in the units of the outputs, or in those from before a `scaler`.

    >>> number_readout(2).names
    ('value 0', 'value 1')
    """
    names = ("value",) if outputs == 1 else tuple(f"value {index}" for index in range(outputs))
    return Values(names, *_scaled(outputs, scaler))


@checked
def build_model(
    chain: Chain,
    *,
    encoder: Encoder | None = None,
    readout: Readout | None = None,
    between: Between | None = None,
    initial_state: State | None = None,
) -> SequenceModel:
    """The model of a chain, in evaluation mode on the CPU, with `encoder` for its input and `readout` for its output.

    `between` says what stands between the layers and the readout, where the file does not: "nothing", "relu", "last"
    (nothing, but it was trained to predict after the last step alone), "mean" or "max" (over the steps). `initial_state` is the
    state before the first step, by the names of `state_sizes(chain)`; what is not given begins as the file says, or at zeros.
    Raises ValueError when these do not fit what the file holds.

    >>> import torch
    >>> from lstm_core.importers import Chain, build_model
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights)
    >>> model = build_model(chain)
    >>> model.encode("1:2:3 4:5:6").values.shape  # without a vocabulary it reads numbers
    (2, 3)
    """
    chain = chain if initial_state is None else starting(chain, initial_state)
    encoder = usual_encoder(chain) if encoder is None else encoder
    readout = usual_readout(chain, between) if readout is None else readout
    config = ModelConfig.of_stack(
        encoder,
        chain.layouts,
        readout=readout,
        one_hot=chain.one_hot and chain.embedding is None,
        between=_between(chain, readout, between),
    )
    if config.classes and config.classes != chain.classes:
        raise ValueError(f"the vocabulary has {config.classes:,} entries, but this model has {chain.classes:,} classes")
    model = SequenceModel(config, seed=None)
    weights = {f"lstm.{name}": one for name, one in chain.weights.items()}
    if chain.embedding is not None and config.classes:
        weights["embedding.weight"] = chain.embedding
    weights |= _readout_weights(chain.head, config)
    model.load_state_dict({name: _tensor(one) for name, one in weights.items()}, assign=True)
    model.requires_grad_(requires_grad=False)
    model.card = Card(name=chain.name)
    return model.eval()


def _between(chain: Chain, readout: Readout, asked: Between | None) -> Between:
    told = chain.head.between if chain.head is not None and asked is None else asked
    return "nothing" if told is None or isinstance(readout, Nothing) else told


def _readout_weights(head: Head | None, config: ModelConfig) -> dict[str, np.ndarray]:
    if head is None or isinstance(config.readout, Nothing):
        return {
            "readout.weight": np.zeros((0, config.readout_features), np.float32),
            "readout.bias": np.zeros(0, np.float32),
        }
    if head.activation == "sigmoid" and config.outputs == 2 and len(head.weight) == 1:
        # softmax([0, z]) is (1 - sigmoid(z), sigmoid(z))
        head = replace(
            head,
            weight=np.concatenate([np.zeros_like(head.weight), head.weight]),
            bias=np.concatenate([np.zeros_like(head.bias), head.bias]),
        )
    if len(head.weight) != config.outputs:
        raise ValueError(f"the readout has {len(head.weight)} outputs, not {config.outputs}")
    return {"readout.weight": head.weight, "readout.bias": head.bias}


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
