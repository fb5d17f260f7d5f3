"""What Python's encoders make of awkward texts, as plain JSON."""

import unicodedata

import numpy as np

from lstm_core import ByteEncoder, CharacterEncoder, NumberEncoder, WordEncoder
from lstm_core.encoders import ClassEncoder, VocabularyEncoder

TEXTS = (
    "",
    "a <b>bold</b> &amp; %{z}\t\r\n\x00\x07\x7f end",
    "é e\u0301 👩‍👩‍👧 🏳️‍🌈 ☝🏽 \u20dd \ufe0f \U000e0100",
    "שלום עולם \u202e\u200f你好，世界。 ｶﾀｶﾅ",
    "\ud83c \udfad lone \udfad\ud83c and 𝔘𝔫𝔦 𐍈 🎭",
    "It isn't; they've (don't!) gone... -- well-known, 3.5 und 3,5 €",
    "ISN'T İstanbul ΣΟΦΟΣ ß ﬁ can’t rock'n'roll 'tis n't",
    "a_b __init__ x²½Ⅷ ٣٤ ก้า क्षि",
    "a\x1cb\x85c\xa0d\u2003e\u3000f\ufeffg\u2028h",
    "<pad>to<unk> be<eos>[UNK] or [unk] not  to <eos",
)
WORDS = (
    "it",
    "is",
    "n't",
    "they",
    "'ve",
    "gone",
    "...",
    "--",
    "well-known",
    ",",
    "σοφος",
    "i̇stanbul",
    "ß",
    "x",
    "to",
    "be",
)
MARKS = ("<pad>", "<unk>", "<eos>", "t", "o", " ", "b", "e", "", "🎭")


def encoders() -> dict[str, ClassEncoder]:
    every = sorted(set("".join(TEXTS)))
    return {
        "bytes": ByteEncoder(),
        "all characters": CharacterEncoder(tuple(every)),
        "few characters": CharacterEncoder(tuple("abe ")),
        "words": WordEncoder(WORDS),
        "entries": VocabularyEncoder(("<unk>", "It", "to", "be", "isn't;", "(do", "n't", "", "ISN'T")),
        "no unknown": VocabularyEncoder(("to", "be", "or", "not")),
        "marks": VocabularyEncoder(MARKS),
        "marks cut into words": VocabularyEncoder(MARKS, "words"),
    }


def encoder_reference() -> list[dict[str, object]]:
    texts = (*TEXTS, _every_kind_of_character())
    return [
        {"name": name, "encoder": encoder.to_json(), "readings": [_reading(encoder, text) for text in texts]}
        for name, encoder in encoders().items()
    ]


def _every_kind_of_character() -> str:
    """A thousand code points of all planes; none that Unicode may have assigned since this Python was made."""
    codes = np.random.default_rng(0).integers(0, 0x110000, 20_000).tolist() + list(range(0x3000))
    return "".join(letter for letter in map(chr, codes) if unicodedata.category(letter) not in ("Cn", "Co", "Cs"))


def _reading(encoder: ClassEncoder, text: str) -> dict[str, object]:
    try:
        tokens = encoder.encode(text)
    except ValueError:
        return {"text": text, "refused": True}
    return {
        "text": text,
        "refused": False,
        "tokens": {"ids": tokens.ids.tolist(), "labels": list(tokens.labels), "groups": tokens.groups.tolist()},
    }


NUMBERS = {
    "one": NumberEncoder(("temperature (°C)",), (10.0,), (5.0,)),
    "two": NumberEncoder(("number", "mark"), (0.5, 0.5), (0.25, 0.5)),
    "days": NumberEncoder(("temperature (°C)",), (0.0,), (1.0,), period=365.25),
}
TYPED = (
    *(
        "",
        " ,\n",
        "20.7 17.9",
        "20,7 17,9",
        "20,7 18 17,9",
        "20,7\n17,9\n",
        "20,7; 17,9;3",
        "20,7, 17,9",
        "1,2,3",
        "1, 2, 3",
    ),
    *(
        "1,2,3\n4,5,6",
        "20.7,17.9 18.5",
        ",1,,2,",
        "-1e1,+4",
        "1e5 2,5e1",
        "−5 –6,5",
        "１２．５　７",
        "٢٠ ٢١",
        "𝟙𝟚 𝟗",
        "५०",
    ),
    *(
        "1\u2009000 2\u202f345,5",
        "1'000.5 2",
        "1’000 5",
        "1,234 5,67",
        "1,234 5,678",
        "1,234,567 2,345,678",
        "1 000",
        "1, 2,3 4",
    ),
    *(
        "1.000,5 2",
        "1,234,567.5",
        "NaN",
        "1 -inf",
        "1e400",
        "1e101",
        "2e9 2000000011",
        "1 warm",
        "1:2",
        "1:2:3",
        "1:",
        ":",
        "1 000 2",
    ),
    *(
        "0.53:0 0.21:1",
        "0,53:0 0,21:1",
        "1:0,2:1 3:0",
        "1:0;2:1",
        "@182 20.7 17.9",
        "@182 20,7 17,9",
        "@3 1",
        "@ 1",
        "@0 1",
        "@366 1",
    ),
    *(
        "@366.2 1 2",
        "@367 1",
        "@nan 1",
        "@12",
        "1_000 2",
        "1__0",
        "_1",
        ".5 5.",
        ".",
        "+ 1",
        "1e 2",
        "0x10",
        "5;",
        ";",
        ";;1,5;",
        "1,",
        ",1 2",
    ),
    *("1,5 2,", "10,5:0, 11,5:1", "007 8", "5 012", "0 012", "1,234", "12,34", "@1,5 2", "1\x1c2", "3\xa0000"),
)


def number_reference() -> list[dict[str, object]]:
    return [
        {"name": name, "encoder": encoder.to_json(), "readings": [_numbers(encoder, text) for text in TYPED]}
        for name, encoder in NUMBERS.items()
    ]


def _numbers(encoder: NumberEncoder, text: str) -> dict[str, object]:
    try:
        tokens = encoder.encode(text)
    except ValueError:
        return {"text": text, "refused": True}
    values = [] if tokens.values is None else tokens.values.tolist()
    rows = {"values": values, "labels": list(tokens.labels), "groups": tokens.groups.tolist()}
    return {"text": text, "refused": False, "rows": rows}
