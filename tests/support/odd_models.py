"""Models of every awkward layout and every kind, with fresh weights, beside those shipped: for tests and benchmarks."""

from dataclasses import replace
from functools import cache
from math import nan

import torch

from benchmarks import large_models
from benchmarks.large_models import stand_ins
from lstm_core import (
    ByteEncoder,
    Card,
    CharacterEncoder,
    Labels,
    LegalTokens,
    ModelConfig,
    Nothing,
    NumberEncoder,
    SequenceModel,
    Values,
    WordEncoder,
)
from lstm_core.cells import GRU, RNN, Activation, Cell
from lstm_core.readouts import Between, NextToken
from lstm_core.stack import Layout

WORDS = [
    "a",
    "wonderful",
    "film",
    ",",
    "and",
    "it",
    "is",
    "n't",
    "too",
    "long",
    "but",
    "the",
    "end",
    "was",
    "terrible",
    ".",
]
WEATHER = NumberEncoder(("temperature (°C)",), (11.2,), (4.0,), period=365.25)
MARKED = NumberEncoder(("value", "marker"), (0.5, 0.1), (0.3, 0.3))

HARD = Activation("hard_sigmoid", 0.2, 0.5)
STACKS = {  # as models of other frameworks are
    "gru": ModelConfig.of_stack(ByteEncoder(), (Layout(6, 7, GRU),), readout=NextToken()),
    "rnn": ModelConfig.of_stack(ByteEncoder(), (Layout(6, 5, RNN), Layout(5, 5, RNN)), readout=NextToken()),
    "peepholes": ModelConfig.of_stack(
        ByteEncoder(), (Layout(5, 6, Cell(gate=HARD, clip=0.8), peephole=True, starts=True),), readout=NextToken()
    ),
    "uneven": ModelConfig.of_stack(
        ByteEncoder(),
        (
            Layout(5, 9, reading="reverse", projection=3, starts=True),
            Layout(
                3,
                4,
                Cell("GRU", candidate=Activation("softsign"), reset_after=False),
                reading="both",
                merge="sum",
                starts=True,
            ),
            Layout(4, 6, Cell("RNN", candidate=Activation("relu"))),
        ),
        readout=NextToken(),
    ),
    "no readout": ModelConfig.of_stack(ByteEncoder(), (Layout(4, 8, GRU),), readout=Nothing()),
    "no numbers": ModelConfig.of_stack(ByteEncoder(), (Layout(4, 6),), readout=NextToken()),
}
LAYOUTS = {
    **large_models.LAYOUTS,
    "one unit": ModelConfig(ByteEncoder(), 4, 1),
    "three layers": ModelConfig(ByteEncoder(), 6, 7, layers=3),
    "both ways": ModelConfig(ByteEncoder(), 6, 5, layers=2, bidirectional=True),
    "opinions": ModelConfig(
        WordEncoder(tuple(WORDS)), 8, 16, readout=Labels(("very negative", "negative", "neutral", "positive"))
    ),
    "grammar": ModelConfig(CharacterEncoder(tuple("SabT")), 4, 6, readout=LegalTokens()),
    "weather": ModelConfig(WEATHER, 3, 9, readout=Values(("temperature (°C)",), (11.2,), (4.0,), ahead=True)),
    "sum": ModelConfig(MARKED, 2, 8, readout=Values(("sum of the marked",), (1.0,), (0.5,))),
    **STACKS,
}
SMALL = [name for name, config in LAYOUTS.items() if max(map(config.units, config.layer_names)) <= 128]
CARDS = {
    "opinions": Card(
        summary="Reads a review word by word and says what it thinks of the film.",
        look_for="A cell that turns where an opinion is given.",
        examples={
            "An opinion that turns": "It is a wonderful film, but the end was terrible and much too long.",
            "Not so bad": "It isn't too long.",
        },
    ),
    "grammar": Card(
        summary="Reads strings of a and b and says what may come next.",
        look_for="A unit that counts the a's up and the b's down.",
        examples={"Three of each": "SaaabbbT", "Ten of each": f"S{'a' * 10}{'b' * 10}T"},
    ),
    "weather": Card(
        summary="Reads each day's temperature and forecasts the next day's.",
        look_for="A unit that follows the season.",
        examples={"Days of July": "@182 6.7 5.9 8.1 7.2 9.4 10.3 8.8 6.5 4.9 5.2 7.7 9.1"},
    ),
    "sum": Card(
        summary="Adds up the two numbers that are marked.",
        look_for="An input gate that opens at the marker.",
        examples={"Two in ten": "0.53:0 0.21:1 0.94:0 0.07:0 0.66:0 0.38:1 0.81:0 0.12:0 0.45:0 0.29:0"},
    ),
}


@cache
def model(name: str, *, seed: int = 1) -> SequenceModel:
    made = SequenceModel(LAYOUTS[name], seed=seed, device="cpu").eval()
    if name in STACKS:
        _enliven(made, broken=name == "no numbers")
    made.card = replace(CARDS.get(name, made.card), name=name)
    return made


def _enliven(made: SequenceModel, *, broken: bool) -> None:
    """Weights as large as trained ones, and in a broken model one, of a unit's input gate, that is no number."""
    with torch.no_grad():
        for parameter in made.lstm.parameters():
            parameter *= 2
        if broken:
            made.lstm.weight_hh_l0[2, 0] = nan


def with_between(between: Between) -> SequenceModel:
    """A model of labels that reads both ways, with something between its layer and its readout."""
    layers = (Layout(4, 5, reading="both"),)
    config = ModelConfig.of_stack(ByteEncoder(), layers, readout=Labels(("left", "right", "both")), between=between)
    made = SequenceModel(config, seed=2, device="cpu").eval()
    _enliven(made, broken=False)
    return made


STAND_INS = stand_ins(LAYOUTS, model)
