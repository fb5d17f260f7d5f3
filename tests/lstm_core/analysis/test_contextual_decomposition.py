"""Contextual decomposition: its sums against the recorded states, its parts against the paper's equations as a plain loop."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
import torch

import pretrained
from lstm_core import ByteEncoder, Labels, LegalTokens, ModelConfig, Nothing, SequenceModel, Values, record
from lstm_core.analysis import contextual_decomposition
from lstm_core.cells import GRU, SIGMOID, Activation, Cell
from lstm_core.stack import Layout
from tests.support.models_of_cells import LETTERS, TEXT, made

OTHERS = {
    "relu and softsign": (Layout(3, 4, Cell(candidate=Activation("relu"), shown=Activation("softsign"), clip=1.5)),),
    "from the end, averaged": (Layout(3, 4, reading="both", merge="ave", starts=True), Layout(4, 3, reading="reverse")),
}
KINDS = ("LSTM", "two layers", "two layers, both ways", "hard sigmoid", *OTHERS)


def model_of(kind: str, readout=None) -> SequenceModel:
    if kind not in OTHERS:
        return made(kind, readout=readout)
    config = ModelConfig.of_stack(LETTERS, OTHERS[kind], readout=readout or LegalTokens())
    model = SequenceModel(config, seed=5, device="cpu").double().eval()
    with torch.no_grad():
        for weights in model.lstm.parameters():
            weights *= 2
    return model


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (3, 6), (9, 10), (0, 10)])
@pytest.mark.parametrize("kind", KINDS)
def test_beta_and_gamma_are_every_layers_states_at_every_step(kind, start, stop):
    model = model_of(kind)
    recording, found = record(model, TEXT), contextual_decomposition(model, TEXT, start, stop)
    assert found.layers.keys() == recording.layers.keys()
    for name, layer in recording.layers.items():
        own = found.layers[name]
        np.testing.assert_allclose(own["beta"] + own["gamma"], layer["hidden"], atol=1e-12)
        np.testing.assert_allclose(own["beta_cell"] + own["gamma_cell"], layer["cell"], atol=1e-12)
    predicted = found.prediction
    np.testing.assert_allclose(
        predicted["phrase"] + predicted["rest"] + predicted["bias"], recording.prediction["logit"], atol=1e-12
    )


@pytest.mark.parametrize("text", ["O Romeo, Romeo! wherefore art thou", "x" * 300])
def test_in_single_precision_they_are_to_a_millionth(text):
    for model in (
        pretrained.load("shakespeare", device="cpu"),
        SequenceModel(ModelConfig(ByteEncoder(), 6, 7, layers=3), device="cpu").eval(),
    ):
        recording, found = record(model, text), contextual_decomposition(model, text, 2, 9)
        for name, layer in recording.layers.items():
            own = found.layers[name]
            np.testing.assert_allclose(own["beta"] + own["gamma"], layer["hidden"], atol=1e-6)


def averaged(function: Callable, terms: list[np.ndarray], bias: bool) -> list[np.ndarray]:
    """L of each term: what it adds in every order, averaged; where one is the bias (the last), those in which it is first."""
    orders = [one for one in permutations(range(len(terms))) if not bias or one[0] == len(terms) - 1]
    found = [np.zeros_like(terms[0]) for _ in terms]
    for order in orders:
        sofar, before = np.zeros_like(terms[0]), None
        for one in order:
            start = 0 * sofar if before is None else function(sofar)  # the first is given all of function(it)
            sofar = sofar + terms[one]
            found[one] += (function(sofar) - start) / len(orders)
            before = one
    return found


States = dict[str, np.ndarray]


def by_the_paper(model: SequenceModel, text: str, start: int, stop: int) -> list[States]:
    """beta, gamma and those of the cell of every layer, (step, unit): both by equations of their own, product by product."""
    words = model.embedding(model.inputs(model.encode(text))).detach().double().numpy()
    inside = (np.arange(len(words)) >= start) & (np.arange(len(words)) < stop)
    phrase, rest = words * inside[:, None], words * ~inside[:, None]
    layers = []
    for number in range(model.config.layers):
        layers.append(layer_by_the_paper(model, number, phrase, rest, inside))
        phrase, rest = layers[-1]["beta"], layers[-1]["gamma"]
    return layers


def layer_by_the_paper(
    model: SequenceModel, number: int, phrase: np.ndarray, rest: np.ndarray, inside: np.ndarray
) -> States:
    w, v, b = (
        [getattr(model.lstm, f"{kind}_l{number}").detach().double().numpy() for kind in kinds]
        for kinds in (["weight_ih"], ["weight_hh"], ["bias_ih", "bias_hh"])
    )
    w_, v_, b_ = np.split(w[0], 4), np.split(v[0], 4), np.split(sum(b), 4)
    functions = [sigmoid, sigmoid, np.tanh, sigmoid]
    beta, gamma, beta_cell, gamma_cell = (np.zeros(len(b_[0])) for _ in range(4))
    states = []
    for step, within in enumerate(inside):
        i, f, g = (
            dict(
                zip(
                    ("phrase", "rest", "bias"),
                    averaged(
                        functions[k],
                        [w_[k] @ phrase[step] + v_[k] @ beta, w_[k] @ rest[step] + v_[k] @ gamma, b_[k]],
                        bias=True,
                    ),
                    strict=True,
                )
            )
            for k in range(3)
        )
        o = sigmoid(w_[3] @ (phrase[step] + rest[step]) + v_[3] @ (beta + gamma) + b_[3])
        new_beta, new_gamma = 0 * beta, 0 * gamma
        for of_i, one in i.items():
            for of_g, other in g.items():
                own = "rest" not in (of_i, of_g) and ("phrase" in (of_i, of_g) or within)
                new_beta, new_gamma = new_beta + own * one * other, new_gamma + (not own) * one * other
        for of_f, one in f.items():
            new_beta = new_beta + (of_f != "rest") * one * beta_cell
            new_gamma = new_gamma + one * gamma_cell + (of_f == "rest") * one * beta_cell
        beta_cell, gamma_cell = new_beta, new_gamma
        beta, gamma = (o * part for part in averaged(np.tanh, [beta_cell, gamma_cell], bias=False))
        states.append((beta, gamma, beta_cell, gamma_cell))
    names = ("beta", "gamma", "beta_cell", "gamma_cell")
    return dict(zip(names, map(np.array, zip(*states, strict=True)), strict=True))


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(("start", "stop"), [(0, 2), (3, 6), (8, 10)])
@pytest.mark.parametrize("kind", ["LSTM", "two layers"])
def test_phrase_and_rest_are_what_the_papers_equations_give_and_those_sum_to_the_states(kind, start, stop):
    model = made(kind)
    recording, found = record(model, TEXT), contextual_decomposition(model, TEXT, start, stop)
    for name, wanted in zip(recording.layers, by_the_paper(model, TEXT, start, stop), strict=True):
        for part, values in wanted.items():
            np.testing.assert_allclose(found.layers[name][part], values, atol=1e-12)
        assert np.abs(wanted["beta"][-1]).max() > 0.001
        np.testing.assert_allclose(wanted["beta"] + wanted["gamma"], recording.layers[name]["hidden"], atol=1e-12)


def test_before_the_phrase_it_gives_nothing_and_of_the_whole_text_nothing_is_left_over():
    model = made("two layers")
    for layer in contextual_decomposition(model, TEXT, 4, 6).layers.values():
        assert (layer["beta"][:4] == 0).all()
        assert (layer["beta"][4] != 0).all()
    for layer in contextual_decomposition(model, TEXT, 0, len(TEXT)).layers.values():
        np.testing.assert_allclose(layer["gamma"], 0, atol=1e-15)


def test_values_are_divided_in_their_own_units_and_no_readout_has_no_scores():
    readout = Values(("x", "y"), (5.0, -3.0), (2.0, 0.5))
    model = made("LSTM", readout=readout)
    found = contextual_decomposition(model, TEXT, 2, 4).prediction
    wanted = record(model, TEXT).prediction["value"]
    np.testing.assert_allclose(found["phrase"] + found["rest"] + found["bias"], wanted, atol=1e-12)
    assert found["class"].to_numpy().tolist() == ["x", "y"]
    bare = contextual_decomposition(made("LSTM", readout=Nothing()), TEXT, 2, 4)
    assert not bare.prediction.data_vars
    assert bare.layers["layer0"]["beta"].shape == (10, 4)


@pytest.mark.parametrize(
    ("layouts", "message"),
    [
        ((Layout(3, 4), Layout(4, 3, GRU)), "layer1 is of GRU cells"),
        ((Layout(3, 4, Cell("RNN")),), "layer0 is of RNN cells"),
        ((Layout(3, 4, projection=2),), "layer0 has a projection"),
        ((Layout(3, 4, peephole=True),), "layer0 has peepholes"),
        ((Layout(3, 4, reading="both", merge="mul"),), "multiplied"),
        ((Layout(3, 4, Cell(shown=SIGMOID)),), r"outputs o \* sigmoid\(c\)"),
    ],
)
def test_where_it_is_not_defined_a_sentence_says_so(layouts, message):
    config = ModelConfig.of_stack(LETTERS, layouts, readout=LegalTokens())
    with pytest.raises(ValueError, match=f"not defined for this model: .*{message}"):
        contextual_decomposition(SequenceModel(config, device="cpu"), TEXT, 0, 2)


def test_a_readout_that_reads_no_plain_outputs_is_refused():
    config = ModelConfig.of_stack(LETTERS, (Layout(3, 4),), readout=Labels(("a", "b")), between="max")
    with pytest.raises(ValueError, match="max stands between"):
        contextual_decomposition(SequenceModel(config, device="cpu"), TEXT, 0, 2)


@pytest.mark.parametrize(("start", "stop"), [(2, 2), (-1, 3), (5, 11), (4, 3)])
def test_a_phrase_is_a_part_of_the_text(start, stop):
    with pytest.raises(ValueError, match=f"within 0 to 10, not from {start} to {stop}"):
        contextual_decomposition(made("LSTM"), TEXT, start, stop)
