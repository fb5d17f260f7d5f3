"""The figures in the zoo's hints, measured: a function for each model, which returns its figures by name."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from lstm_core import SequenceModel, record
from lstm_core.tasks.brackets import OPEN, nested
from lstm_core.tasks.reber import EmbeddedReber
from lstm_core.tasks.temporal_order import TemporalOrder

VERSE = "JULIET: O Romeo, Romeo! wherefore art thou Romeo?"
OPINIONS = (
    "a moving and funny film , but far too long",
    "this is not a good movie",
    "the plot is a mess and the jokes are bad",
    "one of the best comedies of the year",
    "it is a dull story , told without a single idea",
    "the actors are wonderful and the music is beautiful",
    "an honest film about a family that never gives up",
    "there is nothing here to enjoy",
)
SEQUENCES = 50  # from a task's generator, where a hint is about many


def _layer(model: SequenceModel, text: str) -> xr.Dataset:
    return record(model, text).layers["layer0"]


def _signal(layer: xr.Dataset, name: str, unit: int | None = None) -> np.ndarray:
    """(step,) of one unit, or (step, unit) of all, in float64."""
    values = layer[name].transpose("step", "unit").to_numpy().astype(np.float64)
    return values if unit is None else values[:, unit]


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _at(values: np.ndarray, there: np.ndarray, name: str) -> dict[str, float]:
    """The mean where `there` holds, and elsewhere."""
    return {name: float(values[there].mean()), f"{name}_else": float(values[~there].mean())}


def shakespeare(model: SequenceModel) -> Mapping[str, float]:
    """Output and forget gates at spaces and elsewhere, of all units and of unit 118."""
    layer, space = _layer(model, VERSE), np.array(list(VERSE)) == " "
    output = _signal(layer, "output")
    return (
        _at(output, space, "output")
        | _at(_signal(layer, "forget"), space, "forget")
        | _at(output[:, 118], space, "unit")
    )


def python(model: SequenceModel) -> Mapping[str, float]:
    """The forget gate of unit 52 at line ends, and the cell state of unit 23 inside brackets."""
    text = model.card.examples["Blocks within blocks"]
    layer, letters = _layer(model, text), np.array(list(text))
    inside = (letters == "(").cumsum() > (letters == ")").cumsum()
    return _at(_signal(layer, "forget", 52), letters == "\n", "forget") | _at(
        _signal(layer, "cell", 23), inside, "cell"
    )


def _changes(cell: np.ndarray, text: str, symbol: str) -> np.ndarray:
    """The change of a cell state at each occurrence of the symbol in the text."""
    return np.asarray(np.diff(cell, prepend=cell[:1])[np.array(list(text)) == symbol])


def anbn(model: SequenceModel) -> Mapping[str, float]:
    """How far are the changes of the counters' cell states from 1 and -1, and how open are their forget gates?"""
    text = f"S{'a' * 30}{'b' * 30}T"
    layer = _layer(model, text)
    cells = [_signal(layer, "cell", unit) for unit in (0, 2)]
    off = [np.abs(_changes(cell, text, symbol) - by).max() for cell in cells for symbol, by in (("a", 1), ("b", -1))]
    gates = [_signal(layer, "forget", unit)[1:-1].min() for unit in (0, 2)]
    return {"below_off": float(max(off)), "above_kept": float(min(gates))}


def anbncn(model: SequenceModel) -> Mapping[str, float]:
    """How much do the cell states of units 8 and 14 change at each symbol?"""
    text = model.card.examples["Eight of each"]
    layer = _layer(model, text)
    means = {
        f"{symbol}_{unit}": float(_changes(_signal(layer, "cell", unit), text, symbol).mean())
        for unit in (8, 14)
        for symbol in "abc"
    }
    falls = {"b_8", "c_14"}
    return {name: -value if name in falls else value for name, value in means.items()}


def brackets(model: SequenceModel) -> Mapping[str, float]:
    """The cell state of unit 9 at opening and closing brackets, and the hidden state of unit 18 inside each kind."""
    random = np.random.default_rng(3)
    moved: dict[str, list[float]] = {symbol: [] for symbol in "([)]"}
    inside: dict[str, list[float]] = {"": [], "(": [], "[": []}
    for _ in range(SEQUENCES):
        text = f"S{nested(random, 5, 40, reach=True)}T"
        layer, due = _layer(model, text), ""
        for symbol in moved:
            moved[symbol] += _changes(_signal(layer, "cell", 9), text, symbol).tolist()
        for symbol, hidden in zip(text, _signal(layer, "hidden", 18).tolist(), strict=True):
            due = due + symbol if symbol in OPEN else due[:-1] if symbol in moved else due
            inside[due[-1:]].append(hidden)
    return {
        "opened": -float(np.mean(moved["("] + moved["["])),
        "closed": float(np.mean(moved[")"] + moved["]"])),
        "round": float(np.mean(inside["("])),
        "square": float(np.mean(inside["["])),
    }


def embedded_reber(model: SequenceModel) -> Mapping[str, float]:
    """The bounds of the cell state of unit 3 after BT and after BP."""
    random, task = np.random.default_rng(5), EmbeddedReber()
    cells: dict[str, list[float]] = {"T": [], "P": []}
    gates: list[float] = []
    for _ in range(SEQUENCES):
        text, _ = task.string(random)
        layer = _layer(model, text)
        until = slice(3, len(text) - 2)  # from the first symbol of the string inside to its last
        cells[text[1]] += _signal(layer, "cell", 3)[until].tolist()
        gates += _signal(layer, "forget", 3)[until].tolist()
    return {"above_t": min(cells["T"]), "below_p": max(cells["P"]), "above_kept": min(gates)}


def adding(model: SequenceModel) -> Mapping[str, float]:
    """The input gate of unit 40 at marked numbers and elsewhere."""
    text = model.card.examples["Two marked of a hundred"]
    layer, marked = _layer(model, text), np.array([piece.endswith(":1") for piece in text.split()])
    return _at(_signal(layer, "input", 40), marked, "input") | {"above_kept": float(_signal(layer, "forget", 40).min())}


def temporal_order(model: SequenceModel) -> Mapping[str, float]:
    """How X and other symbols change the cell state of unit 1, and what the cell state of unit 0 shows at the end."""
    task = TemporalOrder()
    read = task.batch(0, SEQUENCES, np.random.default_rng(3)).inputs.numpy()
    at_x, elsewhere, right = [], [], 0
    for ids in read:
        text = model.config.class_encoder.decode(ids)
        layer = _layer(model, text)
        moved = np.diff(_signal(layer, "cell", 1))
        x = np.array(list(text))[1:] == "X"
        at_x += moved[x].tolist()
        elsewhere += np.abs(moved[~x]).tolist()
        first = next(symbol for symbol in text if symbol in "XY")
        right += (_signal(layer, "cell", 0)[-1] > 0) == (first == "X")
    return {"fall": -float(np.mean(at_x)), "below_other": max(elsewhere), "right": float(right)}


def sentiment(model: SequenceModel) -> Mapping[str, float]:
    """How the cell state of unit 23 tracks the log odds, and which words move it."""
    cells, odds = [], []
    moved: list[tuple[str, float]] = []
    for text in OPINIONS:
        recording = record(model, text)
        chance = recording.prediction["probability"].sel({"class": "positive"}).to_numpy().astype(np.float64)
        cell = _signal(recording.layers["layer0"], "cell", 23)
        cells.append(cell)
        odds.append(np.log(chance / (1 - chance)))
        moved += zip(recording.tokens[1:], np.diff(cell).tolist(), strict=True)
    telling = {"funny": 0.0, "bad": 0.0}
    others = [abs(change) for word, change in moved if word not in telling]
    telling |= {word: change for word, change in moved if word in telling}
    positive = record(model, "not bad").prediction["probability"].sel({"class": "positive"}).to_numpy()
    return {
        "follows": _correlation(np.concatenate(cells), np.concatenate(odds)),
        "funny": telling["funny"],
        "bad": -telling["bad"],
        "other": float(np.mean(others)),
        "not_bad": float(positive[-1]),
    }


def temperature(model: SequenceModel) -> Mapping[str, float]:
    """How the cell states of units 15 and 11 track the last numbers."""
    text = model.card.examples["Start of the held-out series"]
    layer, week = _layer(model, text), 7
    degrees = np.array([float(piece) for piece in text.split()[1:]])
    mean = np.convolve(degrees, np.ones(week) / week)[: len(degrees)]
    known = slice(week, None)
    return {
        "last": _correlation(_signal(layer, "cell", 15)[known], degrees[known]),
        "week": _correlation(_signal(layer, "cell", 11)[known], mean[known]),
    }
