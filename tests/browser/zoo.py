"""Models of every awkward layout and every kind, with fresh weights, beside those shipped: for tests and benchmarks."""

from dataclasses import replace
from functools import cache

import pretrained
from lstm_core import (
    ByteEncoder,
    Card,
    CharacterEncoder,
    Labels,
    LegalTokens,
    ModelConfig,
    NumberEncoder,
    SequenceModel,
    Values,
    WordEncoder,
)
from lstm_core.lapse import Point

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

LAYOUTS = {
    "one unit": ModelConfig(ByteEncoder(), 4, 1),
    "128 units": ModelConfig(ByteEncoder(), 32, 128),
    "512 units": ModelConfig(ByteEncoder(), 64, 512),
    "1024 units": ModelConfig(ByteEncoder(), 64, 1024),
    "three layers": ModelConfig(ByteEncoder(), 6, 7, layers=3),
    "both ways": ModelConfig(ByteEncoder(), 6, 5, layers=2, bidirectional=True),
    "three wide layers both ways": ModelConfig(ByteEncoder(), 64, 1024, layers=3, bidirectional=True),
    "opinions": ModelConfig(
        WordEncoder(tuple(WORDS)), 8, 16, readout=Labels(("very negative", "negative", "neutral", "positive"))
    ),
    "grammar": ModelConfig(CharacterEncoder(tuple("SabT")), 4, 6, readout=LegalTokens()),
    "weather": ModelConfig(WEATHER, 3, 9, readout=Values(("temperature (°C)",), (11.2,), (4.0,), ahead=True)),
    "sum": ModelConfig(MARKED, 2, 8, readout=Values(("sum of the marked",), (1.0,), (0.5,))),
}
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
        summary="Reads the temperature of each day and forecasts that of the next.",
        look_for="A unit that follows the season.",
        examples={"Days of July": "@182 6.7 5.9 8.1 7.2 9.4 10.3 8.8 6.5 4.9 5.2 7.7 9.1"},
    ),
    "sum": Card(
        summary="Adds up the two numbers that are marked.",
        look_for="An input gate that opens at the marker.",
        examples={"Two in ten": "0.53:0 0.21:1 0.94:0 0.07:0 0.66:0 0.38:1 0.81:0 0.12:0 0.45:0 0.29:0"},
    ),
}
_shipped, _shipped_untrained, _shipped_points = pretrained.load, pretrained.untrained, pretrained.points


@cache
def model(name: str, *, seed: int = 1) -> SequenceModel:
    made = SequenceModel(LAYOUTS[name], seed=seed, device="cpu").eval()
    made.card = replace(CARDS.get(name, made.card), name=name)
    return made


def names() -> list[str]:
    return ["shakespeare", *LAYOUTS]


def load(name: str, *, device: str = "auto") -> SequenceModel:
    return model(name) if name in LAYOUTS else _shipped(name, device=device)


def untrained(name: str, *, device: str = "auto") -> SequenceModel:
    return model(name, seed=2) if name in LAYOUTS else _shipped_untrained(name, device=device)


def points(name: str) -> tuple[Point, ...]:
    return () if name in LAYOUTS else _shipped_points(name)


def open_to_the_app() -> None:
    """Let the app find these models as if they were shipped."""
    pretrained.names, pretrained.load, pretrained.untrained, pretrained.points = names, load, untrained, points
