"""Words for what a model reads and predicts, and for its layers."""

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
from viz.locale import N_, _, ngettext

LONGEST_LABEL = 64  # characters of a name from a file
MOST_NAMED = 10  # unknown pieces of a text
LONGEST_LIST = 24  # characters of a vocabulary that are named
NETWORKS: dict[CellType, str] = {"LSTM": N_("an LSTM"), "GRU": N_("a GRU"), "RNN": N_("a simple RNN")}
SPOKEN = {
    visible(" "): N_("space"),
    visible("\n"): N_("new line"),
    visible("\t"): N_("tab"),
}  # translated in the browser
PLURALS = {
    N_("unit"): N_("units"),
    N_("row"): N_("rows"),
    N_("step"): N_("steps"),
    N_("reading"): N_("readings"),
    N_("character"): N_("characters"),
    N_("word"): N_("words"),
    N_("number"): N_("numbers"),
}


def gaps_in_words(*values: xr.DataArray | xr.Dataset, across: str = "unit", noun: str = "") -> str:
    """How many units have values that are NaN or infinite? A sentence after a space, the same on every page; "" for none.

    All `values` that have the dimension `across` have it in one size. `noun`, one of PLURALS, says what it counts.
    """
    known = np.ones(values[0].sizes[across], dtype=bool)
    for one in values:
        for part in one.data_vars.values() if isinstance(one, xr.Dataset) else [one]:
            if across in part.dims:
                finite = np.isfinite(part.transpose(across, ...).to_numpy())
                known &= finite.reshape(len(finite), -1).all(axis=1)
    broken = int((~known).sum())
    return f" {_gaps(broken, len(known), noun or across)}" if broken else ""


def _gaps(broken: int, every: int, noun: str) -> str:
    if broken < every:
        sentence = ngettext(
            "{count} of {all} {things} has values that are not numbers (NaN or infinite): they are left out, and shown as gaps.",
            "{count} of {all} {things} have values that are not numbers (NaN or infinite): they are left out, and shown as gaps.",
            broken,
        )
    elif every == 1:
        sentence = _(
            "The {thing} has values that are not numbers (NaN or infinite): they are left out, and shown as gaps."
        )
    elif every == 2:
        sentence = _(
            "Both {things} have values that are not numbers (NaN or infinite): they are left out, and shown as gaps."
        )
    else:
        sentence = _(
            "All {all} {things} have values that are not numbers (NaN or infinite): they are left out, and shown as gaps."
        )
    names = {"thing": _(noun), "things": _(PLURALS[noun])}
    return sentence.format(count=f"{broken:,}", all=f"{every:,}", **names)


def in_digits(value: float, form: str) -> str:
    """A number in that format, such as ".3f"; "not a number" for NaN and infinity."""
    return format(value, form) if np.isfinite(value) else _("not a number")


def kind(encoder: Encoder) -> str:
    """What are this encoder's steps? Models of one kind can read each other's texts.

    Bytes and characters are one kind: "characters"; the others are "words" and "numbers". For a reader: `step_nouns`.
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
    """Are its tokens separated by spaces, like words and unlike characters?"""
    return kind(encoder) != "characters"


def step_noun(encoder: Encoder) -> str:
    """What is one step called, in the reader's language? Such as "character"."""
    return _(_step_noun(encoder))


def step_nouns(encoder: Encoder) -> str:
    """What are several steps called, in the reader's language? Such as "characters"."""
    return _(PLURALS[_step_noun(encoder)])


def _step_noun(encoder: Encoder) -> str:
    many = isinstance(encoder, NumberEncoder) and len(encoder.names) > 1
    return "step" if many else kind(encoder).removesuffix("s")


def to_type(encoder: Encoder) -> str:
    """The placeholder of an empty text box."""
    if isinstance(encoder, ByteEncoder):
        return _("Type anything")
    if isinstance(encoder, CharacterEncoder):
        return _("Type some of its characters")
    return _("Type {tokens}").format(tokens=_(kind(encoder)))


def what_it_reads(config: ModelConfig) -> str:
    """What can be typed for this model? A sentence without its subject, the model's name, and full stop, as Markdown."""
    encoder = config.encoder
    match encoder:
        case ByteEncoder():
            return _("reads any text, byte by byte")
        case WordEncoder(vocabulary):
            return _("reads words. It knows {count}; others are read as unknown, marked with a “?”").format(
                count=f"{len(vocabulary):,}"
            )
        case VocabularyEncoder() if encoder.pieces == "words":
            sentence = (
                _("reads words. It knows {count}, such as {examples}; others are read as unknown, marked with a “?”")
                if encoder.unknown is not None
                else _("reads words. It knows {count}, such as {examples}; others are refused")
            )
            return sentence.format(count=f"{encoder.size:,}", examples=_some(encoder))
        case NumberEncoder():
            return _numbers(encoder)
    labels = encoder.class_labels
    shown, more = plain("  ".join(labels[:LONGEST_LIST])), len(labels) - LONGEST_LIST
    if more <= 0:
        return _("reads only these characters: {characters}").format(characters=shown)
    return _("reads only these characters: {characters}  and {count} more").format(characters=shown, count=more)


def _some(encoder: VocabularyEncoder) -> str:
    return plain(", ".join([entry for entry in encoder.entries if entry.isalpha()][:5] or encoder.class_labels[:5]))


def _numbers(encoder: NumberEncoder) -> str:
    names = plain(", ".join(encoder.names))
    if len(encoder.names) > 1:
        example = plain(":".join(f"{mean:.2g}" for mean in encoder.mean))
        found = _("reads {count} numbers per step ({names}), separated by colons, such as {example}").format(
            count=len(encoder.names), names=names, example=example
        )
    else:
        found = _("reads one number per step: {name}. Separate steps by spaces").format(name=names)
    if encoder.period:
        found += _("; “@{place}” before a step sets its place in the period of {period} steps").format(
            place=int(encoder.period / 2), period=f"{encoder.period:g}"
        )
    return found


def not_known(known: Known, encoder: Encoder) -> str:
    """One sentence that names what is not in the vocabulary, and whether it is left out or read as unknown; "" if nothing."""
    if not known.count:
        return ""
    shown = "  ".join(shortened(piece) if piece != " " else visible(piece) for piece in known.unknown[:MOST_NAMED])
    more = " …" if len(known.unknown) > MOST_NAMED else ""
    if known.left_out:
        sentence = ngettext(
            "{count} of {all} {tokens} is not in this model's vocabulary, so it is not read: {pieces}",
            "{count} of {all} {tokens} are not in this model's vocabulary, so they are not read: {pieces}",
            known.count,
        )
    else:
        sentence = ngettext(
            "{count} of {all} {tokens} is not in this model's vocabulary, so it is read as unknown: {pieces}",
            "{count} of {all} {tokens} are not in this model's vocabulary, so they are read as unknown: {pieces}",
            known.count,
        )
    return sentence.format(
        count=f"{known.count:,}", all=f"{known.total:,}", tokens=_(kind(encoder)), pieces=f"{shown}{more}"
    )


def to_spread(value: float, spread: float, *, digits: int = 2) -> str:
    """A number with enough decimals to tell it from others of a series with that spread: `digits` below the spread's first."""
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


def network_type(config: ModelConfig) -> CellType | None:
    """The type of its cells; None where its layers have several."""
    types = {config.cell(layer_name).type for layer_name in config.layer_names}
    return types.pop() if len(types) == 1 else None


def network_in_words(config: ModelConfig) -> str:
    """What kind of network is it, with its article? "a recurrent network" where its layers are of several kinds."""
    found = network_type(config)
    return _("a recurrent network") if found is None else _(NETWORKS[found])


def layers_differ(config: ModelConfig) -> bool:
    """Do its layers have different cells or sizes?"""
    return len({layer_in_words(config, name) for name in config.layer_names}) > 1


def layer_in_words(config: ModelConfig, layer_name: str) -> str:
    """Which cells does the layer of that name have, and how many?"""
    units = config.units(layer_name)
    peepholes = config.stack and config.stack[layer_number(layer_name)].peephole
    sentence = (
        ngettext("{cell} with peepholes, {count} unit", "{cell} with peepholes, {count} units", units)
        if peepholes
        else ngettext("{cell}, {count} unit", "{cell}, {count} units", units)
    )
    return sentence.format(cell=config.cell(layer_name).type, count=units)


def layers_in_words(config: ModelConfig) -> str:
    """How many layers are there, and what are they?"""
    count = config.layers
    if layers_differ(config):
        found = "; ".join(_with_direction(layer_in_words(config, names[0]), names) for names in config.stacked_layers)
        return _("{count} layers ({layers})").format(count=count, layers=found)
    if not config.stack:
        layers = ngettext("{count} layer", "{count} layers", count).format(count=count)
    else:
        cell = config.cell(config.layer_names[0]).type
        layers = ngettext("{count} {cell} layer", "{count} {cell} layers", count).format(count=count, cell=cell)
    units = ngettext("{count} unit", "{count} units", config.hidden).format(count=config.hidden)
    return _("{layers} of {units}").format(layers=layers, units=units)


def _with_direction(layer_name: str, names: tuple[str, ...]) -> str:
    if len(names) > 1:
        return _("{layer}, bidirectional").format(layer=layer_name)
    return _("{layer}, reading backwards").format(layer=layer_name) if names[0].endswith("_reverse") else layer_name
