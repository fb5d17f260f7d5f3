"""What a model reads and says, in a reader's words."""

import re
from math import floor, isfinite, log10

import numpy as np
import xarray as xr

from lstm_core import (
    ByteEncoder,
    CharacterEncoder,
    ModelConfig,
    NumberEncoder,
    VocabularyEncoder,
    WordEncoder,
    layer_number,
)
from lstm_core.cells import CellType
from lstm_core.encoders import Encoder, Known, visible

LONGEST_LABEL = 64  # characters of a name from a file
MOST_NAMED = 10  # pieces of a text that a model does not know
LONGEST_LIST = 24  # characters of a vocabulary that are named
NETWORKS: dict[CellType, str] = {"LSTM": "an LSTM", "GRU": "a GRU", "RNN": "a simple RNN"}
CHARTS = {1: "Line chart", 4: "Four line charts", 6: "Six line charts"}
SIGNED: dict[CellType, str] = {
    "LSTM": "candidate, cell and hidden state have",
    "GRU": "candidate and hidden state have",
}
REMEMBERS: dict[CellType, str] = {
    "LSTM": "Where the forget gate is near 1 and the input gate near 0, the cell state runs level: it remembers.",
    "GRU": "Where the update gate is near 1, the hidden state runs level: it remembers; near 0, the candidate takes its place.",
    "RNN": "No gate could hold this state: at every step all of it is computed anew.",
}


def gaps_in_words(*values: xr.DataArray | xr.Dataset, across: str = "unit", noun: str = "") -> str:
    """How many units have numbers that are NaN or infinite? A sentence after a blank, the same on every page; "" for none.

    Units are those `across` which all `values` have a dimension of one size, and `noun` is what one of them is called.
    """
    known = np.ones(values[0].sizes[across], dtype=bool)
    for one in values:
        for part in one.data_vars.values() if isinstance(one, xr.Dataset) else [one]:
            if across in part.dims:
                finite = np.isfinite(part.transpose(across, ...).to_numpy())
                known &= finite.reshape(len(finite), -1).all(axis=1)
    broken, every, noun = int((~known).sum()), len(known), noun or across
    if not broken:
        return ""
    if broken == every:
        whose = {1: f"The {noun} has", 2: f"Both {noun}s have"}.get(every, f"All {every:,} {noun}s have")
    else:
        whose = f"{broken:,} of {every:,} {noun}s {'has' if broken == 1 else 'have'}"
    return f" {whose} values that are not numbers (NaN or infinite): they are left out, and shown as gaps."


def in_digits(value: float, form: str) -> str:
    """A number in that format, such as ".3f"; "not a number" for NaN and infinity."""
    return format(value, form) if np.isfinite(value) else "not a number"


def kind(encoder: Encoder) -> str:
    """What are the steps of this encoder, so that models of one kind can be given each other's texts?

    Bytes and characters are one kind: "characters"; the others are "words" and "numbers".
    """
    match encoder:
        case WordEncoder():
            return "words"
        case VocabularyEncoder():
            return encoder.pieces
        case NumberEncoder():
            return "numbers"
    return "characters"


def apart(encoder: Encoder) -> bool:
    """Do blanks belong between the labels of its tokens, as between words and unlike between characters?"""
    return kind(encoder) != "characters"


def step_noun(encoder: Encoder) -> str:
    """What is one step called?"""
    many = isinstance(encoder, NumberEncoder) and len(encoder.names) > 1
    return "step" if many else kind(encoder).removesuffix("s")


def to_type(encoder: Encoder) -> str:
    """What stands in an empty text box?"""
    if isinstance(encoder, ByteEncoder):
        return "Type anything"
    return "Type some of its characters" if isinstance(encoder, CharacterEncoder) else f"Type {kind(encoder)}"


def what_it_reads(config: ModelConfig) -> str:
    """What can be typed for this model? The end of a sentence that begins with its name, as Markdown."""
    encoder = config.encoder
    match encoder:
        case ByteEncoder():
            return "reads any text, a byte at a time"
        case WordEncoder(vocabulary):
            return (
                f"reads words, of which it knows {len(vocabulary):,}; any other is read as unknown, marked with a “?”"
            )
        case VocabularyEncoder() if encoder.pieces == "words":
            unknown = "read as unknown, marked with a “?”" if encoder.unknown is not None else "refused"
            return f"reads words, of which it knows {encoder.size:,}, such as {_some(encoder)}; any other is {unknown}"
        case NumberEncoder():
            return _numbers(encoder)
    labels = encoder.class_labels
    shown = "  ".join(labels[:LONGEST_LIST]) + (
        f"  and {len(labels) - LONGEST_LIST} more" if len(labels) > LONGEST_LIST else ""
    )
    return f"reads these characters and no others: {plain(shown)}"


def _some(encoder: VocabularyEncoder) -> str:
    return plain(", ".join([entry for entry in encoder.entries if entry.isalpha()][:5] or encoder.class_labels[:5]))


def _numbers(encoder: NumberEncoder) -> str:
    names = plain(", ".join(encoder.names))
    if len(encoder.names) > 1:
        example = ":".join(f"{mean:.2g}" for mean in encoder.mean)
        found = (
            f"reads {len(encoder.names)} numbers a step ({names}), with colons between them, such as {plain(example)}"
        )
    else:
        found = f"reads one number a step: {names}; blanks separate the steps"
    if encoder.period:
        found += f"; “@{int(encoder.period / 2)}” before it sets its place in a period of {encoder.period:g} steps"
    return found


def not_known(known: Known, encoder: Encoder) -> str:
    """One sentence that names what the model does not know in a text, and whether it is left out or read as unknown; "" if nothing."""
    if not known.count:
        return ""
    shown = "  ".join(shortened(piece) if piece != " " else visible(piece) for piece in known.unknown[:MOST_NAMED])
    more = " …" if len(known.unknown) > MOST_NAMED else ""
    what = "not read" if known.left_out else "read as unknown"
    are, they = ("is", "it is") if known.count == 1 else ("are", "they are")
    return (
        f"{known.count:,} of {known.total:,} {kind(encoder)} {are} not in this model's vocabulary, so {they} {what}: "
        f"{shown}{more}"
    )


def to_spread(value: float, spread: float, *, digits: int = 2) -> str:
    """A number with as many decimals as tell it from others of a series with that spread: `digits` below the spread's first."""
    if not isfinite(value) or abs(value) >= 1e15:
        return f"{value:.6g}"
    return f"{value:.{max(0, digits - floor(log10(spread)))}f}"


def shortened(text: str) -> str:
    """A name out of a file, short enough to show and with every character visible."""
    shown = "".join(visible(character) if character != " " else " " for character in text[: LONGEST_LABEL + 1])
    return shown if len(text) <= LONGEST_LABEL else shown[:LONGEST_LABEL] + "…"


def plain(text: str) -> str:
    """A text as Markdown that shows it letter by letter."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def network_in_words(config: ModelConfig) -> str:
    """What kind of network is it, with its article? "a recurrent network" where its layers are of several kinds."""
    types = {config.cell(layer).type for layer in config.layer_names}
    return NETWORKS[types.pop()] if len(types) == 1 else "a recurrent network"


def layers_differ(config: ModelConfig) -> bool:
    """Have its layers different cells or sizes?"""
    return len({layer_in_words(config, name) for name in config.layer_names}) > 1


def layer_in_words(config: ModelConfig, layer: str) -> str:
    """Which cell has the layer of that name, and how many of it?"""
    units = config.units(layer)
    peepholes = " with peepholes" if config.stack and config.stack[layer_number(layer)].peephole else ""
    return f"{config.cell(layer).type}{peepholes}, {units} unit{'s' if units > 1 else ''}"


def layers_in_words(config: ModelConfig) -> str:
    """How many layers are there, and of what?"""
    if layers_differ(config):
        found = "; ".join(layer_in_words(config, names[0]) + _reading(names) for names in config.stacked_layers)
        return f"{config.layers} layers ({found})"
    kind = f"{config.cell(config.layer_names[0]).type} " if config.stack else ""
    units = f"{config.hidden} unit{'s' if config.hidden > 1 or not config.stack else ''}"
    return f"{config.layers} {kind}layer{'s' if config.layers > 1 else ''} of {units}"


def _reading(names: tuple[str, ...]) -> str:
    if len(names) > 1:
        return " both ways"
    return " reading backwards" if names[0].endswith("_reverse") else ""
