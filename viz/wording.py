"""What a model reads and says, in a reader's words."""

import re

from lstm_core import (
    ByteEncoder,
    CharacterEncoder,
    ModelConfig,
    NumberEncoder,
    VocabularyEncoder,
    WordEncoder,
)
from lstm_core.encoders import Encoder, visible

LONGEST_LABEL = 64  # characters of a name from a file
LONGEST_LIST = 24  # characters of a vocabulary that are named


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
        found = f"reads one number a step: {names}"
    if encoder.period:
        found += f"; “@{int(encoder.period / 2)}” before it sets its place in a period of {encoder.period:g} steps"
    return found


def shortened(text: str) -> str:
    """A name out of a file, short enough to show and with every character visible."""
    shown = "".join(visible(character) if character != " " else " " for character in text[: LONGEST_LABEL + 1])
    return shown if len(text) <= LONGEST_LABEL else shown[:LONGEST_LABEL] + "…"


def plain(text: str) -> str:
    """A text as Markdown that shows it letter by letter."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
